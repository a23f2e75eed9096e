"""The comparison's configs and the table that tells of them."""

import re
from pathlib import Path

import pytest

from mmalm.config import load_config

ROOT = Path(__file__).parents[2]
METHODS = sorted((ROOT / 'configs' / '_base_' / 'methods').glob('*.py'))
COMPARISON = ROOT / 'configs' / 'quickstart' / 'comparison'
ROW = re.compile(r'^\| `(\w+)` \|.*\| ([\d,]+) \|', re.MULTILINE)


def test_every_method_is_asked_both_tasks_and_stands_in_the_table():
    names = [file.stem for file in METHODS]
    assert len(names) == 15
    for task in ('vqa', 'caption'):
        assert [file.stem for file in sorted((COMPARISON / task).glob('*.py'))] == names
    table = dict(ROW.findall((ROOT / 'docs' / 'baselines.md').read_text(encoding='utf-8')))
    # which the dry run of every config holds against the model
    assert table == {file.stem: f'{load_config(file).model.expect_trainable:,}' for file in METHODS}


@pytest.mark.parametrize('task', ['vqa', 'caption'])
def test_methods_differ_in_the_model_alone(task):
    kept = [load_config(file) for file in sorted((COMPARISON / task).glob('*.py'))]
    for config in kept:
        model = config.pop('model')
        assert model.language_model == {'type': 'CausalLM', 'model': 'zoo:smollm2-135m-instruct'}
        assert model.encoder.model == 'zoo:dinov2-small'
        # a trained encoder's features cannot be cached
        cache = config.pop('feature_cache')
        assert (not cache.get('enabled')) == any('encoder' in pattern for pattern in model.get('trainable', ()))
    assert all(config.to_dict() == kept[0].to_dict() for config in kept)
