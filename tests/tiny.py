"""Tiny random models for tests: every kind of language model, a tokenizer, model folders."""

from pathlib import Path

import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from mmalm.lms import CausalLM

SPECIAL = {'bos_token_id': 2, 'eos_token_id': 2, 'pad_token_id': 1}
VOCABULARY = 101
WIDTH = 32
LAYERS = 6
_ROTARY = {
    'hidden_size': WIDTH,
    'num_hidden_layers': LAYERS,
    'intermediate_size': 64,
    'num_attention_heads': 4,
    'num_key_value_heads': 2,
    'head_dim': 8,
    'vocab_size': VOCABULARY,
    **SPECIAL,
}
_OPT = {
    'model_type': 'opt',
    'hidden_size': WIDTH,
    'num_hidden_layers': LAYERS,
    'ffn_dim': 64,
    'num_attention_heads': 4,
    'max_position_embeddings': 64,
    'word_embed_proj_dim': WIDTH,
    'vocab_size': VOCABULARY,
    **SPECIAL,
}
# 'opt-post-norm' is OPT-350M's build: post-norm, with projections in and out; the windows are shorter than the texts
LM_CONFIGS = {
    'opt': _OPT,
    'opt-post-norm': {**_OPT, 'do_layer_norm_before': False, 'word_embed_proj_dim': 16},
    'gpt2': {
        'model_type': 'gpt2',
        'n_embd': WIDTH,
        'n_layer': LAYERS,
        'n_head': 4,
        'n_positions': 64,
        'vocab_size': VOCABULARY,
        **SPECIAL,
    },
    'llama': {'model_type': 'llama', **_ROTARY},
    'mistral': {'model_type': 'mistral', 'sliding_window': 4, **_ROTARY},
    'qwen2': {
        'model_type': 'qwen2',
        'use_sliding_window': True,
        'sliding_window': 4,
        'max_window_layers': 2,
        **_ROTARY,
    },
    'qwen3': {'model_type': 'qwen3', **_ROTARY},
}


def tiny_lm(kind: str, attention: str = 'sdpa', seed: int = 0, **options) -> CausalLM:
    """A frozen language model with weights large enough that every difference shows."""
    torch.manual_seed(seed)
    lm = CausalLM(config=LM_CONFIGS[kind], attention=attention, **options)
    randomise(lm)
    return lm


def randomise(module: torch.nn.Module, std: float = 0.2) -> None:
    """Normal weights for all matrices, and no gradients."""
    for parameter in module.parameters():
        parameter.requires_grad_(False)
        if parameter.dim() > 1:
            torch.nn.init.normal_(parameter, std=std)


def tiny_tokenizer(words: list[str]) -> PreTrainedTokenizerFast:
    """A tokenizer of whole words: ids 0 to 2 are <unk>, <pad>, </s>."""
    vocabulary = {word: i for i, word in enumerate(['<unk>', '<pad>', '</s>', *dict.fromkeys(words)])}
    backend = Tokenizer(models.WordLevel(vocabulary, unk_token='<unk>'))
    backend.pre_tokenizer = pre_tokenizers.Whitespace()
    return PreTrainedTokenizerFast(
        tokenizer_object=backend, unk_token='<unk>', pad_token='<pad>', bos_token='</s>', eos_token='</s>'
    )


WORDS = [
    *(
        'Question',
        'Answer',
        ':',
        '?',
        '.',
        'what',
        'What',
        'is',
        'Is',
        'this',
        'a',
        'an',
        'it',
        'kind',
        'of',
        'thing',
        'the',
    ),
    *('picture', 'bird', 'fish', 'car', 'tree', 'red', 'blue', 'green', 'yes', 'no', 'one', 'two'),
]


def save_tiny_lm(folder: Path, kind: str = 'llama', seed: int = 0) -> Path:
    """A model folder with weights and tokenizer, as a hub model has it."""
    lm = tiny_lm(kind, seed=seed)
    lm.model.save_pretrained(folder)
    tiny_tokenizer(WORDS).save_pretrained(folder)
    return folder


def padded_texts(lengths: tuple[int, ...] = (7, 5, 3), seed: int = 1) -> dict[str, torch.Tensor]:
    """The same texts padded on the right and on the left: ids and masks ``[B, L]``."""
    generator = torch.Generator().manual_seed(seed)
    longest = max(lengths)
    ids = torch.randint(3, VOCABULARY, (len(lengths), longest), generator=generator)
    right_mask = torch.tensor([[1] * n + [0] * (longest - n) for n in lengths])
    right = ids.masked_fill(right_mask == 0, 1)
    left = torch.stack([row.roll(longest - n) for row, n in zip(right, lengths, strict=True)])
    return {'lengths': lengths, 'right': right, 'right_mask': right_mask, 'left': left, 'left_mask': right_mask.flip(1)}
