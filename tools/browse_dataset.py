"""Look at a config's data: python tools/browse_dataset.py CONFIG [--split train]"""

from _cli import config_parser, output_file, run


def main() -> None:
    parser = config_parser("Write a page of a config's data: pictures, questions, answers, counts. Reads no weights.")
    parser.add_argument('--split', default='train', metavar='SPLIT', help='train (default), val; test has to be named')
    parser.add_argument('--count', type=int, default=60, metavar='N', help='samples shown, 60 unless told')
    parser.add_argument('--task', metavar='T', help='samples of this task alone')
    parser.add_argument('--seed', type=int, metavar='N', help="of what is drawn; the config's unless told")
    parser.add_argument('--augmented', type=int, metavar='N', help='draws shown of an augmented picture, 3 unless told')
    parser.add_argument(
        '--out', type=output_file, default='browse.html', metavar='FILE', help='browse.html unless told'
    )
    arguments = parser.parse_args()

    from mmalm.config import load_config

    config = load_config(arguments.config, arguments.cfg_options)
    # slow to import, so that mistakes above show at once
    from mmalm.engine.browse import browse

    browse(
        config,
        arguments.out,
        split=arguments.split,
        count=arguments.count,
        task=arguments.task,
        seed=arguments.seed,
        draws=arguments.augmented,
    )


if __name__ == '__main__':
    run(main)
