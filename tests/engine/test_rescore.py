"""Saved predictions scored again, and refused where they are of something else."""

import json

import pytest
from engine_standins import standin_config
from mmengine.evaluator import BaseMetric

from mmalm.engine.rescore import in_order, rescore
from mmalm.engine.score import score_checkpoint
from mmalm.engine.train import train
from mmalm.errors import ConfigError, MissingDataError
from mmalm.registry import METRICS


@METRICS.register_module()
class CountReferences(BaseMetric):
    """Reads what predictions do not carry."""

    def process(self, data_batch, data_samples):
        self.results += [
            media == prediction['id'].removeprefix('test')
            for media, prediction in zip(data_batch['media'], data_samples, strict=True)
        ]

    def compute_metrics(self, results):
        return {'count': len(results), 'matched': sum(results)}


@pytest.fixture(scope='module')
def tested(tmp_path_factory):
    folder = tmp_path_factory.mktemp('run')
    train(standin_config(train_cfg=dict(max_epochs=3)), folder)
    file = folder / 'test.json'
    score_checkpoint(standin_config(), folder / 'checkpoints' / 'last', out=file, page=False)
    return file


def altered(tested, tmp_path, **changes):
    file = tmp_path / 'altered.json'
    file.write_text(json.dumps(json.loads(tested.read_text()) | changes))
    return file


def test_the_same_scores_and_others_without_the_model(tested, tmp_path, capsys):
    metrics = [dict(type='AnswerAccuracy'), dict(type='CountReferences')]
    results = rescore(standin_config(metrics=metrics), tested, page=True)
    before = json.loads(tested.read_text())
    scores = dict(results['metrics']['test'])
    assert {name: scores.pop(name) for name in ('count', 'matched')} == {'count': 12.0, 'matched': 12.0}
    assert scores == before['metrics']['test']
    assert results['predictions'] == before['predictions'] and results['checkpoint'] == before['checkpoint']
    assert json.loads(tested.with_name('test_rescored.json').read_text()) == results
    assert tested.with_name('test_rescored.html').is_file()
    assert '12 predictions of' in capsys.readouterr().out


def test_the_order_of_the_file_does_not_matter(tested, tmp_path):
    predictions = json.loads(tested.read_text())['predictions'][::-1]
    config = standin_config(metrics=[dict(type='CountReferences')])
    found = rescore(config, altered(tested, tmp_path, predictions=predictions), tmp_path / 'out.json', page=False)
    assert found['metrics']['test']['matched'] == 12 and [p['id'] for p in found['predictions']] == [
        f'test{i}' for i in range(12)
    ]


def test_what_is_of_something_else_is_refused(tested, tmp_path):
    def refused(message, config=None, file=tested, **options):
        with pytest.raises(ConfigError, match=message):
            rescore(config or standin_config(), file, tmp_path / 'out.json', page=False, **options)

    predictions = json.loads(tested.read_text())['predictions']
    refused("holds predictions of the 'test' split, not of 'val'", split='val')
    refused(
        r'model.width: nothing in the file, 8 in the config', standin_config(model=dict(type='StandInModel', width=8))
    )
    other = standin_config()
    other.test_dataloader.dataset.size = 9
    refused(r'test_dataloader.dataset.size: nothing in the file, 9 in the config', other)
    refused(
        '1 samples have no prediction, such as test11', file=altered(tested, tmp_path, predictions=predictions[:-1])
    )
    more = [*predictions, {'id': 'test99'}]
    refused('1 predictions are of no sample, such as test99', file=altered(tested, tmp_path, predictions=more))
    refused(
        '2 predictions are of no sample', file=altered(tested, tmp_path, predictions=[*predictions, *predictions[:2]])
    )
    refused('holds no predictions', file=altered(tested, tmp_path, predictions=None))
    (tmp_path / 'text').write_text('no json')
    refused('is no JSON file', file=tmp_path / 'text')
    with pytest.raises(MissingDataError, match='cannot be read'):
        rescore(standin_config(), tmp_path / 'nowhere.json')


def test_ids_that_occur_twice_are_matched_in_their_order():
    found = in_order(['a', 'b', 'a'], [{'id': 'a', 'n': 1}, {'id': 'a', 'n': 2}, {'id': 'b', 'n': 3}])
    assert [one['n'] for one in found] == [1, 3, 2]
