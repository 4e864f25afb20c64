"""Alive, ready, measured: open to everybody, and telling nobody about tenants."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError
from django.db.migrations.executor import MigrationExecutor
from django.test import Client

from config import health
from tests.builders import Cast

NOWHERE = "unix:///nonexistent/redis.sock"


@pytest.fixture(autouse=True)
def _forget_the_answer_about_the_schema() -> None:
    health._confirm_all_applied.cache_clear()


def test_alive_needs_neither_database_nor_redis(settings: Any) -> None:
    settings.REDIS_URL = NOWHERE

    response = Client().get("/healthz")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})


@pytest.mark.django_db
def test_ready_when_everything_is_there(settings: Any, redis_url: str) -> None:
    settings.REDIS_URL = redis_url

    response = Client().get("/readyz")

    assert response.status_code == 200
    assert response.json() == {"status": "ready", "database": "ok", "redis": "ok", "schemaMigrations": "ok"}


@pytest.mark.django_db
def test_not_ready_without_redis(settings: Any) -> None:
    settings.REDIS_URL = NOWHERE

    response = Client().get("/readyz")

    assert response.status_code == 503
    assert response.json()["redis"] == "unreachable"


@pytest.mark.django_db
def test_not_ready_before_the_schema_is_migrated_and_ready_afterwards(
    settings: Any, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.REDIS_URL = redis_url
    with monkeypatch.context() as patch:
        patch.setattr(MigrationExecutor, "migration_plan", lambda self, targets: [("pending", False)])
        before = Client().get("/readyz")

    after = Client().get("/readyz")

    assert (before.status_code, before.json()["schemaMigrations"]) == (503, "pending")
    assert after.status_code == 200


@pytest.mark.django_db
def test_not_ready_without_a_database(settings: Any, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object) -> None:
        raise DatabaseError("away")

    settings.REDIS_URL = redis_url
    monkeypatch.setattr("django.db.backends.utils.CursorWrapper.execute", fail)

    response = Client().get("/readyz")

    assert response.status_code == 503
    assert response.json() == {
        "status": "not ready",
        "database": "unreachable",
        "redis": "ok",
        "schemaMigrations": "unknown",
    }


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_probes_only_read(path: str) -> None:
    assert Client().post(path).status_code == 405


def test_metrics_name_no_tenant_without_the_token(people: Cast, settings: Any, redis_url: str) -> None:
    settings.REDIS_URL = redis_url
    settings.METRICS_TOKEN = "a-token"

    pages = [
        Client().get("/metrics", headers=headers).content.decode()
        for headers in ({}, {"Authorization": "Bearer"}, {"Authorization": "Bearer another"})
    ]

    assert all("isthmus_organizations 2.0" in page for page in pages)
    assert all(str(people.organization.pk) not in page for page in pages)


def test_the_token_opens_series_by_opaque_id(people: Cast, settings: Any, redis_url: str) -> None:
    settings.REDIS_URL = redis_url
    settings.METRICS_TOKEN = "a-token"

    page = Client().get("/metrics", headers={"Authorization": "Bearer a-token"}).content.decode()

    assert f'isthmus_members{{organization="{people.organization.pk}"}} 3.0' in page
    assert people.organization.name not in page


def test_without_a_configured_token_no_header_opens_anything(people: Cast, settings: Any, redis_url: str) -> None:
    settings.REDIS_URL = redis_url
    settings.METRICS_TOKEN = ""

    page = Client().get("/metrics", headers={"Authorization": "Bearer "}).content.decode()

    assert str(people.organization.pk) not in page


@pytest.mark.django_db
def test_metrics_survive_the_loss_of_redis(settings: Any) -> None:
    settings.REDIS_URL = NOWHERE

    page = Client().get("/metrics").content.decode()

    assert "isthmus_redis_up 0.0" in page
    assert "isthmus_queue_jobs{" not in page
