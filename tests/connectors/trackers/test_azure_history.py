"""Updates of work items as revisions, and their paging against the stand-in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.clients.azure_devops.wire import reading as wire
from connectors.domain.errors import Missing
from connectors.domain.work_items import Change, Person, Revision
from connectors.trackers.azure_history import read_revision
from sandbox.ado.builder import ProjectBuilder
from tests.connectors.trackers.azure_stand_in import made, tracker_on

NAMES = {"System.State": "State", "System.Title": "Title", "Custom.Done": "Done"}
ADA = {"id": "g-1", "displayName": "Ada", "uniqueName": "ada@example.com"}


def update(**members: Any) -> dict[str, Any]:
    return {"id": 1, "rev": 2, "revisedBy": ADA, "revisedDate": "2026-02-02T00:00:00Z", **members}


def field(old: object = None, new: object = None) -> dict[str, object]:
    return {name: value for name, value in (("oldValue", old), ("newValue", new)) if value is not None}


def test_a_revision_tells_who_changed_what_when() -> None:
    raw = update(
        fields={
            "System.ChangedDate": field("2026-01-01T00:00:00Z", "2026-01-02T03:04:05.67Z"),
            "System.State": field("New", "Active"),
            "System.Title": field(new="A title"),
            "Custom.Done": field(False, True),
            "System.AssignedTo": field(ADA),
            "System.Rev": field(1, 2),
            "System.Watermark": field(7, 8),
            "System.AreaLevel1": field(new="Shop"),
            "WEF_1_Kanban.Column": field(new="Doing"),
            "Microsoft.VSTS.Common.StackRank": field(1.0, 2.0),
        }
    )

    assert read_revision(raw, names=NAMES) == Revision(
        number=2,
        author=Person("g-1", "Ada", "ada@example.com"),
        at=datetime(2026, 1, 2, 3, 4, 5, 670_000, tzinfo=UTC),
        changes=(
            Change("Done", "No", "Yes"),
            Change("Microsoft.VSTS.Common.StackRank", "1", "2"),
            Change("System.AssignedTo", "Ada (ada@example.com)", ""),
            Change("State", "New", "Active"),
            Change("Title", "", "A title"),
        ),
    )


def test_an_edit_of_links_has_its_own_moment() -> None:
    added = {"rel": "AttachedFile", "url": "https://a.example/1", "attributes": {"name": "plan.pdf"}}
    removed = {"rel": "System.LinkTypes.Related", "url": "https://a.example/2"}

    revision = read_revision(update(relations={"added": [added], "removed": [removed]}), names={})

    assert revision.at == datetime(2026, 2, 2, tzinfo=UTC)
    assert revision.changes == (
        Change("Links", before="System.LinkTypes.Related: https://a.example/2"),
        Change("Links", after="plan.pdf: https://a.example/1"),
    )


def test_the_current_revision_never_shows_the_sentinel() -> None:
    raw = update(revisedDate="9999-01-01T00:00:00Z", fields={"System.State": field("New", "Active")})

    assert read_revision(raw, names={}).at is None


@pytest.mark.parametrize("raw", [{}, {"fields": None, "relations": None}, {"fields": {"System.State": 3}}])
def test_odd_updates_are_no_error(raw: dict[str, Any]) -> None:
    assert read_revision(raw, names={}).changes == ()


def test_long_histories_are_read_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "UPDATE_PAGE", 50)

    def fill(builder: ProjectBuilder) -> None:
        fields = {"System.WorkItemType": "Task", "System.Title": "Old", "System.State": "To Do"}
        ada = builder.org.people.add("Ada", "ada@example.com")
        builder.item(fields, created="2020-01-01T00:00:00Z", changed="2026-01-01T00:00:00Z", by=ada, revisions=150)

    service = made(fill)
    (item,) = service.org.items.values()

    history = tracker_on(service, "Made").read_history(str(item.id))

    assert [revision.number for revision in history] == list(range(1, 151))
    assert all(revision.author is not None and revision.at is not None for revision in history)
    assert Change("Title", "", "Old") in history[0].changes


def test_an_item_that_is_gone_has_no_history() -> None:
    service = made(lambda builder: None)

    with pytest.raises(Missing):
        tracker_on(service, "Made").read_history("999")
