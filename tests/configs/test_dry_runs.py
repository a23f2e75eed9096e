"""Every shipped config runs dry: on an empty machine, without network, in under a minute."""

import os
import socket
import tempfile
import time
from pathlib import Path

import pytest
from huggingface_hub import constants

from mmalm.config import load_config
from mmalm.engine.dry_run import dry_run
from mmalm.engine.dry_run.shrink import as_plain, components

ROOT = Path(__file__).parents[2]
FOLDERS = [ROOT / 'configs', *ROOT.glob('projects/*/configs')]
CONFIGS = sorted(file for folder in FOLDERS for file in folder.rglob('*.py') if '_base_' not in file.parts)
LIMIT = 60  # seconds


@pytest.fixture
def empty_machine(tmp_path, monkeypatch):
    """No home, no hub cache, no network, and folders that show whatever is written."""
    for name in ('home', 'hub', 'cwd'):
        (tmp_path / name).mkdir()
    # short: loaders' workers put sockets there, whose paths have a limit
    temporary = tempfile.mkdtemp()
    monkeypatch.setenv('MMALM_HOME', str(tmp_path / 'home'))
    monkeypatch.setattr(constants, 'HF_HUB_CACHE', str(tmp_path / 'hub'))
    monkeypatch.setattr(constants, 'HF_HUB_OFFLINE', False)
    monkeypatch.setattr(tempfile, 'tempdir', temporary)
    monkeypatch.chdir(tmp_path / 'cwd')
    asked = []

    def ask(*arguments):
        asked.append(arguments)
        raise OSError('no network')

    monkeypatch.setattr(socket, 'getaddrinfo', ask)
    yield tmp_path
    assert asked == []
    assert sorted(path.name for path in tmp_path.rglob('*')) == ['cwd', 'home', 'hub']
    os.rmdir(temporary)  # which it can be where it is empty


def test_configs_are_found():
    names = {file.name for file in CONFIGS}
    assert names >= {'epalm_smollm2_stamps.py', 'opt2.7b_vqa.py', 'opt6.7b_vit_l_vqa.py', 'gated_pulses_stamps.py'}


@pytest.mark.parametrize('file', CONFIGS, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_config_runs_dry(file, empty_machine):
    config = load_config(file)
    # of this process alone: a busy machine would say nothing of the config
    started = time.process_time()
    found = dry_run(config, say=str)
    assert time.process_time() - started < LIMIT
    assert [stage['name'].split(',')[0] for stage in found['stages']] == [
        'the real model',
        'the same in miniature',
        'nothing but widths differs',
        'data',
        'two steps',
        'resumed after the first step',
        'test scores of the checkpoint',
    ]
    assert found['same']['components'].keys() == {node.path for node in components(as_plain(config))}
    text_only = config.model.get('connector', {}) is None
    assert bool(found['same']['plan']) != text_only and all(found['same']['patterns'].values())
    shrunk = dict(found['shrunk']).keys()
    assert shrunk >= {'model.language_model', 'train_dataloader.dataset'}
    # one encoder, or one of each modality
    assert any(path.startswith('model.') and path.endswith('.encoder') for path in shrunk)
    # on an empty machine nothing is there
    assert found['present'] and not any(one['here'] for one in found['present'])
