"""One recorded case: read it, rebuild it with mmalm's components, compare."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from safetensors import SafetensorError, safe_open
from torch import Tensor

from ..errors import ConfigError, MissingDataError, closest
from .dvp import compare_dvp
from .epalm import compare_epalm

TOLERANCE = 1e-4


@dataclass(frozen=True)
class Comparison:
    """One output tensor: the largest absolute difference, and whether it passes (generated ids must be equal)."""

    file: str
    tensor: str
    difference: float
    passed: bool

    def __str__(self) -> str:
        return f'{self.file}  {self.tensor}  {self.difference:.3e}  {"PASS" if self.passed else "FAIL"}'


METHODS: dict[str, Callable[[dict[str, str], dict[str, Tensor]], dict[str, float]]] = {
    'epalm': compare_epalm,
    'dvp': compare_dvp,
}


def check_case(path: str | Path) -> list[Comparison]:
    """Compare every recorded output of one case.

    Raises:
        MissingDataError: no such file, or not a safetensors file.
        ConfigError: the metadata name no method that mmalm can rebuild.
    """
    path = Path(path)
    if not path.is_file():
        raise MissingDataError(f'no parity file {str(path)!r}.')
    try:
        with safe_open(str(path), 'pt') as case:
            settings = case.metadata() or {}
            tensors = {name: case.get_tensor(name) for name in case.keys()}  # noqa: SIM118  (not a dict)
    except SafetensorError as error:
        raise MissingDataError(f'{path} is not a readable safetensors file: {error}') from error
    method = settings.get('method', '')
    if method not in METHODS:
        raise ConfigError(
            f'{path}: method {method!r} cannot be rebuilt. {closest(method, METHODS)} Known: {", ".join(METHODS)}.'
        )
    try:
        differences = METHODS[method](settings, tensors)
    except (KeyError, RuntimeError) as error:
        raise ConfigError(f'{path}: the case cannot be rebuilt: {type(error).__name__}: {error}') from error
    if not differences:
        raise ConfigError(f'{path} holds no output to compare.')
    return [
        Comparison(path.name, name, difference, difference <= (0.0 if name.startswith('generated') else TOLERANCE))
        for name, difference in differences.items()
    ]
