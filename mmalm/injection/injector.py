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
from .block import Block
from .hooks import Hooks
from .injection import InjectionPlan
from .prefix import SharedPrefix
from .prompt import Prompt
from .tokens import PerceptualTokens

VISIBILITIES = ('causal', 'all')


Opened = Callable[[Mapping[str, Block]], contextlib.AbstractContextManager]


class Adapter(Protocol):
    """What changes a language model's layers while it is switched on.

    An attribute ``stack`` says of which stack: one that the model's anatomy has ``beside``, as 'encoder'. Without it, or with None,
    the stack that tokens are injected into. An attribute ``place`` names the block that it needs there.
    """

    def at(self, layer: int) -> Opened | None:
        """What is opened around each pass of a layer, given its blocks as ``anatomy.blocks`` names them; None where nothing is."""


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
            gradient_checkpointing: recompute the activations of each layer, and of each block by which the text attends, in
                backward. The layers' forwards are checkpointed from outside: transformers' own switch does nothing for layers in
                eval mode, which frozen layers are in.
            adapters: change the layers.
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
        recompute = gradient_checkpointing and torch.is_grad_enabled()
        hooks = Hooks(self.anatomy, self.plan, self.visibility, tokens, prompt, tree, prefix, recompute)
        with contextlib.ExitStack() as stack:
            hooks.attach(stack)
            for name, layers in self._stacks().items():
                here = [adapter for adapter in adapters if getattr(adapter, 'stack', None) == name]
                for index, layer in enumerate(layers):
                    if name is None and index < hooks.skipped:
                        stack.enter_context(_running(layer, prefix.skipped))
                        continue
                    opened = [(adapter, one) for adapter in here if (one := adapter.at(index)) is not None]
                    if opened:
                        # put on at each pass of the layer: one recomputed in backward runs after this context is closed
                        blocks = self._blocks(layer, [adapter for adapter, _ in opened])
                        adapted = functools.partial(_adapted, layer.forward, blocks, [one for _, one in opened])
                        stack.enter_context(_running(layer, adapted))
                    if recompute:
                        stack.enter_context(
                            _running(layer, functools.partial(checkpoint, layer.forward, use_reentrant=False))
                        )
            yield

    def _stacks(self) -> dict[str | None, Sequence[nn.Module]]:
        return {None: self.anatomy.layers, **self.anatomy.beside}

    def _blocks(self, layer: nn.Module, adapters: Iterable[Adapter]) -> Mapping[str, Block]:
        blocks = self.anatomy.blocks(layer)
        for place in (getattr(adapter, 'place', None) for adapter in adapters):
            if place is not None and place not in blocks:
                raise ConfigError(
                    f'{type(layer).__name__} has no {place!r} for an adapter. {closest(place, blocks)} '
                    f'It has: {", ".join(blocks)}.'
                )
        return blocks


def _adapted(
    forward: Callable, blocks: Mapping[str, Block], opened: Iterable[Opened], *args: Any, **kwargs: Any
) -> Any:
    with contextlib.ExitStack() as stack:
        for one in opened:
            stack.enter_context(one(blocks))
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
