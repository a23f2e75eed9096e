"""Modes that watch or change torch's operations while a model runs on the meta device."""

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

_BATCHED = {torch.ops.aten.bmm, torch.ops.aten.baddbmm}
# torch works out the shapes of these two in slow Python: a third of all the time
_ADDMM, _LAYER_NORM = torch.ops.aten.addmm.default, torch.ops.aten.native_layer_norm.default
_TO_HALF = {
    *(F.linear, F.conv1d, F.conv2d, F.conv3d, F.scaled_dot_product_attention),
    *(torch.matmul, torch.mm, torch.bmm, torch.addmm, torch.baddbmm, torch.einsum),
    *(Tensor.matmul, Tensor.__matmul__, Tensor.mm, Tensor.bmm, Tensor.addmm, Tensor.baddbmm),
}
_TO_SINGLE = {
    *(F.layer_norm, F.group_norm, torch.layer_norm, torch.rsqrt, torch.pow, Tensor.pow, Tensor.__pow__),
    *(F.softmax, torch.softmax, Tensor.softmax, F.log_softmax, torch.log_softmax, Tensor.log_softmax, F.cross_entropy),
}


class Products(TorchDispatchMode):
    """Books every matrix product and convolution by torch's own formulas, those of FlopCounterMode.

    Args:
        book: called with FLOPs, whether it is a product of batches of matrices, and the output.
    """

    def __init__(self, book: Callable[[int, bool, Tensor], None]):
        super().__init__()
        self.book = book

    def __torch_dispatch__(self, func: Any, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        kwargs = kwargs or {}
        packet = getattr(func, 'overloadpacket', None)
        if packet not in flop_registry:
            if func is _LAYER_NORM and args[0].is_meta:
                return _layer_norm(*args)
            with self:  # a composite operation shows its products only when taken apart
                out = func.decompose(*args, **kwargs)
            return func(*args, **kwargs) if out is NotImplemented else out
        shortcut = func is _ADDMM and args[1].is_meta
        out = args[1].new_empty(len(args[1]), args[2].shape[1]) if shortcut else func(*args, **kwargs)
        made = out if isinstance(out, Tensor) else next(t for t in out if t is not None)
        self.book(flop_registry[packet](*args, **kwargs, out_val=out), packet in _BATCHED, made)
        return out


def _layer_norm(x: Tensor, shape: list[int], *rest: Any) -> tuple[Tensor, Tensor, Tensor]:
    def statistic() -> Tensor:
        single = torch.promote_types(x.dtype, torch.float32)
        return x.new_empty((*x.shape[: x.ndim - len(shape)], *[1] * len(shape)), dtype=single)

    return torch.empty_like(x), statistic(), statistic()


class FusedAttention(TorchFunctionMode):
    """Books scaled dot-product attention as one kernel, which the meta device takes apart otherwise.

    All pairs of queries and keys are counted, masked or not; backward takes two products for each one of forward, nothing computed
    again. What is kept for backward is what a fused kernel keeps: queries, keys, values, output, one float32 a row.

    Args:
        book: called with FLOPs and the type computed in.
    """

    def __init__(self, book: Callable[[int, torch.dtype], None]):
        super().__init__()
        self.book = book

    def __torch_function__(self, func: Any, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        kwargs = kwargs or {}
        if func is not F.scaled_dot_product_attention:
            return func(*args, **kwargs)
        given = dict(zip(('query', 'key', 'value'), args, strict=False)) | kwargs
        return _Attention.apply(given['query'], given['key'], given['value'], self.book)


class _Attention(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, query: Tensor, key: Tensor, value: Tensor, book: Callable) -> Tensor:
        ctx.book = book
        book(_product(query, key, query.shape[-1]) + _product(query, key, value.shape[-1]), query.dtype)
        output = query.new_empty(*query.shape[:-1], value.shape[-1])
        ctx.save_for_backward(query, key, value, output, query.new_empty(query.shape[:-1], dtype=torch.float32))
        return output

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        query, key, value, *_ = ctx.saved_tensors
        of_query, of_key, of_value, _ = ctx.needs_input_grad
        scores = _product(query, key, query.shape[-1]) * (of_query + of_key)
        values = _product(query, key, value.shape[-1]) * (of_value + (of_query or of_key))
        ctx.book(scores + values, query.dtype)
        return *(
            torch.empty_like(t) if n else None for t, n in zip((query, key, value), ctx.needs_input_grad, strict=False)
        ), None


def _product(query: Tensor, key: Tensor, width: int) -> int:
    return 2 * query.shape[:-1].numel() * key.shape[-2] * width


class NothingPadded(TorchFunctionMode):
    """Answers yes where a model asks whether no token is padding, or no text is packed: made-up texts have no values to look at."""

    def __torch_function__(self, func: Any, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        if func is Tensor.__bool__ and args[0].is_meta:
            return True
        if func is Tensor.__contains__ and args[0].is_meta:  # the id of padding, among the text's
            return False
        return func(*args, **(kwargs or {}))


class HalfPrecision(TorchFunctionMode):
    """Autocast for the meta device, which torch's own lacks: products in ``dtype``, norms, softmax and losses in float32.

    Weights are cast at every use, as autocast does with frozen ones.
    """

    def __init__(self, dtype: torch.dtype):
        super().__init__()
        self.dtype = dtype

    def __torch_function__(self, func: Any, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        kwargs = kwargs or {}
        dtype = self.dtype if func in _TO_HALF else torch.float32 if func in _TO_SINGLE else None
        if dtype is not None:
            args = tuple(_cast(value, dtype) for value in args)
            kwargs = {name: _cast(value, dtype) for name, value in kwargs.items()}
        return func(*args, **kwargs)


def _cast(value: Any, dtype: torch.dtype) -> Any:
    return value.to(dtype) if isinstance(value, Tensor) and value.is_floating_point() else value
