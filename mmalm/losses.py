"""Losses.

Legend: B batch, L text length, V vocabulary.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from .errors import ConfigError, closest

IGNORED = -100
REDUCTIONS = ('token_mean', 'sample_sum')


def next_token_losses(logits: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy of each next token, in nats; 0 where the label is ignored.

    Args:
        logits: ``[B, L, V]``; column i predicts label i + 1.
        labels: ``[B, L]``, -100 where ignored.

    Returns:
        ``[B, L - 1]``.
    """
    targets = labels[:, 1:]
    flat = F.cross_entropy(
        logits[:, :-1].flatten(0, 1).float(), targets.flatten(), ignore_index=IGNORED, reduction='none'
    )
    return flat.view(targets.shape)


def reduce_token_losses(losses: Tensor, labels: Tensor, reduction: str) -> Tensor:
    """One number from token losses ``[B, L - 1]``.

    Args:
        losses: from :func:`next_token_losses`.
        labels: ``[B, L]``, the same labels.
        reduction: 'token_mean': mean over all target tokens of the batch; 'sample_sum': sum over a sample's tokens, mean over
            samples, as the released eP-ALM (long captions weigh more).
    """
    if reduction == 'token_mean':
        return losses.sum() / loss_weight(labels, reduction).clamp(min=1)
    if reduction == 'sample_sum':
        return losses.sum(1).mean()
    raise ConfigError(
        f'unknown loss reduction {reduction!r}. {closest(reduction, REDUCTIONS)} Choose one of {REDUCTIONS}.'
    )


def loss_weight(labels: Tensor, reduction: str) -> Tensor:
    """What :func:`reduce_token_losses` takes its mean over: target tokens, or samples; a whole number.

    Args:
        labels: ``[B, L]``, -100 where ignored.
        reduction: 'token_mean' or 'sample_sum'.
    """
    return (labels[:, 1:] != IGNORED).sum() if reduction == 'token_mean' else torch.tensor(len(labels))
