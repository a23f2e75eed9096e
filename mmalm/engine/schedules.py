"""Learning rates as a closed function of the step."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

from annotated_types import Ge

from mmalm.errors import ConfigError
from mmalm.registry import PARAM_SCHEDULERS


def warmup_cosine(step: int, total: int, warmup: int, start: float = 0.01, end: float = 0.0) -> float:
    """The factor on a base learning rate at a step.

    Linear from ``start`` to 1 over ``warmup`` steps (the rate of step ``warmup`` is the full one), then half a cosine
    that would reach ``end`` at step ``total``, one past the last.

    Args:
        step: from 0.
        total: steps of the whole run.
        warmup: steps of the linear part.
        start, end: factors at the outset and at the end.
    """
    return _after_warmup(step, total, warmup, start, end, lambda progress: 0.5 * (1 + math.cos(math.pi * progress)))


def warmup_linear(step: int, total: int, warmup: int, start: float = 0.01, end: float = 0.0) -> float:
    """The same with a straight line in place of the half cosine (DVP, arXiv 2306.00409)."""
    return _after_warmup(step, total, warmup, start, end, lambda progress: 1 - progress)


def _after_warmup(
    step: int, total: int, warmup: int, start: float, end: float, left: Callable[[float], float]
) -> float:
    if step < warmup:
        return start + (1 - start) * step / warmup
    return end + (1 - end) * left(min((step - warmup) / max(total - warmup, 1), 1.0))


@PARAM_SCHEDULERS.register_module()
class WarmupCosine:
    """Warm-up and cosine by iteration, for every group but those with ``schedule=False``.

    Args:
        optimizer: its groups' learning rates at construction are the base ones.
        total_steps: iterations of the whole run, given by the runner.
        warmup: iterations (a whole number), or the part of the run (below 1).
        start: factor on the base rate at step 0; not 0, so that the first step counts.
        end: factor on the base rate that the last step comes close to.
    """

    by_epoch = False
    curve = staticmethod(warmup_cosine)

    def __init__(
        self,
        optimizer,
        total_steps: int,
        warmup: Annotated[int | float, Ge(0)] = 0,
        start: Annotated[float, Ge(0)] = 0.01,
        end: Annotated[float, Ge(0)] = 0.0,
    ):
        part = isinstance(warmup, float) and warmup < 1
        self.warmup = round(warmup * total_steps) if part else int(warmup)
        if self.warmup < 0 or self.warmup != warmup and not part or self.warmup >= max(total_steps, 1):
            raise ConfigError(
                f'warmup={warmup!r} does not fit a run of {total_steps} steps. '
                'Give a number of steps below that, or a part of the run such as 0.1.'
            )
        self.optimizer = optimizer
        self.total_steps, self.start, self.end = total_steps, start, end
        for group in optimizer.param_groups:
            group.setdefault('initial_lr', group['lr'])
        self.last_step = 0
        self._apply()

    @classmethod
    def shrink(cls, arguments: dict, folder: Path) -> dict:
        """For dry runs: a warm-up of one step, where there is one."""
        warmup = arguments.get('warmup', 0)
        return {**arguments, 'warmup': min(warmup, 1)} if isinstance(warmup, int) else dict(arguments)

    def step(self) -> None:
        """Go on to the next iteration's learning rates."""
        self.last_step += 1
        self._apply()

    def _apply(self) -> None:
        factor = self.curve(self.last_step, self.total_steps, self.warmup, self.start, self.end)
        for group in self.optimizer.param_groups:
            if group.get('schedule', True):
                group['lr'] = group['initial_lr'] * factor

    def state_dict(self) -> dict:
        return {'last_step': self.last_step}

    def load_state_dict(self, state: dict) -> None:
        self.last_step = state['last_step']
        self._apply()


@PARAM_SCHEDULERS.register_module()
class WarmupLinear(WarmupCosine):
    """Warm-up and a straight line down by iteration; arguments as of :class:`WarmupCosine`."""

    curve = staticmethod(warmup_linear)
