"""Perceptual tokens put in, replaced, taken out or attended to, by hooks on the layers of an unmodified language model.

Legend: B batch, L text length (soft prompt included), H LM width, E token embedding width, P soft prompt length, S sources,
T tokens per source, W perceptual tokens present at a layer. The sequence inside the model is [W perceptual | P prompt | text].
"""

import contextlib
import functools
import inspect
from typing import Any

import torch
from torch import Tensor, nn

from ..errors import MmalmError
from .anatomy import Anatomy
from .cache import PerceptualCache
from .injection import InjectionPlan
from .passing import Pass
from .prefix import SharedPrefix
from .prompt import Prompt
from .tokens import PerceptualTokens


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
        prefix: SharedPrefix | None = None,
        recompute: bool = False,
    ):
        self.anatomy, self.visibility = anatomy, visibility
        self.plan = plan if tokens is not None else None
        self.tokens = tokens
        self.per_slot = tokens.tokens_per_source if tokens is not None else 0
        self.prompt, self.tree, self.prefix, self.recompute = prompt, tree, prefix, recompute
        depth = len(anatomy.layers)
        first = None if self.plan is None else self.plan.first_layer
        self.first = depth - 1 if first is None else first
        self.skipped = 0 if prefix is None else prefix.start(self.first)
        self.prompt_length = 0 if prompt is None else len(prompt)
        self.now: Pass | None = None
        self.decoder_arguments = _argument_names(self.anatomy.decoder)
        self.layer_arguments = _argument_names(self.anatomy.layers[0])
        self.widest = max(self.width(layer) for layer in range(depth))

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
        if self.prefix is not None:
            keep(anatomy.layers[-1].register_forward_hook(lambda layer, args, output: self.prefix.leave(output)))
        if anatomy.reader is None:
            keep(anatomy.layers[-1].register_forward_hook(self._leave))
        else:
            keep(anatomy.reader.register_forward_pre_hook(self._show_reader, with_kwargs=True))

    def width(self, layer: int) -> int:
        """W: perceptual tokens present at ``layer``."""
        return 0 if self.plan is None else len(self.plan.slots[layer]) * self.per_slot

    # the whole pass

    def _start(self, module: nn.Module, args: tuple, kwargs: dict) -> None:
        given = {**dict(zip(self.decoder_arguments, args, strict=False)), **kwargs}
        sees_all = self.visibility == 'all'
        present = None if self.plan is None else self.tokens.present
        self.now = Pass.start(self.anatomy, given, self.tree, sees_all, present)
        if sees_all and not self.now.prefill and self.plan is not None and self.plan.inserts:
            raise MmalmError(
                "visibility='all' lets a perceptual token see what comes later, so a cache cannot hold it: pass use_cache=False."
            )

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
        if index < self.skipped:
            return (hidden,), given
        if self.prefix is not None:
            hidden = self.prefix.enter(index, hidden, self.first)
        width = self.width(index)
        hidden = self._inject(index, self._prompt_deep(index, hidden))
        if self.now.prefill:
            if width and given.get('position_embeddings') is not None:
                given['position_embeddings'] = self.now.rotate(given['position_embeddings'], width, self.widest, hidden)
        else:
            self._check_cache(given.get('past_key_values'), index, width, hidden.shape[1])
        given['attention_mask'] = self.now.mask(width, self.anatomy.window(index), hidden)
        if self.anatomy.relative_bias is not None:
            given['position_bias'] = self.now.bias(width, hidden)
        if given.get('encoder_hidden_states') is not None:
            self._lengthen_cross_attention(given, hidden.shape[1])
        return (hidden,), given

    @staticmethod
    def _lengthen_cross_attention(given: dict, queries: int) -> None:
        # made for the text's rows, which all see the same; what the layer before handed on has that layer's length
        given['encoder_decoder_position_bias'] = None
        mask = given.get('encoder_attention_mask')
        if mask is not None:
            given['encoder_attention_mask'] = mask[:, :, :1].expand(-1, -1, queries, -1)

    def _prompt_deep(self, index: int, hidden: Tensor) -> Tensor:
        deep = None if self.prompt is None or self.prompt.deep is None else self.prompt.deep.get(index)
        if deep is None or not self.now.prefill:
            return hidden
        held = self.width(index - 1) if index else 0
        vectors = deep.to(hidden.dtype).expand(len(hidden), -1, -1)
        return torch.cat([hidden[:, :held], vectors, hidden[:, held + self.prompt_length :]], dim=1)

    def _inject(self, index: int, hidden: Tensor) -> Tensor:
        prefill = self.now.prefill
        injections = [] if self.plan is None else self.plan.at(index)
        shifts = [self.tokens.shift(i.source) for i in injections if i.op in ('insert', 'replace')]
        shifts = [shift for shift in shifts if shift is not None]
        if not prefill:  # what was inserted is in the cache, and new text attends and is shifted as the old was
            injections = [i for i in injections if i.op == 'attend']
        if not injections and not shifts:
            return hidden
        before, after, prompt = (), (), 0
        if prefill:
            before = self.plan.slots[index - 1] if index else ()
            after, prompt = self.plan.slots[index], self.prompt_length
        sizes = [self.per_slot] * len(before)
        *held, prompted, words = hidden.split([*sizes, prompt, hidden.shape[1] - prompt - sum(sizes)], dim=1)
        states, absent = dict(zip(before, held, strict=True)), self.tokens.absent(len(hidden))
        for injection in injections:
            if injection.op == 'remove':
                del states[injection.slot]
            elif injection.op == 'attend':
                attended = self.tokens.attend(injection.source, words, self.recompute).to(hidden.dtype)
                words = attended if absent is None else words.where(absent, attended)
            else:
                read, real = self.now.read or (words, self.now.real[:, prompt:])
                states[injection.slot] = self.tokens.at(injection.source, read, real).to(hidden.dtype)
        for shift in shifts:
            shifted = words + shift.to(hidden.dtype)
            words = shifted if absent is None else words.where(absent, shifted)
        return torch.cat([*(states[slot] for slot in after), prompted, words], dim=1)

    def _check_cache(self, past: Any, index: int, width: int, new: int) -> None:
        held = past.held(index) if isinstance(past, PerceptualCache) else past.get_seq_length(index)
        expected = self.now.real.shape[1] - new + width
        if held != expected:
            raise MmalmError(
                f'layer {index} of the cache holds {held} tokens where text and perceptual tokens make {expected}: the cache was '
                'filled under another injection. Fill and use a PerceptualCache in the same injection.'
            )

    def _show_reader(self, module: nn.Module, args: tuple, kwargs: dict) -> tuple[tuple, dict]:
        mask, width = kwargs.get('encoder_attention_mask'), self.width(len(self.anatomy.layers) - 1)
        if mask is None and self.now.present is not None:
            mask = self.now.real
        if mask is None or not width:
            return args, kwargs
        return args, {**kwargs, 'encoder_attention_mask': self.now.lengthened(mask, width)}

    def _leave(self, layer: nn.Module, args: tuple, output: Any) -> Any:
        width = self.width(len(self.anatomy.layers) - 1)
        if not (width and self.now.prefill):
            return output
        if isinstance(output, tuple):
            return (output[0][:, width:], *output[1:])
        return output[:, width:]


def _argument_names(module: nn.Module) -> list[str]:
    return list(inspect.signature(type(module).forward).parameters)[1:]
