"""The cells of a sweep: every config with every combination of options and every seed."""

import copy
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mmengine.config import Config

from ..config import load_config
from ..errors import ConfigError
from .names import folder_name, short_keys, value_text


@dataclass(frozen=True)
class Row:
    """A config with one combination of options: what is compared.

    Attributes:
        name: folder below the sweep's, the same in every sweep that has this row.
        label: for tables and plots: the config where there are several, and by short names the options that vary.
        config_file: the config.
        options: dotted keys and values.
    """

    name: str
    label: str
    config_file: Path
    options: Mapping[str, Any]


@dataclass(frozen=True)
class Cell:
    """One run: a row with one seed.

    Attributes:
        name: ``<row>/seed<N>``, its folder below the sweep's.
        row: what it is one of several runs of.
        seed: of model, data order and everything random.
        config: resolved: options applied, the seed in it.
    """

    name: str
    row: Row
    seed: int
    config: Config = field(repr=False, compare=False)


@dataclass(frozen=True)
class Grid:
    """All of a sweep.

    Attributes:
        configs, seeds, options: what it is the product of, in the order given.
        rows: configs by options.
        cells: in the order they run: every row with the first seed, then with the second, so that rows can be compared early.
    """

    configs: tuple[Path, ...]
    seeds: tuple[int, ...]
    options: Mapping[str, Sequence[Any]]
    rows: tuple[Row, ...]
    cells: tuple[Cell, ...]

    def cells_of(self, row: Row) -> list[Cell]:
        """A row's cells, by seed in the order given."""
        return [cell for cell in self.cells if cell.row is row]


def make_grid(configs: Sequence[str | Path], seeds: Sequence[int], options: Mapping[str, Sequence[Any]]) -> Grid:
    """Resolve every cell's config; nothing runs before all of them stand.

    Args:
        configs: config files.
        seeds: whole numbers from 0 on.
        options: values by dotted key, as :func:`~mmalm.sweep.options.parse_options` gives them; each key must exist in
            every config.

    Raises:
        MissingDataError: a config file that is not there.
        ConfigError: a config that cannot be read, an option some config does not have, or something given twice.
    """
    files = tuple(Path(config) for config in configs)
    _check(files, seeds)
    _check_options(files, options)
    short = short_keys(options)
    rows, resolved = [], []
    for file in files:
        for values in itertools.product(*options.values()):
            chosen = dict(zip(options, values, strict=True))
            parts = [f'{short[k]}={value_text(value)}' for k, value in chosen.items() if len(options[k]) > 1]
            stem = [file.stem] if len(files) > 1 or not parts else []
            rows.append(Row(folder_name(file, chosen), ' '.join(stem + parts), file, chosen))
            resolved.append(load_config(file, chosen))
    cells = []
    for seed in seeds:
        for row, config in zip(rows, resolved, strict=True):
            own = copy.deepcopy(config)
            own.seed = seed
            cells.append(Cell(f'{row.name}/seed{seed}', row, seed, own))
    return Grid(files, tuple(seeds), {k: tuple(v) for k, v in options.items()}, tuple(rows), tuple(cells))


def _check(files: Sequence[Path], seeds: Sequence[int]) -> None:
    if not files or not seeds:
        raise ConfigError('A sweep needs at least one config and one seed.')
    for what, given in (('config', [file.resolve() for file in files]), ('seed', seeds)):
        twice = [str(item) for i, item in enumerate(given) if item in given[:i]]
        if twice:
            raise ConfigError(f'The {what} {twice[0]} is given twice.')
    for seed in seeds:
        if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
            raise ConfigError(f'--seeds {seed!r}: a seed is a whole number from 0 on.')
    folders: dict[str, Path] = {}
    for file in files:
        other = folders.setdefault(folder_name(file, {}), file)
        if other is not file:
            raise ConfigError(
                f'{other} and {file} would write to the same folder, {folder_name(file, {})}: a cell is named after the '
                "config's file and the folder it stands in. Rename one of them."
            )


def _check_options(files: Sequence[Path], options: Mapping[str, Sequence[Any]]) -> None:
    """Name all faults together, each option by itself with each config."""
    faults = []
    for file in files:
        load_config(file)
        for key, values in options.items():
            try:
                load_config(file, {key: values[0]})
            except ConfigError as error:
                faults.append(f'{file}: {str(error).replace("--cfg-options", "--options")}')
    if faults:
        raise ConfigError('\n'.join(faults))
