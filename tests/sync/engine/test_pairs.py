"""What happens to a pair when people edit its items: told as stories."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.domain.errors import Refused
from connectors.domain.sides import SideLink
from sync.engine.apply import carry_pair, confirm_pair
from sync.engine.base import Both, PartKind
from sync.engine.mappings import Position
from sync.engine.ports import Answer, Force, MatterKind, PairState, Take
from tests.sync.engine.driver import World, document, parts_of
from tests.sync.engine.world import US, MemorySide, adf, html, markdown


def made(config: dict[str, Any] | None = None, *, markups: tuple[str, str] = ("html", "adf"), **values: Any) -> World:
    """A world with one pair, made from the first side and settled."""
    world = World(config, markups=markups)
    world.first.person_adds({"title": "Broken door", "labels": [], **values})
    world.settle()
    assert list(world.store.rows) == ["ONE-1=TWO-1"]
    return world


def texts(world: World) -> tuple[list[Any], list[Any]]:
    return [c.text for c in world.first.items["ONE-1"].comments], [c.text for c in world.second.items["TWO-1"].comments]


def test_a_new_item_gets_a_partner_with_everything_and_then_nothing_is_left_to_do() -> None:
    world = World()
    key = world.first.person_adds(
        {
            "title": "Broken door",
            "description": html("<div>It <b>squeaks</b>.</div>"),
            "state": "Active",
            "assignee": "one-bob",
            "priority": "1",
            "labels": ["Front Door"],
            "due": "2026-05-01",
            "effort": 3,
        }
    )
    world.first.person_comments(key, html("<p>Again!</p>"))
    world.first.person_adds_file(key, "door.png", b"picture")

    world.settle()

    there = world.second.items["TWO-1"]
    assert there.values["title"] == "Broken door"
    assert there.values["state"] == "In Progress"
    assert there.values["assignee"] == "two-bob"
    assert there.values["priority"] == "High"
    assert there.values["labels"] == ["front-door"]
    assert there.values["due"] == "2026-05-01T00:00:00Z"
    assert there.values["effort"] == 3
    assert [f.content for f in there.files] == [b"picture"]
    assert "Ann wrote on 2026-03-01 08:00 UTC:" in str(there.comments[0].text)
    assert world.matters == []
    assert world.sweep() == 0
    assert world.first.log == []


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("title", "New title", "New title"),
        ("priority", "2", "Medium"),
        ("assignee", "one-ann", "two-ann"),
        ("due", "2026-07-01", "2026-07-01T00:00:00Z"),
        ("labels", ["a b", "C"], ["a-b", "c"]),
        ("effort", 2.5, 2.5),
        ("state", "Closed", "Done"),
        ("assignee", None, None),
    ],
)
def test_a_change_is_carried_once(name: str, value: Any, expected: Any) -> None:
    world = made(assignee="one-bob")
    world.first.person_sets("ONE-1", name, value)

    assert world.sweep() == 1
    assert world.second.items["TWO-1"].values[name] == expected
    assert world.sweep() == 0


def test_what_the_other_platform_made_of_a_value_is_no_change() -> None:
    world = made()
    world.first.person_sets("ONE-1", "labels", ["Front Door", "x"])
    world.sweep()
    world.second.person_sets("TWO-1", "labels", ["front-door", "new", "x"])

    world.settle()

    assert world.first.items["ONE-1"].values["labels"] == ["Front Door", "new", "x"]


@pytest.mark.parametrize(
    ("policy", "expected"), [("newest", "second"), ("first", "first"), ("second", "second"), ("responsible", "first")]
)
def test_policies_decide_between_two_changes(policy: str, expected: str) -> None:
    world = made(document(policy=policy))
    world.first.person_sets("ONE-1", "title", "first")
    world.second.person_sets("TWO-1", "title", "second")

    world.settle()

    assert world.first.items["ONE-1"].values["title"] == expected
    assert world.second.items["TWO-1"].values["title"] == expected
    assert world.matters == []


def test_a_side_that_is_not_responsible_gets_its_change_taken_back_or_asked_about() -> None:
    reverting = made(document(policy="responsible"))
    reverting.second.person_sets("TWO-1", "title", "mine")
    reverting.settle()

    asking = made(document(policy="responsible", otherSideChanges="ask"))
    asking.second.person_sets("TWO-1", "title", "mine")
    asking.settle()

    assert reverting.second.items["TWO-1"].values["title"] == "Broken door"
    assert asking.second.items["TWO-1"].values["title"] == "mine"
    assert [matter.code for matter in asking.matters] == ["CONFLICT"]


@pytest.mark.parametrize(
    ("answer", "titles"),
    [
        (Answer(Take.FIRST), ("first", "first")),
        (Answer(Take.SECOND), ("second", "second")),
        (Answer(Take.VALUE, "both", Position.SECOND), ("both", "both")),
        (Answer(Take.AGREE), ("first", "second")),
    ],
)
def test_a_conflict_waits_for_a_person_and_holds_nothing_else_back(answer: Answer, titles: tuple[str, str]) -> None:
    world = made(document(policy="ask"))
    world.first.person_sets("ONE-1", "title", "first")
    world.second.person_sets("TWO-1", "title", "second")
    world.first.person_sets("ONE-1", "effort", 5)
    world.sweep()
    world.sweep()

    assert [(m.kind, m.field) for m in world.matters] == [(MatterKind.CONFLICT, "f-title")]
    conflict = world.matters[0]
    assert conflict.base is not None
    assert conflict.values is not None
    assert (conflict.base.first, conflict.values.first, conflict.values.second) == ("Broken door", "first", "second")
    assert world.second.items["TWO-1"].values["effort"] == 5
    outcome = world.run("ONE-1=TWO-1", answers={"f-title": answer})

    assert outcome.answered == ("f-title",)
    world.settle()
    found = world.first.items["ONE-1"].values["title"], world.second.items["TWO-1"].values["title"]
    assert found == titles
    assert len(world.matters) == 1


def test_one_way_mappings_overwrite_the_receiving_side_when_the_sending_one_changes() -> None:
    config = document()
    config["fieldMappings"][0]["direction"] = "FIRST_TO_SECOND"
    world = made(config)
    world.second.person_sets("TWO-1", "title", "own")

    assert world.sweep() == 0
    world.first.person_sets("ONE-1", "title", "changed")
    world.settle()

    assert world.first.items["ONE-1"].values["title"] == "changed"
    assert world.second.items["TWO-1"].values["title"] == "changed"


def test_a_value_without_counterpart_is_told_once_and_others_go_on() -> None:
    world = made()
    world.first.people["one-eve"] = world.first.people["one-ann"].__class__("one-eve", "Eve", "eve@example.com")
    world.first.person_sets("ONE-1", "assignee", "one-eve")
    world.first.person_sets("ONE-1", "title", "New")
    world.settle()

    assert [(m.code, m.field) for m in world.matters] == [("PERSON_UNKNOWN", "f-assignee")]
    assert world.second.items["TWO-1"].values["title"] == "New"
    world.first.person_sets("ONE-1", "assignee", "one-bob")
    world.settle()
    assert world.second.items["TWO-1"].values["assignee"] == "two-bob"


def test_a_refused_write_becomes_a_matter_and_holds_its_pair_back() -> None:
    world = made()

    def refuse(moment: str, _side: object, verb: str) -> None:
        if moment == "before" and verb == "write":
            raise Refused("No.", fields={"title": "Too long."})

    world.second.hook = refuse
    world.first.person_sets("ONE-1", "title", "x" * 500)
    world.sweep()

    assert [(m.kind, m.field, m.message) for m in world.matters] == [(MatterKind.ERROR, "f-title", "No.; Too long.")]
    assert world.store.rows["ONE-1=TWO-1"].held
    world.second.hook = None
    world.store.rows["ONE-1=TWO-1"].held = False
    world.settle()
    assert world.second.items["TWO-1"].values["title"] == "x" * 500


# -- texts


def test_an_edit_leaves_the_other_sides_markup_alone() -> None:
    start = '<div style="margin:0"><b>One</b></div><div>Two</div><p class="x">Three</p>'
    world = made(description=html(start))
    document_ = world.second.items["TWO-1"].values["description"]
    assert isinstance(document_, dict)
    document_["document"]["content"][1]["content"][0]["text"] = "Second"
    world.second.person_sets("TWO-1", "description", dict(document_))

    world.settle()

    assert world.first.items["ONE-1"].values["description"] == html(
        '<div style="margin:0"><b>One</b></div><p>Second</p><p class="x">Three</p>'
    )


def test_markdown_and_html_are_carried_into_each_other() -> None:
    world = made(markups=("html", "markdown"), description=html("<h2>Title</h2><ul><li>a</li><li>b</li></ul>"))
    assert world.second.items["TWO-1"].values["description"] == markdown("## Title\n\n- a\n- b")

    world.second.person_sets("TWO-1", "description", markdown("## Title\n\n- a\n- b\n\nMore *words*\n"))
    world.settle()

    assert world.first.items["ONE-1"].values["description"] == html(
        "<h2>Title</h2><ul><li>a</li><li>b</li></ul><p>More <em>words</em></p>"
    )


def _composite(*own: str) -> dict[str, Any]:
    value = adf(*own)
    heading = {"type": "heading", "attrs": {"level": 2}, "content": [{"type": "text", "text": "Repro steps"}]}
    step = {"type": "paragraph", "content": [{"type": "text", "text": "Open it"}]}
    value["document"]["content"] += [{"type": "rule"}, heading, step]
    return value


def test_only_the_first_part_of_a_composite_description_is_carried_either_way() -> None:
    world = made(description=html("<p>Own</p>"))
    world.second.items["TWO-1"].values["description"] = _composite("Own")
    world.settle()
    world.second.person_sets("TWO-1", "description", _composite("Own", "More"))
    world.settle()

    assert world.first.items["ONE-1"].values["description"] == html("<p>Own</p><p>More</p>")
    world.first.person_sets("ONE-1", "description", html("<p>Own</p><p>Other</p>"))
    world.settle()
    assert world.second.items["TWO-1"].values["description"] == _composite("Own", "Other")


def test_an_edited_foreign_part_is_a_conflict_and_never_written() -> None:
    world = made(description=html("<p>Own</p>"))
    world.second.items["TWO-1"].values["description"] = _composite("Own")
    world.settle()
    edited = _composite("Own")
    edited["document"]["content"][-1]["content"][0]["text"] = "Close it"
    world.second.person_sets("TWO-1", "description", edited)
    world.settle()

    assert "FOREIGN_PART_EDITED" in [matter.code for matter in world.matters]
    assert world.first.items["ONE-1"].values["description"] == html("<p>Own</p>")
    assert world.second.items["TWO-1"].values["description"] == edited


def test_a_picture_in_a_text_follows_its_file() -> None:
    world = made()
    file_id = world.first.person_adds_file("ONE-1", "door.png", b"picture")
    picture = f'<p>See</p><p><img src="{world.first.reference(file_id)}?fileName=door.png"></p>'
    world.first.person_sets("ONE-1", "description", html(picture))
    world.settle()

    there = world.second.items["TWO-1"]
    text = there.values["description"]
    assert f"'id': 'media-{there.files[0].id}'" in str(text)
    assert isinstance(text, dict)
    text["document"]["content"][0]["content"][0]["text"] = "Look"
    world.second.person_sets("TWO-1", "description", dict(text))
    world.settle()
    assert world.first.items["ONE-1"].values["description"] == html(picture.replace("<p>See</p>", "<p>Look</p>"))


def test_a_text_is_not_rewritten_where_that_would_lose_a_picture() -> None:
    world = made(description=html("<p>See</p>"))
    shown = adf("See")
    media = {"type": "media", "attrs": {"type": "file", "id": "unknown", "collection": ""}}
    world.second.items["TWO-1"].values["description"] = shown
    shown["document"]["content"].append({"type": "mediaSingle", "attrs": {"layout": "center"}, "content": [media]})
    world.first.person_sets("ONE-1", "description", html("<p>New</p>"))
    world.settle()

    assert [matter.code for matter in world.matters] == ["MEDIA_WOULD_BE_LOST"]
    assert world.second.items["TWO-1"].values["description"] == shown


# -- comments, files, links, parents


def test_comments_are_carried_edited_and_deleted_by_pairs() -> None:
    world = made()
    identity = world.first.person_comments("ONE-1", html("<p>One</p>"))
    world.settle()
    (_, [copy]) = texts(world)
    assert len(copy["document"]["content"]) == 2

    world.first.items["ONE-1"].comments[0].text = html("<p>Uno</p>")
    world.settle()
    assert "Uno" in str(texts(world)[1])
    assert "wrote on" in str(texts(world)[1])

    edited = texts(world)[1][0]
    edited["document"]["content"][1]["content"][0]["text"] = "Un"
    world.second.items["TWO-1"].comments[0].text = dict(edited)
    world.settle()
    assert texts(world)[0] == [html("<p>Un</p>")]

    world.first.delete_comment("ONE-1", identity)
    world.settle()
    assert texts(world) == ([], [])
    assert parts_of(world, "ONE-1=TWO-1", PartKind.COMMENT) == []


def test_a_deleted_comment_stays_where_deletions_are_not_carried() -> None:
    world = made(document(commentMapping={"id": "c"}))
    identity = world.first.person_comments("ONE-1", html("<p>One</p>"))
    world.settle()
    world.first.delete_comment("ONE-1", identity)
    world.settle()

    assert len(texts(world)[1]) == 1
    assert texts(world)[0] == []


def test_a_file_is_deleted_only_from_the_side_that_added_it() -> None:
    world = made()
    own = world.first.person_adds_file("ONE-1", "a.txt", b"a")
    world.first.person_adds_file("ONE-1", "b.txt", b"b")
    world.settle()
    world.first.drop_file("ONE-1", own)
    copy = next(f for f in world.second.items["TWO-1"].files if f.name == "b.txt")
    world.second.drop_file("TWO-1", copy.id)
    world.settle()

    assert [f.name for f in world.first.items["ONE-1"].files] == ["b.txt"]
    assert world.second.items["TWO-1"].files == []


@pytest.mark.parametrize(
    ("mapping", "carried"),
    [
        ({"maxSizeMb": 0.000002}, ["b.txt", "c.png"]),
        ({"mimeTypes": ["text/*"]}, ["c.png"]),
        ({"mode": "whitelist", "mimeTypes": ["image/png"]}, ["c.png"]),
        ({"fileNamePattern": r"^b"}, ["a.txt", "c.png"]),
        ({"mode": "whitelist", "fileNamePattern": r"\.txt$"}, ["a.txt", "b.txt"]),
        ({"direction": "SECOND_TO_FIRST"}, []),
    ],
)
def test_filters_keep_files_out(mapping: dict[str, Any], carried: list[str]) -> None:
    world = made(document(attachmentMapping={"id": "a", **mapping}))
    for name, content in (("a.txt", b"aaa"), ("b.txt", b"b"), ("c.png", b"c")):
        world.first.person_adds_file("ONE-1", name, content)
    world.settle()

    assert sorted(f.name for f in world.second.items["TWO-1"].files) == carried
    assert world.matters == []


def test_links_are_carried_only_between_paired_items() -> None:
    world = made()
    world.first.person_adds({"title": "Second", "labels": []})
    world.settle()
    alone = world.first.person_adds({"title": "Not paired yet", "labels": []})
    world.first.person_links("ONE-1", SideLink("Successor", "ONE-2"))
    world.first.person_links("ONE-1", SideLink("Related", alone))
    world.run("ONE-1=TWO-1")
    assert world.second.items["TWO-1"].links == [SideLink("Blocks", "TWO-2")]

    world.second.person_unlinks("TWO-1", SideLink("Blocks", "TWO-2"))
    world.settle()

    assert world.first.items["ONE-1"].links == [SideLink("Related", alone)]
    assert world.second.items["TWO-1"].links == [SideLink("Relates", "TWO-3")]


def test_parents_are_carried_and_taken_away() -> None:
    world = made()
    world.first.person_adds({"title": "Child", "labels": []})
    world.first.items["ONE-2"].parent = "ONE-1"
    world.settle()
    assert world.second.items["TWO-2"].parent == "TWO-1"

    world.second.items["TWO-2"].parent = None
    world.settle()
    assert world.first.items["ONE-2"].parent is None


# -- gone


@pytest.mark.parametrize("policy", ["never", "close", "flag"])
def test_a_deleted_item_is_treated_as_configured_and_ends_the_exchange(policy: str) -> None:
    closing = {"first": "Closed", "second": "Done"}
    world = made(document(deletionPolicy=policy, closeStates=closing))
    world.first.without_item("ONE-1")
    world.settle()
    values = world.second.items["TWO-1"].values

    assert (values["state"] == "Done") == (policy == "close")
    assert (values.get("labels") == ["partner-gone"]) == (policy == "flag")
    row = world.store.rows["ONE-1=TWO-1"]
    assert (row.ignored.first, row.ignored.second) == (True, False)
    world.second.person_sets("TWO-1", "title", "x")
    assert world.sweep() == 0


def test_an_item_that_hides_for_a_moment_is_not_taken_for_gone() -> None:
    world = made(document(deletionPolicy="close", closeStates={"first": "Closed", "second": "Done"}))
    hidden = world.first.items.pop("ONE-1")
    outcome = world.run("ONE-1=TWO-1")
    assert outcome.later is not None
    world.first.items["ONE-1"] = hidden
    world.settle()

    assert world.second.items["TWO-1"].values["state"] == "To Do"
    assert not world.store.rows["ONE-1=TWO-1"].ignored.first


def test_a_changed_type_that_is_not_mapped_is_told_once() -> None:
    world = made()
    world.second.items["TWO-1"].type = "Task"
    world.second.person_sets("TWO-1", "title", "x")
    world.settle()

    assert [matter.code for matter in world.matters] == ["TYPES_DIFFER"]
    assert world.first.items["ONE-1"].values["title"] == "Broken door"


def test_incoming_changes_of_a_side_that_ignores_them_are_discarded() -> None:
    world = made()
    row = world.store.rows["ONE-1=TWO-1"]
    row.ignored = row.ignored.replaced(Position.SECOND, True)
    world.first.person_sets("ONE-1", "title", "x")
    world.second.person_sets("TWO-1", "effort", 8)
    world.settle()

    assert world.second.items["TWO-1"].values["title"] == "Broken door"
    assert world.first.items["ONE-1"].values["effort"] == 8


# -- resync and first looks


def test_a_resync_carries_only_the_given_fields_whatever_changed() -> None:
    one_way = document()
    for mapping in one_way["fieldMappings"]:
        mapping["direction"] = "FIRST_TO_SECOND"
    for mapping in one_way["workflowMappings"]:
        mapping["direction"] = "FIRST_TO_SECOND"
    world = made(one_way, effort=1)
    for name, value in (("title", "other"), ("effort", 9), ("state", "Done")):
        world.second.person_sets("TWO-1", name, value)
    assert world.sweep() == 0
    values = world.second.items["TWO-1"].values

    outcome = world.run("ONE-1=TWO-1", force=Force(Position.FIRST, frozenset({"f-title"})))
    assert (values["title"], values["effort"], values["state"]) == ("Broken door", 9, "Done")
    assert outcome.carried.first == 1
    world.run("ONE-1=TWO-1", force=Force(Position.FIRST, frozenset(), state=True))
    assert (values["effort"], values["state"]) == (9, "To Do")


def test_pairs_from_now_on_keep_what_differs() -> None:
    world = World(document(initialPass="now"))
    first = world.first.person_adds({"title": "a", "labels": []})
    second = world.second.person_adds({"title": "b", "labels": []})
    world.first.person_comments(first, html("<p>old</p>"))
    world.first.person_adds_file(first, "old.txt", b"old")
    world.pair(first, second)
    world.run(f"{first}={second}")

    assert world.second.log == []
    assert world.first.log == []
    world.first.person_comments(first, html("<p>new</p>"))
    world.run(f"{first}={second}")
    assert len(world.second.items[second].comments) == 1


def test_paired_items_that_say_the_same_already_take_no_action() -> None:
    world = World(document(initialPass="paired"))
    first = world.first.person_adds({"title": "a", "labels": ["X y"], "description": html("<div>T</div>")})
    second = world.second.person_adds({"title": "a", "labels": ["x-y"], "description": adf("T")})
    world.first.person_comments(first, html("<p>same</p>"))
    world.second.person_comments(second, adf("same"))
    world.first.person_adds_file(first, "a.txt", b"a")
    world.second.person_adds_file(second, "a.txt", b"a")
    world.pair(first, second)

    world.run(f"{first}={second}")

    assert (world.first.log, world.second.log) == ([], [])
    assert world.sweep() == 0


# -- echo


def _sanitised(world: World, by: str) -> None:
    """The first side's platform keeps its own form of a text right after it was written."""

    def after(moment: str, side: MemorySide, verb: str) -> None:
        if moment == "after" and verb == "write":
            side.items["ONE-1"].values["description"] = html("<p>Other words</p>")
            side.items["ONE-1"].changed_by = by

    world.first.hook = after


