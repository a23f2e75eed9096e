"""A language model's dry-run stand-in: the same modules, parameters by name and options, with tiny widths."""

import pytest
import torch
from tiny import LM_CONFIGS

from mmalm.lms import CausalLM

PUBLISHED = {
    'opt': dict(hidden_size=512, ffn_dim=2048, num_attention_heads=8, word_embed_proj_dim=512),
    'opt-post-norm': dict(hidden_size=512, ffn_dim=2048, num_attention_heads=8, word_embed_proj_dim=256),
    'gpt2': dict(n_embd=768, n_head=12),
    'llama': dict(hidden_size=576, num_attention_heads=9, num_key_value_heads=3, head_dim=64, tie_word_embeddings=True),
    'qwen3': dict(hidden_size=1024, num_attention_heads=16, num_key_value_heads=8, head_dim=128),
}


def real(kind):
    with torch.device('meta'):
        return CausalLM(config={**LM_CONFIGS[kind], **PUBLISHED[kind]})


@pytest.mark.parametrize('kind', PUBLISHED)
def test_the_same_model_with_tiny_widths(kind, tmp_path):
    arguments = {'config': {**LM_CONFIGS[kind], **PUBLISHED[kind]}, 'attention': 'eager'}
    small = CausalLM(**CausalLM.shrink(arguments, tmp_path))
    large = real(kind)
    assert small.hidden_size <= 64 and (small.hidden_size > small.embedding_size) == (kind == 'opt-post-norm')
    assert small.model.config._attn_implementation == 'eager'
    assert {n: type(m) for n, m in small.named_modules()} == {n: type(m) for n, m in large.named_modules()}
    assert [name for name, _ in small.named_parameters()] == [name for name, _ in large.named_parameters()]
    ratio = [getattr(m.model.config, 'num_key_value_heads', None) for m in (small, large)]
    heads = [m.model.config.num_attention_heads for m in (small, large)]
    if ratio[0]:
        assert heads[0] * ratio[1] == heads[1] * ratio[0]
    ids = small.tokenizer(['What is it?'], return_tensors='pt')['input_ids']
    assert torch.isfinite(small(ids)).all()
