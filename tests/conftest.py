"""Fixtures for every tier. Database access is asked for per test (`django_db`), never granted to all."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import caches
from redis import Redis

from tenancy.queueing import carried_by
from tests import builders
from tests.jobs import RecordedJobs
from tests.network import only_loopback
from tests.servers import own_redis


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what touches the database, whichever fixture asks for it: PostgreSQL has nothing to say about the rest."""
    for item in items:
        asked = set(getattr(item, "fixturenames", ()))
        if item.get_closest_marker("django_db") or asked & {"db", "transactional_db"}:
            item.add_marker("database")


@pytest.fixture(autouse=True, scope="session")
def _no_network() -> Iterator[None]:
    """No test leaves the machine; tests/test_network.py proves it."""
    with only_loopback():
        yield


@pytest.fixture(autouse=True)
def jobs() -> Iterator[RecordedJobs]:
    """Jobs are recorded, in every test: none ever reaches a Redis that happens to run."""
    recorded = RecordedJobs()
    with carried_by(recorded):
        yield recorded


@pytest.fixture(autouse=True)
def _empty_caches() -> None:
    """Counters and remembered passwords do not wander from test to test."""
    for name in ("default", "local"):
        caches[name].clear()


@pytest.fixture
def people(db: None) -> builders.Cast:
    """Owner, administrator, member, and an outsider."""
    return builders.cast()


@pytest.fixture(scope="session")
def _redis_server() -> Iterator[str]:
    """One server for the session, in a folder short enough for a socket's address."""
    with tempfile.TemporaryDirectory(prefix="isthmus-redis-") as folder, own_redis(Path(folder)) as url:
        yield url


@pytest.fixture
def redis_url(_redis_server: str) -> str:
    """An empty Redis of the tests' own, for the few tests that need a real one."""
    with Redis.from_url(_redis_server) as connection:
        connection.flushall()
    return _redis_server
