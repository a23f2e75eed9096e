"""Carrying out a plan on an unmodified language model, while a context is open.

Legend: B batch, L text length, P soft prompt length.
"""

import contextlib
import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from ..errors import ConfigError, closest
from .anatomy import Anatomy
from .block import Block, Change
from .hooks import Hooks
from .injection import InjectionPlan
from .prefix import SharedPrefix
from .prompt import Prompt
from .tokens import PerceptualTokens

VISIBILITIES = ('causal', 'all')


class Adapter(Protocol):
    """What changes the outputs of a language model's blocks.

    An attribute ``stack`` says of which stack: one that the model's anatomy has ``beside``, as 'encoder'. Without it, or with None,
    the stack that tokens are injected into.
    """

    def changes(self, layer: int) -> Iterable[tuple[str, Change]]:
        """What is changed at a layer: place (as ``anatomy.blocks`` names it) and how."""


class Injector:
    """Carries out an :class:`InjectionPlan` on a language model while its context is open; outside it the model is untouched.

    Args:
        anatomy: where the model's parts live.
        plan: what is injected where; ``None`` for a soft prompt alone.
        visibility: 'causal': a perceptual token sees itself and what stands before it. 'all': it sees everything, future and
            padding included, as in the released eP-ALM, where labels leak through it (for parity only; no cached decoding).
    """

    def __init__(self, anatomy: Anatomy, plan: InjectionPlan | None, visibility: str = 'causal'):
        if visibility not in VISIBILITIES:
            raise ConfigError(f'unknown visibility {visibility!r}; choose one of {", ".join(VISIBILITIES)}.')
        self.anatomy, self.plan, self.visibility = anatomy, plan, visibility

    @contextlib.contextmanager
    def inject(
        self,
        tokens: PerceptualTokens | None = None,
        prompt: Prompt | None = None,
        gradient_checkpointing: bool = False,
        adapters: Sequence[Adapter] = (),
        tree: Tensor | None = None,
        prefix: SharedPrefix | None = None,
    ) -> Iterator[None]:
        """Within this context every pass of the model sees the perceptual tokens and the soft prompt.

        The first P columns of ``input_ids`` and ``attention_mask`` are place-holders for the prompt, the mask being 1 there.

        Args:
            tokens: the perceptual tokens, for the plan's sources.
            prompt: put in place of the first P token embeddings; its deep vectors take the place of its states at their layers.
            gradient_checkpointing: recompute each layer's activations in backward. The layers' forwards are checkpointed from
                outside: transformers' own switch does nothing for layers in eval mode, which frozen layers are in.
            adapters: change what leaves the layers' blocks.
            tree: ``[B, n, n]`` bool: the n new tokens are branches that go on from a filled cache, and this says which of them each
                one sees, itself included.
            prefix: states of this text that earlier passes have left; layers below them are not run.
        """
        for adapter in adapters:
            stack_name = getattr(adapter, 'stack', None)
            if stack_name not in self._stacks():
                known = ', '.join(self.anatomy.beside) or 'none'
                raise ConfigError(
                    f'{type(adapter).__name__}(stack={stack_name!r}): this language model has no such stack beside the one that '
                    f'tokens are injected into (None). Beside it: {known}.'
                )
        hooks = Hooks(self.anatomy, self.plan, self.visibility, tokens, prompt, tree, prefix)
        with contextlib.ExitStack() as stack:
            hooks.attach(stack)
            for name, layers in self._stacks().items():
                here = [adapter for adapter in adapters if getattr(adapter, 'stack', None) == name]
                for index, layer in enumerate(layers):
                    if name is None and index < hooks.skipped:
                        stack.enter_context(_running(layer, prefix.skipped))
                        continue
                    changes = [change for adapter in here for change in adapter.changes(index)]
                    if changes:
                        # put on at each pass of the layer: one recomputed in backward runs after this context is closed
                        adapted = functools.partial(_adapted, layer.forward, self._blocks(layer, changes), changes)
                        stack.enter_context(_running(layer, adapted))
                    if gradient_checkpointing and torch.is_grad_enabled():
                        stack.enter_context(
                            _running(layer, functools.partial(checkpoint, layer.forward, use_reentrant=False))
                        )
            yield

    def _stacks(self) -> dict[str | None, Sequence[nn.Module]]:
        return {None: self.anatomy.layers, **self.anatomy.beside}

    def _blocks(self, layer: nn.Module, changes: Iterable[tuple[str, Change]]) -> Mapping[str, Block]:
        blocks = self.anatomy.blocks(layer)
        for place, _ in changes:
            if place not in blocks:
                raise ConfigError(
                    f'{type(layer).__name__} has no {place!r} for an adapter. {closest(place, blocks)} '
                    f'It has: {", ".join(blocks)}.'
                )
        return blocks


def _adapted(
    forward: Callable, blocks: Mapping[str, Block], changes: Iterable[tuple[str, Change]], *args: Any, **kwargs: Any
) -> Any:
    with contextlib.ExitStack() as stack:
        for place, change in changes:
            stack.enter_context(blocks[place].changed(change))
        return forward(*args, **kwargs)


@contextlib.contextmanager
def _running(layer: nn.Module, forward: Callable) -> Iterator[None]:
    own = layer.__dict__.get('forward')
    layer.forward = forward
    try:
        yield
    finally:
        if own is None:
            del layer.forward
        else:
            layer.forward = own
