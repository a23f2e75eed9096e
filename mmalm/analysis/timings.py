"""Tables of what `make bench` timed: every way beside the others of its group, from pytest-benchmark's JSON."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..atomic import write_text
from ..errors import ConfigError, MissingDataError
from .text_table import Table

BEGIN, END = '<!-- timings: begin -->', '<!-- timings: end -->'
HEADER = ['', 'median', 'spread', 'rounds', 'ratio']


def read_timings(file: Path) -> dict[str, Any]:
    """What pytest-benchmark wrote by ``--benchmark-json``.

    Raises:
        MissingDataError: no such file.
        ConfigError: it holds something else.
    """
    if not file.is_file():
        raise MissingDataError(f'No file {str(file)!r}. `make bench` writes work_dirs/benchmarks/benchmarks.json.')
    try:
        content = json.loads(file.read_text(encoding='utf-8'))
        timing_tables(content)
        machine(content)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(f'{file} is not what pytest-benchmark writes by --benchmark-json: {error!r}.') from error
    return content


def timing_tables(content: Mapping[str, Any]) -> list[Table]:
    """One table a group: median, interquartile range, rounds, and the median as a multiple of the first way's."""
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for benchmark in content['benchmarks']:
        groups.setdefault(benchmark['group'] or benchmark['name'], []).append(benchmark)
    tables = []
    for group, benchmarks in groups.items():
        first = benchmarks[0]['stats']['median']
        rows = []
        for benchmark in benchmarks:
            stats = benchmark['stats']
            times = [seconds(stats['median']), seconds(stats['iqr']), str(stats['rounds'])]
            rows.append([way(benchmark), *times, ratio(stats['median'] / first)])
        tables.append(Table(group, HEADER, rows))
    return tables


def way(benchmark: Mapping[str, Any]) -> str:
    """What a benchmark is called within its group: its parameters, or its own name."""
    return benchmark['param'] or benchmark['name']


def seconds(value: float) -> str:
    """Three digits in a unit that suits them: ``1.66 s``, ``758 ms``, ``376 µs``."""
    for unit, factor in (('s', 1), ('ms', 1e3), ('µs', 1e6)):
        if value * factor >= 1 or unit == 'µs':
            break
    scaled = value * factor
    return f'{scaled:.{max(0, 2 - len(str(int(scaled))) + 1)}f} {unit}'


def ratio(value: float) -> str:
    """Two decimals, or none of many times."""
    return f'{value:,.0f}' if value >= 100 else f'{value:.2f}'


def machine(content: Mapping[str, Any]) -> str:
    """What was timed, when and on what, in a sentence."""
    cpu, commit = content['machine_info'].get('cpu', {}), content['commit_info']
    processor = cpu.get('brand_raw') or content['machine_info'].get('processor') or 'unknown processor'
    changes = ' with changes' if commit.get('dirty') else ''
    python = content['machine_info']['python_version']
    return (
        f'{processor}, {cpu.get("count", "?")} cores, Python {python}, commit {str(commit["id"])[:9]}{changes}, '
        f'{content["datetime"][:10]}.'
    )


def put_into(document: Path, content: Mapping[str, Any]) -> None:
    """Replace what stands between the two marks of a document by the tables.

    Raises:
        MissingDataError: no such document.
        ConfigError: it lacks the marks.
    """
    if not document.is_file():
        raise MissingDataError(f'No file {str(document)!r} to put the tables into.')
    before, begin, rest = document.read_text(encoding='utf-8').partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ConfigError(f'{document} has no lines {BEGIN} and {END} to put the tables between.')
    text = '\n'.join([machine(content), '', *(table.markdown() for table in timing_tables(content))])
    write_text(document, f'{before}{begin}\n\n{text}\n{end}{after}')
