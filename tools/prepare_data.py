"""Check a data set's files, say what is missing and where it comes from, and build what can be built of them.

    python tools/prepare_data.py --list
    python tools/prepare_data.py vqav2 [--root data/vqav2] [--splits train val] [--no-build]

Every file and folder is looked for, every split is read as training reads it, and counts are set against the published ones.
Nothing is downloaded. The exit code is 1 where something is missing or not as published.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from _cli import run

from mmalm.errors import ConfigError


def main(argv: Sequence[str] | None = None) -> int:
    """Run the tool; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('name', nargs='?', metavar='NAME', help='which data set')
    parser.add_argument('--root', type=Path, metavar='DIR', help='its folder, if not the one that --list tells')
    parser.add_argument('--splits', nargs='+', default=(), metavar='SPLIT', help='only these')
    parser.add_argument('--no-build', action='store_true', help='build no files')
    parser.add_argument('--list', action='store_true', help='which data sets there are')
    arguments = parser.parse_args(argv)

    from mmalm.preparation.catalog import data_sets, find_data_set
    from mmalm.preparation.checking import check_data_set
    from mmalm.preparation.report import findings_text, list_text

    if arguments.list:
        print(list_text(data_sets()))
        return 0
    if arguments.name is None:
        raise ConfigError(f'Name a data set: {", ".join(data_sets())}. --list says more.')
    data = find_data_set(arguments.name)
    root = (arguments.root or Path(data.root)).expanduser()
    findings = list(check_data_set(data, root, arguments.splits, not arguments.no_build))
    print(findings_text(data, root, findings))
    return 0 if all(finding.good for finding in findings) else 1


if __name__ == '__main__':
    run(main)
