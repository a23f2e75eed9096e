"""Released checkpoints become mmalm's: the same logits as the released code gave, and every mismatch told."""

import json
import re
import warnings

import pytest
import torch
from released_epalm import own_config, read_case, released, write_lm
from tiny import tiny_lm
from tiny_epalm import write_epalm

from mmalm.config import load_config
from mmalm.conversion import convert
from mmalm.engine.checkpoint import save_checkpoint
from mmalm.engine.checkpoint_files import read_description
from mmalm.engine.score import score_checkpoint
from mmalm.engine.train import build_model
from mmalm.errors import CheckpointError, ConfigError, MissingDataError
from mmalm.inference import load

CASES = ['epalm_opt_reference_mask', 'epalm_opt_shared_connector', 'epalm_opt_to_last_layer', 'epalm_opt_generation']


@pytest.fixture
def case():
    return read_case('epalm_opt_reference_mask')


def write(tmp_path, content):
    torch.save(content, tmp_path / 'checkpoint_best.pth')
    return tmp_path / 'checkpoint_best.pth'


def config_of(case):
    settings, tensors = case
    # no weights of the language model are at hand
    lm_config = {'model_type': 'opt', **json.loads(settings['lm_config'])}
    return own_config(settings, tensors, dict(config=lm_config))


@pytest.mark.parametrize('prefix', ['', 'module.'])
@pytest.mark.parametrize('name', CASES)
def test_the_logits_are_those_of_the_released_code(tmp_path, name, prefix):
    settings, tensors = read_case(name)
    file = write(tmp_path, released(settings, tensors, prefix))
    lm = write_lm(tmp_path / 'lm', settings, tensors)
    config = own_config(settings, tensors, dict(model=str(lm), attention='eager'))
    found = convert('epalm', file, tmp_path / 'out', config)
    weights = [t for n, t in tensors.items() if n.startswith(('connector.', 'prompt.'))]
    assert found == {'tensors': len(weights), 'parameters': sum(t.numel() for t in weights), 'epoch': 7}
    with pytest.warns(UserWarning, match='does not know the fingerprints') as told:
        model = load(tmp_path / 'out').model
    assert len([w for w in told if 'fingerprints' in str(w.message)]) == 1
    assert model.injector.visibility == 'all'
    ids, mask = tensors['input_ids'], tensors['attention_mask']
    context = model.context({'features': tensors['features'].transpose(0, 1)})
    with torch.no_grad():
        logits = model.language_model(ids, mask, injection=context(mask.bool()))
    real = mask.bool()
    assert (logits[real] - tensors['logits'][real]).abs().max() < 1e-4


def test_what_the_checkpoint_says(tmp_path, case):
    file = write(tmp_path, released(*case))
    convert('epalm', file, tmp_path / 'out', config_of(case))
    description = read_description(tmp_path / 'out')
    assert (description['epoch'], description['metrics']) == (7, {'released/best_valid': 54.25})
    assert {base['fingerprint'] for base in description['base_models'].values()} == {'unknown'}
    assert description['config']['model']['visibility'] == 'all'
    source = description['converted_from']
    assert source['file'] == 'checkpoint_best.pth' and source['config']['start_layer_idx'] == 2
    assert re.fullmatch('[0-9a-f]{64}', source['sha256'])


def test_half_precision_becomes_float32(tmp_path, case):
    content = released(*case)
    content['model'] = {name: t.half() for name, t in content['model'].items()}
    convert('epalm', write(tmp_path, content), tmp_path / 'out', config_of(case))
    assert {entry['dtype'] for entry in read_description(tmp_path / 'out')['trained'].values()} == {'float32'}


def test_the_weights_alone_are_enough(tmp_path, case):
    state = released(*case)['model']
    for content in ({'model': state}, state):
        assert convert('epalm', write(tmp_path, content), tmp_path / 'out', config_of(case))['epoch'] == 0


