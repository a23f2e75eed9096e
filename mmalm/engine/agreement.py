"""All processes of a run start from the same weights."""

import torch
from torch import distributed as dist
from torch import nn

from mmalm.errors import TrainingError
from mmalm.tuning.whitelist import trained_state

from . import distributed
from .checkpoint import base_models_of


def agree(model: nn.Module) -> None:
    """Give every process the main one's trained weights, and see that all stand on the same frozen models.

    Raises:
        TrainingError: the frozen models differ, as where one machine has another version of them.
    """
    if not distributed.active():
        return
    bases = distributed.gather_everywhere(base_models_of(model))
    for number, other in enumerate(bases):
        if other != bases[0]:
            raise TrainingError(
                f'The processes of this run stand on different frozen models: process 0 on {bases[0]}, process {number} on '
                f'{other}. See that all machines have the same files.'
            )
    with torch.no_grad():
        for _, tensor in sorted(trained_state(model).items()):
            dist.broadcast(tensor, 0)
