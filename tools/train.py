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
    parser.add_argument(
        '--placement',
        metavar='FILE',
        help="placement.json of tools/search_placement.py, or auto for this config's, in place of the config's layer",
    )
    parser.add_argument('--seed', type=int, metavar='N', help="replaces the config's seed")
    parser.add_argument(
        '--dry-run',
        action='store_true',
        help="try the config's own classes and wiring at tiny widths: no network, weights or data; under a minute",
    )
    add_launcher(parser)
    arguments = parser.parse_args()
    if arguments.dry_run and (arguments.resume or arguments.launcher != 'none'):
        parser.error('--dry-run tries resuming by itself, in one process: leave out --resume and --launcher')

    from mmalm.config import load_config

    placement = {} if arguments.placement is None else {'placement': arguments.placement}
    config = load_config(arguments.config, {**arguments.cfg_options, **placement})
    # slow to import, so that mistakes above show at once
    if arguments.dry_run:
        from mmalm.engine.dry_run import dry_run

        if arguments.seed is not None:
            config.seed = arguments.seed
        dry_run(config, arguments.work_dir)
        return
    from mmalm.engine.distributed import launch
    from mmalm.engine.train import train

    with launch(arguments.launcher):
        train(config, work_dir=arguments.work_dir, resume=arguments.resume, seed=arguments.seed)


if __name__ == '__main__':
    run(main)
