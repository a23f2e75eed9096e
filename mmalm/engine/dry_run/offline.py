"""A dry run needs no network: whatever tries is told so."""

import contextlib
import socket
from collections.abc import Iterator
from typing import Any

LOCAL = ('localhost', '127.0.0.1', '::1')


class NetworkRefused(OSError):
    """Something wanted the network."""


@contextlib.contextmanager
def no_network() -> Iterator[None]:
    """Refuse connections to other machines inside, and keep the hub's client from trying."""
    from huggingface_hub import constants

    offline, look_up = constants.HF_HUB_OFFLINE, socket.getaddrinfo

    def refuse(host: Any) -> None:
        if host is not None and str(host) not in LOCAL:
            raise NetworkRefused(f'a dry run uses no network, and something asked for {host}')

    def connect(own: socket.socket, address: Any) -> Any:
        if own.family != getattr(socket, 'AF_UNIX', None):
            refuse(address[0])
        return super(socket.socket, own).connect(address)

    def getaddrinfo(host: Any, *arguments: Any, **named: Any) -> Any:
        refuse(host)
        return look_up(host, *arguments, **named)

    before = socket.socket.__dict__.get('connect')  # as a rule it is inherited
    constants.HF_HUB_OFFLINE = True
    socket.socket.connect = connect
    socket.getaddrinfo = getaddrinfo
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE, socket.getaddrinfo = offline, look_up
        if before is None:
            del socket.socket.connect
        else:
            socket.socket.connect = before
