"""Memory of training and generation on one device, in bytes."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import torch
from torch import nn

from ..errors import ConfigError, closest


@dataclass(frozen=True)
class Memory:
    """Bytes on one device.

    Attributes:
        weights: parameters and buffers by number format; shared ones once.
        gradients: of what trains.
        optimizer: the optimizer's states of what trains.
        activations: kept for backward at its largest, attention as a fused kernel keeps it; with gradient checkpointing the
            inputs of the layers and what the largest layer keeps while it runs again.
        logits: the loss's logits in float32 and their gradient.
        working: twice the largest product's output: one comes in, one goes out.
        cache: keys and values at the end of generation, all beams.
        cache_per_token: what one further token of one beam adds to it, of one sample.
    """

    weights: dict[str, int] = field(default_factory=dict)
    gradients: int = 0
    optimizer: int = 0
    activations: int = 0
    logits: int = 0
    working: int = 0
    cache: int | None = None
    cache_per_token: int | None = None

    @property
    def training(self) -> int:
        """Bytes of a training step."""
        step = self.gradients + self.optimizer + self.activations + self.logits + self.working
        return sum(self.weights.values()) + step

    @property
    def generation(self) -> int | None:
        """Bytes of generation; None for a model that does not generate with a cache."""
        return None if self.cache is None else sum(self.weights.values()) + self.working + self.cache

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), 'training': self.training, 'generation': self.generation}


def weight_bytes(model: nn.Module) -> dict[str, int]:
    """Bytes of parameters and buffers by number format."""
    found: Counter[str] = Counter()
    for tensor in [*model.parameters(), *model.buffers()]:
        found[str(tensor.dtype).removeprefix('torch.')] += tensor.nbytes
    return dict(found)


def optimizer_bytes(model: nn.Module, settings: Mapping[str, Any] | None) -> int:
    """Bytes of the states an optimizer keeps of what trains: those it makes for a small matrix, by its size.

    Args:
        model: the model.
        settings: the config's ``optim_wrapper.optimizer``; AdamW unless told.
    """
    arguments = dict(settings or {'type': 'AdamW', 'lr': 1.0})
    kind = arguments.pop('type', 'AdamW')
    known = [name for name in dir(torch.optim) if isinstance(getattr(torch.optim, name), type) and name != 'Optimizer']
    if kind not in known:
        raise ConfigError(
            f'optim_wrapper.optimizer: the memory of {kind!r} is not known, only that of torch.optim. {closest(kind, known)}'
        )
    with torch.device('cpu'):
        sample = nn.Parameter(torch.zeros(64, 64))
    sample.grad = torch.zeros_like(sample)
    try:
        optimizer = getattr(torch.optim, kind)([sample], **arguments)
        optimizer.step()
    except (TypeError, ValueError) as error:
        raise ConfigError(f'optim_wrapper.optimizer: {error}') from error
    states = (value for value in optimizer.state[sample].values() if torch.is_tensor(value) and value.numel() > 1)
    ratio = sum(state.nbytes for state in states) / sample.nbytes
    return round(ratio * sum(p.nbytes for p in model.parameters() if p.requires_grad))
