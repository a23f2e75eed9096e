"""Weights that are not finite are never saved as good ones, and a run that stops says what is left."""

from typing import Any

import torch

from mmalm.errors import TrainingError
from mmalm.tuning.whitelist import trained_state


def refuse_unsound_weights(runner: Any) -> None:
    """Stop before weights are saved that the last step ruined: no later loss would tell in time.

    Raises:
        TrainingError: a trained tensor has a value that is NaN or infinite.
    """
    unsound = [n for n, t in trained_state(runner.model.module).items() if not torch.isfinite(t).all()]
    if unsound:
        raise TrainingError(
            f'Training stopped: after step {runner.iter} {len(unsound)} trained tensors are not finite, {unsound[0]} among '
            f'them. They are not saved.\n{last_good(runner)}'
            'Try a lower learning rate, a longer warm-up, clip_norm, or precision fp32 or bf16.'
        )


def last_good(runner: Any) -> str:
    """Which states of the run can be gone back to, one line each."""
    before, saved = runner.before_stop, runner.last_good
    lines = [f'The last good state is {before}: the weights before this step.'] if before else []
    if saved:
        lines.append(f'The last checkpoint is {saved}.' if before else f'The last good state is {saved}.')
    return ''.join(f'{line}\n' for line in lines or ['There is no good state to go back to: nothing was saved yet.'])
