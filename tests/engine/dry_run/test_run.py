"""A dry run from end to end, and what it finds in configs that would not run."""

import re

import pytest
import torch
from engine_standins import StandInDataset, StandInModel, standin_config
from mmengine.hooks import Hook
from tiny import LM_CONFIGS
from torch import nn

from mmalm.config import load_config
from mmalm.encoders import TransformersEncoder
from mmalm.engine.dry_run import DryRunError, dry_run
from mmalm.errors import MmalmError
from mmalm.registry import DATASETS, ENCODERS, HOOKS, MODELS

QUICKSTART = 'configs/quickstart/epalm_smollm2_stamps.py'
STAGES = [
    'the real model, without weights',
    'the same in miniature',
    'nothing but widths differs',
    'data',
    'two steps, validation, checkpoint',
    'resumed after the first step',
    'test scores of the checkpoint',
]


@pytest.fixture
def quickstart(request):
    return lambda **options: load_config(request.config.rootpath / QUICKSTART, options)


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    """Nothing is fetched, and what is written shows."""
    monkeypatch.setenv('MMALM_HOME', str(tmp_path / 'home'))
    (tmp_path / 'cwd').mkdir()
    monkeypatch.chdir(tmp_path / 'cwd')


def test_all_stages_in_one_folder(tmp_path):
    lines = []
    found = dry_run(standin_config(), tmp_path / 'dry', say=lines.append)
    assert [stage['name'] for stage in found['stages']] == STAGES
    assert sum(stage['seconds'] for stage in found['stages']) <= found['seconds']
    assert found['same']['patterns'] == {'connector.*': 2, 'soft_prompt.*': 1}
    assert found['stages'][3]['found'] == '12 train, 12 val, 12 test'
    out = '\n'.join(lines)
    assert out.count(' OK ') == len(STAGES) and 'is OK: ' in out and 'weights and the data themselves' in out
    steps = [stage['found'] for stage in found['stages'] if 'two steps' in stage['name']]
    assert 'ranked/overall' in steps[0]
    assert {path.name for path in (tmp_path / 'dry').iterdir()} >= {'whole', 'resumed', 'test.json', 'dry_run.log'}
    assert sorted(path.name for path in tmp_path.iterdir()) == ['cwd', 'dry']
    assert not list((tmp_path / 'cwd').iterdir())


def test_a_run_is_two_optimizer_steps(tmp_path):
    accumulated = standin_config(train_cfg=dict(max_epochs=30))
    accumulated.optim_wrapper.accumulate = 8
    found = dict(dry_run(accumulated, tmp_path, say=str)['shrunk'])
    # 12 samples in 2 batches an epoch, both of one step, two epochs
    assert found['optim_wrapper.accumulate'] == '8 -> 2'
    assert found['train_dataloader.batch_size'] == '4 -> 6'
    assert found['train_cfg.max_epochs'] == '30 -> 2'


def test_the_documented_encoder_runs_dry(request, tmp_path):
    text = (request.config.rootpath / 'docs' / 'dry_run.md').read_text(encoding='utf-8')
    (code,) = (c for c in re.findall(r'```python\n(.*?)```', text, re.DOTALL) if 'import' in c)
    config = standin_config(
        model=dict(
            type='AugmentedLM',
            encoder=dict(type='MyEncoder', weights='weights.pth'),
            connector=dict(type='LinearConnector'),
            language_model=dict(type='CausalLM', config=LM_CONFIGS['llama']),
            schedule=dict(type='LayerwiseReplace', start=3),
            head=dict(type='GenerationHead', generate=dict(max_new_tokens=9)),
        ),
        feature_cache=dict(enabled=True),
        default_hooks=dict(checkpoint=dict(type='CheckpointHook', best='ranked/kind')),
        baselines=[],
    )
    config.optim_wrapper.groups = []
    for split in ('train', 'val', 'test'):
        config[f'{split}_dataloader'].dataset = dict(type='StampsDataset', split=split)
    try:
        exec(compile(code, 'dry_run.md', 'exec'), {'__name__': 'shown'})
        found = dry_run(config, tmp_path, say=str)
    finally:
        ENCODERS.module_dict.pop('MyEncoder', None)
    encoder = dict(found['shrunk'])['model.encoder']
    # 3 x 16 x 16 x D + D, and D x D + D
    assert encoder == 'MyEncoder: 2 levels, D 768 -> 8, picture 224x224, parameters 1,181,184 -> 6,224'
    assert dict(found['shrunk'])['model.head.generate.max_new_tokens'] == '9 -> 4'


def test_without_validation_and_test_split(tmp_path):
    config = standin_config()
    config = type(config)(
        {k: v for k, v in config.items() if k not in ('val_dataloader', 'test_dataloader', 'controls')}
    )
    config.default_hooks.checkpoint.best = None
    found = dry_run(config, tmp_path, say=str)
    assert [stage['name'] for stage in found['stages']][4:] == ['two steps, checkpoint', 'resumed after the first step']


def test_without_checkpoints_nothing_is_resumed(tmp_path):
    lines = []
    config = standin_config()
    config.default_hooks.checkpoint = None
    found = dry_run(config, tmp_path, say=lines.append)
    assert [stage['name'] for stage in found['stages']] == STAGES[:5]
    assert any('No checkpoint was saved' in line for line in lines)


