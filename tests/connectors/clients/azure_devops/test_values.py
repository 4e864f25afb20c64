"""Single values of Azure DevOps answers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connectors.clients.azure_devops.values import (
    Node,
    as_int,
    as_number,
    attachment_id_of,
    attachment_name_of,
    host_of,
    item_id_of,
    read_moment,
    read_nodes,
    read_person,
    read_tags,
)
from connectors.domain.work_items import Person

GUID = "098a279a-60b9-40a8-868b-b7fd00c0a439"
BASE = datetime(2026, 3, 31, 18, 36, 26, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-31T18:36:26Z", BASE),
        ("2026-03-31T18:36:26.2Z", BASE.replace(microsecond=200_000)),
        ("2026-03-31T18:36:26.23Z", BASE.replace(microsecond=230_000)),
        ("2026-03-31T18:36:26.043Z", BASE.replace(microsecond=43_000)),
        ("2026-03-31T18:36:26.1234Z", BASE.replace(microsecond=123_400)),
        ("2026-03-31T18:36:26.12345Z", BASE.replace(microsecond=123_450)),
        ("2026-03-31T18:36:26.123456Z", BASE.replace(microsecond=123_456)),
        ("2026-03-31T18:36:26.1234567Z", BASE.replace(microsecond=123_456)),
        ("2026-03-31T20:36:26+02:00", BASE),
        ("2026-03-31T18:36:26", BASE),
        ("9999-01-01T00:00:00Z", None),
        ("0001-01-01T00:00:00", None),
        ("yesterday", None),
        ("", None),
        (None, None),
        (20260331, None),
    ],
)
def test_moments(text: object, moment: datetime | None) -> None:
    assert read_moment(text) == moment


@pytest.mark.parametrize(
    ("value", "person"),
    [
        (
            {"displayName": "Ann", "id": "g-1", "uniqueName": "ann@example.com", "descriptor": "aad.x"},
            Person("g-1", "Ann", "ann@example.com"),
        ),
        (
            {"displayName": "Bo", "id": "g-2", "uniqueName": "CORP\\bo", "inactive": True},
            Person("g-2", "Bo", "", False),
        ),
        ({"id": "g-3", "uniqueName": "Cy <cy@example.com>"}, Person("g-3", "Cy", "cy@example.com")),
        ({"displayName": "Svc", "descriptor": "svc.1", "uniqueName": "Build\\9f"}, Person("svc.1", "Svc")),
        ({}, None),
        ("Ann Lee <ann@example.com>", Person("ann@example.com", "Ann Lee", "ann@example.com")),
        ("Ann <CORP\\ann>", Person("CORP\\ann", "Ann")),
        ("<ann@example.com>", Person("ann@example.com", "ann@example.com", "ann@example.com")),
        ("Old Colleague", Person("Old Colleague", "Old Colleague")),
        ("  ", None),
        ("", None),
        (None, None),
        (7, None),
    ],
)
def test_people(value: object, person: Person | None) -> None:
    assert read_person(value) == person


@pytest.mark.parametrize(
    ("value", "tags"),
    [
        ("a; b c; D", ("a", "b c", "D")),
        ("Alpha;alpha; ALPHA", ("Alpha",)),
        ("; ;", ()),
        ("", ()),
        (None, ()),
    ],
)
def test_tags(value: object, tags: tuple[str, ...]) -> None:
    assert read_tags(value) == tags


@pytest.mark.parametrize(
    ("value", "number", "whole"),
    [
        (8, 8.0, 8),
        (8.0, 8.0, 8),
        ("8.5", 8.5, 8),
        (True, None, None),
        (None, None, None),
        ("x", None, None),
        ("nan", ..., None),
    ],
)
def test_numbers(value: object, number: object, whole: int | None) -> None:
    assert as_int(value) == whole
    if number is not ...:
        assert as_number(value) == number


@pytest.mark.parametrize(
    ("url", "item"),
    [
        ("https://dev.azure.com/contoso/_apis/wit/workItems/975", "975"),
        ("https://dev.azure.com/contoso/d5d6109b-64fa/_apis/wit/workItems/975", "975"),
        ("https://old.visualstudio.com/DefaultCollection/_apis/wit/workItems/12?x=1", "12"),
        ("https://dev.azure.com/contoso/p/_workitems/edit/7/", "7"),
        ("vstfs:///Git/Commit/abc", None),
        ("", None),
    ],
)
def test_items_by_the_last_segment(url: str, item: str | None) -> None:
    assert item_id_of(url) == item


@pytest.mark.parametrize(
    ("url", "guid", "name"),
    [
        (f"https://dev.azure.com/contoso/_apis/wit/attachments/{GUID}", GUID, ""),
        (f"https://dev.azure.com/c/p/_apis/wit/attachments/{GUID.upper()}?fileName=a%20b.png", GUID, "a b.png"),
        (f"https://x.visualstudio.com/_apis/wit/Attachments/{GUID}?filename=a.png&amp;api-version=1.0", GUID, "a.png"),
        (f"/contoso/_apis/wit/attachments/{GUID}?api-version=1&amp;fileName=b.png", GUID, "b.png"),
        (f"https://tfs/WorkItemTracking/v1.0/AttachFileHandler.ashx?FileNameGuid={GUID}&fileName=c.png", GUID, "c.png"),
        ("https://tfs/WorkItemTracking/v1.0/AttachFileHandler.ashx?FileNameGuid=1&fileName=c.png", None, "c.png"),
        ("https://dev.azure.com/contoso/_apis/wit/attachments/not-a-guid", None, ""),
        ("https://example.com/picture.png", None, ""),
        ("http://[broken", None, ""),
    ],
)
def test_files_by_their_address(url: str, guid: str | None, name: str) -> None:
    assert (attachment_id_of(url), attachment_name_of(url)) == (guid, name)


@pytest.mark.parametrize(
    ("url", "host"),
    [("https://Dev.Azure.com/x", "dev.azure.com"), ("http://u:p@h:81/", "h:81"), ("/relative", ""), ("http://[x", "")],
)
def test_hosts(url: str, host: str) -> None:
    assert host_of(url) == host


def test_paths_are_built_from_names_because_the_service_adds_a_group_segment() -> None:
    tree = {
        "name": "Proj",
        "path": "\\Proj\\Iteration",
        "children": [
            {
                "name": "Release 1",
                "path": "\\Proj\\Iteration\\Release 1",
                "attributes": {"startDate": "2026-01-05T00:00:00Z", "finishDate": "2026-01-16T00:00:00Z"},
                "children": [{"name": "Sprint 1", "attributes": None}],
            },
            {"name": "Release 2"},
        ],
    }

    assert list(read_nodes(tree)) == [
        Node("Proj"),
        Node("Proj\\Release 1", datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 1, 16, tzinfo=UTC)),
        Node("Proj\\Release 2"),
        Node("Proj\\Release 1\\Sprint 1"),
    ]
