"""Trackers as connectors wish them, over trackers in memory: what passes through changed, and what is read back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from connectors.domain.errors import Refused
from connectors.domain.ports import Created, DraftItem, ItemChanges, ItemFilter, TargetItem
from connectors.domain.shapes import (
    Named,
    SourceShape,
    SourceState,
    SourceType,
    StateCategory,
    TargetField,
    TargetShape,
    TargetType,
)
from connectors.domain.wishes import Selection, wishes_of
from connectors.domain.work_items import SourceMark, WorkItem
from connectors.trackers.wished import selecting, writing

MARK = SourceMark("contoso", "Shop", "12", 3)
FIELDS = {
    each.id: each
    for each in (
        TargetField("customfield_1", "Team", kind="option", custom="x:select", allowed=(("7", "Platform"),)),
        TargetField("customfield_2", "Points", kind="number", custom="x:float"),
        TargetField("customfield_3", "Notes", kind="string", custom="x:textarea"),
        TargetField("customfield_4", "Words", kind="string", custom="x:textfield"),
        TargetField("customfield_5", "Sites", kind="array", custom="x:labels"),
    )
}
SHAPE = TargetShape(
    "site",
    "1",
    "SHOP",
    types=(TargetType("10", "Story", 0, fields=FIELDS),),
    priorities=(Named("1", "Blocker"), Named("2", "Critical"), Named("3", "Major"), Named("4", "Trivial")),
)


@dataclass
class MemoryTarget:
    """Keeps what it is told."""

    drafts: list[DraftItem] = field(default_factory=list)
    edits: list[ItemChanges] = field(default_factory=list)
    items: list[TargetItem] = field(default_factory=list)

    def describe(self) -> TargetShape:
        return SHAPE

    def create_items(self, drafts: Sequence[DraftItem]) -> list[Created | Refused]:
        self.drafts += drafts
        return [Created(str(number), f"SHOP-{number}") for number, _ in enumerate(drafts, start=1)]

    def preview(self, draft: DraftItem) -> dict[str, Any]:
        return {"summary": draft.title, "labels": draft.labels}

    def edit_item(self, item_id: str, changes: ItemChanges) -> None:
        self.edits.append(changes)

    def read_items(self, keys: Sequence[str], *, fields: Sequence[str] = ()) -> list[TargetItem]:
        return self.items

    def item_url(self, key: str) -> str:
        return f"https://site/{key}"


def draft(title: str = "Fix it", **more: Any) -> DraftItem:
    return DraftItem(mark=MARK, type_id="10", title=title, labels=("ado-id-12",), **more)


def wished(**settings: str) -> tuple[MemoryTarget, Any]:
    target = MemoryTarget()
    return target, writing(target, wishes_of(settings))  # type: ignore[arg-type]


def test_without_wishes_the_tracker_is_the_tracker() -> None:
    target, same = wished(conflict_policy="sde")

    assert same is target


def test_what_is_not_wished_differently_is_the_trackers_own() -> None:
    _, tracker = wished(title_format="$task_id $title")

    assert tracker.item_url("SHOP-1") == "https://site/SHOP-1"


def test_titles_and_labels_are_written_and_read_back_as_meant() -> None:
    target, tracker = wished(title_format="[$application-$task_id] $title", alm_issue_label="SD-Elements")

    tracker.create_items([draft()])
    sent = target.drafts[0]
    target.items = [TargetItem("1", "SHOP-1", "10", sent.title, "s", mark=MARK, labels=sent.labels)]

    assert (sent.title, sent.labels) == ("[contoso-12] Fix it", ("ado-id-12", "SD-Elements"))
    assert tracker.preview(draft())["summary"] == "[contoso-12] Fix it"
    assert [(item.title, item.labels) for item in tracker.read_items(["SHOP-1"])] == [("Fix it", ("ado-id-12",))]


def test_a_title_without_room_for_the_format_stays() -> None:
    target, tracker = wished(title_format="$task_id $title")

    tracker.create_items([draft("x" * 255)])

    assert target.drafts[0].title == "x" * 255


def test_an_item_without_a_mark_is_read_as_it_is() -> None:
    target, tracker = wished(title_format="$task_id $title")
    target.items = [TargetItem("1", "SHOP-1", "10", "12 By hand", "s")]

    assert tracker.read_items(["SHOP-1"]) == target.items


def test_an_edited_title_keeps_the_format() -> None:
    target, tracker = wished(title_format="$task_id $title", alm_issue_label="own")
    target.items = [TargetItem("1", "SHOP-1", "10", "12 Fix it", "s", mark=MARK)]

    tracker.edit_item("1", ItemChanges(title="Fix all", labels=("a",)))
    tracker.edit_item("1", ItemChanges(body={"type": "doc"}))

    assert [(changes.title, changes.labels) for changes in target.edits] == [("12 Fix all", ("a", "own")), (None, None)]


def test_fields_are_set_in_the_shape_each_takes() -> None:
    target, tracker = wished(
        alm_custom_fields='{"Team": "platform", "points": 3, "customfield_3": "$project of $application",'
        ' "Words": "w", "Sites": "a"}',
        alm_project_version="2.0",
    )

    tracker.create_items([draft(fields={"customfield_4": "the item's own wins"})])

    words = {"type": "text", "text": "Shop of contoso"}
    assert target.drafts[0].fields == {
        "customfield_1": {"id": "7"},
        "customfield_2": 3.0,
        "customfield_3": {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [words]}]},
        "customfield_4": "the item's own wins",
        "customfield_5": ["a"],
        "fixVersions": [{"name": "2.0"}],
    }


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ('{"Nowhere": "x"}', "FIELD_UNKNOWN"),
        ('{"Team": "Other"}', "FIELD_REFUSED"),
        ('{"Points": "x"}', "FIELD_REFUSED"),
    ],
)
def test_a_field_that_cannot_be_set_refuses_its_item_and_no_other(fields: str, code: str) -> None:
    target, tracker = wished(alm_custom_fields=fields)
    other = replace(draft(), type_id="10")

    answers = tracker.create_items([draft(), other])

    assert [answer.code for answer in answers] == [code, code]
    assert target.drafts == []


def test_priorities_go_by_the_connectors_map() -> None:
    _, tracker = wished(
        alm_priority_map='{"10": "Blocker", "7-9": "Critical", "5-6": "major", "3-4": "Major", "1-2": "Trivial"}'
    )

    assert [(named.id, named.name) for named in tracker.describe().priorities] == [
        ("1", "Highest"),
        ("2", "High"),
        ("3", "Medium"),
        ("4", "Low"),
    ]


def test_a_priority_that_is_not_there_is_named() -> None:
    _, tracker = wished(alm_priority_map='{"1-10": "Blazing"}')

    with pytest.raises(Refused, match="Blazing") as caught:
        tracker.describe()

    assert caught.value.code == "PRIORITY_UNKNOWN"


class MemorySource:
    """Ten items; odd ones are done, every third carries a tag."""

    def describe(self) -> SourceShape:
        states = (SourceState("Done", StateCategory.COMPLETED), SourceState("New", StateCategory.PROPOSED))
        return SourceShape("contoso", "p", "Shop", types=(SourceType("Task", states=states),))

    def list_ids(self, selection: ItemFilter) -> Iterator[list[str]]:
        yield [str(number) for number in range(1, 11)]

    def read_items(self, ids: Sequence[str]) -> list[WorkItem]:
        return [
            WorkItem(
                id=each,
                rev=1,
                type="Task",
                title="t",
                state="Done" if int(each) % 2 else "New",
                tags=("Web",) if int(each) % 3 == 0 else (),
            )
            for each in ids
        ]


@pytest.mark.parametrize(
    ("selection", "ignored", "taken"),
    [
        (Selection(statuses=frozenset({"TODO"})), "", ["2", "4", "6", "8", "10"]),
        (Selection(tags=frozenset({"web"})), "", ["3", "6", "9"]),
        (Selection(), "web", ["1", "2", "4", "5", "7", "8", "10"]),
        (Selection(only=frozenset({"3", "99"})), "", ["3"]),
        (Selection(only=frozenset({"3"})), "web", []),
    ],
)
def test_a_source_lists_what_is_in_scope(selection: Selection, ignored: str, taken: list[str]) -> None:
    source = selecting(MemorySource(), selection=selection, ignored_label=ignored)  # type: ignore[arg-type]

    assert [item for page in source.list_ids(ItemFilter()) for item in page] == taken
    assert len(source.read_items(["1", "2"])) == 2


def test_a_source_without_wishes_is_the_source() -> None:
    source = MemorySource()

    assert selecting(source, selection=Selection()) is source  # type: ignore[arg-type, comparison-overlap]
