"""Starting a run: the documented call, every field and option, repeated calls, and a queue that is away."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from connectors.credentials import seal_values, unseal_values
from connectors.models import Connector
from migrations_app.engine.config import RunOptions
from migrations_app.engine.state import RunStatus
from migrations_app.models import LedgerScope, MigrationRun, Project, ProjectStatus, RunEvent
from migrations_app.run_config import engine_config
from tenancy.models import AuditEntry
from tests.builders import Cast
from tests.jobs import RecordedJobs
from tests.migrations_app.builders import make_project, make_run

pytestmark = pytest.mark.django_db

OPTIONS = {
    "migrate_attachments": False,
    "migrate_comments": False,
    "migrate_links": False,
    "dry_run": True,
    "type_overrides": {"Feature": "Epic"},
    "state_overrides": {"Resolved": "Done"},
    "field_overrides": {"Custom.Ref": "customfield_10001"},
    "people": {"alice@example.com": "5b10a2844c20165700ede21g"},
    "people_policy": "unassigned",
    "create_missing_fields": True,
    "history": "table",
    "remote_links": True,
    "sample_size": 25,
    "recreate_deleted": True,
    "keep_mentions": True,
    "quick_verification": True,
}


def start(people: Cast, project: Project, body: Any, **headers: str) -> Any:
    return people.member.client.post(f"/api/migrations/project/{project.pk}/start", body, headers=headers)


def test_the_documented_call_answers_the_documented_object(
    people: Cast, project: Project, start_body: dict[str, Any], jobs: RecordedJobs
) -> None:
    answer = start(people, project, start_body)

    assert answer.status_code == 200
    run = MigrationRun.objects.get()
    documented = {
        "id": str(run.pk),
        "projectId": str(project.pk),
        "status": "PENDING",
        "type": "FULL",
        "totalItems": 0,
        "successCount": 0,
        "failureCount": 0,
        "progressPercent": 0,
        "startedAt": None,
        "createdAt": run.created_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    assert documented.items() <= answer.json().items()
    assert [call.args for call in jobs.sent] == [(str(run.pk), 0)]
    project.refresh_from_db()
    assert project.status == ProjectStatus.MIGRATING
    assert RunEvent.objects.get().data == {"status": "pending"}


def test_credentials_are_sealed_and_shown_nowhere(
    people: Cast, project: Project, start_body: dict[str, Any], jobs: RecordedJobs
) -> None:
    answer = start(people, project, start_body, **{"Idempotency-Key": "k"})

    run = MigrationRun.objects.get()
    assert unseal_values(run, run.sealed_credentials) == {"source": "your-ado-pat", "target": "your-jira-token"}
    stored = json.dumps(list(MigrationRun.objects.values()), default=str)
    audited = json.dumps(list(AuditEntry.objects.values()), default=str)
    listed = people.owner.client.get(f"/api/migrations?projectId={project.pk}").content.decode()
    for secret in ("your-ado-pat", "your-jira-token"):
        for text in (answer.content.decode(), stored, audited, listed, str(jobs.sent)):
            assert secret not in text


def test_the_engine_gets_what_was_asked_for(people: Cast, project: Project, start_body: dict[str, Any]) -> None:
    payload = start_body["enginePayload"]
    payload["source"] |= {"area_filter": "YourProject\\Backend", "type_filter": " User Story, Bug,,Bug"}
    payload["options"] = OPTIONS
    start(people, project, start_body)

    config = engine_config(MigrationRun.objects.get())

    assert (config.type.value, config.organization, config.project) == ("FULL", "yourorg", "YourProject")
    assert (config.selection.area, config.selection.types) == ("YourProject\\Backend", ("User Story", "Bug"))
    assert config.options == RunOptions(**OPTIONS)  # type: ignore[arg-type]


def test_options_that_are_left_out_or_null_have_their_defaults(
    people: Cast, project: Project, start_body: dict[str, Any]
) -> None:
    start_body["enginePayload"]["options"] = {"dry_run": None, "people": None}
    start(people, project, start_body)

    assert engine_config(MigrationRun.objects.get()).options == RunOptions()


@pytest.mark.parametrize("server", ["yourorg", "https://dev.azure.com/YourOrg/", "https://yourorg.visualstudio.com"])
def test_every_spelling_of_the_organization_leads_to_one_ledger(
    people: Cast, project: Project, start_body: dict[str, Any], server: str
) -> None:
    LedgerScope.objects.create(
        organization=people.organization,
        source="dev.azure.com/yourorg/yourproject",
        target="yourorg.atlassian.net/PROJ",
    )
    start_body["enginePayload"]["source"] |= {"org": server, "project": "yourPROJECT"}
    start_body["enginePayload"]["target"] |= {"base_url": "https://YOURORG.atlassian.net/", "project_key": "proj"}

    assert start(people, project, start_body).status_code == 200
    assert LedgerScope.objects.count() == 1


def test_the_other_documented_names_work_too(people: Cast, project: Project, start_body: dict[str, Any]) -> None:
    start_body["enginePayload"]["source"] = {
        "organization_url": "https://dev.azure.com/yourorg",
        "project": "YourProject",
        "personal_access_token": "p4t",
    }

    assert start(people, project, start_body).status_code == 200


@pytest.mark.parametrize(
    ("part", "name"),
    [("source", name) for name in ("org", "project", "pat")]
    + [("target", name) for name in ("base_url", "email", "api_token", "project_key")],
)
def test_a_missing_credential_is_named(
    people: Cast, project: Project, start_body: dict[str, Any], part: str, name: str
) -> None:
    del start_body["enginePayload"][part][name]

    answer = start(people, project, start_body)

    assert answer.status_code == 400
    assert answer.json()["errors"] == {f"enginePayload.{part}.{name}": ["This field is required."]}
    assert answer.json()["message"] == [f"enginePayload.{part}.{name}: This field is required."]
    assert not MigrationRun.objects.exists()


def test_without_payload_and_connectors_everything_missing_is_named(people: Cast, project: Project) -> None:
    answer = start(people, project, {"type": "FULL"})

    assert list(answer.json()["errors"]) == [f"enginePayload.source.{name}" for name in ("org", "project", "pat")]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"type": None}, "type"),
        ({"type": "EVERYTHING"}, "type"),
        ({"enginePayload": "yes"}, "enginePayload"),
        ({"enginePayload": {"options": []}}, "enginePayload.options"),
        ({"enginePayload": {"options": {"dry_run": "false"}}}, "enginePayload.options.dry_run"),
        ({"enginePayload": {"options": {"dryrun": True}}}, "enginePayload.options.dryrun"),
        ({"enginePayload": {"options": {"type_overrides": {"Bug": {}}}}}, "enginePayload.options.type_overrides.Bug"),
        ({"enginePayload": {"options": {"type_overrides": {"Bug\0": "Bug"}}}}, "enginePayload.options.type_overrides"),
        ({"enginePayload": {"options": {"state_overrides": {"": "Done"}}}}, "enginePayload.options.state_overrides"),
        ({"enginePayload": {"options": {"history": "all"}}}, "enginePayload.options.history"),
        ({"enginePayload": {"options": {"people_policy": "guess"}}}, "enginePayload.options.people_policy"),
        ({"enginePayload": {"options": {"sample_size": 0}}}, "enginePayload.options.sample_size"),
        ({"enginePayload": {"options": {"start_at": "tomorrow"}}}, "enginePayload.options.start_at"),
        ({"enginePayload": {"source": {"area_filter": {}}}}, "enginePayload.source.area_filter"),
        ({"enginePayload": {"source": {"areaFilter": "Parts"}}}, "enginePayload.source.areaFilter"),
        ({"enginePayload": {"source": {"type_fiter": None}}}, "enginePayload.source.type_fiter"),
        ({"enginePayload": {"target": {"project": "PARTS"}}}, "enginePayload.target.project"),
        ({"enginePayload": {"type_filter": "Bug"}}, "enginePayload.type_filter"),
    ],
)
def test_a_malformed_call_is_refused_by_field(
    people: Cast, project: Project, start_body: dict[str, Any], change: dict[str, Any], field: str
) -> None:
    answer = start(people, project, {**start_body, **change})

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]
    assert not MigrationRun.objects.exists()


@pytest.mark.parametrize("body", ["[]", '"FULL"', "null", "{", ""])
def test_a_body_that_is_no_object_is_refused(people: Cast, project: Project, body: str) -> None:
    answer = people.member.client.generic(
        "POST", f"/api/migrations/project/{project.pk}/start", body, content_type="application/json"
    )

    assert answer.status_code == 400


def with_connectors(people: Cast, **fields: Any) -> Project:
    ends = []
    for system, server, project in (
        ("azure_devops", "contoso", "Parts"),
        ("jira", "https://contoso.atlassian.net", "PARTS"),
    ):
        connector = Connector.objects.create(
            organization=people.organization,
            name=system,
            system=system,
            server=server,
            default_project=project,
            **fields,
        )
        connector.sealed_credentials = seal_values(connector, {"secret": "s3cret"})
        connector.save()
        ends.append(connector)
    return make_project(people.organization, source_connector=ends[0], target_connector=ends[1])


def test_with_both_connectors_the_payload_may_be_left_out(people: Cast) -> None:
    project = with_connectors(people)

    assert start(people, project, {"type": "SAMPLE"}).status_code == 200
    run = MigrationRun.objects.get()
    assert (run.source_connector, run.target_connector) == (project.source_connector, project.target_connector)
    assert run.sealed_credentials == ""
    assert str(run.scope) == "dev.azure.com/contoso/parts → contoso.atlassian.net/PARTS"


def test_another_project_of_the_connector_may_be_named(people: Cast) -> None:
    project = with_connectors(people)
    payload = {"source": {"project": "Tools"}, "target": {"project_key": "TOOLS"}}

    assert start(people, project, {"type": "FULL", "enginePayload": payload}).status_code == 200
    assert str(MigrationRun.objects.get().scope) == "dev.azure.com/contoso/tools → contoso.atlassian.net/TOOLS"


def test_a_connector_without_default_project_asks_for_one(people: Cast) -> None:
    project = with_connectors(people)
    Connector.objects.filter(system="jira").update(default_project="")

    answer = start(people, project, {"type": "FULL"})

    assert list(answer.json()["errors"]) == ["enginePayload.target.project_key"]


def test_an_inaccessible_connector_is_never_used(people: Cast) -> None:
    project = with_connectors(people, inaccessible=True)

    answer = start(people, project, {"type": "FULL"})

    assert (answer.status_code, answer.json()["code"]) == (400, "CONNECTOR_INACCESSIBLE")


@pytest.mark.parametrize("status", [RunStatus.PENDING, RunStatus.RUNNING, RunStatus.PAUSED])
def test_one_run_is_active_at_a_time(
    people: Cast, project: Project, start_body: dict[str, Any], status: RunStatus
) -> None:
    make_run(project, status=status)

    answer = start(people, project, start_body)

    assert (answer.status_code, answer.json()["code"]) == (409, "MIGRATION_ALREADY_RUNNING")
    assert MigrationRun.objects.count() == 1


def test_two_projects_do_not_move_the_same_items_at_once(
    people: Cast, project: Project, start_body: dict[str, Any]
) -> None:
    start(people, project, start_body)

    answer = start(people, make_project(people.organization), start_body)

    assert (answer.status_code, answer.json()["code"]) == (409, "MIGRATION_ALREADY_RUNNING")
    assert "Parts" in answer.json()["message"]


def test_the_same_key_and_body_answer_the_first_run(
    people: Cast, project: Project, start_body: dict[str, Any], jobs: RecordedJobs
) -> None:
    first = start(people, project, start_body, **{"Idempotency-Key": "night-1"})
    again = start(people, project, start_body, **{"Idempotency-Key": "night-1"})

    assert (again.status_code, again.json()) == (200, first.json())
    assert len(jobs.sent) == 1


def test_the_same_key_with_another_body_is_refused(people: Cast, project: Project, start_body: dict[str, Any]) -> None:
    start(people, project, start_body, **{"Idempotency-Key": "night-1"})
    start_body["enginePayload"]["source"]["pat"] = "another"

    answer = start(people, project, start_body, **{"Idempotency-Key": "night-1"})

    assert (answer.status_code, answer.json()["code"]) == (409, "IDEMPOTENCY_KEY_REUSED")


def test_a_repeated_call_still_answers_when_the_run_has_ended(
    people: Cast, project: Project, start_body: dict[str, Any]
) -> None:
    first = start(people, project, start_body, **{"Idempotency-Key": "night-1"}).json()
    MigrationRun.objects.update(status=RunStatus.COMPLETED.value)

    assert start(people, project, start_body, **{"Idempotency-Key": "night-1"}).json()["id"] == first["id"]


@pytest.mark.parametrize("key", ["x" * 256, "a\tb"])
def test_an_unusable_key_is_refused(people: Cast, project: Project, start_body: dict[str, Any], key: str) -> None:
    answer = start(people, project, start_body, **{"Idempotency-Key": key})

    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["Idempotency-Key"])


@pytest.mark.django_db(transaction=True)
def test_a_queue_that_is_away_leaves_nothing_half_started(
    people: Cast, project: Project, start_body: dict[str, Any], jobs: RecordedJobs
) -> None:
    jobs.unreachable = True
    answer = start(people, project, start_body)

    assert (answer.status_code, answer.json()["code"]) == (502, "ENGINE_DISPATCH_FAILED")
    assert answer.json()["message"] == "Could not start migration worker"
    failed = MigrationRun.objects.get()
    assert (failed.status, failed.reason_code) == (RunStatus.FAILED, "ENGINE_DISPATCH_FAILED")
    jobs.unreachable = False
    assert start(people, project, start_body).status_code == 200


def test_a_planned_run_waits_for_its_time(
    people: Cast, project: Project, start_body: dict[str, Any], jobs: RecordedJobs
) -> None:
    at = timezone.now() + timedelta(hours=8)
    start_body["enginePayload"]["options"]["start_at"] = at.isoformat()

    answer = start(people, project, start_body)

    assert answer.json()["resumeAt"] == at.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert jobs.sent == []


def test_another_organization_starts_nothing_here(people: Cast, project: Project, start_body: dict[str, Any]) -> None:
    answer = people.outsider.client.post(f"/api/migrations/project/{project.pk}/start", start_body)

    assert (answer.status_code, answer.json()["code"]) == (404, "PROJECT_NOT_FOUND")
    assert not MigrationRun.objects.exists()
