"""What the tools share: the repository on the path, options, and errors without a traceback."""

import os
import re
import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from pathlib import Path

# from a clone, without installation; custom_imports of projects/ are found the same way
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from mmengine.config import DictAction  # noqa: E402

from mmalm.errors import MmalmError  # noqa: E402

# a dict, or anything else that is called
CALL = re.compile(r'\s*(\{|[\w.]+\()')


class Options(DictAction):
    """``key=value`` pairs, with values parsed as MMEngine does."""

    def __call__(self, parser, namespace, values, option_string=None):
        for value in values:
            if '=' not in value:
                parser.error(f'{option_string}: expected key=value, found {value!r}')
            key, _, text = value.partition('=')
            # MMEngine takes a short one for text, and reads a long one until Python's stack is full
            if CALL.match(text):
                parser.error(
                    f'{option_string}: {key}: values are numbers, texts, lists and tuples, found {text!r}. Set the keys of a '
                    f'dict one at a time, as {key}.a=1, or write it into a config that inherits from this one by _base_.'
                )
        super().__call__(parser, namespace, values, option_string)


def output_file(name: str) -> str:
    """A file that can be written, as the type of an option: told before hours of work rather than after."""
    file = Path(name)
    if file.is_dir():
        raise ArgumentTypeError(f'{name} is a folder; name a file')
    folder = next(parent for parent in file.absolute().parents if parent.exists())
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        raise ArgumentTypeError(f'{name} cannot be written: {folder} is no folder that may be written to')
    return name


def config_parser(description: str) -> ArgumentParser:
    """A parser with CONFIG and --cfg-options."""
    parser = ArgumentParser(description=description)
    parser.add_argument('config', metavar='CONFIG', help='config file')
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=Options,
        default={},
        metavar='k=v',
        help='replace values, as in train_cfg.max_epochs=2',
    )
    return parser


def add_launcher(parser: ArgumentParser) -> None:
    """The option --launcher, for runs of several processes."""
    parser.add_argument(
        '--launcher',
        default='none',
        metavar='NAME',
        help='none (default), or pytorch: several processes, started by torchrun --nproc_per_node=N',
    )


def run(main: Callable[[], int | None]) -> None:
    """Run a tool: a user's mistake prints its message alone (exit code 2), Ctrl-C ends quietly (130)."""
    try:
        sys.exit(main())
    except MmalmError as error:
        print(f'error: {error}', file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print('\nStopped.', file=sys.stderr)
        sys.exit(130)
