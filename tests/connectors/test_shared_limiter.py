"""The limiter that connectors are opened with."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from connectors import opening
from connectors.clients.limits import Rate
from tests.connectors.clients.test_limiter import ticket


@pytest.fixture
def nothing_kept() -> Iterator[None]:
    """Other tests get a limiter of their own."""
    opening.shared_limiter.cache_clear()
    yield
    opening.shared_limiter.cache_clear()


def test_a_worker_without_redis_takes_its_share(nothing_kept: None, settings: Any) -> None:
    settings.REDIS_URL, settings.WORKERS = "redis://127.0.0.1:1/0", 4
    limiter, wanted = opening.shared_limiter(), ticket(rate=Rate(40, 4))

    started = time.monotonic()
    for _ in range(3):
        limiter.acquire(wanted)

    assert time.monotonic() - started >= 0.19  # ten a second, one at once
