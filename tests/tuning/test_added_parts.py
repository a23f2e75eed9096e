"""Adapters, LoRA and unfrozen norms in a whole model: what trains, what a checkpoint holds, on which base models it stands."""

import json
import re

import pytest
import torch
from mmengine.hooks import Hook
from safetensors.torch import load_file
from tiny import save_tiny_lm
from tiny_epalm import write_epalm

from mmalm.analysis.costs import analyse
from mmalm.analysis.describe import describe
from mmalm.analysis.ledger import FORWARD
from mmalm.analysis.workload import Workload
from mmalm.config import load_config
from mmalm.engine.checkpoint import load_checkpoint, save_checkpoint
from mmalm.engine.score import score_checkpoint
from mmalm.engine.train import train
from mmalm.errors import CheckpointError, ConfigError
from mmalm.models import AugmentedLM
from mmalm.registry import HOOKS, MODELS
from mmalm.zoo.fingerprint import fingerprint

LORA = {'type': 'LoRA', 'targets': ['*.q_proj', '*.v_proj'], 'rank': 2, 'dropout': 0.1}
ADAPTERS = [
    {'type': 'BottleneckAdapter', 'place': 'mlp'},
    {'type': 'BottleneckAdapter', 'place': 'attention', 'kind': 'scaled_parallel', 'layers': [3, 6]},
]
NORMS = ['language_model.*norm*', 'encoder.*norm*']
ADDED = ['connector.*', 'soft_prompt.*', 'adapters.*', 'language_model.*.lora_*']


@pytest.fixture(scope='module')
def config(tmp_path_factory):
    return write_epalm(tmp_path_factory.mktemp('epalm'))


def changes(**more):
    # what trains in the encoder cannot be cached, nor compared with a baseline on its frozen features
    data = {f'{part}_dataloader.dataset.tasks': ['kind'] for part in ('train', 'val', 'test')}
    model = {'model.lora': LORA, 'model.adapters': ADAPTERS, 'model.trainable': ADDED + NORMS}
    return {**data, **model, 'feature_cache.enabled': False, 'baselines': [], 'controls': None, **more}


def build(config, **more) -> AugmentedLM:
    torch.manual_seed(0)
    return MODELS.build(load_config(config, changes(**more)).model, key='model')


def test_what_was_added_trains_unless_told(config):
    model = build(config, **{'model.trainable': None})
    trained = {name for name, p in model.named_parameters() if p.requires_grad}
    assert {name.split('.')[0] for name in trained} == {'connector', 'soft_prompt', 'adapters', 'language_model'}
    in_lm = {name for name in trained if name.startswith('language_model.')}
    assert len(in_lm) == 6 * 2 * 2 and all('.lora_' in name for name in in_lm)
    assert [row.pattern for row in model.trainable_table.rows] == [*ADDED[:3], 'language_model.*.lora_*.default.*']
    assert sum('adapters.1.' in name for name in trained) == 3 * 5


def test_norms_of_one_tower_leave_those_of_the_other_frozen(config):
    for tower, other in (('encoder', 'language_model'), ('language_model', 'encoder')):
        model = build(config, **{'model.trainable': ['connector.*', f'{tower}.*norm*']})
        trained = {name.split('.')[0] for name, p in model.named_parameters() if p.requires_grad}
        assert trained == {'connector', tower}
        norms = [p for name, p in model.named_parameters() if name.startswith(other) and 'norm' in name]
        assert norms and not any(p.requires_grad for p in norms)


def test_only_the_dropout_of_lora_is_awake_in_the_language_model(config):
    model = build(config).train()
    awake = {name for name, module in model.language_model.named_modules() if module.training}
    assert any(name.endswith('q_proj.lora_dropout.default') for name in awake)
    # what trains as a whole, norms and the two maps, holds no dropout
    allowed = ('lora_A', 'lora_B', 'lora_dropout', 'norm', 'default', 'lora_embedding', 'lora_magnitude')
    assert all(any(part in name.rpartition('.')[2] for part in allowed) for name in awake), awake
    quiet = build(config, **{'model.lora': {**LORA, 'dropout': 0.0}}).train()
    assert not any(
        isinstance(module, torch.nn.Dropout) and module.training for module in quiet.language_model.modules()
    )


def moved(model: AugmentedLM) -> AugmentedLM:
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.add_(0.1 * torch.randn_like(parameter))
    return model


def logits(model: AugmentedLM) -> torch.Tensor:
    ids = torch.arange(3, 13).reshape(2, 5)
    batch = {'pixels': torch.ones(2, 3, *model.preprocessing.size)}
    with torch.no_grad():
        return model.language_model(ids, injection=model.context(batch)(torch.ones(2, 5, dtype=torch.bool)))


