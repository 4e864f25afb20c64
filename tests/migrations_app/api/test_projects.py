"""`/api/projects…`: shapes, roles, and what another organization must not see."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from connectors.models import Connector, Mapping, Scan, ScanStatus
from migrations_app.engine.state import RunStatus
from migrations_app.models import LedgerScope, MigrationRun, Project, ProjectStatus
from tenancy.models import AuditEntry
from tests.builders import Cast
from tests.migrations_app.builders import make_project, make_run

pytestmark = pytest.mark.django_db

NEW = {"name": "Parts", "sourceSystem": "AZURE_DEVOPS", "targetSystem": "JIRA", "description": "The shop"}


def connectors(people: Cast) -> tuple[Connector, Connector]:
    own = {"organization": people.organization, "server": "https://example.com"}
    return (
        Connector.objects.create(name="From", system="azure_devops", **own),
        Connector.objects.create(name="To", system="jira", **own),
    )


def test_a_project_is_made_as_documented(people: Cast) -> None:
    answer = people.owner.client.post("/api/projects", NEW)

    assert answer.status_code == 201
    body = answer.json()
    project = Project.objects.get()
    documented = {**NEW, "id": str(project.pk), "tenantId": str(people.organization.pk), "status": "DRAFT"}
    assert documented.items() <= body.items()
    assert body["createdAt"] == project.created_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert AuditEntry.objects.get().action == "project.create"


def test_the_list_is_a_bare_array_newest_first(people: Cast) -> None:
    first, second = make_project(people.organization, name="First"), make_project(people.organization, name="Second")

    body = people.member.client.get("/api/projects").json()

    assert [row["name"] for row in body] == ["Second", "First"]
    assert body[1] == {
        "id": str(first.pk),
        "name": "First",
        "status": "DRAFT",
        "createdAt": first.created_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "updatedAt": first.updated_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    assert second.pk != first.pk


def test_the_list_takes_as_many_queries_for_three_as_for_one(people: Cast) -> None:
    counts = []
    for _ in range(2):
        make_project(people.organization)
        with CaptureQueriesContext(connection) as queries:
            people.owner.client.get("/api/projects")
        counts.append(len(queries))
        make_project(people.organization)

    assert counts[0] == counts[1]


def test_the_status_follows_from_what_the_project_has(people: Cast) -> None:
    source, target = connectors(people)
    made = people.owner.client.post(
        "/api/projects", {**NEW, "sourceConnectorId": source.pk, "targetConnectorId": target.pk}
    ).json()
    address = f"/api/projects/{made['id']}"
    assert made["status"] == "CONNECTED"

    scan = Scan.objects.create(
        organization=people.organization,
        connector=source,
        system="azure_devops",
        server="x",
        external_project="Parts",
        status=ScanStatus.COMPLETED,
        report={"totalWorkItems": 5, "typeCounts": {"Bug": 5}},
        finished_at=timezone.now(),
    )
    scanned = people.owner.client.get(address).json()
    assert scanned["status"] == "SCANNED"
    assert scanned["latestScan"] == {
        "scanId": str(scan.pk),
        "totalWorkItems": 5,
        "typeCounts": {"Bug": 5},
        "finishedAt": scan.finished_at.strftime("%Y-%m-%dT%H:%M:%SZ"),  # type: ignore[union-attr]
    }

    Mapping.objects.create(
        organization=people.organization, name="M", migration_project=made["id"], document={"complete": True}
    )
    assert people.owner.client.get(address).json()["status"] == "MAPPED"


def test_a_change_touches_what_was_sent_and_null_takes_a_connector_away(people: Cast) -> None:
    source, target = connectors(people)
    project = make_project(people.organization, source_connector=source, target_connector=target, description="Old")
    address = f"/api/projects/{project.pk}"

    renamed = people.admin.client.patch(address, {"name": "New"}).json()
    assert (renamed["name"], renamed["description"], renamed["sourceConnectorId"]) == ("New", "Old", source.pk)

    cut = people.admin.client.patch(address, {"sourceConnectorId": None, "description": None}).json()
    assert (cut["sourceConnectorId"], cut["targetConnectorId"], cut["description"]) == (None, target.pk, "")
    assert cut["status"] == "DRAFT"


def test_other_connectors_take_the_readiness_away(people: Cast) -> None:
    source, target = connectors(people)
    project = make_project(people.organization, status=ProjectStatus.READY, source_connector=source)

    changed = people.owner.client.patch(f"/api/projects/{project.pk}", {"targetConnectorId": target.pk}).json()

    assert changed["status"] == "CONNECTED"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": None}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"sourceSystem": "TRELLO"}, "sourceSystem"),
        ({"sourceSystem": "JIRA"}, "sourceSystem"),
        ({"targetSystem": "AZURE_DEVOPS"}, "targetSystem"),
        ({"sourceConnectorId": "first"}, "sourceConnectorId"),
        ({"sourceConnectorId": 2**70}, "sourceConnectorId"),
    ],
)
def test_a_malformed_project_is_refused_by_field(people: Cast, change: dict[str, Any], field: str) -> None:
    answer = people.owner.client.post("/api/projects", {**NEW, **change})

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]
    assert answer.json()["code"] == "VALIDATION_FAILED"
    assert not Project.objects.exists()


def test_a_connector_of_the_wrong_system_or_of_somebody_else_is_refused(people: Cast) -> None:
    source, _ = connectors(people)
    foreign = Connector.objects.create(organization=people.outsider.organization, name="F", system="azure_devops")

    wrong = people.owner.client.post("/api/projects", {**NEW, "targetConnectorId": source.pk})
    theirs = people.owner.client.post("/api/projects", {**NEW, "sourceConnectorId": foreign.pk})

    assert (wrong.status_code, list(wrong.json()["errors"])) == (400, ["targetConnectorId"])
    assert (theirs.status_code, theirs.json()["code"]) == (404, "CONNECTOR_NOT_FOUND")


def test_deleting_takes_runs_scans_and_mapping_but_not_the_ledger(people: Cast, project: Project) -> None:
    run = make_run(project, status=RunStatus.COMPLETED)
    own = {"organization": people.organization, "migration_project": project.pk}
    Scan.objects.create(system="azure_devops", server="x", external_project="Parts", **own)
    Mapping.objects.create(name="M", **own)

    assert people.owner.client.delete(f"/api/projects/{project.pk}").status_code == 204

    for model in (Project, MigrationRun, Scan, Mapping):
        assert not model.objects.exists()
    assert LedgerScope.objects.get() == run.scope


def test_a_project_with_an_active_run_is_not_deleted(people: Cast, project: Project) -> None:
    make_run(project, status=RunStatus.PAUSED)

    answer = people.owner.client.delete(f"/api/projects/{project.pk}")

    assert (answer.status_code, answer.json()["code"]) == (409, "PROJECT_BUSY")
    assert Project.objects.exists()


def test_members_look_and_do_not_touch(people: Cast, project: Project) -> None:
    client, address = people.member.client, f"/api/projects/{project.pk}"

    assert client.get(address).status_code == 200
    assert client.post("/api/projects", NEW).status_code == 403
    assert client.patch(address, {"name": "Mine"}).status_code == 403
    assert client.delete(address).status_code == 403
    project.refresh_from_db()
    assert project.name == "Parts"


@pytest.mark.parametrize("method", ["get", "patch", "delete"])
def test_a_foreign_or_unknown_project_is_not_found(people: Cast, project: Project, method: str) -> None:
    for address in (f"/api/projects/{project.pk}", f"/api/projects/{uuid4()}", "/api/projects/not-an-id"):
        answer = getattr(people.outsider.client, method)(address)
        assert (answer.status_code, answer.json()["code"]) == (404, "PROJECT_NOT_FOUND")
    assert people.outsider.client.get("/api/projects").json() == []


def test_nobody_is_nobody(people: Cast, project: Project) -> None:
    people.owner.client.credentials()

    assert people.owner.client.get("/api/projects").status_code == 401
