"""Verbs that change and follow a project, against a scripted service."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from requests import PreparedRequest

from connectors.clients.azure_devops.wire import following, writing
from connectors.clients.settings import TransportSettings
from connectors.domain.errors import AccessLost, NotSent, Unclear
from tests.connectors.clients.azure_devops.test_client import ME, client_of
from tests.connectors.clients.scripted import Scripted, json_answer

SINCE = datetime(2026, 2, 28, 10, tzinfo=UTC)
TITLE = writing.set_field("System.Title", "A gate")


class Words:
    """A file's content."""

    def __init__(self, data: bytes, size: int | None = None) -> None:
        self._data = data
        self.size = size

    def __iter__(self) -> Any:
        yield self._data


def query_of(request: PreparedRequest) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(request.url or "").query).items()}


def wiql_of(request: PreparedRequest) -> str:
    return str(json.loads(request.body or b"{}")["query"])


def test_notifications_are_kept_back_while_the_token_may_do_that() -> None:
    refused = json_answer({"message": "You need the right to suppress notifications.", "typeKey": "X"}, 403)
    client, trial = client_of(refused, json_answer({"id": 7}), json_answer({"id": 7}))

    client.update_item("P", 7, [TITLE])
    client.update_item("P", 7, [TITLE])

    asked = [query_of(request).get("suppressNotifications") for request in trial.adapter.requests]
    assert asked == ["true", None, None]


def test_another_refusal_is_not_taken_for_that() -> None:
    client, trial = client_of(json_answer({"message": "TF237111: no rights", "typeKey": "X"}, 403))

    with pytest.raises(AccessLost):
        client.update_item("P", 7, [TITLE])

    assert len(trial.adapter.requests) == 1


def test_a_create_is_a_patch_that_is_sent_once() -> None:
    client, trial = client_of(Scripted(500, {}, b""))

    with pytest.raises(Unclear):
        client.create_item("My Project", "User Story", [TITLE])

    (request,) = trial.adapter.requests
    assert urlsplit(request.url or "").path == "/contoso/My%20Project/_apis/wit/workitems/$User%20Story"
    assert request.headers["Content-Type"] == "application/json-patch+json"
    assert json.loads(request.body or b"") == [{"op": "add", "path": "/fields/System.Title", "value": "A gate"}]


def test_a_file_of_another_length_than_announced_is_not_sent() -> None:
    client, trial = client_of(json_answer({}))

    with pytest.raises(NotSent):
        client.upload_file("P", "a.txt", Words(b"abc", 4))

    assert trial.adapter.requests == []


def test_a_piece_without_an_answer_makes_the_file_begin_anew() -> None:
    begun = json_answer({"id": "g", "url": "https://dev.azure.com/contoso/_apis/wit/attachments/g"}, 202)
    client, _ = client_of(begun, Scripted(502, {}, b""), settings=TransportSettings())

    with pytest.raises(NotSent):
        client.upload_file("P", "a.txt", Words(b"abcdef"), chunk_from=1, piece=3)


def test_people_are_asked_for_on_their_own_host() -> None:
    person = json_answer({"value": [{"id": "g-2"}]})
    client, trial = client_of(json_answer(ME), person)

    client.search_identities("ann@example.com", by="MailAddress")

    assert [urlsplit(request.url or "").netloc for request in trial.adapter.requests] == [
        "dev.azure.com",
        "vssps.dev.azure.com",
    ]
    assert "Authorization" in trial.adapter.requests[1].headers


@pytest.mark.parametrize(
    ("organization", "address"),
    [
        ("https://dev.azure.com/contoso", "https://vssps.dev.azure.com/contoso"),
        ("https://contoso.visualstudio.com", "https://contoso.vssps.visualstudio.com"),
        ("http://127.0.0.1:8001/contoso", "http://127.0.0.1:8001/contoso"),
    ],
)
def test_where_people_are_asked_for(organization: str, address: str) -> None:
    assert following.identity_address(organization) == address


def test_changes_leave_out_the_revisions_that_were_seen() -> None:
    client, trial = client_of(json_answer({"workItems": [{"id": 9}]}))

    found = client.changed_items("P", "([System.Tags] CONTAINS 'x')", SINCE, {4: 2, 5: 2, 6: 1, 7: 0})

    assert found == [9]
    assert query_of(trial.adapter.requests[0])["timePrecision"] == "true"
    assert wiql_of(trial.adapter.requests[0]) == (
        "SELECT [System.Id] FROM WorkItems WHERE [System.TeamProject] = @project AND ([System.Tags] CONTAINS 'x') AND "
        "[System.ChangedDate] >= '2026-02-28T10:00:00.000Z' AND [System.Id] NOT IN (7) AND "
        "([System.Rev] <> 1 OR [System.Id] NOT IN (6)) AND ([System.Rev] <> 2 OR [System.Id] NOT IN (4, 5)) "
        "ORDER BY [System.ChangedDate] ASC, [System.Id] ASC"
    )


def test_streams_begin_at_a_moment_or_a_token_never_both() -> None:
    first = following.link_changes("P", token="", since="2026-02-28T10:00:00Z")
    later = following.revision_changes("P", token="7;1;1", since="2026-02-28T10:00:00Z")

    assert ("startDateTime", "2026-02-28T10:00:00Z") in first.query
    assert "continuationToken" not in dict(first.query)
    assert ("continuationToken", "7;1;1") in later.query
    assert "startDateTime" not in dict(later.query)


@pytest.mark.parametrize(
    ("text", "is_fine"),
    [
        ("[System.Id] > 0", True),
        ("[System.Title] = 'a) OR (b' AND ([System.Id] > 0)", True),
        ("[Custom.Order By] = 'ORDER BY x'", True),
        ("[System.Title] = 'it''s'", True),
        ("[System.Id] > 0) OR ([System.Id] > 0", False),
        ("[System.Title] = 'open", False),
        ("[System.Title = 'x'", False),
        ("[System.Id] > 0 order by [System.Id]", False),
        ("[System.Id] > 0 ASOF '2020-01-01'", False),
        ("SELECT [System.Id] FROM WorkItems", False),
    ],
)
def test_a_filter_is_nothing_but_conditions(text: str, is_fine: bool) -> None:
    assert (following.filter_problem(text) == "") is is_fine
