"""Time, memory and energy of a whole training run on one kind of device."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ..errors import ConfigError
from .costs import Costs
from .devices import Device, find_device
from .parts import ENCODER

UTILISATION = 0.35
RESERVE = 10**9  # bytes: the driver's context, libraries' workspaces, what the allocator cannot use


@dataclass(frozen=True)
class RunCosts:
    """An estimate of training alone: no validation, no loading of data, no checkpoints.

    Attributes:
        device: the device's name.
        devices: how many share each batch.
        samples: of the training split.
        epochs: passes over it.
        steps: batches in all.
        utilisation: share of the peak rate reached; assumed or given, or what the measured step comes to (None where the
            device's peak is unknown).
        assumed: the utilisation is the default, neither given nor measured.
        flops: in all, on all devices, as the run is set up.
        seconds: of the run as it is set up, features cached or not.
        seconds_other: of the same run with the cache switched the other way; None for a measured step, which tells one only.
        caches_features: whether the config caches features: then the encoder runs once a sample, not once an epoch.
        energy_kwh: at the boards' full power; None where unknown.
        step_seconds: one step.
        memory: bytes a training step needs on one device, a reserve of 1 GB included.
        capacity: bytes of the device; None where unknown.
        missing_formats: number formats of the run that the device has no units for.
    """

    device: str
    devices: int
    samples: int
    epochs: int
    steps: int
    utilisation: float | None
    assumed: bool
    flops: int
    seconds: float
    seconds_other: float | None
    caches_features: bool
    energy_kwh: float | None
    step_seconds: float
    memory: int
    capacity: int | None
    missing_formats: tuple[str, ...]

    @property
    def fits(self) -> bool | None:
        """Whether a training step fits into the device's memory; None where that is unknown."""
        return None if self.capacity is None else self.memory <= self.capacity

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), 'fits': self.fits}


def estimate_run(
    costs: Costs,
    device: Device,
    samples: int,
    epochs: int,
    devices: int = 1,
    caches_features: bool = False,
    utilisation: float | None = None,
    measured_step: float | None = None,
) -> RunCosts:
    """Estimate a run from the FLOPs of its batches, or from a measured step.

    Args:
        costs: of one device's share of a batch.
        device: which device.
        samples: of the training split.
        epochs: passes over it.
        devices: how many devices share a batch; nothing is added for what they tell each other.
        caches_features: the run caches the encoder's features.
        utilisation: share of the device's peak rate, in (0, 1]; 0.35 unless told.
        measured_step: seconds of one step, measured on this device; tells the utilisation.

    Raises:
        ConfigError: figures that no run has.
    """
    _refuse_impossible({'samples': samples, 'epochs': epochs, 'devices': devices}, utilisation, measured_step)
    size = costs.workload.batch_size
    steps = math.ceil(samples / (size * devices)) * epochs
    step_flops = costs.flops('training', cached=caches_features)
    encoder = costs.flops('training', part=ENCODER) // size
    flops = steps * devices * step_flops + caches_features * samples * encoder
    if measured_step is None:
        used = UTILISATION if utilisation is None else utilisation
        cached, direct = (_seconds(costs, device, samples, steps, devices, choice) / used for choice in (True, False))
        seconds, other = (cached, direct) if caches_features else (direct, cached)
        step_seconds = _at_peak(costs.by_dtype('training', caches_features), device) / used
    else:
        used = _implied(costs, device, measured_step, caches_features) if device.tflops else None
        seconds, other, step_seconds = steps * measured_step, None, measured_step
    return RunCosts(
        device=device.name,
        devices=devices,
        samples=samples,
        epochs=epochs,
        steps=steps,
        utilisation=used,
        assumed=utilisation is None and measured_step is None,
        flops=flops,
        seconds=seconds,
        seconds_other=other,
        caches_features=caches_features,
        energy_kwh=None if device.watts is None else seconds * devices * device.watts / 3.6e6,
        step_seconds=step_seconds,
        memory=costs.memory.training + RESERVE,
        capacity=None if device.memory_gb is None else round(device.memory_gb * 1e9),
        missing_formats=tuple(dtype for dtype in costs.by_dtype('training') if device.lacks(dtype)),
    )


def estimate_config(
    costs: Costs,
    config: Mapping[str, Any],
    device: str,
    samples: int,
    epochs: int | None = None,
    devices: int = 1,
    utilisation: float | None = None,
    measured_step: float | None = None,
) -> RunCosts:
    """:func:`estimate_run` for a config: its epochs unless told, its feature cache, a device by name."""
    found = find_device(device)
    if epochs is None:
        epochs = (config.get('train_cfg') or {}).get('max_epochs')
        if epochs is None:
            raise ConfigError('the config has no train_cfg.max_epochs: give --epochs.')
    cache = config.get('feature_cache') or {}
    caches_features = bool(cache) and bool(cache.get('enabled', True))
    return estimate_run(costs, found, samples, epochs, devices, caches_features, utilisation, measured_step)


def _refuse_impossible(counts: Mapping[str, int], utilisation: float | None, measured_step: float | None) -> None:
    for name, value in counts.items():
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise ConfigError(f'{name} must be a whole number from 1 on, found {value!r}.')
    if utilisation is not None and measured_step is not None:
        raise ConfigError('give a utilisation or a measured step, not both: one follows from the other.')
    if utilisation is not None and not 0 < utilisation <= 1:
        raise ConfigError(f'utilisation is a share of the peak rate in (0, 1], found {utilisation}.')
    if measured_step is not None and not (measured_step > 0 and math.isfinite(measured_step)):
        raise ConfigError(f'a measured step takes more than 0 seconds, found {measured_step}.')


def _at_peak(flops: dict[str, int], device: Device) -> float:
    return sum(count / device.rate(dtype) for dtype, count in flops.items())


def _seconds(costs: Costs, device: Device, samples: int, steps: int, devices: int, cached: bool) -> float:
    """Seconds at the peak rate; with a cache the encoder sees every sample once, before training."""
    step = _at_peak(costs.by_dtype('training', cached), device)
    if not cached:
        return steps * step
    encoder = _at_peak(costs.by_dtype('training'), device) - step
    return steps * step + samples * encoder / (costs.workload.batch_size * devices)


def _implied(costs: Costs, device: Device, measured_step: float, cached: bool) -> float:
    used = _at_peak(costs.by_dtype('training', cached), device) / measured_step
    if used > 1:
        raise ConfigError(
            f'a step of {measured_step:g} s would be {used:.1f} times as fast as the peak of {device.name}: check the batch size, '
            'the text length and the device.'
        )
    return used
