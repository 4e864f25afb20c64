"""A database without space: the slice ends, nothing half-stored stays, and the run goes on when there is space."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import OperationalError, connection

from migrations_app.models import MigrationRun
from migrations_app.services import sweep_runs
from sandbox.build import build_ado, build_jira
from tests.builders import Cast, cast
from tests.checker import complaints
from tests.connectors.conftest import open_to_sandbox, serve
from tests.jobs import RecordedJobs

__all__ = ["open_to_sandbox", "serve"]

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="limits the pages of an SQLite file"),
    pytest.mark.usefixtures("open_to_sandbox"),
]

PROJECT = "Generated"
ITEMS = 160
MANY_PAGES = 1_000_000


@pytest.fixture
def people() -> Cast:
    return cast()


@pytest.fixture(autouse=True)
def _short_waits(settings: Any) -> None:
    settings.LEASE_SECONDS, settings.SWEEP_SECONDS, settings.UNCLEAR_WAIT = 1, 1, 1


@contextmanager
def space_for(pages: int) -> Iterator[None]:
    """The database may grow by so many pages and no more."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")  # earlier tests left free pages
        cursor.execute("PRAGMA page_count")
        (used,) = cursor.fetchone()
        cursor.execute(f"PRAGMA max_page_count = {used + pages}")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA max_page_count = {MANY_PAGES}")


def start(people: Cast, ado_url: str, jira_url: str) -> str:
    client = people.admin.client
    new = {"name": PROJECT, "sourceSystem": "AZURE_DEVOPS", "targetSystem": "JIRA"}
    project = client.post("/api/projects", new, format="json").json()
    target = {
        "base_url": jira_url,
        "email": "sandbox@example.com",
        "api_token": "sandbox-token",
        "project_key": "DEMO",
    }
    payload = {"source": {"org": f"{ado_url}/contoso", "project": PROJECT, "pat": "sandbox-pat"}, "target": target}
    body = {"type": "FULL", "enginePayload": payload}
    answer = client.post(f"/api/migrations/project/{project['id']}/start", body, format="json")
    assert answer.status_code == 200, answer.content
    return str(answer.json()["id"])


@pytest.mark.parametrize("pages", [0, 8, 16, 24])
def test_a_run_outlives_a_full_disk(people: Cast, jobs: RecordedJobs, serve: Any, pages: int) -> None:
    ado, jira = build_ado(generate=ITEMS, seed=3), build_jira()
    run_id = start(people, serve(ado).url, serve(jira).url)

    with space_for(pages), pytest.raises(OperationalError, match="full"):
        jobs.run_all()
    stored = MigrationRun.objects.get(pk=run_id)
    assert stored.status in ("PENDING", "RUNNING"), "a full disk ends no run"
    time.sleep(1.1)  # the lease and the order of the lost job run out
    assert sweep_runs() == 1
    for _ in range(10):
        jobs.run_all()
        if MigrationRun.objects.get(pk=run_id).state.is_ended:
            break
        time.sleep(1.1)
        sweep_runs()

    ended = MigrationRun.objects.get(pk=run_id)
    assert (ended.status, ended.created) == ("COMPLETED", ITEMS)
    assert complaints(ado, jira, PROJECT) == []
