"""What is sent to Azure DevOps."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from connectors.clients.azure_devops.wire import reading as wire
from connectors.clients.calls import Call, Effect


def query_of(call: Call) -> str:
    return str(json.loads(call.body or b"{}")["query"])


@pytest.mark.parametrize(
    ("organization", "url"),
    [
        ("contoso", "https://dev.azure.com/contoso"),
        (" contoso/ ", "https://dev.azure.com/contoso"),
        ("https://dev.azure.com/contoso/", "https://dev.azure.com/contoso"),
        ("https://contoso.visualstudio.com", "https://contoso.visualstudio.com"),
        ("https://contoso.visualstudio.com/DefaultCollection", "https://contoso.visualstudio.com"),
        ("http://127.0.0.1:8001/contoso", "http://127.0.0.1:8001/contoso"),
    ],
)
def test_an_organization_is_a_name_or_an_address(organization: str, url: str) -> None:
    assert wire.organization_url(organization, service_url="https://dev.azure.com/") == url


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://dev.azure.com/contoso", "contoso"),
        ("https://contoso.visualstudio.com", "contoso"),
        ("http://127.0.0.1:8001/contoso", "contoso"),
    ],
)
def test_the_organizations_name(url: str, name: str) -> None:
    assert wire.organization_name(url) == name


def test_every_call_names_a_version_and_suppresses_the_redirect_to_the_sign_in_page() -> None:
    calls = [
        wire.connection_data(),
        wire.project("P"),
        wire.item_types("P"),
        wire.type_states("P", "User Story"),
        wire.type_categories("P"),
        wire.backlogs("P"),
        wire.fields("P"),
        wire.classification_nodes("P"),
        wire.team_iterations("P"),
        wire.relation_types(),
        wire.item_query("P", after=0),
        wire.read_batch("P", [1]),
        wire.comments("P", 1),
        wire.attachment("P", "g", name="n"),
    ]

    assert all(dict(call.query)["api-version"].startswith("7.1") for call in calls)
    assert all(call.headers == {"X-TFS-FedAuthRedirect": "Suppress"} for call in calls)
    assert all(call.effect is Effect.READ for call in calls)


def test_names_in_paths_are_encoded_and_routes_hold_none() -> None:
    call = wire.type_states("My Project/ü", "User Story")

    assert call.path == "/My%20Project%2F%C3%BC/_apis/wit/workitemtypes/User%20Story/states"
    assert call.route == "/{project}/_apis/wit/workitemtypes/{type}/states"


def test_a_query_asks_for_ids_in_order_within_the_project() -> None:
    call = wire.item_query("P", after=0)

    assert query_of(call) == (
        "SELECT [System.Id] FROM WorkItems WHERE [System.TeamProject] = @project AND [System.Id] > 0"
        " ORDER BY [System.Id] ASC"
    )
    assert dict(call.query) == {"$top": "19999", "api-version": "7.1"}


def test_a_query_with_everything() -> None:
    since = datetime(2026, 3, 1, 14, 30, tzinfo=timezone(timedelta(hours=2)))

    call = wire.item_query("P", after=7, up_to=20_006, area="P\\O'Neil", types=("Bug", "User's"), changed_since=since)

    assert query_of(call).split(" WHERE ")[1] == (
        "[System.TeamProject] = @project AND [System.Id] > 7 AND [System.Id] <= 20006"
        " AND [System.AreaPath] UNDER 'P\\O''Neil' AND [System.WorkItemType] IN ('Bug', 'User''s')"
        " AND [System.ChangedDate] >= '2026-03-01T12:30:00.000Z' ORDER BY [System.Id] ASC"
    )
    assert dict(call.query)["timePrecision"] == "true"


def test_a_batch_asks_for_relations_and_leaves_out_what_is_hidden() -> None:
    call = wire.read_batch("P", [1, 2], as_of=datetime(2026, 3, 1, tzinfo=UTC))

    assert json.loads(call.body or b"") == {
        "ids": [1, 2],
        "$expand": "relations",
        "errorPolicy": "omit",
        "asOf": "2026-03-01T00:00:00.000Z",
    }


def test_trees_are_asked_for_whole() -> None:
    assert dict(wire.classification_nodes("P").query)["$depth"] == "14"


def test_comments_come_oldest_first_in_pages_and_need_the_project() -> None:
    call = wire.comments("P", 7, token="next")

    assert call.path == "/P/_apis/wit/workItems/7/comments"
    assert dict(call.query) == {
        "$top": "200",
        "order": "asc",
        "includeDeleted": "false",
        "continuationToken": "next",
        "api-version": "7.1-preview.4",
    }
