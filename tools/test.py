"""Score a checkpoint on the test split: python tools/test.py CONFIG CHECKPOINT"""

from _cli import add_launcher, config_parser, output_file, run


def main() -> None:
    parser = config_parser('Score a checkpoint on the test split; writes scores and predictions, and a page of them.')
    parser.add_argument(
        'checkpoint', metavar='CHECKPOINT', help='checkpoint folder, as work_dirs/NAME/checkpoints/best'
    )
    parser.add_argument(
        '--out', type=output_file, metavar='FILE', help='JSON file for scores and predictions; the page lies beside it'
    )
    parser.add_argument('--split', default='test', metavar='SPLIT', help='test (default), val or train')
    parser.add_argument('--no-page', action='store_true', help='write no page')
    parser.add_argument(
        '--submission',
        type=output_file,
        metavar='FILE',
        help="file for an official server, in the data set's own format",
    )
    add_launcher(parser)
    arguments = parser.parse_args()

    from mmalm.config import load_config

    config = load_config(arguments.config, arguments.cfg_options)
    # slow to import, so that mistakes above show at once
    from mmalm.engine.distributed import launch
    from mmalm.engine.score import score_checkpoint

    with launch(arguments.launcher):
        score_checkpoint(
            config,
            arguments.checkpoint,
            out=arguments.out,
            split=arguments.split,
            page=not arguments.no_page,
            submission=arguments.submission,
        )


if __name__ == '__main__':
    run(main)
