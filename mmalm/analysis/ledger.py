"""Books what a model does while it runs on the meta device: FLOPs, and bytes kept for the backward pass."""

import contextlib
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.autograd.graph import saved_tensors_hooks

from .modes import FusedAttention, HalfPrecision, NothingPadded, Products
from .parts import Parts

FORWARD, BACKWARD, RECOMPUTED = 'forward', 'backward', 'recomputed'


class Entry(NamedTuple):
    """What FLOPs are booked under."""

    phase: str
    part: str
    attention: bool
    dtype: torch.dtype


class Ledger:
    """While open, books every matrix product and convolution of a model under the part that runs it.

    In backward the part is that of the forward operation being differentiated: a saved tensor remembers where it was saved. With
    gradient checkpointing, modules that run again during backward are booked as recomputed.

    Args:
        model: on the meta device.
        parts: its parts.
        autocast: the type products are computed in; None for each its own.

    Attributes:
        flops: FLOPs by :class:`Entry`.
        saved: bytes kept for backward by block (one of :attr:`Parts.blocks`, or None), each storage once, the model's own
            weights not counted.
        largest: bytes of the largest output of a product or convolution.
    """

    def __init__(self, model: nn.Module, parts: Parts, autocast: torch.dtype | None = None):
        self.flops: Counter[Entry] = Counter()
        self.saved: Counter[nn.Module | None] = Counter()
        self.largest = 0
        self._model, self._parts, self._autocast = model, parts, autocast
        self._stack: list[nn.Module] = []
        self._backward = False
        self._differentiated: tuple[str, bool] = ('', False)
        self._known = {_storage(tensor) for tensor in [*model.parameters(), *model.buffers()]}
        self._alive: list[Tensor] = []  # a storage that is gone could lend its address to the next

    @contextlib.contextmanager
    def open(self) -> Iterator['Ledger']:
        """Book what happens inside."""
        with contextlib.ExitStack() as stack:
            for module in self._model.modules():
                stack.callback(module.register_forward_pre_hook(self._enter).remove)
                stack.callback(module.register_forward_hook(self._leave, always_call=True).remove)
            stack.callback(self._alive.clear)
            stack.enter_context(saved_tensors_hooks(self._pack, self._unpack))
            stack.enter_context(Products(self._book))
            stack.enter_context(self._modes())
            self._parts.passed_layers = False
            yield self

    @contextlib.contextmanager
    def differentiating(self) -> Iterator[None]:
        """What happens inside is the backward pass."""
        self._backward = True
        try:
            yield
        finally:
            self._backward = False

    def total(self, **where: Any) -> int:
        """FLOPs booked under all entries with these values, as in ``total(part='encoder')``."""
        return sum(n for entry, n in self.flops.items() if all(getattr(entry, k) == v for k, v in where.items()))

    def _modes(self) -> contextlib.ExitStack:
        with contextlib.ExitStack() as stack:
            stack.enter_context(NothingPadded())
            stack.enter_context(FusedAttention(self._book_attention))
            if self._autocast is not None:
                stack.enter_context(HalfPrecision(self._autocast))
            return stack.pop_all()

    def _enter(self, module: nn.Module, args: tuple) -> None:
        if self._backward and not self._stack:
            self._again = self._modes()  # autograd runs backward, and what is recomputed in it, outside of such modes
        self._parts.enter(module)
        self._stack.append(module)

    def _leave(self, module: nn.Module, args: tuple, output: Any) -> None:
        self._stack.pop()
        if self._backward and not self._stack:
            self._again.close()

    def _here(self) -> tuple[str, bool]:
        """The part at work, and whether a linear layer is: a product of batches is attention's in all other modules."""
        module = self._stack[-1] if self._stack else None
        return self._parts.of(module), isinstance(module, nn.Linear)

    def _book(self, flops: int, batched: bool, output: Tensor) -> None:
        phase, part, linear = self._place()
        self.flops[Entry(phase, part, batched and not linear, output.dtype)] += flops
        self.largest = max(self.largest, output.nbytes)

    def _book_attention(self, flops: int, dtype: torch.dtype) -> None:
        phase, part, _ = self._place()
        self.flops[Entry(phase, part, True, dtype)] += flops

    def _place(self) -> tuple[str, str, bool]:
        again = self._backward and bool(self._stack)
        if again or not self._backward:
            self._differentiated = self._here()
        return RECOMPUTED if again else BACKWARD if self._backward else FORWARD, *self._differentiated

    def _pack(self, tensor: Tensor) -> tuple[tuple[str, bool], Tensor]:
        storage = _storage(tensor)
        if storage not in self._known:
            self._known.add(storage)
            self._alive.append(tensor)
            block = next((module for module in reversed(self._stack) if module in self._parts.blocks), None)
            self.saved[block] += tensor.untyped_storage().nbytes()
        return self._here(), tensor

    def _unpack(self, packed: tuple[tuple[str, bool], Tensor]) -> Tensor:
        self._differentiated, tensor = packed
        return tensor


def _storage(tensor: Tensor) -> int:
    return tensor.untyped_storage()._cdata
