"""Number formats of the forward pass; trained weights stay float32."""

from contextlib import AbstractContextManager, nullcontext

import torch

from mmalm.errors import ConfigError, closest

PRECISIONS = {'fp32': None, 'bf16': torch.bfloat16, 'fp16': torch.float16}


def autocast(precision: str, device: torch.device | str) -> AbstractContextManager:
    """The context a forward pass runs in.

    Args:
        precision: ``'fp32'``, ``'bf16'`` (CPU and CUDA) or ``'fp16'`` (CUDA).
        device: where the model stands.

    Raises:
        ConfigError: unknown precision, or fp16 without CUDA.
    """
    kind = torch.device(device).type
    if precision not in PRECISIONS:
        raise ConfigError(
            f'precision={precision!r} is unknown. {closest(precision, PRECISIONS)} Known: {", ".join(PRECISIONS)}.'
        )
    if precision == 'fp16' and kind != 'cuda':
        raise ConfigError(f"precision='fp16' needs a CUDA device, the model is on {kind!r}. Use 'bf16' or 'fp32'.")
    dtype = PRECISIONS[precision]
    return nullcontext() if dtype is None else torch.autocast(kind, dtype=dtype)
