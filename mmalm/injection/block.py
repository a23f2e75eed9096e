"""A block of a language model's layer, attention or MLP, and changing what leaves it from outside."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

Change = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Block:
    """From one module's input to one module's output, before the residual sum.

    Attributes:
        entry: the module whose first input is the block's.
        exit: the module whose output, or its first, is the block's; the same where the block is one module.
    """

    entry: nn.Module
    exit: nn.Module

    @contextlib.contextmanager
    def changed(self, change: Change) -> Iterator[None]:
        """Within this context ``change(what entered, what left)``, each ``[..., H]``, is what leaves the block."""
        entered: list[Tensor] = []

        def enter(module: nn.Module, args: tuple, kwargs: dict) -> None:
            # GPT-2 hands the states on by position, OPT and LLaMA by name
            entered[:] = [args[0] if args else kwargs['hidden_states']]

        def leave(module: nn.Module, args: tuple, output: Any) -> Any:
            if isinstance(output, tuple):
                return (change(entered[0], output[0]), *output[1:])
            return change(entered[0], output)

        handles = [
            self.entry.register_forward_pre_hook(enter, with_kwargs=True),
            self.exit.register_forward_hook(leave),
        ]
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()
