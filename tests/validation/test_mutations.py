"""Whatever is done to a config, checking it passes or ends in one message that names the place; there is no other way."""

import json
from collections import Counter

import pytest
from config_mutations import mutations, names_it
from mmengine.config import Config
from tiny_epalm import write_epalm

from mmalm.config import load_config
from mmalm.engine.train import train
from mmalm.errors import MmalmError
from mmalm.registry import ENCODERS, LANGUAGE_MODELS, Registry
from mmalm.validation import check

NEEDED = ('model', 'train_dataloader', 'train_cfg', 'optim_wrapper')


@pytest.fixture
def built_once(monkeypatch):
    """Equal encoders and language models, on the meta device, are built once."""
    build, made = Registry.build, {}

    def remembered(self, cfg, *args, **context):
        if self not in (ENCODERS, LANGUAGE_MODELS):
            return build(self, cfg, *args, **context)
        key = self.name + json.dumps(cfg, default=str, sort_keys=True)
        if key not in made:
            made[key] = build(self, cfg, *args, **context)
        return made[key]

    monkeypatch.setattr(Registry, 'build', remembered)


def configs(root):
    """All that are shipped."""
    found = sorted({*root.glob('configs/*/*.py'), *root.glob('projects/*/configs/*.py')})
    return [file for file in found if file.parent.name != '_base_']


def outcome(mutation, name) -> str:
    """'sound' or 'refused'; fails where neither is right."""
    where = f'{name}: {mutation.kind} at {mutation.path}'
    try:
        check(Config(mutation.config), NEEDED)
    except MmalmError as error:
        message = str(error)
        assert 'Traceback' not in message
        if mutation.sure:
            assert names_it(message, mutation), f'{where} ({mutation.named}) is not named in\n{message}'
        return 'refused'
    except Exception as error:
        pytest.fail(f'{where}: {type(error).__name__}: {error}')
    assert not mutation.sure, f'{where} ({mutation.named}) was not noticed'
    return 'sound'


@pytest.mark.parametrize('count', [60, pytest.param(300, marks=pytest.mark.slow)])
def test_spoilt_configs_are_sound_or_refused(pytestconfig, monkeypatch, built_once, count):
    monkeypatch.setattr('huggingface_hub.constants.HF_HUB_OFFLINE', True)
    files = configs(pytestconfig.rootpath)
    counted = Counter()
    for number, file in enumerate(files):
        share = count // len(files) + (number < count % len(files))
        counted.update(outcome(m, file.name) for m in mutations(load_config(file), seed=number, count=share))
    print(dict(counted))
    assert sum(counted.values()) == count and counted['refused'] > count / 2


def test_shipped_configs_are_sound(pytestconfig, monkeypatch, built_once):
    monkeypatch.setattr('huggingface_hub.constants.HF_HUB_OFFLINE', True)
    for file in configs(pytestconfig.rootpath):
        checked = check(load_config(file), (*NEEDED, 'test_dataloader'))
        assert checked.model is not None and not checked.absent


@pytest.mark.slow
def test_what_is_found_sound_runs_or_ends_in_one_message(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config = load_config(write_epalm(tmp_path))
    config.train_cfg.max_epochs = 1
    counted = Counter()
    for number, mutation in enumerate(mutations(config, seed=1, count=150)):
        endless = mutation.path.endswith('max_epochs')
        if outcome(mutation, 'epalm.py') == 'refused' or endless:
            continue
        try:
            train(Config(mutation.config), tmp_path / f'run{number}')
            counted['ran'] += 1
        except MmalmError:
            counted['stopped'] += 1
        except Exception as error:
            pytest.fail(f'{mutation.kind} at {mutation.path}: {type(error).__name__}: {error}')
    print(dict(counted))
    assert counted['ran'] > 10
