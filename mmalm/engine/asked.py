"""The questions of a split with the frozen features of what they are about.

Legend: N samples, F = K x D features of a picture.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from mmalm.encoders.modalities import by_modality
from mmalm.encoders.perception import Perception

from .data import set_epoch, whole_batches
from .facade import to_device
from .modalities import encoder_of


class Kind(NamedTuple):
    """Questions that one baseline can answer.

    Attributes:
        task: their task.
        modality: of what they are about; '' where nothing tells it.
        closed: whether they come with a set of answers to choose from.
    """

    task: str
    modality: str
    closed: bool


@dataclass
class Asked:
    """The questions of one kind.

    Attributes:
        rows: N features ``[F]``.
        samples: what each carries beside its input.
    """

    rows: list[Tensor] = field(default_factory=list)
    samples: list[dict[str, Any]] = field(default_factory=list)

    @property
    def features(self) -> Tensor:
        """``[N, F]``"""
        return torch.stack(self.rows)

    @property
    def answers(self) -> list[str]:
        """N right answers, of several the one that is trained."""
        return [sample['answer'] for sample in self.samples]


@torch.no_grad()
def asked_of(model: nn.Module, loader: DataLoader) -> dict[Kind, Asked]:
    """All questions of a loader by kind, with features of their pictures."""
    device = next(model.parameters()).device
    model.eval()
    set_epoch(loader, 0)
    found: dict[Kind, Asked] = {}
    with whole_batches(loader):
        for modality, _, batch in (part for mixed in loader for part in by_modality(mixed)):
            flat = _summaries(model, modality, batch, device).flatten(1).float().cpu()
            carried = {name: column for name, column in batch.items() if _is_column(column, len(flat))}
            for i, task in enumerate(batch['task']):
                asked = found.setdefault(Kind(task, modality or '', bool(batch['answers'][i])), Asked())
                asked.rows.append(flat[i])
                asked.samples.append({name: column[i] for name, column in carried.items()})
    return found


def _is_column(value: Any, rows: int) -> bool:
    return isinstance(value, (list, tuple)) and len(value) == rows and not any(isinstance(v, Tensor) for v in value)


def _summaries(model: nn.Module, modality: str | None, batch: Mapping[str, Any], device: torch.device) -> Tensor:
    """Summary tokens of a batch ``[B, K, D]``; ``[B, sum of D_k]`` where levels differ in width."""
    if 'features' in batch:
        cls = Perception.from_features(batch['features']).cls
    else:
        encoder = encoder_of(model, modality)
        cls = encoder(to_device(batch[encoder.takes], device)).cls
    return torch.cat([level.flatten(1) for level in cls], 1) if isinstance(cls, list) else cls