def test_saved_and_loaded_into_a_fresh_model(config, tmp_path):
    fresh, plain = build(config), build(config, **{'model.lora': None, 'model.adapters': [], 'model.trainable': None})
    bases = fresh.base_models()
    assert bases == plain.base_models()
    assert bases['language_model']['fingerprint'] == fingerprint(plain.language_model.model)
    assert bases['encoder']['fingerprint'] == fingerprint(plain.encoder.model)
    model = moved(build(config))
    assert model.base_models() == bases
    save_checkpoint(tmp_path / 'a', model)
    assert json.loads((tmp_path / 'a' / 'mmalm.json').read_text())['base_models'] == bases
    saved = set(load_file(tmp_path / 'a' / 'weights.safetensors'))
    assert 'language_model.model.model.norm.weight' in saved and 'encoder.model.layernorm.weight' in saved
    assert not any('base_layer' in name or 'embed_tokens' in name for name in saved)
    assert (logits(fresh) - logits(model)).abs().max() > 0.01
    load_checkpoint(tmp_path / 'a', fresh)
    assert torch.equal(logits(fresh.eval()), logits(model.eval()))
    # a model that trained already stands on the same base models
    load_checkpoint(tmp_path / 'a', model)


def test_another_base_is_refused(config, tmp_path):
    save_checkpoint(tmp_path / 'a', moved(build(config)))
    other = build(config, **{'model.language_model.model': str(save_tiny_lm(tmp_path / 'lm', seed=7))})
    with pytest.raises(CheckpointError, match=r'language_model: .*\(fingerprint \w{12}\) in the checkpoint'):
        load_checkpoint(tmp_path / 'a', other)
    with pytest.raises(CheckpointError, match=r'does not train: .*\.lora_A'):
        load_checkpoint(tmp_path / 'a', build(config, **{'model.lora': None, 'model.trainable': [*ADDED[:3], *NORMS]}))


@HOOKS.register_module()
class StopBeforeStep(Hook):
    """Ends the run."""

    priority = 'LOWEST'

    def before_train_iter(self, runner, batch_idx, data_batch=None):
        if runner.iter == 3:
            raise KeyboardInterrupt


def test_trained_resumed_and_scored(config, tmp_path):
    options = changes(**{'default_hooks.checkpoint.interval_steps': 1, 'train_cfg.max_epochs': 1})
    train(load_config(config, options), tmp_path / 'whole')
    with pytest.raises(KeyboardInterrupt):
        train(load_config(config, options | {'custom_hooks': [{'type': 'StopBeforeStep'}]}), tmp_path / 'parts')
    train(load_config(config, options), tmp_path / 'parts', resume=True)
    one, other = (load_file(tmp_path / p / 'checkpoints' / 'last' / 'weights.safetensors') for p in ('whole', 'parts'))
    assert one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)
    start = build(config).state_dict()
    assert all(not torch.equal(one[name], start[name]) for name in one if 'lora_B' in name or 'norm' in name)
    found = score_checkpoint(load_config(config, options), tmp_path / 'whole' / 'checkpoints' / 'last')
    assert found['samples'] > 0


def test_faults_are_told_with_their_place(config):
    with pytest.raises(ConfigError, match=r"'model.lora'.*'\*.c_attn' matches no linear map"):
        build(config, **{'model.lora.targets': ['*.c_attn']})
    with pytest.raises(ConfigError, match=r"'model.adapters.1'.*layers=\(3, 9\)"):
        build(config, **{'model.adapters': [ADAPTERS[0], {**ADAPTERS[1], 'layers': (3, 9)}]})


def test_listed_and_counted_without_weights(config):
    loaded = load_config(config, changes())
    text = describe(loaded)
    assert re.search(r'^adapters\.\* +\d+ +', text, re.MULTILINE) and 'language_model.*.lora_*' in text
    costs = analyse(loaded, Workload(batch_size=2, text_length=8, answer_length=2))
    # every layer at the MLP, three at the attention, H = 32 and a bottleneck of 8
    assert costs.parameters['adapters'].trainable == 9 * (2 * 32 * 8 + 32 + 8) + 3
    # 8 tokens and the prompt's, from layer 2 on a perceptual one besides
    rows = 2 * (2 * 9 + 4 * 10 + 3 * 10)
    assert costs.flops('training', part='adapters', phase=FORWARD) == rows * 2 * 2 * 32 * 8
