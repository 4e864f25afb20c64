"""Synchronizations over REST: made, read, changed, started and stopped, as documented."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from connectors.models import Connector
from sync.models import AsyncTask, Matter, MatterKind, Synchronization, SynchronizationStatus
from sync.services.matters import retry_all
from tenancy.models import AuditEntry
from tests import recipes
from tests.builders import Cast
from tests.sync.api.builders import SERVLET, two_jiras
from tests.sync.builders import jira

pytestmark = pytest.mark.django_db

DOCUMENT = Path(__file__).parents[3] / "docs" / "api.md"
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000")
MOMENT = re.compile(r"(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d\d, \d{4} -- \d\d:\d\d (AM|PM)")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.fixture
def made(people: Cast) -> Synchronization:
    return two_jiras(people.admin.principal)


def documented_example() -> dict[str, Any]:
    """The complete synchronization that `docs/api.md` shows."""
    text = DOCUMENT.read_text(encoding="utf-8").split("### A synchronization in full", 1)[1]
    found: dict[str, Any] = json.loads(text.split("```json", 1)[1].split("```", 1)[0])
    return found


def new_body(people: Cast, **more: Any) -> dict[str, Any]:
    by = people.admin.principal
    return {
        "firstConnector": {"connectorId": jira(by, project="AP").pk, "jql": "component = Web"},
        "secondConnector": {"connectorId": jira(by, project="PB").pk},
        **more,
    }


def test_the_documented_example_can_be_made_and_is_read_back_the_same(people: Cast) -> None:
    example = documented_example()
    server_made = {"createdUser", "lastModifiedUser", "createdDate", "lastModifiedDate", "status", "version"}
    server_made |= {"draftStatus", "migrationRun", "integrationKey", "firstConnector", "secondConnector"}
    given = {name: value for name, value in example.items() if name not in server_made}

    answer = people.admin.client.post("/integrations", new_body(people, **given), format="json")

    assert answer.status_code == 201, answer.content
    shown = answer.json()
    assert sorted(shown) == sorted(example)
    assert sorted(shown["firstConnector"]) == sorted(example["firstConnector"])
    assert sorted(shown["status"]["firstConnector"]) == sorted(example["status"]["firstConnector"])
    assert {name: shown[name] for name in given} == given
    assert people.admin.client.get(f"/integrations/{shown['integrationKey']}").json() == shown


def test_a_new_synchronization_has_two_connector_keys_and_is_stopped(people: Cast) -> None:
    shown = people.admin.client.post("/integrations", new_body(people), format="json").json()

    assert (shown["integrationKey"], shown["summary"]) == ("INT-1", "AP <> PB")
    assert (shown["firstConnector"]["connectorKey"], shown["secondConnector"]["connectorKey"]) == ("AP-1", "PB-1")
    assert (shown["firstConnector"]["jql"], shown["firstConnector"]["projectKey"]) == ("component = Web", "AP")
    assert shown["status"]["status"] == "STOPPED"
    assert DATE.fullmatch(shown["createdDate"])
    assert shown["createdUser"] == people.admin.user.email


@pytest.mark.parametrize("mount", ["", SERVLET])
def test_the_list_is_a_bare_array_and_filters(people: Cast, made: Synchronization, mount: str) -> None:
    client = people.member.client

    assert [row["integrationKey"] for row in client.get(f"{mount}/integrations").json()] == ["INT-1"]
    assert client.get(f"{mount}/integrations", {"projectKey": "pb"}).json() != []
    assert client.get(f"{mount}/integrations", {"projectKey": "XX"}).json() == []
    assert client.get(f"{mount}/integrations", {"jiraBaseUrl": "https://demo.atlassian.net/"}).json() != []
    assert client.get(f"{mount}/integrations", {"jiraBaseUrl": "https://other.example"}).json() == []


def test_three_synchronizations_take_as_many_queries_as_one(people: Cast, made: Synchronization) -> None:
    with CaptureQueriesContext(connection) as one:
        people.admin.client.get("/integrations")
    for project in ("PC", "PD"):
        by = people.admin.principal
        body = new_body(people, secondConnector={"connectorId": jira(by, project=project).pk})
        assert people.admin.client.post("/integrations", body, format="json").status_code == 201
    with CaptureQueriesContext(connection) as three:
        assert len(people.admin.client.get("/integrations").json()) == 3

    assert len(three) == len(one)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"firstConnector": None}, "firstConnector"),
        ({"firstConnector": {"connectorId": "x"}}, "firstConnector.connectorId"),
        ({"firstConnector": {"connectorId": 10**30}}, "firstConnector.connectorId"),
        ({"summary": "x" * 256}, "summary"),
        ({"surprise": 1}, "surprise"),
        ({"policy": "loudest"}, "policy"),
        ({"fieldMappings": [{"firstField": "title"}]}, "fieldMappings[0].secondField"),
        ({"fieldMappings": {"firstField": "title"}}, "fieldMappings"),
    ],
)
def test_a_wrong_body_names_the_field_and_makes_nothing(people: Cast, change: dict[str, Any], field: str) -> None:
    answer = people.admin.client.post("/integrations", {**new_body(people), **change}, format="json")

    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])
    assert Synchronization.objects.count() == 0


def test_another_tenants_connector_does_not_exist(people: Cast) -> None:
    theirs = recipes.connector.make(organization=people.outsider.organization)

    answer = people.admin.client.post(
        "/integrations", new_body(people, firstConnector={"connectorId": theirs.pk}), format="json"
    )

    assert answer.status_code == 404


def test_words_and_filters_are_changed_at_once(people: Cast, made: Synchronization) -> None:
    body = {"summary": "Renamed", "secondConnector": {"jql": "labels = shared"}}

    shown = people.admin.client.put("/integrations/INT-1", body, format="json").json()

    assert (shown["summary"], shown["secondConnector"]["jql"], shown["version"]) == ("Renamed", "labels = shared", 2)


def test_a_deleted_synchronization_is_gone_and_the_trail_remembers_it(people: Cast, made: Synchronization) -> None:
    assert people.admin.client.delete("/integrations/INT-1").status_code == 200

    assert people.admin.client.get("/integrations/INT-1").status_code == 404
    assert AuditEntry.objects.filter(action="synchronization.deleted").count() == 1


@pytest.mark.parametrize("key", ["INT-1", "int-1"])
def test_status_has_the_documented_members(people: Cast, made: Synchronization, key: str) -> None:
    shown = people.member.client.get(f"/integrations/{key}/status").json()

    assert shown["status"] == "STOPPED"
    assert shown["firstConnector"] == {
        "connectorKey": "PA-2",
        "online": True,
        "reconnecting": False,
        "incomingRouteStatus": "STOPPED",
        "incomingProcessingStatus": "IDLE",
        "incomingDetails": "",
        "outgoingRouteStatus": "STOPPED",
        "outgoingProcessingStatus": "IDLE",
        "outgoingDetails": "",
        "externalRouteStatus": "STOPPED",
        "issuesInError": 0,
    }


@pytest.mark.parametrize("verb", ["post", "put"])
def test_start_and_stop_answer_tasks_to_both_verbs(people: Cast, made: Synchronization, verb: str) -> None:
    client = people.admin.client
    started = getattr(client, verb)("/integrations/INT-1/start")
    Synchronization.objects.filter(pk=made.pk).update(status=SynchronizationStatus.RUNNING)
    stopped = getattr(client, verb)("/integrations/INT-1/stop")

    assert (started.status_code, stopped.status_code) == (200, 200)
    assert MOMENT.fullmatch(started.json()["startTimestamp"])
    task = client.get(f"/async-tasks/{stopped.json()['id']}").json()
    assert (task["finished"], task["progress"], task["result"]) == (True, 100, {"status": "STOPPED"})
    assert (task["failureMessage"], task["resourceLocation"]) == (None, "/integrations/INT-1")
    made.refresh_from_db()
    assert made.status == SynchronizationStatus.STOPPED


def test_a_task_is_seen_by_whoever_started_it_alone(people: Cast, made: Synchronization) -> None:
    task = people.admin.client.post("/integrations/INT-1/start").json()["id"]

    assert people.admin.client.get(f"/async-tasks/{task.lower()}").status_code == 200
    assert people.owner.client.get(f"/async-tasks/{task}").status_code == 404
    assert people.outsider.client.get(f"/async-tasks/{task}").status_code == 404


@pytest.mark.parametrize("how", ["cancel", "delete"])
def test_a_task_is_cancelled_once(people: Cast, made: Synchronization, how: str) -> None:
    client = people.admin.client
    task = client.post("/integrations/INT-1/start").json()["id"]
    end = (
        (lambda: client.post(f"/async-tasks/{task}/cancel"))
        if how == "cancel"
        else (lambda: client.delete(f"/async-tasks/{task}"))
    )

    first, second = end(), end()

    assert (first.status_code, first.json()["cancelled"], first.json()["finished"]) == (200, True, True)
    assert second.status_code == 409
    assert AsyncTask.objects.get().cancelled


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("get", "/integrations/INT-1"),
        ("get", "/integrations/INT-1/status"),
        ("get", "/integrations/INT-1/conflicts"),
        ("get", "/integrations/INT-1/webhooks"),
        ("get", "/integrations/INT-1/matters"),
        ("get", "/integrations/INT-1/activity"),
        ("get", "/integrations/INT-1/draft"),
        ("put", "/integrations/INT-1"),
        ("delete", "/integrations/INT-1"),
        ("post", "/integrations/INT-1/start"),
        ("post", "/integrations/INT-1/draft"),
        ("post", "/integrations/INT-1/cutOver"),
        ("post", "/integrations/INT-1/draft/fieldMappings"),
    ],
)
def test_an_outsider_finds_nothing(people: Cast, made: Synchronization, method: str, address: str) -> None:
    answer = getattr(people.outsider.client, method)(address, {}, format="json")

    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("post", "/integrations"),
        ("put", "/integrations/INT-1"),
        ("delete", "/integrations/INT-1"),
        ("post", "/integrations/INT-1/start"),
        ("put", "/integrations/INT-1/applicationConnection"),
        ("post", "/integrations/INT-1/draft"),
        ("put", "/integrations/INT-1/webhooks"),
    ],
)
def test_members_see_but_do_not_change(people: Cast, made: Synchronization, method: str, address: str) -> None:
    assert getattr(people.member.client, method)(address, {}, format="json").status_code == 403


def test_the_connection_of_a_stopped_side_is_changed_and_never_shown(people: Cast, made: Synchronization) -> None:
    body = {"connectorKey": "PA-2", "baseUrl": "https://new.atlassian.net", "username": "a@b.example", "password": "s3"}

    answer = people.admin.client.put("/integrations/INT-1/applicationConnection", body, format="json")

    assert answer.status_code == 200, answer.content
    connector = Connector.objects.get(default_project="PA")
    assert (connector.server, connector.account) == ("https://new.atlassian.net", "a@b.example")
    assert b"s3" not in people.admin.client.get("/integrations/INT-1").content


def test_the_connection_of_a_running_one_stays(people: Cast, made: Synchronization) -> None:
    Synchronization.objects.filter(pk=made.pk).update(status=SynchronizationStatus.RUNNING)
    body = {"connectorKey": "PA-2", "password": "another"}

    answer = people.admin.client.put("/integrations/INT-1/applicationConnection", body, format="json")

    assert (answer.status_code, answer.json()["errorMessages"]) == (409, ["INT-1 is running: stop it first"])


def test_webhook_addresses_are_shown_and_their_secrets_are_not(people: Cast, made: Synchronization) -> None:
    client = people.admin.client
    body = {"connectorKey": "PA-2", "secret": "sixteen characters and more"}

    answer = client.put("/integrations/INT-1/webhooks", body, format="json")

    first, second = client.get("/integrations/INT-1/webhooks").json()
    assert answer.json() == [first, second]
    assert (first["connectorKey"], first["secret"], first["lastReceived"]) == ("PA-2", "********", None)
    assert first["url"] != second["url"]
    assert first["url"].startswith("http://testserver/hooks/")


@pytest.fixture
def matter(people: Cast, made: Synchronization) -> Matter:
    pair = recipes.pair.make(
        organization=people.organization, synchronization=made, first_key="PA-1", second_key="PB-1", held=True
    )
    return Matter.objects.create(
        organization=people.organization,
        synchronization=made,
        pair=pair,
        position=1,
        item="PA-1",
        kind=MatterKind.ERROR,
        code="FIELD_REFUSED",
        message="The title is too long",
    )


def test_what_waits_for_a_person_is_listed_filtered_and_counted(
    people: Cast, made: Synchronization, matter: Matter
) -> None:
    client = people.member.client
    address = "/integrations/INT-1/matters"

    (row,) = client.get(address).json()

    assert (row["id"], row["kind"], row["issueKey"], row["secondIssueKey"]) == (matter.pk, "error", "PA-1", "PB-1")
    assert (row["code"], row["status"], row["connectorKey"]) == ("FIELD_REFUSED", "open", "PA-2")
    assert client.get(address, {"kind": "conflict"}).json() == []
    assert client.get(address, {"issueKey": "PB-1"}).json() == [row]
    assert client.get(address, {"status": "resolved"}).json() == []
    assert client.get(address, {"status": "odd"}).status_code == 400
    assert client.get("/integrations/INT-1/status").json()["firstConnector"]["issuesInError"] == 1


def test_an_error_is_tried_again_by_a_member(people: Cast, made: Synchronization, matter: Matter) -> None:
    client = people.member.client

    answer = client.post(f"/integrations/INT-1/matters/{matter.pk}/resolve", {"resolution": "retry"}, format="json")

    assert (answer.status_code, answer.json()["resolution"]) == (200, "retry")
    again = client.post(f"/integrations/INT-1/matters/{matter.pk}/resolve", {"resolution": "retry"}, format="json")
    assert again.status_code == 409


@pytest.mark.parametrize("resolution", ["", "third", "edit", "first", None])
def test_an_error_offers_no_other_answer(
    people: Cast, made: Synchronization, matter: Matter, resolution: str | None
) -> None:
    answer = people.member.client.post(
        f"/integrations/INT-1/matters/{matter.pk}/resolve", {"resolution": resolution}, format="json"
    )

    assert answer.status_code == 400
    assert retry_all(made, by=people.member.principal) == 1


def test_all_errors_are_tried_again_at_once(people: Cast, made: Synchronization, matter: Matter) -> None:
    assert people.member.client.post("/integrations/INT-1/matters/retry").json() == {"count": 1}


def test_health_counts(people: Cast, made: Synchronization) -> None:
    assert people.member.client.get(f"{SERVLET}/health").json() == {
        "status": "UP",
        "synchronizations": 1,
        "running": 0,
    }