def test_what_a_platform_makes_of_our_own_write_is_its_base_and_goes_nowhere() -> None:
    world = made(description=html("<p>Text</p>"))
    _sanitised(world, US)
    world.second.person_sets("TWO-1", "description", adf("New words"))
    world.sweep()
    world.first.hook = None

    assert world.sweep() == 0
    assert world.second.items["TWO-1"].values["description"] == adf("New words")


def test_an_edit_right_behind_our_write_is_a_change() -> None:
    world = made(description=html("<p>Text</p>"))
    _sanitised(world, "ann")
    world.second.person_sets("TWO-1", "description", adf("New words"))
    world.sweep()
    world.first.hook = None
    world.settle()

    assert world.second.items["TWO-1"].values["description"] == adf("Other words")


def test_a_pass_over_many_pairs_reads_back_once_for_all() -> None:
    world = made()
    world.first.person_sets("ONE-1", "labels", ["Front Door"])
    row, setting = world.store.rows["ONE-1=TWO-1"], world.setting()
    carried = carry_pair(PairState(row.name, row.keys, row.load()), setting)
    assert carried.touched == {Position.SECOND}

    outcome = confirm_pair(carried, Both(None, setting.read(Position.SECOND, "TWO-1")), setting)

    assert outcome.base.fields["f-labels"] == Both(["Front Door"], ["front-door"])
    assert (outcome.carried.first, outcome.carried.second) == (1, 0)
