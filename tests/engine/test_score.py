import json

import pytest
from engine_standins import standin_config

from mmalm.engine.score import score_checkpoint
from mmalm.engine.train import train
from mmalm.errors import CheckpointError, ConfigError, MissingDataError


@pytest.fixture(scope='module')
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp('run')
    train(standin_config(train_cfg=dict(max_epochs=15)), folder)
    return folder


def test_scores_of_the_test_split(run, tmp_path, capsys):
    results = score_checkpoint(standin_config(), run / 'checkpoints' / 'last', out=tmp_path / 'test.json')
    assert results == json.loads((tmp_path / 'test.json').read_text())
    assert results['metrics']['test']['ranked/overall'] == 1.0
    assert results['controls']['test']['shuffled_media']['ranked/overall'] == 0.0
    assert results['baselines']['test']['AlwaysFirst']['ranked/overall'] == pytest.approx(1 / 3)
    assert len(results['predictions']) == results['samples'] == 12
    assert {p['id'] for p in results['predictions']} == {f'test{i}' for i in range(12)}
    out = capsys.readouterr().out
    assert 'test split, 12 samples' in out and 'AlwaysFirst' in out


def test_another_split_and_the_default_file(run):
    results = score_checkpoint(standin_config(), run / 'checkpoints' / 'last', split='val')
    assert results['metrics']['val']['ranked/overall'] == 1.0
    assert (run / 'checkpoints' / 'last_val.json').is_file()


def test_unknown_split_and_missing_loader(run):
    with pytest.raises(ConfigError, match='choose from test, val, train'):
        score_checkpoint(standin_config(), run / 'checkpoints' / 'last', split='tset')
    with pytest.raises(ConfigError, match="lacks 'test_dataloader'"):
        score_checkpoint(standin_config(test_dataloader=None), run / 'checkpoints' / 'last')


def test_a_checkpoint_that_is_none_is_refused_before_the_model_is_built(tmp_path):
    config = standin_config(model=dict(type='NoSuchModel'))
    with pytest.raises(MissingDataError, match='No checkpoint at'):
        score_checkpoint(config, tmp_path / 'nothing')
    (tmp_path / 'old.pth').write_bytes(b'PK')
    with pytest.raises(CheckpointError, match='is a pickle'):
        score_checkpoint(config, tmp_path / 'old.pth')


def test_a_checkpoint_of_another_model(run):
    with pytest.raises(CheckpointError, match='of another model'):
        score_checkpoint(standin_config(model=dict(type='StandInModel', width=7)), run / 'checkpoints' / 'last')
