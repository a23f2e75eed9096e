"""What sweep.json holds; tables and plots are drawn from it alone."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..config import plain
from ..errors import ConfigError, closest
from .grid import Cell, Grid, Row
from .state import Standing, State
from .statistics import CONFIDENCE, paired, summarise

VERSION = 1


def choose_metric(grid: Grid, metric: str | None) -> str:
    """The score that is compared: ``metric``, or else the one by which every config chooses its best checkpoint.

    Raises:
        ConfigError: the configs name none, or different ones.
    """
    if metric is not None:
        return metric
    chosen = {((cell.config.get('default_hooks') or {}).get('checkpoint') or {}).get('best') for cell in grid.cells}
    if len(chosen) == 1 and None not in chosen:
        return chosen.pop()
    found = ', '.join(sorted(map(repr, chosen)))
    raise ConfigError(
        f'Which score is to be compared? default_hooks.checkpoint.best of the configs is {found}. Name one with --metric, as in '
        '--metric ranked/overall.'
    )


def collect(grid: Grid, standings: Mapping[str, Standing], work_dir: Path, metric: str, split: str) -> dict[str, Any]:
    """Everything about a sweep, as JSON values.

    Args:
        grid: the sweep.
        standings: what each cell's folder holds, by the cell's name.
        work_dir: the sweep's folder.
        metric: the score that is compared first.
        split: ``'val'`` or ``'test'``, whose scores are summarised.
    """
    cells = [_cell(cell, standings[cell.name], work_dir) for cell in grid.cells]
    by_row = {row.name: [entry for entry in cells if entry['row'] == row.name] for row in grid.rows}
    summary = [_row(row, by_row[row.name], split) for row in grid.rows]
    first = grid.rows[0].name
    comparisons = [_compare(row, by_row[row.name], by_row[first], first, split) for row in grid.rows[1:]]
    return {
        'version': VERSION,
        'metric': metric,
        'split': split,
        'confidence': CONFIDENCE,
        'configs': [str(file) for file in grid.configs],
        'options': plain(grid.options),
        'seeds': list(grid.seeds),
        'cells': cells,
        'summary': summary,
        'comparisons': comparisons,
        'notes': _notes(cells, metric, split),
    }


def _cell(cell: Cell, found: Standing, work_dir: Path) -> dict[str, Any]:
    results = found.results or {}
    measured = {'val': results, 'test': found.test or {}}

    def by_split(kind: str) -> dict[str, Any]:
        return {split: of[kind][split] for split, of in measured.items() if split in (of.get(kind) or {})}

    trainable = results.get('trainable') or {}
    return {
        'name': cell.name,
        'row': cell.row.name,
        'label': f'{cell.row.label} seed {cell.seed}',
        'config': str(cell.row.config_file),
        'options': plain(cell.row.options),
        'seed': cell.seed,
        'state': str(found.state),
        'folder': str(work_dir / cell.name),
        'scores': by_split('metrics'),
        'baselines': by_split('baselines'),
        'controls': by_split('controls'),
        'seconds': results.get('wall_seconds'),
        'step_seconds': results.get('step_seconds'),
        'trainable': trainable.get('trainable'),
        'parameters': trainable.get('total'),
        'commit': results.get('commit'),
        'hardware': results.get('hardware'),
        'why': found.why or None,
        'failure': found.failure,
    }


def _row(row: Row, cells: list[dict[str, Any]], split: str) -> dict[str, Any]:
    scored = [cell for cell in cells if split in cell['scores']]

    def named(kind: str) -> dict[str, Any]:
        names = _in_order(cell[kind].get(split, {}) for cell in scored)
        return {name: _over_seeds([cell[kind].get(split, {}).get(name, {}) for cell in scored]) for name in names}

    return {
        'row': row.name,
        'label': row.label,
        'config': str(row.config_file),
        'options': plain(row.options),
        'trainable': sorted({cell['trainable'] for cell in scored if cell['trainable'] is not None}),
        **{
            kind: summarise([cell[kind] for cell in scored if cell[kind] is not None]).mean
            for kind in ('seconds', 'step_seconds')
        },
        'missing': [cell['seed'] for cell in cells if split not in cell['scores']],
        'scores': _over_seeds([cell['scores'][split] for cell in scored]),
        'controls': named('controls'),
        'baselines': named('baselines'),
    }


def _over_seeds(scores: list[Mapping[str, float]]) -> dict[str, dict[str, Any]]:
    return {name: summarise([s[name] for s in scores if name in s]).as_dict() for name in _in_order(scores)}


def _compare(
    row: Row, cells: list[dict[str, Any]], first: list[dict[str, Any]], against: str, split: str
) -> dict[str, Any]:
    def by_seed(entries: list[dict[str, Any]], name: str) -> dict[int, float]:
        scores = {entry['seed']: entry['scores'].get(split, {}) for entry in entries}
        return {seed: found[name] for seed, found in scores.items() if name in found}

    compared = {}
    for name in _in_order(cell['scores'].get(split, {}) for cell in cells):
        difference = paired(by_seed(first, name), by_seed(cells, name))
        by_name = {str(seed): value for seed, value in difference.items()}
        compared[name] = {**summarise(list(difference.values())).as_dict(), 'by_seed': by_name}
    return {'row': row.name, 'label': row.label, 'against': against, 'scores': compared}


def _notes(cells: list[dict[str, Any]], metric: str, split: str) -> list[str]:
    """What a reader must know before trusting the table."""
    notes = []
    scored = [cell for cell in cells if split in cell['scores']]
    missing = [cell for cell in cells if split not in cell['scores']]
    if missing:
        listing = ''.join(
            f'\n  {cell["label"]}: {cell["state"] + ", " + cell["why"] if cell["why"] else cell["state"]}'
            for cell in missing
        )
        notes.append(f'{len(missing)} of {len(cells)} cells have no score; means are over those that have:{listing}')
    without = [cell for cell in scored if metric not in cell['scores'][split]]
    if without:
        names = _in_order(cell['scores'][split] for cell in without)
        suggestion = closest(metric, names)
        notes.append(f'No score {metric!r} in {len(without)} cells. {suggestion} Scores: {", ".join(names)}.')
    for what, key in (('commits', 'commit'), ('machines', 'hardware')):
        found = {str(cell[key]) for cell in scored}
        if len(found) > 1:
            notes.append(f'The cells were run on {len(found)} different {what}; sweep.json names them.')
    if any(cell['state'] == State.FAILED for cell in cells):
        notes.append('Failed cells are run again with --retry-failed; their output.log says more.')
    return notes


def _in_order(mappings: Iterable[Mapping[str, Any]]) -> list[str]:
    return list(dict.fromkeys(name for mapping in mappings for name in mapping))
