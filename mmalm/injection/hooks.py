"""Perceptual tokens put in, replaced, taken out or attended to, by hooks on the layers of an unmodified language model.

Legend: B batch, L text length (soft prompt included), H LM width, E token embedding width, P soft prompt length, S sources,
T tokens per source, W perceptual tokens present at a layer. The sequence inside the model is [W perceptual | P prompt | text].
"""

import contextlib
import functools
import inspect
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from ..attention import XFORMERS_IMPLEMENTATION, AttentionMask
from ..errors import MmalmError
from .anatomy import Anatomy
from .cache import PerceptualCache
from .injection import InjectionPlan
from .prompt import Prompt
from .tokens import PerceptualTokens


@dataclass
class _Pass:
    """What one forward pass of the language model is given, and what its layers share."""

    real: Tensor  # [B, L] bool over all text columns, cached ones included
    prefill: bool
    positions: Tensor  # [B, L], 0 at each sample's first real token
    padded: bool
    masks: dict = field(default_factory=dict)
    rotations: tuple[Tensor, Tensor] | None = None


class Hooks:
    """The hooks of one open injection context; arguments as of :class:`Injector` and its ``inject``."""

    def __init__(
        self,
        anatomy: Anatomy,
        plan: InjectionPlan | None,
        visibility: str,
        tokens: PerceptualTokens | None,
        prompt: Prompt | None,
        tree: Tensor | None,
        recompute: bool = False,
    ):
        self.anatomy, self.visibility = anatomy, visibility
        self.plan = plan if tokens is not None else None
        self.tokens = tokens
        self.per_slot = tokens.tokens_per_source if tokens is not None else 0
        self.prompt, self.tree, self.recompute = prompt, tree, recompute
        self.prompt_length = 0 if prompt is None else len(prompt)
        self.now: _Pass | None = None
        self.decoder_arguments = _argument_names(self.anatomy.decoder)
        self.layer_arguments = _argument_names(self.anatomy.layers[0])

    def attach(self, stack: contextlib.ExitStack) -> None:
        """Register all hooks; leaving ``stack`` removes them."""
        anatomy = self.anatomy

        def keep(handle: Any) -> None:
            stack.callback(handle.remove)

        keep(anatomy.decoder.register_forward_pre_hook(self._start, with_kwargs=True))
        if self.prompt is not None:
            keep(anatomy.token_embedding.register_forward_hook(self._put_prompt))
            if anatomy.position_embedding is not None:
                keep(anatomy.position_embedding.register_forward_pre_hook(self._shift_positions, with_kwargs=True))
                keep(anatomy.position_embedding.register_forward_hook(self._blank_positions))
        for index, layer in enumerate(anatomy.layers):
            keep(layer.register_forward_pre_hook(functools.partial(self._enter, index), with_kwargs=True))
        keep(anatomy.layers[-1].register_forward_hook(self._leave))

    def width(self, layer: int) -> int:
        """W: perceptual tokens present at ``layer``."""
        return 0 if self.plan is None else len(self.plan.slots[layer]) * self.per_slot

    # the whole pass

    def _start(self, module: nn.Module, args: tuple, kwargs: dict) -> None:
        given = {**dict(zip(self.decoder_arguments, args, strict=False)), **kwargs}
        ids = given.get('input_ids')
        rows, length = (ids if ids is not None else given['inputs_embeds']).shape[:2]
        device = (ids if ids is not None else given['inputs_embeds']).device
        past = given.get('past_key_values')
        cached = 0 if past is None else past.get_seq_length()
        mask = given.get('attention_mask')
        if mask is not None and mask.dim() != 2:
            raise MmalmError(
                f'the injector builds the attention masks itself and needs attention_mask as [B, L], found {list(mask.shape)}; '
                'static caches, which make transformers prepare 4-D masks, are not supported.'
            )
        real = torch.ones(rows, cached + length, dtype=torch.bool, device=device) if mask is None else mask.bool()
        if cached and self.visibility == 'all' and self.plan is not None and self.plan.inserts:
            raise MmalmError(
                "visibility='all' lets a perceptual token see what comes later, so a cache cannot hold it: pass use_cache=False."
            )
        padded = mask is not None and mask.device.type != 'meta' and not bool(real.all())
        positions = (real.long().cumsum(-1) - 1).clamp(min=0)
        if self.tree is not None:
            positions = torch.cat([positions[:, :cached], tree_positions(real, self.tree)], dim=1)
        self.now = _Pass(real, cached == 0, positions, padded)

    def _put_prompt(self, module: nn.Module, args: tuple, embedded: Tensor) -> Tensor:
        if not self.now.prefill:
            return embedded
        prompt = self.prompt.embeddings.to(embedded.dtype).expand(len(embedded), -1, -1)
        return torch.cat([prompt, embedded[:, self.prompt_length :]], dim=1)

    def _shift_positions(self, module: nn.Module, args: tuple, kwargs: dict) -> tuple[tuple, dict]:
        # absolute positions count text alone, as the released eP-ALM does: the prompt has none (its rows are blanked after)
        def shift(positions: Tensor) -> Tensor:
            return torch.where(positions >= self.prompt_length, positions - self.prompt_length, positions)

        if kwargs.get('position_ids') is not None:
            return args, {**kwargs, 'position_ids': shift(kwargs['position_ids'])}
        return (*args[:-1], shift(args[-1])), kwargs

    def _blank_positions(self, module: nn.Module, args: tuple, embedded: Tensor) -> Tensor:
        if not self.now.prefill:
            return embedded
        text = embedded[:, self.prompt_length :]
        blank = embedded.new_zeros(len(embedded), self.prompt_length, embedded.shape[-1])
        return torch.cat([blank, text], dim=1)

    # one layer

    def _enter(self, index: int, layer: nn.Module, args: tuple, kwargs: dict) -> tuple[tuple, dict]:
        given = {**dict(zip(self.layer_arguments, args, strict=False)), **kwargs}
        hidden = given.pop('hidden_states')
        width = self.width(index)
        hidden = self._inject(index, self._prompt_deep(index, hidden))
        if self.now.prefill:
            if width and given.get('position_embeddings') is not None:
                given['position_embeddings'] = self._rotate(given['position_embeddings'], width, hidden)
        else:
            self._check_cache(given.get('past_key_values'), index, width, hidden.shape[1])
        given['attention_mask'] = self._mask(index, width, hidden)
        return (hidden,), given

    def _prompt_deep(self, index: int, hidden: Tensor) -> Tensor:
        deep = None if self.prompt is None or self.prompt.deep is None else self.prompt.deep.get(index)
        if deep is None or not self.now.prefill:
            return hidden
        held = self.width(index - 1) if index else 0
        vectors = deep.to(hidden.dtype).expand(len(hidden), -1, -1)
        return torch.cat([hidden[:, :held], vectors, hidden[:, held + self.prompt_length :]], dim=1)

    def _inject(self, index: int, hidden: Tensor) -> Tensor:
        prefill = self.now.prefill
        # after prefill what was inserted is in the cache, and new text attends as the old did
        injections = [] if self.plan is None else [i for i in self.plan.at(index) if prefill or i.op == 'attend']
        if not injections:
            return hidden
        before, after, prompt = (), (), 0
        if prefill:
            before = self.plan.slots[index - 1] if index else ()
            after, prompt = self.plan.slots[index], self.prompt_length
        sizes = [self.per_slot] * len(before)
        *held, prompted, words = hidden.split([*sizes, prompt, hidden.shape[1] - prompt - sum(sizes)], dim=1)
        states = dict(zip(before, held, strict=True))
        for injection in injections:
            if injection.op == 'remove':
                del states[injection.slot]
            elif injection.op == 'attend':
                words = self.tokens.attend(injection.source, words, self.recompute).to(hidden.dtype)
            else:
                real = self.now.real[:, prompt:]
                states[injection.slot] = self.tokens.at(injection.source, words, real).to(hidden.dtype)
        return torch.cat([*(states[slot] for slot in after), prompted, words], dim=1)

    def _rotate(self, rotary: tuple[Tensor, Tensor], width: int, hidden: Tensor) -> tuple[Tensor, Tensor]:
        # perceptual tokens stand at the W positions before each sample's first real one, wherever its padding is
        if self.now.rotations is None:
            most = max(self.width(layer) for layer in range(len(self.anatomy.layers)))
            before = torch.arange(-most, 0, device=hidden.device)[None]
            self.now.rotations = self.anatomy.rotary(hidden, before)
        return tuple(
            torch.cat([extra[:, -width:].expand(len(own), -1, -1), own], dim=1)
            for own, extra in zip(rotary, self.now.rotations, strict=True)
        )

    def _check_cache(self, past: Any, index: int, width: int, new: int) -> None:
        held = past.held(index) if isinstance(past, PerceptualCache) else past.get_seq_length(index)
        expected = self.now.real.shape[1] - new + width
        if held != expected:
            raise MmalmError(
                f'layer {index} of the cache holds {held} tokens where text and perceptual tokens make {expected}: the cache was '
                'filled under another injection. Fill and use a PerceptualCache in the same injection.'
            )

    def _mask(self, index: int, width: int, hidden: Tensor) -> Any:
        window = self.anatomy.window(index)
        queries = hidden.shape[1]
        key = (width, window)
        if key not in self.now.masks:
            self.now.masks[key] = self._build_mask(width, window, queries, hidden)
        return self.now.masks[key]

    def _build_mask(self, width: int, window: int | None, queries: int, hidden: Tensor) -> Any:
        real, positions = self.now.real, self.now.positions
        keys = real.shape[1] + width
        if window is not None and keys <= window:
            window = None
        mask = AttentionMask(
            causal=True,
            keys=nn.functional.pad(real, (width, 0), value=True) if self.now.padded else None,
            prefix=width,
            prefix_sees_all=self.visibility == 'all' and width > 0,
            window=window,
            positions=nn.functional.pad(positions, (width, 0)) if window is not None else None,
            tree=self.tree,
        )
        form = self.anatomy.attention()
        if form == XFORMERS_IMPLEMENTATION:
            return mask
        if form == 'eager':
            return mask.additive(queries, keys, hidden.dtype, hidden.device)
        # the kernel's own causal flag needs no mask, and one new query sees all of an unpadded cache
        if mask.is_plain_causal and (queries == keys or queries == 1):
            return None
        return mask.dense(queries, keys, hidden.device)

    def _leave(self, layer: nn.Module, args: tuple, output: Any) -> Any:
        width = self.width(len(self.anatomy.layers) - 1)
        if not (width and self.now.prefill):
            return output
        if isinstance(output, tuple):
            return (output[0][:, width:], *output[1:])
        return output[:, width:]


def tree_positions(real: Tensor, tree: Tensor) -> Tensor:
    """Positions ``[B, n]`` of branches behind a text.

    Args:
        real: ``[B, L + n]``, 0 at padding.
        tree: ``[B, n, n]`` bool, which branches each one sees.
    """
    return real[:, : -tree.shape[1]].long().sum(-1, keepdim=True) + tree.long().sum(-1) - 1


def _argument_names(module: nn.Module) -> list[str]:
    return list(inspect.signature(type(module).forward).parameters)[1:]
