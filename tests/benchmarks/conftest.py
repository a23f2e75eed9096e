"""Benchmarks use every core, unlike the unit tests, or as many threads as OMP_NUM_THREADS says. What they share.

Within a group the first way is this project's; the others are what it stands beside, timed in the same run.
"""

import os
from collections.abc import Iterator

import pytest
import torch


@pytest.fixture(autouse=True, scope='session')
def all_cores() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(int(os.environ.get('OMP_NUM_THREADS') or os.cpu_count() or 1))
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope='session')
def opt_125m() -> dict:
    """The shape of OPT-125M, to be filled with random weights."""
    return {
        'model_type': 'opt',
        'hidden_size': 768,
        'num_hidden_layers': 12,
        'ffn_dim': 3072,
        'num_attention_heads': 12,
        'max_position_embeddings': 2048,
        'word_embed_proj_dim': 768,
        'vocab_size': 50272,
        'bos_token_id': 2,
        'eos_token_id': 2,
        'pad_token_id': 1,
    }
