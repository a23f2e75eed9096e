"""Check a config, print it as it resolves, what would train and the injection schedule: python tools/print_config.py CONFIG"""

from collections.abc import Sequence

from _cli import config_parser, run


def main(argv: Sequence[str] | None = None) -> None:
    """Run the tool; all faults of the config end it with exit code 2."""
    parser = config_parser('Print a config, what would train, and the schedule. Nothing is allocated or downloaded.')
    arguments = parser.parse_args(argv)

    from mmalm.config import load_config

    config = load_config(arguments.config, arguments.cfg_options)
    from mmalm.analysis.describe import describe
    from mmalm.validation import check

    print(describe(config, check(config, ('model',)).model))


if __name__ == '__main__':
    run(main)
