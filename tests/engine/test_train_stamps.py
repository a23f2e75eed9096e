"""eP-ALM on a miniature of the stamps, all five tasks, from the config file to the scores of the test split."""

import json
from collections import Counter

import pytest
from tiny_epalm import TASKS, write_epalm

from mmalm.config import load_config
from mmalm.datasets import JsonlDataset, StampsDataset
from mmalm.engine.score import score_checkpoint
from mmalm.engine.train import train

CLOSED = ('animal', 'kind', 'yesno')
MODES = ('ranked', 'generated')


@pytest.fixture(scope='module')
def config(tmp_path_factory):
    return write_epalm(tmp_path_factory.mktemp('epalm'))


@pytest.fixture(scope='module')
def run(config):
    # training must not look at the test pictures, so it does not find any
    media = {s['media'] for s in samples(config, 'test')}
    pictures = {path: path.read_bytes() for path in (config.parent / 'stamps' / key for key in media)}
    for path in pictures:
        path.write_bytes(b'')
    train(load_config(config), config.parent / 'run')
    for path, content in pictures.items():
        path.write_bytes(content)
    return config.parent / 'run'


def samples(config, split):
    return StampsDataset(split, tasks=TASKS, root=str(config.parent / 'stamps')).samples


def test_results(config, run):
    results = json.loads((run / 'results.json').read_text())
    train_samples, val_samples = (samples(config, split) for split in ('train', 'val'))
    assert (results['epochs'], results['steps']) == (2, 2 * -(-len(train_samples) // 16))
    # two projections of 8 -> 32 with bias, one token of 32
    assert results['trainable']['trainable'] == 2 * (8 * 32 + 32) + 32
    scores = results['metrics']['val']
    expected = {f'ranked/{task}' for task in CLOSED} | {f'generated/{task}' for task in TASKS}
    assert set(scores) == expected | {f'{mode}/overall' for mode in MODES}
    assert set(results['controls']['val']['shuffled_media']) == set(scores)
    best = json.loads((run / 'checkpoints' / 'best' / 'mmalm.json').read_text())
    assert best['metrics'] == scores and results['checkpoint']['epoch'] == best['epoch']
    asked = Counter(s['task'] for s in val_samples)
    right = {task: round(scores[f'ranked/{task}'] * asked[task], 6) for task in CLOSED}
    assert all(hits == int(hits) for hits in right.values())
    assert scores['ranked/overall'] == pytest.approx(sum(right.values()) / sum(asked[task] for task in CLOSED))


def test_baselines_are_those_of_the_same_questions(config, run):
    baselines = json.loads((run / 'results.json').read_text())['baselines']['val']
    assert set(baselines) == {'MajorityAnswer', 'KNearestNeighbours', 'LinearProbe'}
    for task in CLOSED:
        train_answers, val_answers = (
            [s['answer'] for s in samples(config, split) if s['task'] == task] for split in ('train', 'val')
        )
        counts = Counter(train_answers)
        most = min(counts, key=lambda answer: (-counts[answer], answer))
        share = val_answers.count(most) / len(val_answers)
        assert baselines['MajorityAnswer'][f'ranked/{task}'] == pytest.approx(share)
    # the stamps' colours tell their kinds apart, and the frozen features keep that
    assert baselines['LinearProbe']['ranked/kind'] > baselines['MajorityAnswer']['ranked/kind'] + 0.2


def test_the_best_checkpoint_scores_the_test_split(config, run, tmp_path):
    results = score_checkpoint(load_config(config), run / 'checkpoints' / 'best', out=tmp_path / 'test.json')
    expected = {s['id']: s for s in samples(config, 'test')}
    assert {p['id'] for p in results['predictions']} == set(expected)
    for prediction in results['predictions']:
        answers = expected[prediction['id']]['answers']
        assert list(prediction['scores']) == answers
        assert prediction['ranked'] == (max(answers, key=prediction['scores'].get) if answers else None)
        assert isinstance(prediction['generated'], str)
    for task in CLOSED:
        hits = [p['ranked'] == p['answer'] for p in results['predictions'] if p['task'] == task]
        assert results['metrics']['test'][f'ranked/{task}'] == pytest.approx(sum(hits) / len(hits))


def test_a_checkpoint_is_small(run):
    trained = json.loads((run / 'results.json').read_text())['trainable']['trainable']
    files = [run / 'checkpoints' / 'best' / name for name in ('weights.safetensors', 'mmalm.json')]
    assert trained * 4 <= sum(file.stat().st_size for file in files) <= 1.1 * trained * 4 + 64_000


def test_resuming_for_longer_goes_on_from_the_last_checkpoint(config, run, tmp_path):
    options = {'train_cfg.max_epochs': 3}
    results = train(load_config(config, options), tmp_path, resume=run / 'checkpoints' / 'last')
    per_epoch = -(-len(samples(config, 'train')) // 16)
    assert (results['epochs'], results['steps']) == (3, 3 * per_epoch)
    (log,) = tmp_path.glob('*/log.jsonl')
    assert min(json.loads(line)['step'] for line in log.read_text().splitlines()) > 2 * per_epoch


def test_another_data_set_than_it_was_trained_on(config, run, tmp_path):
    """Its questions have answers and candidates that training had not."""
    other = JsonlDataset.shrink({'split': 'test'}, tmp_path)
    child = config.with_name('on_other_data.py')
    child.write_text(
        f"_base_ = ['{config.name}']\n"
        f"test_dataloader = dict(dataset=dict(_delete_=True, type='JsonlDataset', split='test', root={other['root']!r}))\n"
        'baselines = []\n'
    )
    results = score_checkpoint(load_config(child), run / 'checkpoints' / 'best', out=tmp_path / 'out.json', page=False)
    assert results['samples'] == 8 and {p['id'] for p in results['predictions']} == {f'test:{i}' for i in range(1, 9)}
    names = {f'generated/{task}' for task in ('overall', 'vqa', 'caption')} | {'ranked/overall', 'ranked/vqa'}
    assert set(results['metrics']['test']) == names
    assert {p['ranked'] for p in results['predictions'] if p['task'] == 'vqa'} <= {'cat', 'dog'}
