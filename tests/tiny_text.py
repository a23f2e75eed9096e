"""Tiny random text encoders and encoder-decoders for tests."""

from typing import Any

import pytest
import torch
from tiny import VOCABULARY, WIDTH, randomise
from transformers import T5Model

from mmalm.lms import EncoderLM, LanguageModel, Seq2SeqLM

DEPTH = 4
_ENCODER = {
    'hidden_size': WIDTH,
    'num_hidden_layers': DEPTH,
    'num_attention_heads': 4,
    'intermediate_size': 64,
    'vocab_size': VOCABULARY,
}
TEXT_CONFIGS: dict[str, dict] = {
    'bert': {'model_type': 'bert', 'max_position_embeddings': 24, 'pad_token_id': 1, **_ENCODER},
    'roberta': {'model_type': 'roberta', 'max_position_embeddings': 26, 'pad_token_id': 1, **_ENCODER},
    # buckets of few distances, so that a token in a wrong place shows
    't5': {
        'model_type': 't5',
        'd_model': WIDTH,
        'd_kv': 8,
        'd_ff': 64,
        'num_layers': DEPTH,
        'num_decoder_layers': DEPTH,
        'num_heads': 4,
        'vocab_size': VOCABULARY,
        'relative_attention_num_buckets': 16,
        'relative_attention_max_distance': 12,
        'decoder_start_token_id': 0,
        'pad_token_id': 1,
        'eos_token_id': 2,
    },
}
TEXT_KINDS = ('bert', 'roberta', 't5 decoder', 't5 encoder')


def tiny_text_lm(kind: str, attention: str = 'eager', seed: int = 0, **options: Any) -> LanguageModel:
    """One of ``TEXT_KINDS``, with weights large enough that every difference shows."""
    torch.manual_seed(seed)
    model_type, _, stack = kind.partition(' ')
    if stack and attention != 'eager' and not T5Model._supports_sdpa:
        pytest.skip('T5 of this version of transformers has eager attention alone')
    wrapper = Seq2SeqLM if stack else EncoderLM
    options |= {'insert_into': stack} if stack else {}
    lm = wrapper(config=TEXT_CONFIGS[model_type], attention=attention, **options)
    randomise(lm)
    return lm
