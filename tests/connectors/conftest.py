"""Fixtures for tests that talk to the stand-ins over a real socket on loopback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from connectors import opening
from connectors.clients.limiter import NoLimiter
from connectors.clients.retry import Backoff
from sandbox.server import ServerHandle, start_server
from sandbox.service import Service


@pytest.fixture
def open_to_sandbox(settings, monkeypatch) -> Callable[[str], None]:
    """Let connectors reach an address on this machine; waits between tries are short and nobody counts."""
    quick = Backoff(base=0.02, cap=0.05, patience=0.2)
    for name in ("_PATIENT", "_PROMPT"):
        monkeypatch.setattr(opening, name, replace(getattr(opening, name), backoff=quick, read_timeout=2.0))
    monkeypatch.setattr(opening, "shared_limiter", NoLimiter)

    def allow(url: str) -> None:
        settings.ALLOW_PRIVATE_TARGETS = (*settings.ALLOW_PRIVATE_TARGETS, urlsplit(url).netloc)

    return allow


@pytest.fixture
def serve(open_to_sandbox) -> Iterator[Callable[[Service], ServerHandle]]:
    """Serve a stand-in until the end of the test, reachable for connectors."""
    with ExitStack() as ending:

        def start(service: Service) -> ServerHandle:
            handle = start_server(service)
            ending.callback(handle.stop)
            open_to_sandbox(handle.url)
            return handle

        yield start
