import json

import pytest
from mmengine.config import Config
from tiny_dvp import write_dvp

from mmalm.config import load_config
from mmalm.engine.checkpoint_files import read_description
from mmalm.engine.placement import placed, refuse_other_models
from mmalm.engine.score import score_checkpoint
from mmalm.engine.train import train
from mmalm.errors import CheckpointError, ConfigError, MissingDataError

BASES = {'language_model': {'name': 'bert', 'fingerprint': 'abc'}}


def config(placement, schedule='SingleLayer') -> Config:
    model = {'type': 'M', 'connector': {'type': 'C'}, 'schedule': {'type': schedule, 'layer': 0}}
    return Config({'model': model, 'placement': placement})


def write(file, **changes):
    file.write_text(json.dumps({'format_version': 1, 'layers': [4], 'base_models': BASES, 'seed': 3, **changes}))
    return str(file)


def test_one_place(tmp_path):
    given = config(write(tmp_path / 'placement.json'))
    found = placed(given)
    assert found.model.schedule == {'type': 'SingleLayer', 'layer': 4} and given.model.schedule.layer == 0
    assert found.placement == {'layers': [4], 'base_models': BASES}
    # a checkpoint's config says what the file said
    (tmp_path / 'placement.json').unlink()
    assert placed(found).model.schedule.layer == 4


def test_several_places(tmp_path):
    found = placed(config(write(tmp_path / 'placement.json', layers=[2, 5])))
    assert found.model.schedule.injections == [(2, 0, 'insert', 0), (5, 1, 'insert', 1)]
    assert found.model.connector.targets == 2
    assert placed(found).model == found.model


def test_a_checkpoint_is_scored_where_it_was_trained(tmp_path):
    def trained(**config):
        (tmp_path / 'mmalm.json').write_text(json.dumps({'format_version': 1, **config}))
        return tmp_path

    file = write(tmp_path / 'placement.json')
    searched = {'layers': [2], 'base_models': BASES}
    # with --placement, of which the config itself knows nothing
    assert placed(config(None), trained(config={'placement': searched})).model.schedule.layer == 2
    assert placed(config(file), trained(config={'placement': searched})).model.schedule.layer == 2
    # without, before the search
    found = placed(config(file), trained(config={'placement': None}))
    assert found.model.schedule.layer == 0 and found.placement is None
    assert placed(config(file), trained()).model.schedule.layer == 4


def test_none():
    given = config(None)
    assert placed(given) is given
    refuse_other_models(given, None)


@pytest.mark.parametrize(
    ('content', 'said'),
    [
        ('{', 'damaged.*Search it again'),
        ('{"layers": [1]}', 'no placement as tools/search_placement.py writes it'),
        ('{"format_version": 1, "layers": [], "base_models": {}}', 'no placement'),
        ('{"format_version": 1, "layers": ["3"], "base_models": {"encoder": {}}}', 'no placement'),
        ('{"format_version": 1, "layers": [3], "base_models": {}}', 'no placement'),
        ('{"format_version": 1, "layers": [3], "base_models": {"encoder": "vit"}}', 'no placement'),
        ('[3]', 'no placement as'),
        ('', 'damaged.*Search it again'),
        ('{"layers": [1], "confidence": 0.9, "arms": [{"name": "layer', 'damaged.*Search it again'),
        ('{"format_version": 2, "layers": [3]}', 'placement format 2; this version of mmalm reads 1'),
    ],
)
def test_what_is_no_placement(tmp_path, content, said):
    (tmp_path / 'p.json').write_text(content)
    with pytest.raises(CheckpointError, match=said):
        placed(config(str(tmp_path / 'p.json')))


def test_no_file(tmp_path):
    with pytest.raises(MissingDataError, match='python tools/search_placement.py CONFIG; or set placement=None'):
        placed(config(str(tmp_path / 'p.json')))


def test_a_name_that_is_nearly_right(tmp_path):
    file = write(tmp_path / 'placement.json')
    with pytest.raises(MissingDataError, match=f'No placement at {tmp_path}. Did you mean {file}'):
        placed(config(str(tmp_path)))
    with pytest.raises(MissingDataError, match="Did you mean 'placement.json'"):
        placed(config(str(tmp_path / 'placements.json')))


