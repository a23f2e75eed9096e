"""Train configs with several seeds and options, and compare them: python tools/sweep.py CONFIG [CONFIG ..]"""

import shlex
import signal
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path

from _cli import run

TOOLS = Path(__file__).resolve().parent
EXAMPLE = """\
as in
  python tools/sweep.py configs/quickstart/epalm_smollm2_stamps.py --seeds 0 1 2 --options model.schedule.start=12,18
A value is read as Python reads it; commas within brackets and quotes do not separate:
  tasks=[kind],[kind,name]    two lists
  head.prompt="'a, b'",plain  a text with a comma, and another text
"""


def arguments_parser() -> ArgumentParser:
    parser = ArgumentParser(
        description='Train configs x options x seeds, one process a run; what is finished is not run again.',
        epilog=EXAMPLE,
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument('configs', nargs='+', metavar='CONFIG', help='config files')
    parser.add_argument('--seeds', nargs='+', type=int, default=[0, 1, 2], metavar='N', help='default: 0 1 2')
    parser.add_argument(
        '--options',
        nargs='+',
        action='extend',
        default=[],
        metavar='KEY=VALUE,VALUE',
        help='values a key of the configs takes in turn; of several keys every combination',
    )
    parser.add_argument('--work-dir', metavar='DIR', help='default: work_dirs/sweep_<first config>')
    parser.add_argument('--metric', metavar='NAME', help='score to compare; default: what chooses the best checkpoint')
    parser.add_argument(
        '--test', action='store_true', help="score the finished runs' best checkpoints on the test split, too"
    )
    parser.add_argument('--jobs', type=int, default=1, metavar='N', help='runs side by side (default 1)')
    parser.add_argument('--retry-failed', action='store_true', help='run cells again that failed')
    parser.add_argument('--list', action='store_true', help='name the cells and where they stand; run nothing')
    parser.add_argument('--dry-run', action='store_true', help='run every row dry, as tools/train.py --dry-run does')
    return parser


def main() -> int:
    arguments = arguments_parser().parse_args()
    # stopped by a scheduler as by Ctrl-C
    signal.signal(signal.SIGTERM, signal.default_int_handler)

    from mmalm.sweep import launch

    work_dir = Path(arguments.work_dir or f'work_dirs/sweep_{Path(arguments.configs[0]).stem}')
    train, test = ([sys.executable, str(TOOLS / f'{name}.py')] for name in ('train', 'test'))
    grid = launch.read_grid(arguments.configs, arguments.seeds, arguments.options, arguments.metric)
    if arguments.list:
        return launch.list_cells(grid, work_dir, testing=arguments.test)
    if arguments.dry_run:
        return launch.run_dry(grid, train)
    return launch.launch(
        grid,
        work_dir,
        train,
        test if arguments.test else None,
        metric=arguments.metric,
        jobs=arguments.jobs,
        retry_failed=arguments.retry_failed,
        go_on=shlex.join(['python', *sys.argv]),
    )


if __name__ == '__main__':
    run(main)
