"""The auditor finds every kind of damage; otherwise its silence would prove nothing."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.process.audit import complaints, kind_of, lost_answers

GUID = "0f8fad5b-d9cb-469f-a165-70867728950e"
PICTURE = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
ADDRESSES = ["https://docs.example/a"]
Site = dict[str, Any]


def item(number: int, *, parent: int | None = None, **parts: Any) -> Site:
    relations = parts.get("relations", [])
    return {
        "id": number,
        "project": "P",
        "type": "Task",
        "parent": parent,
        "fields": {"System.State": "New", "System.Description": parts.get("text", "<p>words</p>")},
        "comments": [{"id": each, "text": ""} for each in parts.get("comments", [])],
        "relations": relations,
    }


def issue(number: int, *, parent: str | None = None, **parts: Any) -> Site:
    return {
        "key": f"DEMO-{number}",
        "parent": parent,
        "status": "To Do",
        "resolution": False,
        "labels": ["migrated-from-ado", f"ado-id-{number}"],
        "properties": {"isthmus.source": {"organization": "o", "project": "P", "id": str(number), "rev": 1}},
        "description": {"type": "doc"},
        "comments": [
            {"properties": {"isthmus.source": {"id": str(each)}}, "body": {}} for each in parts.get("comments", [])
        ],
        "files": parts.get("files", []),
        "media": parts.get("media", []),
        "remoteLinks": [{"url": url} for url in parts.get("addresses", [])],
    }


@pytest.fixture
def source() -> Site:
    """A parent, a child with a comment, a file and a picture, and a neighbour."""
    related = {"rel": "System.LinkTypes.Related", "target": 3, "url": "", "name": ""}
    attached = {
        "rel": "AttachedFile",
        "target": None,
        "url": f"https://x/_apis/wit/attachments/{GUID}",
        "name": "a.txt",
    }
    shown = {"rel": "Hyperlink", "target": None, "url": "https://docs.example/a", "name": ""}
    text = f'<img src="https://x/_apis/wit/attachments/{PICTURE}?fileName=image.png">'
    return {
        "items": [
            item(1),
            item(2, parent=1, comments=[5, 6], relations=[related, attached, shown], text=text),
            item(3, relations=[{**related, "target": 2}]),
        ],
        "files": {GUID: {"name": "a.txt", "sha256": "aa" * 32}, PICTURE: {"name": "image.png", "sha256": "bb" * 32}},
    }


@pytest.fixture
def target() -> Site:
    """The same, moved faithfully."""
    files = [
        {"name": "a.txt", "sha256": "aa" * 32, "mediaId": "m1"},
        {"name": "image.png", "sha256": "bb" * 32, "mediaId": "m2"},
    ]
    return {
        "issues": [
            issue(1),
            issue(2, parent="DEMO-1", comments=[5, 6], files=files, media=["m2"], addresses=ADDRESSES),
            issue(3),
        ],
        "links": [{"type": "Relates", "inward": "DEMO-2", "outward": "DEMO-3"}],
        "sprints": [{"name": "Sprint 1", "state": "closed"}],
        "components": [{"name": "Area"}],
    }


def test_a_faithful_move_is_without_complaint(source: Site, target: Site) -> None:
    assert complaints(source, target, project="P") == []


def double(things: list[Any]) -> None:
    things.append(copy.deepcopy(things[-1]))


DAMAGE: list[tuple[Callable[[Site], Any], str]] = [
    (lambda site: double(site["issues"]), "extra issue DEMO-3"),
    (lambda site: site["issues"].append({**issue(9), "properties": {}}), "extra issue DEMO-9"),
    (lambda site: site["issues"].append(issue(9)), "extra issue DEMO-9"),
    (lambda site: site["issues"].pop(), "missing issue: item 3"),
    (lambda site: double(site["issues"][1]["comments"]), "extra comment 6"),
    (lambda site: site["issues"][1]["comments"].append({"properties": {}, "body": {}}), "extra comment without a mark"),
    (lambda site: site["issues"][1]["comments"].pop(), "missing comment 6"),
    (lambda site: double(site["issues"][1]["files"]), "extra file image.png"),
    (lambda site: site["issues"][1]["files"].pop(0), "missing file a.txt"),
    (lambda site: site["issues"][1]["files"][0].update(sha256="cc" * 32), "missing file a.txt"),
    (lambda site: site["issues"][1]["media"].clear(), "missing shown picture"),
    (lambda site: site["issues"][1]["media"].append("m9"), "extra shown picture media m9 of no file"),
    (lambda site: site["issues"][1]["description"].update(u="_apis/wit/attachments"), "a text still points"),
    (lambda site: double(site["links"]), "extra link DEMO-2 - DEMO-3"),
    (lambda site: site["links"].append({"type": "Relates", "inward": "DEMO-3", "outward": "DEMO-2"}), "extra link"),
    (lambda site: site["links"].append({"type": "Relates", "inward": "DEMO-1", "outward": "DEMO-3"}), "extra link"),
    (lambda site: site["links"].clear(), "missing link DEMO-2 - DEMO-3"),
    (lambda site: double(site["issues"][1]["remoteLinks"]), "extra remote link https://docs.example/a"),
    (lambda site: site["issues"][1]["remoteLinks"].clear(), "missing remote link https://docs.example/a"),
    (lambda site: site["issues"][1].update(parent=None), "missing link DEMO-1 - DEMO-2"),
    (lambda site: site["issues"][1].update(parent="DEMO-3"), "parent DEMO-3 instead of DEMO-1"),
    (lambda site: site["issues"][1]["labels"].pop(), "missing labels"),
    (lambda site: site["issues"][1].update(description=None), "missing description"),
    (lambda site: site["issues"][1].update(status="Done"), "missing transition: Task New"),
    (lambda site: site["issues"][1].update(resolution=True), "missing transition: Task New"),
    (lambda site: site["sprints"].append({"name": "SPRINT 1", "state": "closed"}), "extra sprint sprint 1"),
    (lambda site: site["sprints"][0].update(state="active"), "missing end of Sprint 1"),
    (lambda site: double(site["components"]), "extra component area"),
]


@pytest.mark.parametrize(("damage", "words"), DAMAGE)
def test_damage_is_found_and_named(source: Site, target: Site, damage: Callable[[Site], Any], words: str) -> None:
    damage(target)

    assert [found for found in complaints(source, target, project="P") if found.startswith(words)]


def test_a_parent_kept_as_a_link_arrived(source: Site, target: Site) -> None:
    target["issues"][1]["parent"] = None
    target["links"].append({"type": "Relates", "inward": "DEMO-1", "outward": "DEMO-2"})

    assert complaints(source, target, project="P") == []


def test_lost_answers_are_counted_by_kind_of_write() -> None:
    bulk = {"method": "POST", "route": "/rest/api/3/issue/bulk", "applied": True, "answered": False}
    log = [
        bulk,
        {**bulk, "answered": True},
        {**bulk, "route": "/rest/api/3/issue/{key}/comment"},
        {**bulk, "route": "/rest/api/3/issue/{key}/comment", "applied": False},
    ]

    assert lost_answers(log) == {"bulk create": 1, "comment": 1}
    assert kind_of({"method": "GET", "route": "/rest/api/3/issue/bulk"}) is None
