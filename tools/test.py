"""Score a checkpoint on the test split: python tools/test.py CONFIG CHECKPOINT, or --from-predictions FILE"""

from _cli import add_launcher, config_parser, output_file, run


def main() -> None:
    parser = config_parser('Score a checkpoint on the test split; writes scores and predictions, and a page of them.')
    parser.add_argument(
        'checkpoint', nargs='?', metavar='CHECKPOINT', help='checkpoint folder, as work_dirs/NAME/checkpoints/best'
    )
    parser.add_argument(
        '--out', type=output_file, metavar='FILE', help='JSON file for scores and predictions; the page lies beside it'
    )
    parser.add_argument('--split', default='test', metavar='SPLIT', help='test (default), val or train')
    parser.add_argument('--no-page', action='store_true', help='write no page')
    parser.add_argument(
        '--attention',
        action='store_true',
        help='lay what the visual prompt attends to over the pictures of the page, and write it to FILE_attention.json',
    )
    parser.add_argument(
        '--submission',
        type=output_file,
        metavar='FILE',
        help="file for an official server, in the data set's own format",
    )
    parser.add_argument(
        '--from-predictions',
        metavar='FILE',
        help='in place of CHECKPOINT: score the predictions in an earlier JSON file again, without running the model',
    )
    add_launcher(parser)
    arguments = parser.parse_args()
    if (arguments.checkpoint is None) == (arguments.from_predictions is None):
        parser.error('give either CHECKPOINT or --from-predictions FILE')

    if arguments.attention and (arguments.no_page or arguments.from_predictions):
        parser.error('--attention is for the page of a CHECKPOINT: leave --no-page and --from-predictions out')

    from mmalm.config import load_config

    config = load_config(arguments.config, arguments.cfg_options)
    # slow to import, so that mistakes above show at once
    from mmalm.engine.distributed import launch
    from mmalm.engine.rescore import rescore
    from mmalm.engine.score import score_checkpoint

    to_write = {
        'out': arguments.out,
        'split': arguments.split,
        'page': not arguments.no_page,
        'submission': arguments.submission,
    }
    if arguments.from_predictions is not None:
        rescore(config, arguments.from_predictions, **to_write)
        return
    with launch(arguments.launcher):
        score_checkpoint(config, arguments.checkpoint, **to_write, attention=arguments.attention)


if __name__ == '__main__':
    run(main)
