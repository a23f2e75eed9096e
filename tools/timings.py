"""Show what `make bench` timed: python tools/timings.py FILE [--into DOCUMENT]"""

from argparse import ArgumentParser
from pathlib import Path

from _cli import run


def main() -> None:
    parser = ArgumentParser(description='Tables of timings: every way beside the others of its group.')
    parser.add_argument('file', metavar='FILE', type=Path, help="pytest-benchmark's JSON")
    parser.add_argument('--into', metavar='DOCUMENT', type=Path, help='Markdown file whose tables are replaced')
    arguments = parser.parse_args()

    from rich.console import Console

    from mmalm.analysis.timings import machine, put_into, read_timings, timing_tables

    content = read_timings(arguments.file)
    console = Console(highlight=False)
    console.print(machine(content))
    for table in timing_tables(content):
        console.print(table.rich())
    if arguments.into:
        put_into(arguments.into, content)


if __name__ == '__main__':
    run(main)
