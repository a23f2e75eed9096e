"""What accelerators can do, as their makers state it (``devices.json``)."""

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

from ..errors import ConfigError, closest

ALIASES = {'h100': 'h100-sxm', 'a100': 'a100-80gb', 'a100-40': 'a100-40gb', 'a100-80': 'a100-80gb'}
_SHORT = {'float32': 'fp32', 'bfloat16': 'bf16', 'float16': 'fp16'}


@dataclass(frozen=True)
class Device:
    """One accelerator.

    Attributes:
        key: the name it is chosen by.
        name: its maker's name.
        tflops: peak 10^12 FLOP/s of dense products by format (bf16, fp16, tf32, fp32), accumulating in float32, without
            structured sparsity; None where the device has no units for a format.
        memory_gb: 10^9 bytes; None where unknown.
        bandwidth_gbs: of the memory, 10^9 bytes/s.
        watts: board power (TDP).
        source: where the figures stand.
    """

    key: str
    name: str
    tflops: Mapping[str, float | None]
    memory_gb: float | None
    bandwidth_gbs: float | None
    watts: float | None
    source: str

    def rate(self, dtype: str) -> float:
        """Peak FLOP/s of products in ``dtype`` ('bfloat16', ...).

        A format the device lacks runs at its float32 rate. float32 means float32, not TF32, as PyTorch multiplies unless told.

        Raises:
            ConfigError: no figure at all.
        """
        rate = self.tflops.get(_SHORT.get(dtype, dtype)) or self.tflops.get('fp32')
        if rate is None:
            raise ConfigError(f'{self.name}: {self.source} Give --measured-step SECONDS.')
        return rate * 1e12

    def lacks(self, dtype: str) -> bool:
        """Whether the device has no units of its own for ``dtype``."""
        return bool(self.tflops) and self.tflops.get(_SHORT.get(dtype, dtype)) is None


@functools.cache
def devices() -> dict[str, Device]:
    """All known devices by name."""
    file = resources.files(__package__) / 'devices.json'
    return {key: Device(key, **facts) for key, facts in json.loads(file.read_text(encoding='utf-8')).items()}


def find_device(name: str) -> Device:
    """The device of this name or alias.

    Raises:
        ConfigError: no such device.
    """
    wanted = name.lower().replace('_', '-').replace(' ', '-').removeprefix('nvidia-')
    known = devices()
    key = ALIASES.get(wanted, wanted)
    key = key if key in known else key.replace('-', '')
    if key not in known:
        names = {*known, *ALIASES}
        raise ConfigError(
            f'no facts about a device {name!r}. {closest(name, names)} Known: {", ".join(sorted(names))}.'
        )
    return known[key]
