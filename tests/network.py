"""The network guard: tests reach this machine only."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

LOCAL_NAMES = frozenset({"localhost", "", "testserver"})


class NetworkForbidden(RuntimeError):
    """A test tried to leave the machine."""


def _check(address: object) -> None:
    if not isinstance(address, tuple):
        return  # a Unix socket
    _check_host(address[0])


def _check_host(host: object) -> None:
    name = host.decode() if isinstance(host, bytes) else str(host or "")
    if name.lower() in LOCAL_NAMES or name == socket.gethostname():
        return
    try:
        local = ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        local = False
    if not local:
        raise NetworkForbidden(f"tests may not reach {name}")


@contextmanager
def only_loopback() -> Iterator[None]:
    """Connections, datagrams and name look-ups outside loopback raise NetworkForbidden meanwhile."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex"):
            _guard(patch, name, position=0)
        _guard(patch, "sendto", position=-1)
        look_up = socket.getaddrinfo

        def guarded_look_up(host: Any, *args: Any, **kwargs: Any) -> Any:
            if not _is_address(host):
                _check_host(host)
            return look_up(host, *args, **kwargs)

        patch.setattr(socket, "getaddrinfo", guarded_look_up)
        yield


def _guard(patch: pytest.MonkeyPatch, name: str, *, position: int) -> None:
    original = getattr(socket.socket, name)

    def guarded(self: socket.socket, *args: Any) -> Any:
        _check(args[position])
        return original(self, *args)

    patch.setattr(socket.socket, name, guarded)


def _is_address(host: object) -> bool:
    """Resolving a literal address asks nobody."""
    try:
        ipaddress.ip_address(str(host))
    except ValueError:
        return False
    return True
