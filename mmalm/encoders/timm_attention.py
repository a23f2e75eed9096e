"""Attention kernels for timm models, switched from outside, whatever their attention layers look like."""

import contextlib
from collections.abc import Iterator
from typing import Any

import torch
import torch.nn.functional as F
from torch.overrides import TorchFunctionMode

from ..attention import attention, choose_backend


@contextlib.contextmanager
def built_for(backend: str) -> Iterator[None]:
    """Build timm models inside: their layers read the library's switch when they are constructed."""
    from timm.layers import set_fused_attn, use_fused_attn

    before, experimental = use_fused_attn(), use_fused_attn(experimental=True)
    set_fused_attn(backend != 'eager')
    try:
        yield
    finally:
        set_fused_attn(before, experimental=experimental)


class _Routed(TorchFunctionMode):
    """Sends unmasked attention to :func:`mmalm.attention.attention`; masked kinds (Swin's bias) stay where they are."""

    def __init__(self, backend: str) -> None:
        super().__init__()
        self.backend = backend

    def __torch_function__(self, func: Any, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        kwargs = kwargs or {}
        if func is F.scaled_dot_product_attention and len(args) == 3:
            masked = kwargs.get('attn_mask') is not None or kwargs.get('is_causal')
            if not masked and not kwargs.get('enable_gqa'):
                dropout, scale = kwargs.get('dropout_p', 0.0), kwargs.get('scale')
                # the chosen kernel may itself be this function: step outside the mode
                with torch._C.DisableTorchFunction():
                    return attention(*args, backend=self.backend, scale=scale, dropout=dropout)
        return func(*args, **kwargs)


def routed(backend: str, device: torch.device) -> contextlib.AbstractContextManager:
    """Run a timm model inside with the kernel that ``backend`` means on ``device``.

    Raises:
        ConfigError: xformers is asked for where it cannot run.
    """
    if device.type == 'meta':  # shapes only: any kernel does
        return contextlib.nullcontext()
    chosen = choose_backend(backend, device)
    return _Routed(chosen) if chosen == 'xformers' else contextlib.nullcontext()
