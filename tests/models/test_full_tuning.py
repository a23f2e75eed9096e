"""Full fine-tuning of the language model: what trains, that it learns, and that a checkpoint brings all of it back."""

import copy
from pathlib import Path

import pytest
import torch
from tiny import LM_CONFIGS
from tiny_batches import STATISTICS, VIT
from tiny_text import TEXT_CONFIGS

from mmalm.engine.checkpoint import load_checkpoint, save_checkpoint
from mmalm.lms.tiny_tokenizer import write_byte_tokenizer
from mmalm.models import AugmentedLM
from mmalm.registry import MODELS

ANSWERS = ['yes', 'no', 'red']
BATCH = {'question': ['is it red ?', 'what is this'], 'answer': ['yes', 'red'], 'media': ['a.png', 'b.png']}
LANGUAGE_MODELS = {
    'bert': {'type': 'EncoderLM', 'config': {**TEXT_CONFIGS['bert'], 'vocab_size': 300}},
    't5': {'type': 'Seq2SeqLM', 'config': {**TEXT_CONFIGS['t5'], 'vocab_size': 300}},
    'llama': {'type': 'CausalLM', 'config': {**LM_CONFIGS['llama'], 'vocab_size': 300}},
}


def build(kind: str, folder: Path, **changes) -> AugmentedLM:
    torch.manual_seed(0)
    language_model = copy.deepcopy(LANGUAGE_MODELS[kind])
    language_model['config'] |= write_byte_tokenizer(folder, language_model['config'])
    vit = {'type': 'TransformersEncoder', 'config': VIT, 'levels': 1, 'preprocessing': STATISTICS}
    return MODELS.build(
        {
            'type': 'AugmentedLM',
            'encoder': vit,
            'connector': {'type': 'CrossAttentionPrompt', 'query': 'mean', 'heads': 2, 'dropout': 0.0},
            'language_model': {**language_model, 'tokenizer': str(folder)},
            'schedule': {'type': 'SingleLayer', 'layer': 1},
            'head': {'type': 'ClassificationHead', 'answers': ANSWERS, 'hidden': 8},
            'trainable': ['connector.*', 'head.*', 'language_model.*'],
            **changes,
        },
        key='model',
    )


@pytest.mark.parametrize('kind', LANGUAGE_MODELS)
def test_all_but_the_encoder_trains_and_comes_back(kind: str, tmp_path: Path) -> None:
    model = build(kind, tmp_path)
    frozen = sum(p.numel() for p in model.encoder.parameters())
    assert model.trainable_table.trainable == sum(p.numel() for p in model.parameters()) - frozen
    model.train()
    # its dropout is awake as that of any model that trains; the encoder's is not
    assert all(m.training for m in model.language_model.modules()) and not model.encoder.model.training

    before = {name: p.detach().clone() for name, p in model.language_model.named_parameters()}
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=0.05)
    batch = {**BATCH, 'pixels': torch.randn(2, 3, 32, 32)}
    torch.manual_seed(1)
    for _ in range(2):  # a gate or a last map that is zero lets nothing through at the first step
        optimizer.zero_grad()
        model.loss(batch)['loss'].backward()
        optimizer.step()
    # logits are not made, and a single start token has no distances
    unread = ('lm_head', 'decoder.block.0.layer.0.SelfAttention.relative')
    still = [n for n, p in model.language_model.named_parameters() if torch.equal(p, before[n])]
    assert all(any(part in name for part in unread) for name in still), still

    save_checkpoint(tmp_path / 'checkpoint', model)
    other = build(kind, tmp_path)
    load_checkpoint(tmp_path / 'checkpoint', other)
    model.eval(), other.eval()
    for (name, p), q in zip(model.named_parameters(), other.parameters(), strict=True):
        assert name.startswith('encoder.') or torch.equal(p, q), name
    assert model.head.logits(model.language_model, batch, model.context(batch)).isfinite().all()


def test_what_trains_is_held_in_float32_and_computes_in_bfloat16(tmp_path: Path) -> None:
    language_model = {**LANGUAGE_MODELS['llama'], 'dtype': 'bfloat16', 'tokenizer': str(tmp_path)}
    language_model['config'] = {
        **language_model['config'],
        **write_byte_tokenizer(tmp_path, language_model['config']),
    }
    for trained in ('language_model.*norm*', 'language_model.*'):
        model = build('llama', tmp_path, language_model=language_model, trainable=['connector.*', 'head.*', trained])
        types = {p.dtype: p.requires_grad for p in model.language_model.parameters()}
        assert types.pop(torch.float32) is True
        assert types == ({torch.bfloat16: False} if 'norm' in trained else {})
        with torch.autocast('cpu', torch.bfloat16):
            model.loss({**BATCH, 'pixels': torch.randn(2, 3, 32, 32)})['loss'].backward()
        grads = [p.grad for n, p in model.language_model.named_parameters() if 'layernorm' in n]
        assert grads and all(g.dtype == torch.float32 and g.abs().max() > 0 for g in grads)
