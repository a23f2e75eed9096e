"""Models by name: quick and clear when a hub name cannot be fetched."""

import contextlib
import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from .errors import MissingDataError
from .zoo import closest_model


@contextlib.contextmanager
def hub_access(name: str, repository: str | None = None) -> Iterator[None]:
    """Load ``name`` inside; from the cache alone where the hub cannot be reached.

    Without this, the hub's client repeats every request for half a minute before it looks into its own cache.

    Args:
        name: what the user wrote, or the folder it stands for.
        repository: the hub's name of it, where that differs.

    Raises:
        MissingDataError: the model is neither local nor cached and cannot be fetched.
    """
    from huggingface_hub import constants
    from transformers.utils import logging

    before = constants.HF_HUB_OFFLINE
    constants.HF_HUB_OFFLINE = before or not _reachable(constants.ENDPOINT)
    bars = logging.is_progress_bar_enabled()
    if os.path.exists(name):
        logging.disable_progress_bar()  # reading a local file takes a moment; a download's bar stays
    try:
        yield
    except OSError as error:  # what the hub's client and the libraries on top of it raise, in all their kinds
        raise MissingDataError(missing_model(name, repository or name, error)) from error
    finally:
        constants.HF_HUB_OFFLINE = before
        if bars:
            logging.enable_progress_bar()


def folder_facts(folder: str) -> dict:
    """The ``config.json`` of a model's folder.

    Raises:
        MissingDataError: there is none, or it is damaged.
    """
    file = Path(folder) / 'config.json'
    try:
        return json.loads(file.read_text())
    except (OSError, ValueError) as error:
        raise MissingDataError(f'The folder {folder!r} does not hold a model: {file.name}: {error}') from error


def missing_model(name: str, repository: str, error: Exception) -> str:
    """What to tell a user whose model is not there."""
    if os.path.exists(name):
        return f'The folder {name!r} does not hold a model that can be loaded: {_first_line(error)}'
    if name.startswith(('/', './', '../', '~')):
        return f'There is no folder {name!r}. Give the path of a folder that holds a model, or a name on the hub.'
    hint = f'{closest_model(repository)}\n'.lstrip()
    return (
        f'The model {name!r} is not a local folder, is not in the hub cache, and could not be fetched: '
        f'{_first_line(error)}\n'
        f'{hint}Either give the path of a local folder that holds it,\n'
        f'or fetch it on a machine with network, `hf download {repository}`, and bring the cache here '
        '(environment variable HF_HOME) or the folder that the command prints,\n'
        'or use a model of the offline zoo: `python tools/zoo.py list`.'
    )


def _first_line(error: Exception) -> str:
    return str(error).strip().split('\n')[0] or type(error).__name__


def _reachable(endpoint: str) -> bool:
    """Whether the hub's name resolves; behind a proxy that is the proxy's business."""
    if any(os.environ.get(name) for name in ('HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy')):
        return True
    try:
        socket.getaddrinfo(urlsplit(endpoint).hostname, None)
    except OSError:
        return False
    return True
