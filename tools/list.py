"""List what a config can name: components, zoo items, known architectures.

python tools/list.py                     everything but architectures, one line each
python tools/list.py LinearConnector     one of them in full
python tools/list.py --registry metric   one registry, or zoo, or architecture
"""

import argparse
import json
import shutil
from collections.abc import Sequence
from itertools import groupby

from _cli import run


def main(argv: Sequence[str] | None = None) -> None:
    """Run the tool."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('names', nargs='*', metavar='NAME', help='what to show in full')
    parser.add_argument('--registry', action='append', metavar='NAME', help='this registry alone; may be repeated')
    parser.add_argument('--config', metavar='CONFIG', help='import what its custom_imports name first')
    parser.add_argument('--verbose', action='store_true', help='with parameters')
    parser.add_argument('--json', action='store_true', help='as JSON, parameters included')
    arguments = parser.parse_args(argv)

    from mmalm.analysis.listing import find_entries, list_entries
    from mmalm.analysis.listing_text import entry_text, group_text

    if arguments.config:
        from mmalm.config import load_config

        load_config(arguments.config)
    entries = list_entries(arguments.registry)
    if arguments.names:
        entries = [entry for name in arguments.names for entry in find_entries(name, entries)]
    if arguments.json:
        print(json.dumps([entry.as_dict() for entry in entries], indent=2))
    elif arguments.names:
        print('\n\n'.join(map(entry_text, entries)))
    else:
        width = shutil.get_terminal_size((120, 24)).columns
        if not arguments.registry:
            entries = [entry for entry in entries if entry.group != 'architecture']
        groups = groupby(entries, key=lambda entry: entry.group)
        print('\n\n'.join(group_text(name, list(group), width, arguments.verbose) for name, group in groups))


if __name__ == '__main__':
    run(main)