@pytest.mark.parametrize('layer_norm', [False, True])
def test_adapters(tmp_path, layer_norm):
    case = read_case('epalm_opt_shared_connector')
    layers, shapes = json.loads(case[0]['lm_config'])['num_hidden_layers'], [(8, 32), (8,), (32, 8), (32,)]
    more, at = {}, ('1', '3') if layer_norm else ('0', '2')
    kinds = [f'{position}.{kind}' for position in at for kind in ('weight', 'bias')]
    for layer in range(layers):
        here = {name: torch.randn(shape) for name, shape in zip(kinds, shapes, strict=True)}
        if layer_norm:
            here |= {'0.weight': torch.randn(32), '0.bias': torch.randn(32)}
        for trunk in ('model_text.model.decoder.layers', 'transformer'):  # the released model has its layers twice
            more |= {f'{trunk}.{layer}.fc2.1.adapter.{name}': t for name, t in here.items()}
    config = config_of(case)
    adapter = dict(type='BottleneckAdapter', place='mlp', layer_norm=layer_norm)
    file = write(tmp_path, released(*case, **more))
    with pytest.raises(
        CheckpointError, match=r'adapters\.\(mlp\)\.layers\.0\.down\.bias \[8\] is in the file, and the config'
    ):
        convert('epalm', file, tmp_path / 'out', config)
    config.model.adapters = [dict(type='BottleneckAdapter', place='attention', layers=(0, 1)), adapter]
    config.model.trainable = ['connector.*', 'soft_prompt.*', 'adapters.1.*']
    convert('epalm', file, tmp_path / 'out', config)
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        model = load(tmp_path / 'out').model
    own = model.adapters[1].layers['2']
    assert torch.equal(own.up.weight, more[f'transformer.2.fc2.1.adapter.{at[1]}.weight'])
    assert not layer_norm or torch.equal(own.norm.bias, more['transformer.2.fc2.1.adapter.0.bias'])


@pytest.mark.parametrize(
    ('change', 'told'),
    [
        (
            {'connector.shared': True},
            'connector.projections.1.weight [32, 24] is in the file, and the config trains none',
        ),
        ({'soft_prompt.mlp': False}, 'soft_prompt.mlp.0.bias [32] is in the file'),
        ({'soft_prompt.length': 6}, 'soft_prompt.embedding.weight: [5, 32] in the file, [6, 32] by the config'),
        ({'encoder.levels': 2}, 'injected_hidden_states is 3 there, and the config has model.encoder.levels = 2'),
        ({'schedule.end': None}, 'end_layer_idx is 7 there, and the config has model.schedule.end = 8'),
        ({'schedule.start': 3}, 'start_layer_idx is 2 there'),
        ({'schedule.text_step': 2, 'schedule.allow_unused_sources': True}, 'text_step is 1 there'),
        ({'trainable': ['connector.*', 'encoder.*norm*']}, 'encoder.model.layernorm.bias [24] is not in the file'),
    ],
)
def test_another_model_is_refused(tmp_path, case, change, told):
    config = config_of(case)
    for key, value in change.items():
        config.merge_from_dict({f'model.{key}': value})
    with pytest.raises(CheckpointError, match=re.escape(f'  - {told}')):
        convert('epalm', write(tmp_path, released(*case)), tmp_path / 'out', config)
    assert not (tmp_path / 'out').exists()


def test_names_of_another_code(tmp_path, case):
    content = released(*case, **{'visual.proj': torch.ones(1)})
    with pytest.raises(CheckpointError, match='no names of the released eP-ALM: visual.proj'):
        convert('epalm', write(tmp_path, content), tmp_path / 'out', config_of(case))


def test_what_cannot_be_converted(tmp_path, case):
    file = write(tmp_path, released(*case))
    with pytest.raises(ConfigError, match="unknown method 'epal'. Did you mean 'epalm'"):
        convert('epal', file, tmp_path / 'out', config_of(case))
    with pytest.raises(MissingDataError, match='No file'):
        convert('epalm', tmp_path / 'nothing.pth', tmp_path / 'out', config_of(case))


def test_other_base_models_are_still_told_apart_by_role(tmp_path, case):
    settings, tensors = case
    convert('epalm', write(tmp_path, released(*case)), tmp_path / 'out', config_of(case))
    lm = write_lm(tmp_path / 'lm', settings, tensors)
    options = {'model.language_model.model': str(lm), 'model.language_model.config': None}
    with pytest.warns(UserWarning, match=f'language_model: random opt, taken: {re.escape(str(lm))}'):
        load(tmp_path / 'out', options=options)
    assert tiny_lm('opt').base_model()['fingerprint'] != 'unknown'


def test_a_converted_checkpoint_is_scored(tmp_path):
    config = load_config(write_epalm(tmp_path), {'model.visibility': 'all', 'baselines': [], 'controls': None})
    config.test_dataloader.dataset.tasks = ['yesno']
    model = build_model(config, config.seed)
    save_checkpoint(tmp_path / 'own', model)
    state = {f'connector.{i}.weight': p.weight.detach() for i, p in enumerate(model.connector.projections)}
    state |= {f'connector.{i}.bias': p.bias.detach() for i, p in enumerate(model.connector.projections)}
    state['prompt_module.prefix_embedding.0.weight'] = model.soft_prompt.embedding.weight.detach()
    convert('epalm', write(tmp_path, {'model': state}), tmp_path / 'converted', config)
    with pytest.warns(UserWarning, match='language_model: .*, taken: '):
        converted = score_checkpoint(config, tmp_path / 'converted', page=False)
    assert converted['predictions'] == score_checkpoint(config, tmp_path / 'own', page=False)['predictions']
