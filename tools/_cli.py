"""What the tools share: the repository on the path, options, and errors without a traceback."""

import os
import re
import sys
from argparse import Action, ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from pathlib import Path

# from a clone, without installation; custom_imports of projects/ are found the same way
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from mmalm.errors import MmalmError  # noqa: E402
from mmalm.values import read_value, split_values  # noqa: E402

# a dict, or anything else that is called
CALL = re.compile(r'\s*(\{|[\w.]+\()')
SYNTAX = 'Write KEY=VALUE; quote a text that has a comma or a bracket of its own: KEY="\'a, b\'".'


class Options(Action):
    """``key=value`` pairs. A value is read as Python reads it; a list may be written ``1,2``; what is no Python value is text."""

    def __call__(self, parser, namespace, values, option_string=None):
        found = {}
        for value in values:
            key, equals, text = value.partition('=')
            if not equals or not key:
                parser.error(f'{option_string}: expected key=value, found {value!r}')
            if CALL.match(text):
                parser.error(
                    f'{option_string}: {key}: values are numbers, texts, lists and tuples, found {text!r}. Set the keys of a '
                    f'dict one at a time, as {key}.a=1, or write it into a config that inherits from this one by _base_.'
                )
            asked = f'{option_string} {value!r}', SYNTAX
            parts = [read_value(part, *asked) for part in split_values(text, *asked)]
            found[key] = parts if len(parts) > 1 else parts[0]
        setattr(namespace, self.dest, found)


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
