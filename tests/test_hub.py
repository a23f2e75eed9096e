import socket
import time

import pytest
from huggingface_hub import constants
from no_network import cut_off, no_name_service

from mmalm.errors import MissingDataError
from mmalm.hub import hub_access, missing_model


def test_without_network_the_cache_alone_is_asked(monkeypatch):
    monkeypatch.delenv('HTTPS_PROXY', raising=False)
    monkeypatch.setattr(socket, 'getaddrinfo', no_name_service)
    monkeypatch.setattr(constants, 'HF_HUB_OFFLINE', False)
    with hub_access('some/model'):
        assert constants.HF_HUB_OFFLINE
    assert not constants.HF_HUB_OFFLINE


def test_with_network_it_stays_as_it_was(monkeypatch):
    monkeypatch.setattr(socket, 'getaddrinfo', lambda *_: [])
    monkeypatch.setattr(constants, 'HF_HUB_OFFLINE', False)
    with hub_access('some/model'):
        assert not constants.HF_HUB_OFFLINE


def test_a_real_lookup_without_network_is_quick(monkeypatch, tmp_path):
    import transformers

    cut_off(monkeypatch, tmp_path)
    start = time.monotonic()
    with pytest.raises(MissingDataError, match=r'(?s)some/model.*hf download some/model'), hub_access('some/model'):
        transformers.AutoConfig.from_pretrained('some/model')
    assert time.monotonic() - start < 5  # the hub's client would repeat the request for half a minute


def test_the_state_is_restored_after_an_error(monkeypatch):
    monkeypatch.setattr(constants, 'HF_HUB_OFFLINE', True)
    with pytest.raises(MissingDataError, match='no such thing'), hub_access('hf-hub:a/b', 'a/b'):
        raise OSError('no such thing\nand more')
    assert constants.HF_HUB_OFFLINE


@pytest.mark.parametrize('name', ['/no/such/folder', './no_such_folder', '~/no_such_folder'])
def test_a_path_that_is_not_there_is_not_taken_for_a_hub_name(name):
    said = missing_model(name, name, OSError('Repo id must be in the form ...'))
    assert said.startswith(f'There is no folder {name!r}') and 'hf download' not in said
