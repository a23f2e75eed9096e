"""What was shrunk, in words."""

import torch
from engine_standins import StandInModel
from torch import nn

from mmalm.engine.dry_run.describe import changes, part_at
from mmalm.lms import CausalLM

OPT = dict(model_type='opt', num_hidden_layers=2, hidden_size=512, ffn_dim=8, num_attention_heads=8, vocab_size=99)
OPT |= dict(word_embed_proj_dim=256, bos_token_id=2, eos_token_id=2, pad_token_id=1, max_position_embeddings=16)


class Model(nn.Module):
    def __init__(self, **arguments):
        super().__init__()
        self.language_model = CausalLM(**arguments)


def test_a_language_model_and_settings(tmp_path):
    small = CausalLM.shrink({'config': OPT}, tmp_path)
    with torch.device('meta'):
        models = Model(config=OPT), Model(**small)
    real_config = {
        'model': {'type': 'AugmentedLM', 'language_model': {'type': 'CausalLM', 'config': OPT}, 'expect_trainable': 5},
        'train_dataloader': {'batch_size': 64, 'dataset': {'type': 'StampsDataset', 'split': 'train'}},
        'feature_cache': {'folder': None},
    }
    small_config = {
        'model': {'type': 'AugmentedLM', 'language_model': {'type': 'CausalLM', **small}},
        'train_dataloader': {'batch_size': 8, 'dataset': {'type': 'StampsDataset', 'split': 'train', 'root': 'x'}},
        'feature_cache': {'folder': 'y'},
    }
    found = dict(changes({**real_config, 'load_from': 'z'}, real_config, small_config, models, {'train_dataloader': 8}))
    counts = [f'{sum(p.numel() for p in model.parameters()):,}' for model in models]
    assert found == {
        'load_from': 'z -> left out',
        'model.language_model': f'CausalLM: opt, 2 layers, H 512 -> 64, E 256 -> 32, parameters {counts[0]} -> {counts[1]}',
        'model.expect_trainable': '5 -> left out, having been checked on the real model',
        'train_dataloader.dataset': 'StampsDataset: 8 made-up samples',
        'train_dataloader.batch_size': '64 -> 8',
        'feature_cache.folder': "not stated -> in the dry run's own folder",
    }


def test_parts_by_path():
    model = StandInModel()
    assert part_at(model, 'model.connector') is model.connector
    assert part_at(model, 'model') is model
    assert part_at(model, 'model.head.generate') is None
