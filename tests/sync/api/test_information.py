"""Sync information and resync: every example of the founding document, and what it must refuse."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from django.test import AsyncClient
from rest_framework.test import APIClient

from connectors.domain.errors import Refused
from sync.api import information
from sync.models import AsyncTask, Pair, Synchronization, SynchronizationStatus
from tenancy.models import AuditEntry
from tests.builders import Cast
from tests.sync.api.builders import ROWS, SERVLET, two_jiras
from tests.sync.builders import TEXT_ID, TITLE_ID

pytestmark = pytest.mark.django_db

ADDRESS = "/connectors/PA-2/syncInformation"


@pytest.fixture
def made(people: Cast) -> Synchronization:
    return two_jiras(people.admin.principal)


@pytest.fixture
def client(people: Cast, made: Synchronization) -> APIClient:
    return people.admin.client


def errors_of(response: Any) -> dict[str, str]:
    assert response.status_code == 400, response.content
    found: dict[str, str] = response.json()["errors"]
    return found


@pytest.mark.parametrize("mount", ["", SERVLET])
def test_the_documented_import_is_listed_as_documented(client: APIClient, mount: str) -> None:
    imported = client.post(f"{mount}{ADDRESS}", ROWS, format="json")
    listed = client.get(f"{mount}{ADDRESS}")

    assert imported.status_code == listed.status_code == 200
    first, second = listed.json()
    assert {name: value for name, value in first.items() if name not in ("id", "connectorKey")} == ROWS[0]
    assert (first["connectorKey"], first["id"] < second["id"]) == ("PA-2", True)
    assert imported.json() == listed.json()


def test_the_partner_sees_the_same_pairs_from_its_side(client: APIClient) -> None:
    client.post(ADDRESS, ROWS, format="json")

    (row,) = client.get("/connectors/PB-1/syncInformation", {"localIssueKey": "PB-2"}).json()

    assert (row["localIssueKey"], row["remoteIssueKey"], row["connectorKey"]) == ("PB-2", "PA-2", "PB-1")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"localIssueKey": "PA-1"}, ["PA-1"]),
        ({"remoteIssueKey": "PB-2"}, ["PA-2"]),
        ({"localIssueKey": "PA-1", "remoteIssueKey": "PB-2"}, []),
        ({"limit": "1"}, ["PA-1"]),
    ],
)
def test_sync_information_is_filtered_and_paged(client: APIClient, asked: dict[str, str], found: list[str]) -> None:
    client.post(ADDRESS, ROWS, format="json")

    assert [row["localIssueKey"] for row in client.get(ADDRESS, asked).json()] == found


def test_the_page_behind_a_number_goes_on_there(client: APIClient) -> None:
    client.post(ADDRESS, ROWS, format="json")
    (first,) = client.get(ADDRESS, {"limit": 1}).json()

    assert [row["localIssueKey"] for row in client.get(ADDRESS, {"limit": 9, "after": first["id"]}).json()] == ["PA-2"]


def test_what_an_import_leaves_out_is_now_and_zero(client: APIClient) -> None:
    (row,) = client.post(ADDRESS, [{"localIssueKey": "PA-7", "remoteIssueKey": "PB-9"}], format="json").json()

    assert row["firstSyncDate"] == row["lastOutgoingChange"] > 1_700_000_000_000
    assert (row["outgoingMessageSequenceId"], row["incomingChangesIgnored"]) == (0, False)


def test_importing_a_known_pair_changes_it(client: APIClient) -> None:
    client.post(ADDRESS, ROWS, format="json")

    client.post(ADDRESS, [{**ROWS[0], "incomingChangesIgnored": True}], format="json")

    rows = client.get(ADDRESS).json()
    assert [row["incomingChangesIgnored"] for row in rows] == [True, False]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"localIssueKey": "PB-3"}, "[1].localIssueKey"),
        ({"remoteIssueKey": "PA-3"}, "[1].remoteIssueKey"),
        ({"remoteIssueKey": "PB-1"}, "[1].remoteIssueKey"),
        ({"localIssueKey": None}, "[1].localIssueKey"),
        ({"firstSyncDate": "yesterday"}, "[1].firstSyncDate"),
        ({"lastOutgoingChange": -1}, "[1].lastOutgoingChange"),
        ({"lastIncomingChange": 1.5}, "[1].lastIncomingChange"),
        ({"incomingMessageSequenceId": True}, "[1].incomingMessageSequenceId"),
        ({"incomingChangesIgnored": "no"}, "[1].incomingChangesIgnored"),
        ({"somethingElse": 1}, "[1].somethingElse"),
    ],
)
def test_one_wrong_row_is_named_and_nothing_is_imported(client: APIClient, change: dict[str, Any], place: str) -> None:
    response = client.post(ADDRESS, [ROWS[0], {**ROWS[1], **change}], format="json")

    assert list(errors_of(response)) == [place]
    assert Pair.objects.count() == 0


def test_a_pair_that_is_correlated_elsewhere_is_a_row_error(client: APIClient) -> None:
    client.post(ADDRESS, ROWS, format="json")

    response = client.post(ADDRESS, [{"localIssueKey": "PA-3", "remoteIssueKey": "PB-1"}], format="json")

    assert errors_of(response) == {"[0].remoteIssueKey": "PB-1 is paired with PA-1."}
    assert Pair.objects.count() == 2


@pytest.mark.parametrize("body", [{}, "PA-1", 7, None])
def test_only_a_list_is_imported(client: APIClient, body: Any) -> None:
    response = client.post(ADDRESS, json.dumps(body), content_type="application/json")

    assert response.status_code == 400
    assert "list" in json.dumps(response.json())


def test_more_rows_than_are_allowed_at_once_are_refused(client: APIClient) -> None:
    rows = [{"localIssueKey": f"PA-{number}", "remoteIssueKey": f"PB-{number}"} for number in range(1, 100_002)]

    response = client.post(ADDRESS, rows, format="json")

    assert response.status_code == 400
    assert "100,000" in json.dumps(response.json())
    assert Pair.objects.count() == 0


def test_one_entry_is_deleted_and_restored(client: APIClient) -> None:
    first, _ = client.post(ADDRESS, ROWS, format="json").json()

    gone = client.delete(f"{ADDRESS}?syncInfoId={first['id']}")
    left = [row["localIssueKey"] for row in client.get(ADDRESS).json()]
    back = client.post(f"{ADDRESS}/restore")

    assert (gone.status_code, gone.json(), left, back.json()) == (200, {"count": 1}, ["PA-2"], {"count": 1})
    assert [row["localIssueKey"] for row in client.get(ADDRESS).json()] == ["PA-1", "PA-2"]


def test_without_an_id_all_entries_go_and_the_trail_says_who_did_it(client: APIClient, people: Cast) -> None:
    client.post(ADDRESS, ROWS, format="json")

    assert client.delete(ADDRESS).json() == {"count": 2}

    assert client.get(ADDRESS).json() == []
    entry = AuditEntry.objects.get(action="sync_information.deleted")
    assert (entry.actor, entry.before["count"]) == (people.admin.user, 2)


@pytest.mark.parametrize("number", ["0", "999999", "99999999999999999999", "-1", "1.5", "x"])
def test_an_entry_that_does_not_exist_is_not_deleted(client: APIClient, number: str) -> None:
    client.post(ADDRESS, ROWS, format="json")

    assert client.delete(f"{ADDRESS}?syncInfoId={number}").status_code in (400, 404)
    assert len(client.get(ADDRESS).json()) == 2


def test_members_read_but_do_not_delete_or_import(people: Cast, made: Synchronization) -> None:
    client = people.member.client

    assert client.get(ADDRESS).status_code == 200
    assert client.delete(ADDRESS).status_code == 403
    assert client.post(ADDRESS, ROWS, format="json").status_code == 403


@pytest.mark.parametrize("address", [ADDRESS, "/connectors/NO-1/syncInformation", "/connectors/PB/syncInformation"])
def test_an_outsider_finds_no_connector(people: Cast, made: Synchronization, address: str) -> None:
    response = people.outsider.client.get(address)

    assert (response.status_code, list(response.json())) == (404, ["errorMessages", "errors"])


def test_a_caller_without_credentials_is_asked_for_basic(made: Synchronization) -> None:
    response = APIClient().get(ADDRESS)

    assert (response.status_code, response["WWW-Authenticate"]) == (401, 'Basic realm="Isthmus"')


def test_a_wrong_password_is_asked_for_basic_again(made: Synchronization) -> None:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION="Basic bm9ib2R5QGV4YW1wbGUuY29tOm5v")

    response = client.get(ADDRESS)

    assert (response.status_code, response["WWW-Authenticate"]) == (401, 'Basic realm="Isthmus"')


def test_a_browser_is_never_asked_for_basic(made: Synchronization) -> None:
    client = APIClient()
    client.cookies["sessionid"] = "gone"

    assert client.get(ADDRESS)["WWW-Authenticate"] == "Session"


@pytest.mark.django_db(transaction=True)
def test_a_long_list_is_streamed_page_by_page(client: APIClient, people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"localIssueKey": f"PA-{number}", "remoteIssueKey": f"PB-{number}"} for number in range(1, 8)]
    client.post(ADDRESS, rows, format="json")
    monkeypatch.setattr(information, "STREAMED_PAGE", 3)
    bearer = client._credentials["HTTP_AUTHORIZATION"]

    async def read() -> list[bytes]:
        response = await AsyncClient().get(ADDRESS, headers={"authorization": bearer})
        return [chunk async for chunk in response.streaming_content]

    chunks = asyncio.run(read())

    assert [row["localIssueKey"] for row in json.loads(b"".join(chunks))] == [row["localIssueKey"] for row in rows]
    assert len(chunks) == 4


RESYNC = {"jql": "", "fieldMappings": [TITLE_ID, TEXT_ID], "responsibility": False, "sendStatusField": False}


def run(made: Synchronization) -> None:
    Synchronization.objects.filter(pk=made.pk).update(status=SynchronizationStatus.RUNNING)


def test_the_documented_resync_answers_a_task(
    client: APIClient, made: Synchronization, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(made)
    asked: list[str] = []
    monkeypatch.setattr("sync.services.resyncing.check_query", lambda side, query: asked.append(query))

    response = client.post("/connectors/PA-2/resync", {**RESYNC, "jql": "component = A"}, format="json")

    body = response.json()
    assert (response.status_code, asked) == (200, ["component = A"])
    assert body["message"] == "Starting resync for connector PA-2"
    assert sorted(body) == sorted(["id", "startTimestamp", "finished", "cancelled", "hasFailed", "progress", "message"])
    assert (body["finished"], body["cancelled"], body["hasFailed"], body["progress"]) == (False, False, False, 0)
    assert len(body["id"]) == 32
    assert AsyncTask.objects.get(pk=body["id"]).parameters["fieldMappings"] == [TITLE_ID, TEXT_ID]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"fieldMappings": []}, "fieldMappings"),
        ({"fieldMappings": ["no-such-id"]}, "fieldMappings"),
        ({"fieldMappings": "all"}, "fieldMappings"),
        ({"responsibility": "perhaps"}, "responsibility"),
        ({"jql": ["a"]}, "jql"),
        ({"jqI": "typo"}, "jqI"),
    ],
)
def test_a_wrong_resync_names_the_field(
    client: APIClient, made: Synchronization, change: dict[str, Any], field: str
) -> None:
    run(made)

    assert list(errors_of(client.post("/connectors/PA-2/resync", {**RESYNC, **change}, format="json"))) == [field]
    assert AsyncTask.objects.count() == 0


def test_a_filter_that_the_platform_refuses_is_told_in_its_words(
    client: APIClient, made: Synchronization, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(made)

    def refuse(side: object, query: str) -> None:
        raise Refused("Field 'komponent' does not exist", code="QUERY_REFUSED")

    monkeypatch.setattr("sync.services.resyncing.check_query", refuse)
    response = client.post("/connectors/PA-2/resync", {**RESYNC, "jql": "komponent = A"}, format="json")

    assert (response.status_code, response.json()["errorMessages"]) == (400, ["Field 'komponent' does not exist"])


def test_a_stopped_synchronization_is_not_resynchronized(client: APIClient, made: Synchronization) -> None:
    assert client.post("/connectors/PA-2/resync", RESYNC, format="json").status_code == 409
