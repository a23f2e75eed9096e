"""A short name for the weights of a frozen model."""

import hashlib
from collections.abc import Mapping

import torch
from torch import Tensor, nn

SAMPLES = 4096


def fingerprint(model: nn.Module | Mapping[str, Tensor]) -> str:
    """sha256 over names, shapes, types and up to 4096 evenly strided values of each tensor.

    Cheap for large models, and any retraining changes it. Non-persistent buffers are left out.

    Args:
        model: a module or its state dict.

    Returns:
        64 hexadecimal digits, or 'meta' where tensors hold no values.
    """
    state = model.state_dict() if isinstance(model, nn.Module) else model
    digest = hashlib.sha256()
    for name in sorted(state):
        tensor = state[name].detach()
        if tensor.is_meta:
            return 'meta'
        digest.update(f'{name} {tuple(tensor.shape)} {tensor.dtype}'.encode())
        flat = tensor.reshape(-1)
        stride = max(1, -(-flat.numel() // SAMPLES))
        # as bytes of their own type: bfloat16 has no numpy counterpart
        digest.update(flat[::stride].contiguous().cpu().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()
