"""Search at which layer a config's prompt belongs: python tools/search_placement.py CONFIG"""

from _cli import add_launcher, config_parser, run


def main() -> None:
    parser = config_parser(
        "Search at which layer of the language model the config's prompt belongs; writes placement.json."
    )
    parser.add_argument(
        '--work-dir', metavar='DIR', help="default: work_dirs/<config name>_placement, where placement='auto' looks"
    )
    parser.add_argument(
        '--resume',
        nargs='?',
        const=True,
        metavar='CHECKPOINT',
        help='go on from CHECKPOINT, or from the last one; without one yet, start anew',
    )
    parser.add_argument('--seed', type=int, metavar='N', help="replaces the config's seed")
    parser.add_argument(
        '--time-rewards',
        action='store_true',
        help='train nothing: seconds to score all arms on a batch, with what they share computed for each, once, or stored',
    )
    parser.add_argument(
        '--dry-run', action='store_true', help='try the search at tiny widths: no network, weights or data'
    )
    add_launcher(parser)
    arguments = parser.parse_args()
    if arguments.dry_run and (arguments.resume or arguments.time_rewards or arguments.launcher != 'none'):
        parser.error('--dry-run searches anew, in one process: leave out --resume, --time-rewards and --launcher')

    if arguments.time_rewards and (arguments.resume or arguments.launcher != 'none'):
        parser.error('--time-rewards trains nothing, in one process: leave out --resume and --launcher')

    from mmalm.config import load_config

    config = load_config(arguments.config, arguments.cfg_options)
    # slow to import, so that mistakes above show at once
    from mmalm.engine.distributed import launch
    from mmalm.search.dry_run import dry_search
    from mmalm.search.run import rewards_timed, search

    if arguments.dry_run:
        if arguments.seed is not None:
            config.seed = arguments.seed
        dry_search(config, arguments.work_dir)
        return
    if arguments.time_rewards:
        found = rewards_timed(config, arguments.work_dir, arguments.seed)
        print(f'{"each arm by itself":28}{found["naive"]:8.3f} s')
        for name, what in (('shared', 'media and text shared'), ('stored', 'the same, features cached')):
            print(f'{what:28}{found[name]:8.3f} s, {found["naive"] / found[name]:.2f} times as fast')
        return
    with launch(arguments.launcher):
        search(config, work_dir=arguments.work_dir, resume=arguments.resume, seed=arguments.seed)


if __name__ == '__main__':
    run(main)
