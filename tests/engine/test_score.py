import json

import pytest
from engine_standins import StandInDataset, standin_config
from page_reader import read_page

from mmalm.engine.score import score_checkpoint
from mmalm.engine.train import train
from mmalm.errors import CheckpointError, ConfigError, MissingDataError
from mmalm.metrics import AnswerAccuracy
from mmalm.registry import METRICS


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
    assert results['notes'] == {'test': ['12 points']}
    out = capsys.readouterr().out
    assert 'test split, 12 samples' in out and 'AlwaysFirst' in out


def test_another_split_and_the_default_file(run):
    results = score_checkpoint(standin_config(), run / 'checkpoints' / 'last', split='val')
    assert results['metrics']['val']['ranked/overall'] == 1.0
    assert (run / 'checkpoints' / 'last_val.json').is_file()


def test_unknown_split_and_missing_loader(run):
    with pytest.raises(ConfigError, match='choose from test, val, train'):
        score_checkpoint(standin_config(), run / 'checkpoints' / 'last', split='tset')
    with pytest.raises(ConfigError, match='test_dataloader: is missing'):
        score_checkpoint(standin_config(test_dataloader=None), run / 'checkpoints' / 'last')


def test_a_checkpoint_that_is_none_is_refused_before_the_model_is_built(tmp_path, monkeypatch):
    config = standin_config()
    monkeypatch.setattr('mmalm.engine.score.build_model', None)
    with pytest.raises(MissingDataError, match='No checkpoint at'):
        score_checkpoint(config, tmp_path / 'nothing')
    (tmp_path / 'old.pth').write_bytes(b'PK')
    with pytest.raises(CheckpointError, match='is a pickle'):
        score_checkpoint(config, tmp_path / 'old.pth')


def test_a_checkpoint_of_another_model(run):
    with pytest.raises(CheckpointError, match='of another model'):
        score_checkpoint(standin_config(model=dict(type='StandInModel', width=7)), run / 'checkpoints' / 'last')


def test_a_page_of_the_predictions_lies_beside_them(run, tmp_path):
    results = score_checkpoint(standin_config(), run / 'checkpoints' / 'last', out=tmp_path / 'test.json')
    page = read_page((tmp_path / 'test.html').read_text())
    cards = page.find('article')
    assert {card.attributes['data-id'] for card in cards} == {p['id'] for p in results['predictions']}
    assert all(p['correct'] == {'ranked': 1.0, 'generated': 1.0} for p in results['predictions'])
    assert page.find('p', 'big')[0].text == '1.0000'
    score_checkpoint(standin_config(), run / 'checkpoints' / 'last', out=tmp_path / 'other.json', page=False)
    assert not (tmp_path / 'other.html').exists()


def test_a_file_for_a_server(run, tmp_path, monkeypatch):
    with pytest.raises(ConfigError, match='StandInDataset makes no file for an official server'):
        score_checkpoint(standin_config(), run / 'checkpoints' / 'last', submission=tmp_path / 's.json')
    assert list(tmp_path.iterdir()) == []

    def submission(self, predictions):
        return [{'question_id': p['id'], 'answer': p['ranked']} for p in predictions]

    monkeypatch.setattr(StandInDataset, 'submission', submission, raising=False)
    with pytest.raises(ConfigError, match='takes JSON; name the file s.json'):
        score_checkpoint(standin_config(), run / 'checkpoints' / 'last', submission=tmp_path / 's.tsv')
    checkpoint, files = (
        run / 'checkpoints' / 'last',
        {name: tmp_path / f'{name}.json' for name in ('out', 'submission')},
    )
    results = score_checkpoint(standin_config(), checkpoint, page=False, **files)
    assert json.loads(files['submission'].read_text()) == submission(None, results['predictions'])


def test_a_split_without_answers_is_predicted_without_scores(run, tmp_path, capsys, monkeypatch):
    class NoAnswers(AnswerAccuracy):
        def process(self, data_batch, data_samples):
            self.results += data_samples

        def judge(self, sample, prediction):
            return {}

        def compute_metrics(self, results):
            return {}

    monkeypatch.setitem(METRICS.module_dict, 'NoAnswers', NoAnswers)
    config = standin_config(metrics=[dict(type='NoAnswers')])
    results = score_checkpoint(config, run / 'checkpoints' / 'last', out=tmp_path / 'test.json')
    assert results['metrics'] == {'test': {}} and results['baselines'] == {'test': {}}
    assert len(results['predictions']) == 12 and 'No answers to compare with' in capsys.readouterr().out
    assert 'no scores' in read_page((tmp_path / 'test.html').read_text()).text
