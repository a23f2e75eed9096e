import json

import pytest
import torch

from mmalm.zoo import verify as module
from mmalm.zoo.fetch import fetch
from mmalm.zoo.verify import PROBES, verify


def test_what_was_fetched_is_well_until_it_changes(item, zoo_home):
    assert verify(item) == ['not fetched: python tools/zoo.py fetch tiny']
    folder = fetch(item)
    assert verify(item) == []
    (folder / 'config.json').write_text('{"width": 4}')
    (folder / 'more' / 'vocab.txt').unlink()
    assert verify(item) == [
        'more/vocab.txt is missing',
        'config.json has changed',
        'make it anew: python tools/zoo.py fetch tiny',
    ]
    fetch(item)
    assert verify(item) == []


def test_models_are_run_and_compared_with_the_recorded_output(item, monkeypatch, tmp_path):
    fetch(item)
    ran = []

    def probe(folder):
        ran.append((folder, torch.is_grad_enabled()))
        return [1.0, 2.0005]

    monkeypatch.setitem(PROBES, 'tiny', probe)
    (tmp_path / 'probes.json').write_text(json.dumps({'tiny': [1.0, 2.0]}))
    monkeypatch.setattr(module.resources, 'files', lambda package: tmp_path)
    assert verify(item) == [] and ran == [(tmp_path / 'home' / 'zoo' / 'tiny', False)]
    (tmp_path / 'probes.json').write_text(json.dumps({'tiny': [1.0, 2.1]}))
    assert verify(item)[0] == 'its output differs from the recorded one by 9.95e-02'
    (tmp_path / 'probes.json').write_text('{}')
    assert 'no recorded output' in verify(item)[0]


@pytest.mark.slow
@pytest.mark.network
def test_the_smallest_item_is_fetched_converted_and_verified_for_real(monkeypatch, zoo_home):
    from mmalm.zoo import find_item, resolve

    lines = []
    fetch(find_item('efficientnet-lite0'), say=lines.append)
    assert verify(find_item('efficientnet-lite0')) == [] and len(lines) == 3
    weights = zoo_home / 'zoo' / 'efficientnet-lite0' / 'model.safetensors'
    assert str(weights.parent) == resolve('zoo:efficientnet-lite0') and weights.stat().st_mode & 0o044 == 0o044