@pytest.mark.parametrize(
    ('given', 'error', 'said'),
    [
        (3, ConfigError, "'auto' or a file of tools/search_placement.py, found 3.*schedule=dict"),
        ({'layers': [3]}, CheckpointError, 'placement is no placement as .*schedule=dict'),
    ],
)
def test_what_names_no_file(given, error, said):
    with pytest.raises(error, match=said):
        placed(config(given))


def test_a_layer_that_the_language_model_does_not_have(tmp_path):
    content = {'format_version': 1, 'layers': [99], 'base_models': {'encoder': {'name': 'vit', 'fingerprint': 'x'}}}
    (tmp_path / 'p.json').write_text(json.dumps(content))
    with pytest.raises(ConfigError, match='layer 99: .*the language model has layers 0 to 3'):
        train(load_config(write_dvp(tmp_path), {'placement': str(tmp_path / 'p.json')}), tmp_path / 'run')
    assert not (tmp_path / 'run').exists()


@pytest.mark.parametrize('schedule', ['LayerwiseReplace', 'ExplicitSchedule'])
def test_a_schedule_without_one_layer(tmp_path, schedule):
    with pytest.raises(ConfigError, match=f'which it fills in; found .*{schedule}'):
        placed(config(write(tmp_path / 'p.json'), schedule))


def test_a_prompt_that_does_not_stay(tmp_path):
    given = config(write(tmp_path / 'p.json'))
    given.model.schedule.remove_at = 5
    with pytest.raises(ConfigError, match='Leave remove_at out'):
        placed(given)


def test_another_models_placement(tmp_path):
    class Model:
        def __init__(self, fingerprint):
            self.fingerprint = fingerprint

        def base_models(self):
            return {'language_model': {'name': 'bert-large', 'fingerprint': self.fingerprint}}

    found = placed(config(write(tmp_path / 'p.json')))
    refuse_other_models(found, Model('abc'))
    with pytest.raises(ConfigError, match=r'language_model: bert \(fingerprint abc\) in the search, bert-large'):
        refuse_other_models(found, Model('abd'))


def test_a_run_does_not_go_on_at_another_layer(tmp_path):
    file = write_dvp(tmp_path)
    trained = train(load_config(file, {'model.schedule.layer': 2}), tmp_path / 'run')
    assert trained['config']['model']['schedule']['layer'] == 2
    with pytest.raises(
        CheckpointError, match=r"(?s)trained with model.schedule={.*'layer': 2}, and the config has .*'layer': 0"
    ):
        train(load_config(file), tmp_path / 'run', resume=True)
    (tmp_path / 'placement.json').write_text(json.dumps(_found(tmp_path, [2])))
    with pytest.raises(ConfigError, match=r'placed at layers None, this run has \[2\]'):
        train(load_config(file, {'placement': str(tmp_path / 'placement.json')}), tmp_path / 'run', resume=True)


def test_a_checkpoint_is_not_scored_at_another_layer(tmp_path):
    file = write_dvp(tmp_path)
    train(load_config(file, {'model.schedule.layer': 2}), tmp_path / 'run')
    with pytest.raises(CheckpointError, match=r'--cfg-options sets what was set there: model.schedule.layer=3'):
        score_checkpoint(load_config(file), tmp_path / 'run/checkpoints/last', tmp_path / 'test.json')
    assert not (tmp_path / 'test.json').exists()
    at_its_own = load_config(file, {'model.schedule.layer': 2})
    assert score_checkpoint(at_its_own, tmp_path / 'run/checkpoints/last', tmp_path / 'test.json', page=False)[
        'samples'
    ]


def _found(folder, layers):
    bases = {
        role: {'name': base['name'], 'fingerprint': base['fingerprint']}
        for role, base in read_description(folder / 'run/checkpoints/last')['base_models'].items()
    }
    return {'format_version': 1, 'layers': layers, 'base_models': bases}
