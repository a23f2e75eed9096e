"""VQA v2 from its files to the evaluation server's: trained, chosen by held-out pictures, scored, submitted."""

import copy
import json
import re

import pytest
from mmengine.config import Config
from tiny import WORDS, save_tiny_lm, tiny_tokenizer
from tiny_pictures import VIT
from vqa_fixture import ASKED, official, write_vqa

from mmalm.engine.score import score_checkpoint
from mmalm.engine.train import train
from mmalm.errors import ConfigError


@pytest.fixture(scope='module')
def run(tmp_path_factory):
    """A config, its folder and what training gave."""
    folder = tmp_path_factory.mktemp('vqa')
    for subset in ('train2014', 'val2014', 'test-dev2015'):
        write_vqa(folder / 'data', subset)
    lm = save_tiny_lm(folder / 'lm')
    words = [word for row in ASKED for text in (row[0], *row[3]) for word in re.findall(r'\w+|[^\w\s]', text)]
    tiny_tokenizer([*WORDS, *words]).save_pretrained(lm)

    def loader(split, **arguments):
        dataset = dict(type='VQAv2Dataset', split=split, root=str(folder / 'data'), **arguments)
        return dict(batch_size=6, dataset=dataset)

    config = Config(
        dict(
            model=dict(
                type='AugmentedLM',
                encoder=dict(type='TransformersEncoder', config=VIT, levels=2),
                connector=dict(type='LinearConnector', shared=False),
                language_model=dict(type='CausalLM', model=str(lm)),
                schedule=dict(type='LayerwiseReplace', start=2, end=6),
                head=dict(type='GenerationHead', rank=False, generate=dict(max_new_tokens=2)),
                trainable=['connector.*'],
            ),
            train_dataloader=loader('train', fold='fit'),
            val_dataloader=loader('train', fold='held_out'),
            test_dataloader=loader('val'),
            train_cfg=dict(max_epochs=1),
            optim_wrapper=dict(optimizer=dict(type='AdamW', lr=0.02)),
            metrics=[dict(type='VQAAccuracy')],
            controls=dict(shuffled_media=False),
            default_hooks=dict(checkpoint=dict(type='CheckpointHook', best='vqa/overall')),
        )
    )
    return config, folder, train(config, folder / 'run')


def test_chosen_by_the_held_out_pictures(run):
    _, _, results = run
    assert set(results['metrics']['val']) == {
        *(f'vqa/{name}' for name in ('overall', 'yes_no', 'number', 'other')),
        *(f'vqa/question_type/{row[1]}' for row in ASKED),
    }
    assert results['checkpoint']['name'] == 'best' and results['steps'] == 3


def test_scored_on_the_validation_split(run):
    config, folder, _ = run
    results = score_checkpoint(config, folder / 'run/checkpoints/best', out=folder / 'val.json', page=False)
    predictions = results['predictions']
    assert len(predictions) == 18 and predictions[0]['id'] == '42000'
    mean = sum(p['correct']['generated'] for p in predictions) / 18
    assert results['metrics']['test']['vqa/overall'] == pytest.approx(mean)


def test_submitted_on_test_dev(run):
    config, folder, _ = run
    config.test_dataloader.dataset.split = 'test-dev'
    file = folder / 'submission.json'
    best = folder / 'run/checkpoints/best'
    results = score_checkpoint(config, best, out=folder / 'test.json', submission=file, page=False)
    entries = json.loads(file.read_text())
    asked = [q['question_id'] for q in official('test-dev2015')[0]['questions']]
    assert [entry['question_id'] for entry in entries] == asked
    assert all(set(entry) == {'question_id', 'answer'} and isinstance(entry['answer'], str) for entry in entries)
    assert results['metrics']['test'] == {}


@pytest.mark.parametrize('key', ['train_dataloader', 'val_dataloader'])
@pytest.mark.parametrize('split', ['test', 'test-dev', 'karpathy_test', ['karpathy_val', 'karpathy_test']])
def test_no_test_questions_in_training(run, key, split):
    config = copy.deepcopy(run[0])
    config[key].dataset.split = split
    with pytest.raises(ConfigError, match=f'{key}.dataset.split: .*only tools/test.py reads the test split'):
        train(config, run[1] / 'never')
