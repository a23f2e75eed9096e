"""What a user of the tools is told about a mistake: the place, what was found, what to do."""

import os
import pickle
import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from no_network import cut_off
from safetensors.torch import load_file
from tiny import save_tiny_lm
from tiny_epalm import write_epalm

from mmalm.config import load_config
from mmalm.datasets import StampsDataset
from mmalm.datasets.stamps_index import read_stamps
from mmalm.engine.score import score_checkpoint
from mmalm.engine.train import train
from mmalm.errors import CheckpointError, ConfigError, MissingDataError, TrainingError

ROOT = Path(__file__).resolve().parent.parent
# the quickest of runs: one task, no references
SHORT = {
    'train_dataloader.dataset.tasks': ['kind'],
    'val_dataloader.dataset.tasks': ['kind'],
    'model.head.generate': None,
    'baselines': None,
    'controls': None,
    'feature_cache.enabled': False,
}


@pytest.fixture
def file(tmp_path):
    return write_epalm(tmp_path)


def run(file, name='run', **options):
    """Train as tools/train.py does, with ``--cfg-options`` (dots written as double underscores)."""
    options = {key.replace('__', '.'): value for key, value in options.items()}
    return train(load_config(file, SHORT | options), file.parent / name)


def tool(name, *arguments, folder):
    environment = {**os.environ, 'HF_HUB_OFFLINE': '1', 'OMP_NUM_THREADS': '1'}
    command = [sys.executable, str(ROOT / 'tools' / name), *map(str, arguments)]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)


class TestConfig:
    @pytest.mark.parametrize(
        ('options', 'message'),
        [
            (
                {'model__connector__type': 'LinearConector'},
                "- model.connector: 'LinearConector' is not in the registry 'connector'. "
                "Did you mean 'LinearConnector'",
            ),
            (
                {'train_dataloader__dataset__transform__type': 'ImageTransfrom'},
                "- train_dataloader.dataset.transform: 'ImageTransfrom' is not in the registry 'transform'. "
                "Did you mean 'ImageTransform'",
            ),
            ({'model__encoder__levels': 4}, 'levels'),
            (
                {'model__schedule__start': 6},
                '- model.schedule: LayerwiseReplace(start=6, end=6) does not fit',
            ),
            ({'model__schedule__end': 9}, '0 <= start < end <= 6 is needed'),
            (
                {'model__trainable': ['conector.*', 'soft_prompt.*']},
                "The pattern 'conector.*' matches no parameter of the model. Did you mean 'connector.*'",
            ),
        ],
    )
    def test_an_impossible_value(self, file, options, message):
        with pytest.raises(ConfigError) as caught:
            run(file, **options)
        assert message in str(caught.value)
        assert not (file.parent / 'run').exists()

    @pytest.mark.parametrize(
        ('right', 'misspelt', 'node'),
        [
            ('levels=2', 'level=2', 'model.encoder'),
            ('shared=False', 'shard=False', 'model.connector'),
            ('start=2', 'strat=2', 'model.schedule'),
            ('rank=True', 'ranks=True', 'model.head'),
            ("split='train'", "splt='train'", 'train_dataloader.dataset'),
        ],
    )
    def test_a_misspelt_argument(self, file, right, misspelt, node):
        text = file.read_text()
        assert right in text
        file.write_text(text.replace(right, misspelt))
        with pytest.raises(ConfigError) as caught:
            run(file)
        message = str(caught.value)
        names = [part.split('=')[0] for part in (misspelt, right)]
        assert f'  - {node}: unknown argument {names[0]!r}. Did you mean {names[1]!r}' in message

    def test_as_a_command(self, file):
        done = tool('train.py', file.name, '--cfg-options', 'model.head.type=GenerationHed', folder=file.parent)
        assert done.returncode == 2
        assert done.stderr.startswith(
            "error: epalm.py has 1 fault:\n  - model.head: 'GenerationHed' is not in the registry 'head'."
        )
        assert "Did you mean 'GenerationHead'?" in done.stderr and 'Traceback' not in done.stderr
        assert not (file.parent / 'work_dirs').exists()


