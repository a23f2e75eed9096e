"""Print a config as it resolves, what would train and the injection schedule: python tools/print_config.py CONFIG"""

from _cli import config_parser, run


def main() -> None:
    parser = config_parser('Print a config, what would train, and the schedule. Nothing is allocated or downloaded.')
    arguments = parser.parse_args()

    from mmalm.config import load_config

    config = load_config(arguments.config, arguments.cfg_options)
    from mmalm.analysis.describe import describe

    print(describe(config))


if __name__ == '__main__':
    run(main)
