"""Task bases that classify, and ScienceQA: what their data sets and metrics are, seen on made-up files, and dry runs of them."""

from pathlib import Path

import pytest

from mmalm.config import load_config, unwrapped
from mmalm.datasets.labels import MADE_UP
from mmalm.engine.dry_run import dry_run
from mmalm.registry import DATASETS, METRICS

BASES = Path(__file__).parents[2] / 'configs' / '_base_'
LOADERS = ('train_dataloader', 'val_dataloader', 'test_dataloader')
PREPROCESSING = dict(size=(8, 8), mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0))
# splits and folds, the head, a score there is
CLASSIFIES = "dict(_delete_=True, type='ClassificationHead', answers={}, hidden=8, loss={!r})"
GENERATES = "dict(question_format='{question}', rank=False, generate=dict(max_new_tokens=64))"
TASKS = {
    'vqav2_classification': (
        [('train', 'fit'), ('train', 'held_out'), ('val', 'all')],
        CLASSIFIES.format("'data/vqav2/vocabulary.json', classes=3129", 'soft_bce'),
        'vqa/overall',
    ),
    'gqa_classification': (
        [('train', 'all'), ('val', 'all'), ('testdev', 'all')],
        CLASSIFIES.format("'data/gqa/vocabulary.json', classes=1842", 'cross_entropy'),
        'gqa/overall',
    ),
    'snli_ve': (
        [('train', 'all'), ('dev', 'all'), ('test', 'all')],
        CLASSIFIES.format("['contradiction', 'neutral', 'entailment']", 'cross_entropy'),
        'classified/overall',
    ),
    'scienceqa': ([('train', 'all'), ('val', 'all'), ('test', 'all')], GENERATES, 'scienceqa/overall'),
}


@pytest.mark.parametrize('task', TASKS)
def test_made_up_data_of_a_task(task, tmp_path):
    config, (splits, _, score) = load_config(BASES / f'{task}.py'), TASKS[task]
    found = []
    for name in LOADERS:
        described = unwrapped(config[name]['dataset'])
        kind = described.pop('type')
        assert described.get('transform') == {'type': 'ImageTransform'}  # not augmented
        small = DATASETS.component(kind).shrink(described, tmp_path / name)
        dataset = DATASETS.build({'type': kind, 'preprocessing': PREPROCESSING, **small})
        found.append((described['split'], described.get('fold', 'all')))
        samples = list(dataset)
        if task != 'scienceqa':
            # a classifier in miniature has all answers there are
            assert {sample['answer'] for sample in samples} <= {*MADE_UP}
        if task == 'vqav2_classification':
            assert all(sample['soft_answers'] and sample['answerable'] for sample in samples)
    assert found == splits
    (metric,) = (METRICS.build(metric) for metric in unwrapped(config['metrics']))
    mode = 'generated' if task == 'scienceqa' else 'classified'
    assert score in metric.score_names(None, (mode,)) and metric.score_names(None, ('none',)) == []


@pytest.mark.slow
@pytest.mark.parametrize('task', TASKS)
def test_a_task_runs_dry(task, tmp_path):
    _, head, score = TASKS[task]
    bases = [str(BASES / name) for name in (f'{task}.py', 'default_runtime.py', 'methods/epalm.py')]
    (tmp_path / 'config.py').write_text(
        f'_base_ = {bases}\nmodel = dict(head={head}, expect_trainable=None)\n'
        f"optim_wrapper = dict(optimizer=dict(type='AdamW', lr=1e-3))\ntrain_cfg = dict(max_epochs=1)\n"
        f'default_hooks = dict(checkpoint=dict(best={score!r}))\n'
    )
    found = dry_run(load_config(tmp_path / 'config.py'), say=str)
    assert found['stages'][-1]['name'] == 'test scores of the checkpoint'
