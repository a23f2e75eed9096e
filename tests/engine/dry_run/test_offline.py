"""No network inside, and everything as it was outside."""

import socket
import threading

import pytest
from huggingface_hub import constants

from mmalm.engine.dry_run.offline import NetworkRefused, no_network


def test_other_machines_are_refused(monkeypatch):
    monkeypatch.setattr(constants, 'HF_HUB_OFFLINE', False)
    before = socket.getaddrinfo
    with no_network():
        assert constants.HF_HUB_OFFLINE
        with pytest.raises(NetworkRefused, match='asked for hub.example'):
            socket.create_connection(('hub.example', 80), timeout=1)
        with socket.socket() as own, pytest.raises(NetworkRefused, match='192.0.2.1'):
            own.connect(('192.0.2.1', 80))
    assert not constants.HF_HUB_OFFLINE and socket.getaddrinfo is before
    assert 'connect' not in vars(socket.socket)


def test_processes_of_this_machine_are_not():
    with socket.create_server(('127.0.0.1', 0)) as server, no_network():
        thread = threading.Thread(target=server.accept)
        thread.start()
        socket.create_connection(server.getsockname(), timeout=5).close()
        thread.join(5)
        assert not thread.is_alive()


def test_everything_is_put_back_after_a_failure():
    with pytest.raises(KeyError), no_network():
        raise KeyError
    assert 'connect' not in vars(socket.socket)
