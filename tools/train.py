"""Train a model: python tools/train.py CONFIG"""

from _cli import add_launcher, config_parser, run


def main() -> None:
    parser = config_parser('Train a model.')
    parser.add_argument('--work-dir', metavar='DIR', help='default: work_dirs/<config name>')
    parser.add_argument(
        '--resume',
        nargs='?',
        const=True,
        metavar='CHECKPOINT',
        help='go on from CHECKPOINT, or from the last one; without one yet, start anew',
    )
    parser.add_argument('--seed', type=int, metavar='N', help="replaces the config's seed")
    add_launcher(parser)
    arguments = parser.parse_args()

    from mmalm.config import load_config

    config = load_config(arguments.config, arguments.cfg_options)
    # slow to import, so that mistakes above show at once
    from mmalm.engine.distributed import launch
    from mmalm.engine.train import train

    with launch(arguments.launcher):
        train(config, work_dir=arguments.work_dir, resume=arguments.resume, seed=arguments.seed)


if __name__ == '__main__':
    run(main)
