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

from ..errors import ConfigError
from .anatomy import Anatomy
from .block import Block
from .hooks import Hooks
from .injection import InjectionPlan
from .prompt import Prompt
from .tokens import PerceptualTokens

VISIBILITIES = ('causal', 'all')


Opened = Callable[[Mapping[str, Block]], contextlib.AbstractContextManager]


class Adapter(Protocol):
    """What changes a language model's layers while it is switched on."""

    def at(self, layer: int) -> Opened | None:
        """What is opened around each pass of a layer, given its blocks by place ('attention', 'mlp'); None where nothing is."""


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
        """
        recompute = gradient_checkpointing and torch.is_grad_enabled()
        hooks = Hooks(self.anatomy, self.plan, self.visibility, tokens, prompt, tree, recompute)
        with contextlib.ExitStack() as stack:
            hooks.attach(stack)
            for index, layer in enumerate(self.anatomy.layers):
                opened = [one for one in (adapter.at(index) for adapter in adapters) if one is not None]
                if opened:
                    # put on at each pass of the layer: one that is recomputed in backward runs after this context is closed
                    adapted = functools.partial(_adapted, layer.forward, self.anatomy.blocks(layer), opened)
                    stack.enter_context(_running(layer, adapted))
                if recompute:
                    stack.enter_context(
                        _running(layer, functools.partial(checkpoint, layer.forward, use_reentrant=False))
                    )
            yield


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
