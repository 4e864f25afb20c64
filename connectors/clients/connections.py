"""Pooled connections that ask the address guard before every connect.

The guard resolves the name and the socket is opened to the very address it approved, so no second look-up can
answer differently (DNS rebinding). TLS still verifies the host's name.
"""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.util import connection as sockets

from connectors.clients.guard import AddressGuard

_permits = threading.local()


@contextmanager
def permitted_by(check: Callable[[], None] | None) -> Iterator[None]:
    """Ask `check` right before every piece of a request that this thread writes to a socket; what it raises ends the
    request. A thread that was stopped between deciding to send and sending thus learns that its time is over, and a
    long upload stops when it is over on the way: a request that is cut off has no effect."""
    _permits.check = check
    try:
        yield
    finally:
        _permits.check = None


def _ask_permit() -> None:
    check: Callable[[], None] | None = getattr(_permits, "check", None)
    if check is not None:
        check()


def _open_socket(connection: HTTPConnection, guard: AddressGuard) -> socket.socket:
    """Connect to the first approved address that answers, with urllib3's own errors for what fails."""
    try:
        addresses = guard.addresses(connection.host, connection.port)
    except socket.gaierror as error:
        raise NameResolutionError(connection.host, connection, error) from error
    except OSError as error:
        raise NewConnectionError(connection, f"Failed to resolve {connection.host}: {error}") from error
    last: OSError | None = None
    for address in addresses:
        try:
            opened = sockets.create_connection(
                (address, connection.port),
                connection.timeout,
                source_address=connection.source_address,
                socket_options=connection.socket_options,
            )
        except OSError as error:
            last = error
        else:
            sys.audit("http.client.connect", connection, connection.host, connection.port)
            return opened
    if isinstance(last, TimeoutError):
        raise ConnectTimeoutError(connection, f"Connection to {connection.host} timed out") from last
    raise NewConnectionError(connection, f"Failed to connect to {connection.host}: {last}") from last


def _guarded_pools(guard: AddressGuard) -> dict[str, type[HTTPConnectionPool]]:
    """urllib3 makes connections by class, hence classes that know the guard."""

    class GuardedHTTPConnection(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return _open_socket(self, guard)

        def send(self, data: Any) -> None:
            _ask_permit()
            super().send(data)

    class GuardedHTTPSConnection(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return _open_socket(self, guard)

        def send(self, data: Any) -> None:
            _ask_permit()
            super().send(data)

    class GuardedHTTPPool(HTTPConnectionPool):
        ConnectionCls = GuardedHTTPConnection

    class GuardedHTTPSPool(HTTPSConnectionPool):
        ConnectionCls = GuardedHTTPSConnection

    return {"http": GuardedHTTPPool, "https": GuardedHTTPSPool}


class GuardedAdapter(HTTPAdapter):
    """A pool for `pool_size` threads whose direct connections are guarded. Connections to an outbound proxy are
    not: its address is the operator's; the transport checks the target's name before it is handed over."""

    def __init__(self, guard: AddressGuard, *, pool_size: int) -> None:
        self._pools = _guarded_pools(guard)
        super().__init__(pool_connections=8, pool_maxsize=pool_size, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools
