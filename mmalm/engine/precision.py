"""Number formats of the forward pass; trained weights stay float32."""

from contextlib import AbstractContextManager, nullcontext

import torch
from torch import nn

from mmalm.encoders.base import Encoder
from mmalm.errors import ConfigError, closest

PRECISIONS = {'fp32': None, 'bf16': torch.bfloat16, 'fp16': torch.float16}
HALVES = {torch.float16: 'fp16', torch.bfloat16: 'bf16'}


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


def check_precision(model: nn.Module, precision: str, training: bool = False) -> None:
    """Refuse a 16-bit format of the forward pass that the weights are not held in, and float16 gradients without loss scaling.

    float16 overflows where bfloat16 does not, and bfloat16 keeps 8 bits of float16's 11: under autocast the weights would be
    cast to the other at every use, with the losses of both.

    Args:
        model: whose weights are looked at.
        precision: of the forward pass.
        training: gradients will pass through what stands before a trained parameter; encoders that do not train are left out.

    Raises:
        ConfigError: they do not go together.
    """
    wanted = PRECISIONS.get(precision)
    for name, held in _halves(model).items():
        kind = str(held).removeprefix('torch.')
        if wanted not in (None, held):
            raise ConfigError(
                f'precision={precision!r} computes in {str(wanted).removeprefix("torch.")}, but the weights of {name} are held in '
                f"{kind}. Set precision={HALVES[held]!r}, or {name}'s dtype={str(wanted).removeprefix('torch.')!r} or 'float32'."
            )
        if wanted is None and (mixed := _trained_in_float32(model.get_submodule(name))):
            raise ConfigError(
                f'The weights of {name} are held in {kind}, but for those that train, {mixed} for example, which are held in '
                f"float32: one layer's output would not fit the next. Set precision={HALVES[held]!r}, or {name}'s dtype='float32'."
            )
        through = training and not _is_frozen_encoder(model.get_submodule(name))
        if through and wanted is None and held is torch.float16:
            raise ConfigError(
                f'The weights of {name} are held in float16, and gradients through them would vanish without loss scaling: set '
                f"precision='fp16' (CUDA), which scales, or {name}'s dtype='bfloat16' or 'float32'."
            )


def _halves(model: nn.Module) -> dict[str, torch.dtype]:
    """The 16-bit format of each part of the model that has one."""
    found: dict[str, torch.dtype] = {}
    for part, module in model.named_children():
        for parameter in module.parameters():
            if parameter.dtype in HALVES:
                found[part] = parameter.dtype
                break
    return found


def _trained_in_float32(module: nn.Module) -> str | None:
    """The first of a part's own trained weights; low-rank updates change the type of their input themselves."""
    own = (name for name, p in module.named_parameters() if p.requires_grad and '.lora_' not in name)
    return next(own, None)


def _is_frozen_encoder(module: nn.Module) -> bool:
    return isinstance(module, Encoder) and not any(p.requires_grad for p in module.parameters())
