"""A machine without network: names do not resolve, and the hub's cache is somewhere else."""

import socket
from pathlib import Path

import pytest
from huggingface_hub import constants


def no_name_service(*_):
    raise socket.gaierror('no name service')


def cut_off(patch: pytest.MonkeyPatch, cache: Path) -> None:
    """Take the network away, with ``cache`` for the hub's; nothing says beforehand that one is offline."""
    for name in ('HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy'):
        patch.delenv(name, raising=False)
    patch.setattr(socket, 'getaddrinfo', no_name_service)
    patch.setattr(constants, 'HF_HUB_OFFLINE', False)
    patch.setattr(constants, 'HF_HUB_CACHE', str(cache))