class TestPictures:
    @pytest.fixture
    def picture(self, file):
        """A training picture, and the sample that asks about it."""
        dataset = StampsDataset('train', root=str(file.parent / 'stamps'))
        return dataset.media_path(dataset.samples[-1]['media']), dataset.samples[-1]['id']

    @pytest.mark.parametrize('cached', [False, True])
    @pytest.mark.parametrize('content', [b'', b'\x89PNG\r\n\x1a\n\0\0\0', 'half'])
    def test_a_truncated_picture_in_training(self, file, picture, cached, content):
        path, sample = picture
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2] if content == 'half' else content)
        with pytest.raises(MissingDataError) as caught:
            run(file, feature_cache__enabled=cached)
        message = str(caught.value)
        assert f'the picture {path} of sample {sample} cannot be read' in message
        assert 'python tools/zoo.py verify tuxpaint-stamps' in message

    @pytest.mark.parametrize('cached', [False, True])
    def test_a_picture_that_went_missing_meanwhile(self, file, picture, cached, monkeypatch):
        path, sample = picture

        def then_lose_it(*arguments):
            found = read_stamps(*arguments)
            path.unlink(missing_ok=True)
            return found

        monkeypatch.setattr('mmalm.datasets.stamps.read_stamps', then_lose_it)
        with pytest.raises(MissingDataError) as caught:
            run(file, feature_cache__enabled=cached)
        assert f'the picture {path} of sample {sample} is missing' in str(caught.value)


class TestOffline:
    @pytest.fixture
    def offline(self, monkeypatch, tmp_path):
        cut_off(monkeypatch, tmp_path / 'hub')
        monkeypatch.setenv('MMALM_HOME', str(tmp_path / 'home'))

    @pytest.mark.parametrize(
        'options',
        [
            {'model__language_model__model': 'some/model'},
            {'model__encoder': dict(_delete_=True, type='TransformersEncoder', model='some/model')},
        ],
    )
    def test_a_hub_model(self, file, offline, options):
        with pytest.raises(MissingDataError) as caught:
            run(file, **options)
        message = str(caught.value)
        assert "The model 'some/model' is not a local folder, is not in the hub cache, and could not be" in message
        assert 'the path of a local folder' in message and 'hf download some/model' in message
        assert not (file.parent / 'run').exists()

    @pytest.mark.parametrize(
        ('options', 'name'),
        [
            ({'model__language_model__model': 'zoo:smollm2-135m-instruct'}, 'smollm2-135m-instruct'),
            (
                {'model__encoder': dict(_delete_=True, type='TransformersEncoder', model='zoo:dinov2-small', levels=2)},
                'dinov2-small',
            ),
            ({'train_dataloader__dataset__root': 'zoo:tuxpaint-stamps'}, 'tuxpaint-stamps'),
        ],
    )
    def test_what_the_zoo_has_not_fetched(self, file, offline, options, name):
        with pytest.raises(MissingDataError, match=f'python tools/zoo.py fetch {name}'):
            run(file, **options)


@pytest.fixture(scope='module')
def trained(tmp_path_factory):
    file = write_epalm(tmp_path_factory.mktemp('trained'))
    run(file, train_cfg__max_epochs=1)
    return file


class Canary:
    def __reduce__(self):
        return (pytest.fail, ('a pickle was opened',))


