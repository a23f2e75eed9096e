"""Means over several batches and processes, exactly as over one large batch."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor
from torch import distributed as dist

from . import distributed


def mean_over_processes(values: Mapping[str, float], weight: float) -> dict[str, float]:
    """Logged values of one batch, averaged over what each process had of it.

    Args:
        values: this process's means; empty where it had no sample.
        weight: what they were taken over.
    """
    if not distributed.active():
        return dict(values)
    parts = [part for part in distributed.gather_everywhere((dict(values), weight)) if part[0]]
    total = sum(weight for _, weight in parts)
    if not total:
        return dict(parts[0][0]) if parts else {}
    return {name: sum(w * part[name] for part, w in parts) / total for name in parts[0][0]}


def average_gradients(parameters: Sequence[Tensor], unit: float, weight: float) -> None:
    """Make gradients those of the weighted mean over all batches since the last step, here and in other processes.

    Processes exchange them once, in one flat tensor. A parameter that no process has a gradient for keeps none.

    Args:
        parameters: what trains; ``p.grad`` holds the sum of each batch's gradient times its weight, in units of ``unit``.
        unit: the first batch's weight, so that a single batch's gradient is not touched.
        weight: the batches' weights together; 0 where this process had no sample.
    """
    if not distributed.active():
        if weight and weight != unit:
            torch._foreach_mul_([p.grad for p in parameters if p.grad is not None], unit / weight)
        return
    device = parameters[0].device
    parts = [torch.zeros_like(p) if p.grad is None else p.grad * unit for p in parameters]
    there = torch.tensor([*(p.grad is not None for p in parameters), weight], dtype=torch.float32, device=device)
    flat = torch.cat([*(part.flatten().float() for part in parts), there])
    dist.all_reduce(flat)
    gradients, there = flat[: -len(there)], flat[-len(there) :].tolist()
    total = there.pop() or 1.0
    for parameter, gradient, known in zip(
        parameters, gradients.split([p.numel() for p in parameters]), there, strict=True
    ):
        parameter.grad = (gradient / total).view_as(parameter).to(parameter.dtype) if known else None
