"""A run that was really made becomes a synchronization, whose first pass has nothing to do."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from connectors.domain.errors import DomainError
from connectors.models import Connector
from connectors.services import create_connector
from migrations_app.models import Project
from sandbox.build import build_ado, build_jira
from sync import doors
from sync.jobs import advance_synchronization
from sync.models import Matter, Pair, PairPart, Synchronization, SynchronizationStatus
from sync.services.from_run import synchronize_run
from tests.builders import Cast
from tests.connectors.conftest import open_to_sandbox, serve
from tests.jobs import RecordedJobs
from tests.migrations_app.test_real_projects import Migration

__all__ = ["open_to_sandbox", "serve"]

pytestmark = pytest.mark.django_db


def applied(service: Any) -> list[str]:
    """Method, route and item of every write that took effect."""
    reading = ("search", "approximate-count", "bulkfetch", "workitemsbatch", "wiql", "mypermissions")
    return [
        f"{entry['method']} {entry['route']} {entry.get('issue')}"
        for entry in service.log.as_json(after=0)
        if entry["applied"] and entry["method"] != "GET" and not any(word in entry["route"] for word in reading)
    ]


def test_the_first_pass_after_a_run_changes_nothing(people: Cast, jobs: RecordedJobs, serve: Any) -> None:
    ado, jira = build_ado(generate=12, seed=3, decorate=True), build_jira()
    migration = Migration(people, jobs, serve(ado).url, serve(jira).url, "Generated")
    run = migration.run()
    by = people.owner.principal
    source = create_connector(
        by=by,
        name="Source",
        system="azure_devops",
        credentials={**migration.source, "personal_access_token": "sandbox-pat"},
    )
    target = create_connector(by=by, name="Target", system="jira", credentials=migration.payload["target"])
    Project.objects.update(source_connector=source, target_connector=target)
    Connector.objects.filter(pk=target.pk).update(settings={"conflict_policy": "alm"})
    doors.close_all()
    before = (applied(ado), applied(jira))

    row = synchronize_run(UUID(run["id"]), start=True, by=by)
    jobs.run_all()
    row.refresh_from_db()
    assert row.status == SynchronizationStatus.RUNNING, row.tasks.get().failure_message
    for _ in range(8):
        row.refresh_from_db()
        advance_synchronization(str(row.pk), row.attempt)

    row.refresh_from_db()
    assert (row.last_error_code, row.reconcile) == ("", {})
    assert row.reconciled_at is not None
    assert row.configuration["policy"] == "second"
    assert Pair.objects.filter(synchronization=row, first_version__gt="").count() == run["totalItems"]
    assert PairPart.objects.filter(kind="comment").exists()
    assert (applied(ado), applied(jira)) == before
    assert Matter.objects.count() == 0

    with pytest.raises(DomainError) as raised:
        synchronize_run(UUID(run["id"]), by=by)
    assert raised.value.code == "ALREADY_SYNCHRONIZED"
    doors.close_all()


def test_a_run_of_somebody_else_does_not_exist(people: Cast) -> None:
    with pytest.raises(DomainError) as raised:
        synchronize_run(UUID(int=1), by=people.outsider.principal)

    assert raised.value.status == 404
    assert Synchronization.objects.count() == 0