class TestCheckpoints:
    def test_of_another_language_model_of_the_same_shapes(self, trained, tmp_path):
        other = save_tiny_lm(tmp_path / 'other', seed=5)
        for name in ('tokenizer.json', 'tokenizer_config.json'):
            (other / name).write_bytes((trained.parent / 'lm' / name).read_bytes())
        config = load_config(trained, SHORT | {'model.language_model.model': str(other)})
        with pytest.raises(CheckpointError) as caught:
            score_checkpoint(config, trained.parent / 'run' / 'checkpoints' / 'best')
        (line,) = [line for line in str(caught.value).splitlines() if line.startswith('  - ')]
        lm = re.escape(str(trained.parent / 'lm'))
        assert re.fullmatch(
            rf'  - language_model: {lm} \(fingerprint \w{{12}}\) in the checkpoint, '
            rf'{re.escape(str(other))} \(fingerprint \w{{12}}\) in the model',
            line,
        )

    def test_the_same_language_model_elsewhere_is_the_same(self, trained, tmp_path):
        (tmp_path / 'moved').symlink_to(trained.parent / 'lm')
        config = load_config(trained, SHORT | {'model.language_model.model': str(tmp_path / 'moved')})
        results = score_checkpoint(config, trained.parent / 'run' / 'checkpoints' / 'best', out=tmp_path / 'test.json')
        assert results['samples'] > 0

    def test_of_another_schedule_and_prompt(self, trained):
        config = load_config(trained, SHORT | {'model.encoder.levels': 3, 'model.soft_prompt.length': 4})
        with pytest.raises(CheckpointError) as caught:
            score_checkpoint(config, trained.parent / 'run' / 'checkpoints' / 'best')
        message = str(caught.value)
        assert 'the model trains, but the checkpoint lacks: connector.projections.2.bias, ' in message
        assert 'soft_prompt.embedding.weight: [1, 32] in the checkpoint, [4, 32] in the model' in message

    @pytest.mark.parametrize('how', ['resume', 'load_from'])
    def test_a_pickle_is_not_opened_in_training(self, trained, tmp_path, how):
        pickled = tmp_path / 'model.pth'
        with open(pickled, 'wb') as opened:
            pickle.dump(Canary(), opened)
        config = load_config(trained, SHORT)
        resume = pickled if how == 'resume' else None
        if how == 'load_from':
            config.load_from = str(pickled)
        with pytest.raises(CheckpointError, match='model.pth is a pickle, which could run any code when opened'):
            train(config, tmp_path / 'run', resume=resume)
        assert not (tmp_path / 'run').exists()

    def test_a_pickle_as_a_command(self, trained, tmp_path):
        torch.save({'connector.projections.0.weight': torch.zeros(32, 8)}, tmp_path / 'epalm.pth')
        done = tool('test.py', trained, tmp_path / 'epalm.pth', folder=tmp_path)
        assert done.returncode == 2
        assert done.stderr.startswith(f'error: {tmp_path}/epalm.pth is a pickle, which could run any code when opened')
        assert 'A checkpoint is a folder' in done.stderr and 'Traceback' not in done.stderr


class TestNonFiniteLoss:
    # fine in the first epoch; in the second, the first step makes weights infinite
    DIVERGING = dict(
        optim_wrapper=dict(optimizer=dict(type='SGD', lr=0.01, weight_decay=20.0)),
        param_scheduler=dict(type='MultiStepLR', milestones=[1], gamma=1e40),
    )

    def test_weights_that_overflow_are_not_taken_for_a_good_state(self, file):
        config = load_config(file, SHORT)
        config.optim_wrapper, config.param_scheduler = self.DIVERGING.values()
        with pytest.raises(TrainingError) as caught:
            train(config, file.parent / 'run')
        message, checkpoints = str(caught.value), file.parent / 'run' / 'checkpoints'
        assert 'the loss is nan at step 6 (epoch 2, batch 2 of 4; lr 1e+38)' in message
        assert f'The last good state is {checkpoints}/epoch_001.' in message
        assert {path.name for path in checkpoints.iterdir()} == {'epoch_001', 'last', 'best'}
        weights = load_file(checkpoints / 'last' / 'weights.safetensors')
        assert all(torch.isfinite(tensor).all() for tensor in weights.values())
        assert score_checkpoint(load_config(file, SHORT), checkpoints / 'last')['samples'] > 0