def test_float16_is_float32_without_cuda(tmp_path):
    if torch.cuda.is_available():
        pytest.skip('a CUDA device has float16')
    found = dry_run(standin_config(precision='fp16'), tmp_path, say=str)
    assert dict(found['shrunk'])['precision'] == 'fp16 -> fp32'


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        ({'model.schedule.end': 31}, 'language model of 30 layers'),
        ({'model.schedule.start': 28}, 'never injected'),
        ({'model.trainable': ['conector.*']}, "Did you mean 'connector.*'"),
        ({'model.expect_trainable': 1_331_135}, '1,331,136 train'),
    ],
)
def test_the_real_schedule_patterns_and_count_are_checked(quickstart, options, message):
    with pytest.raises(DryRunError, match='failed at: the real model') as caught:
        dry_run(quickstart(**options), say=str)
    assert message in str(caught.value)


def test_options_reach_what_the_real_model_is_not_asked_about(quickstart):
    with pytest.raises(DryRunError, match='overal'):
        dry_run(quickstart(**{'default_hooks.checkpoint.best': 'ranked/overal'}), say=str)


def test_a_shrink_that_changes_the_wiring_is_found(quickstart, monkeypatch):
    honest = TransformersEncoder.shrink.__func__

    def dishonest(cls, arguments, folder):
        return {**honest(cls, arguments, folder), 'levels': 5}

    monkeypatch.setattr(TransformersEncoder, 'shrink', classmethod(dishonest))
    with pytest.raises(DryRunError, match='In miniature this is another model') as caught:
        dry_run(quickstart(), say=str)
    assert 'module connector.projections.5: Linear, in miniature none' in str(caught.value)
    assert 'tensors of the trainable pattern connector.*: 12, in miniature 10' in str(caught.value)
    assert 'injection schedule' in str(caught.value)


@ENCODERS.register_module(force=True)
class EncoderFromAFile(nn.Module):
    """A user's encoder that loads weights and has no ``shrink``."""

    def __init__(self):
        super().__init__()
        self.weight = torch.load('my_weights.pth')


def test_a_component_without_shrink_that_loads_weights(quickstart, tmp_path):
    config = quickstart()
    config.model.encoder = dict(type='EncoderFromAFile')
    config.model.encoder.pop('levels', None)
    with pytest.raises(DryRunError) as caught:
        dry_run(config, say=str)
    assert 'my_weights.pth' in str(caught.value)
    assert 'model.encoder (EncoderFromAFile)' in str(caught.value) and '`shrink`; see docs/dry_run.md' in str(
        caught.value
    )
    assert isinstance(caught.value, MmalmError)


@DATASETS.register_module(force=True)
class ManySamples(StandInDataset):
    def __init__(self, split: str, shuffle_media: int | None = None):
        super().__init__(split, size=300, shuffle_media=shuffle_media)


def test_a_large_data_set_without_shrink():
    config = standin_config()
    config.train_dataloader.dataset.type = 'ManySamples'
    with pytest.raises(DryRunError, match=r'train_dataloader.dataset has 300 samples.*ManySamples.*shrink'):
        dry_run(config, say=str)


@HOOKS.register_module(force=True)
class ForgetfulHook(Hook):
    """Does something at the second step it sees, which after resuming is another step."""

    def __init__(self):
        self.seen = 0

    def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None):
        self.seen += 1
        if self.seen == 2:
            runner.model.module.soft_prompt.weight.data.add_(1)


def test_a_state_that_no_checkpoint_has_is_found():
    with pytest.raises(DryRunError, match='soft_prompt.weight among them. A component draws random numbers'):
        dry_run(standin_config(custom_hooks=[dict(type='ForgetfulHook')]), say=str)


@MODELS.register_module(force=True)
class ModelThatAsksTheNetwork(StandInModel):
    def __init__(self):
        super().__init__()
        if self.connector[0].weight.device.type != 'meta':
            import urllib.request

            urllib.request.urlopen('http://weights.example/model')


def test_the_network_is_refused(tmp_path):
    with pytest.raises(DryRunError, match='failed at: the same in miniature') as caught:
        dry_run(standin_config(model=dict(type='ModelThatAsksTheNetwork')), tmp_path, say=str)
    assert 'a dry run uses no network, and something asked for weights.example' in str(caught.value)
    assert 'model (ModelThatAsksTheNetwork)' in str(caught.value)
    assert 'Traceback' in (tmp_path / 'dry_run.log').read_text()


def test_low_rank_updates_adapters_and_norms_run_dry(quickstart):
    added = {
        'model.lora': {'type': 'LoRA', 'targets': ['*.q_proj'], 'rank': 4},
        'model.adapters': [{'type': 'BottleneckAdapter', 'place': 'mlp', 'layers': (28, 30)}],
        'model.trainable': ['connector.*', 'adapters.*', '*.lora_*', 'language_model.*norm*'],
        'model.expect_trainable': None,
    }
    found = dry_run(quickstart(**added), say=str)
    assert [stage['name'] for stage in found['stages']] == STAGES
    # each finds as many parameters in miniature as in the real model: 30 layers, two norms each and one after the last
    assert found['same']['patterns']['*.lora_*'] == 2 * 30
    assert found['same']['patterns']['language_model.*norm*'] == 61
