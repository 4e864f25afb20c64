"""What every side promises, as tests that each system's own module runs against its stand-in.

A module subclasses `SideContract` and gives it a fixture `world`. What is peculiar to a system stays in its module.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.domain.errors import Refused, Unclear
from connectors.domain.sides import (
    ASSIGNEE,
    LABELS,
    STATE,
    TEXT,
    TITLE,
    Cursor,
    Side,
    SideDraft,
    SideFile,
    SideItem,
    SideLink,
    Sighting,
    Value,
)
from connectors.domain.work_items import Person

STATE_UNREACHABLE = "STATE_UNREACHABLE"
QUERY_REFUSED = "QUERY_REFUSED"
CREATE, COMMENT = "create", "comment"
LONG = 3600.0
"""Seconds after which nothing lies within an overlap any more."""


@dataclass
class World:
    """A side, and what a test can do behind its back."""

    side: Side
    type: str
    """A type that needs nothing but a title."""
    state: str
    """A state that new items of that type can be brought into."""
    query: str
    """A filter that holds exactly the items with the label `kept`."""
    bad_query: str
    """A filter that the platform cannot read."""
    now: Callable[[], float]
    """The clock that the side goes by, in seconds since the epoch."""
    pause: Callable[[float], None]
    """Let time pass, for both."""
    requests: Callable[[], int]
    """How many requests the stand-in has had."""
    lose_answer: Callable[[str], None]
    """The next request of that kind (CREATE, COMMENT) acts, and its answer is lost. Once."""
    delete: Callable[[str], None]
    """Somebody deletes an item."""
    person: Person
    """Somebody who can be given items, with the e-mail the platform shows."""
    parent_type: str = ""
    """A type whose items can be parents of `type`; empty where there are no parents."""
    sees_deletions: bool = True
    """Whether deleted items are sighted."""

    def create(self, title: str = "An item", values: Mapping[str, Value] | None = None, *, mark: str = "") -> str:
        return self.side.create(SideDraft(mark or f"mark of {title}", self.type, {TITLE: title, **(values or {})}))

    def item(self, key: str) -> SideItem:
        (found,) = self.side.read([key])
        return found

    def text(self, words: str) -> dict[str, Any]:
        """A rich text as this side writes new ones."""
        markup = self.side.describe().markup
        if markup == "adf":
            paragraph = {"type": "paragraph", "content": [{"type": "text", "text": words}]}
            return {"markup": markup, "document": {"type": "doc", "version": 1, "content": [paragraph]}}
        return {"markup": markup, "text": f"<p>{words}</p>" if markup == "html" else words}

    def moment(self) -> datetime:
        return datetime.fromtimestamp(self.now(), UTC)

    def follow(self, cursor: Cursor, query: str = "", *, quiet: bool = False) -> tuple[list[Sighting], Cursor]:
        """All pages of changes from a cursor on."""
        seen: list[Sighting] = []
        for _ in range(50):
            page = (self.side.quiet_changes if quiet else self.side.changes)(query, cursor)
            seen += page.seen
            cursor = page.cursor
            json.dumps(cursor)
            if not page.more:
                return seen, cursor
        raise AssertionError("changes without an end")


class Content:
    """A file to be added."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.size: int | None = len(data)

    def __iter__(self) -> Iterator[bytes]:
        yield self._data


def keys_of(seen: list[Sighting]) -> set[str]:
    return {each.key for each in seen}


class SideContract:
    """The promises of `connectors.domain.sides.Side`."""

    # -- the shape

    def test_the_shape_tells_who_we_are_and_what_there_is(self, world: World) -> None:
        shape = world.side.describe()

        known = {each.id for each in shape.fields}
        kind = next(each for each in shape.types if each.name == world.type)
        assert shape.me is not None
        assert shape.me.id
        assert {TITLE, TEXT, STATE, ASSIGNEE} <= known
        assert all(each.fields <= known for each in shape.types)
        assert world.state in kind.states
        assert len(known) == len(shape.fields)

    # -- items

    def test_a_new_item_is_read_as_it_was_made(self, world: World) -> None:
        key = world.create("First", {TEXT: world.text("Some words"), LABELS: ["alpha", "beta"]}, mark="m-1")

        item = world.item(key)

        assert (item.key, item.type, item.mark) == (key, world.type, "m-1")
        assert item.values[TITLE] == "First"
        assert item.values[LABELS] == ["alpha", "beta"]
        assert "Some words" in json.dumps(item.values[TEXT])
        assert item.parent is None
        assert (item.links, item.files) == ((), ())
        assert item.version
        assert abs(item.changed.timestamp() - world.now()) < 60

    def test_every_field_of_the_shape_has_a_value(self, world: World) -> None:
        item = world.item(world.create())

        assert {each.id for each in world.side.describe().fields} <= set(item.values)
        json.dumps(dict(item.values))

    def test_what_is_gone_is_left_out_of_a_read(self, world: World) -> None:
        stays, goes = world.create("Stays"), world.create("Goes")
        world.delete(goes)

        assert [item.key for item in world.side.read([stays, goes])] == [stays]
        assert world.side.read([]) == []

    def test_a_write_sets_fields_and_gives_a_new_version(self, world: World) -> None:
        key = world.create("Before")
        before = world.item(key)
        world.pause(5)

        world.side.write(key, {TITLE: "After", TEXT: world.text("New words"), LABELS: ["b", "a"]})

        after = world.item(key)
        assert after.version != before.version
        assert after.values[TITLE] == "After"
        assert after.values[LABELS] == ["a", "b"]
        assert "New words" in json.dumps(after.values[TEXT])
        assert after.values[STATE] == before.values[STATE]

    def test_writing_what_was_read_changes_no_value(self, world: World) -> None:
        key = world.create("Same", {TEXT: world.text("Words"), LABELS: ["x"], ASSIGNEE: world.person.id})
        fields = world.side.describe().fields
        writable = [each.id for each in fields if each.writable and each.id != STATE]
        kind = next(each for each in world.side.describe().types if each.name == world.type)
        before = world.item(key)

        world.side.write(key, {name: before.values[name] for name in writable if name in kind.fields})

        assert dict(world.item(key).values) == dict(before.values)

    def test_an_empty_value_clears_a_field(self, world: World) -> None:
        key = world.create("Full", {TEXT: world.text("Words"), LABELS: ["x"], ASSIGNEE: world.person.id})

        world.side.write(key, {TEXT: None, LABELS: [], ASSIGNEE: None})

        values = world.item(key).values
        assert (values[TEXT], values[LABELS], values[ASSIGNEE]) == (None, [], None)

    def test_a_person_is_the_platforms_own_id(self, world: World) -> None:
        key = world.create()

        world.side.write(key, {ASSIGNEE: world.person.id})

        assert world.item(key).values[ASSIGNEE] == world.person.id

    def test_a_write_is_ours(self, world: World) -> None:
        key = world.create()
        world.pause(5)
        world.side.write(key, {TITLE: "By us"})

        me = world.side.describe().me
        assert me is not None
        assert world.item(key).changed_by == me.id

    # -- marks

    def test_an_item_is_found_by_its_mark_however_late_search_is(self, world: World) -> None:
        since = world.moment()
        key = world.create("Marked", mark="m-7")
        world.create("Other", mark="m-8")

        assert world.side.find_mark("m-7", since=since) == key
        assert world.side.find_mark("m-9", since=since) is None

    def test_a_create_without_an_answer_is_settled(self, world: World) -> None:
        world.create("Earlier")
        since = world.moment()
        world.lose_answer(CREATE)

        with pytest.raises(Unclear):
            world.create("Lost", mark="m-lost")

        found = world.side.find_mark("m-lost", since=since)
        assert found is not None
        assert world.item(found).values[TITLE] == "Lost"

    # -- states

    def test_an_item_is_moved_into_a_state_once(self, world: World) -> None:
        key = world.create()

        world.side.move(key, world.state)
        moved = world.item(key)
        world.side.move(key, world.state)

        assert moved.values[STATE] == world.state
        assert world.item(key).version == moved.version

    def test_a_state_that_does_not_exist_is_unreachable(self, world: World) -> None:
        key = world.create()

        with pytest.raises(Refused) as caught:
            world.side.move(key, "No such state")

        assert caught.value.code == STATE_UNREACHABLE

    # -- comments

    def test_comments_are_added_edited_and_deleted(self, world: World) -> None:
        key = world.create()

        first = world.side.add_comment(key, world.text("One"), mark="c-1")
        world.pause(2)
        second = world.side.add_comment(key, world.text("Two"), mark="c-2")
        world.side.edit_comment(key, first, world.text("Changed"))
        listed = world.side.comments(key)

        assert [each.id for each in listed] == [first, second]
        assert [each.mark for each in listed] == ["c-1", "c-2"]
        assert "Changed" in json.dumps(listed[0].text)
        assert listed[0].author == listed[1].author is not None
        assert listed[0].created is not None
        world.side.delete_comment(key, first)
        world.side.delete_comment(key, first)
        assert [each.id for each in world.side.comments(key)] == [second]

    def test_comments_that_come_with_an_item_are_the_ones_that_are_listed(self, world: World) -> None:
        key = world.create()
        world.side.add_comment(key, world.text("One"), mark="c-1")

        item = world.item(key)

        assert item.comment_count in (None, 1)
        if item.comments is not None:
            assert list(item.comments) == world.side.comments(key)

    def test_a_comment_without_an_answer_is_settled(self, world: World) -> None:
        key = world.create()
        known = world.side.add_comment(key, world.text("Known"), mark="c-1")
        world.lose_answer(COMMENT)

        with pytest.raises(Unclear):
            world.side.add_comment(key, world.text("Lost"), mark="c-2")

        marks = world.side.comment_marks(key, frozenset({known}))
        assert set(marks) == {"c-2"}
        assert [each.id for each in world.side.comments(key)] == [known, marks["c-2"]]

    # -- files

    def test_files_are_added_opened_and_dropped(self, world: World) -> None:
        key = world.create()
        if not world.side.describe().takes_files:
            with pytest.raises(Refused) as caught:
                world.side.add_file(key, "a.txt", Content(b"abc"))
            assert caught.value.code == "ATTACHMENTS_UNSUPPORTED"
            return

        made = world.side.add_file(key, "a.txt", Content(b"abc"))

        (seen,) = world.item(key).files
        assert isinstance(made, SideFile)
        assert (seen.id, seen.name) == (made.id, "a.txt")
        with world.side.open_file(key, made.id) as content:
            assert b"".join(content) == b"abc"
        world.side.drop_file(key, made.id)
        world.side.drop_file(key, made.id)
        assert world.item(key).files == ()

    # -- links and parents

    def test_every_type_of_link_is_seen_from_both_ends(self, world: World) -> None:
        one, other = world.create("One"), world.create("Other")

        for kind in world.side.describe().link_types:
            link = SideLink(kind, other)
            world.side.link(one, link)
            world.side.link(one, link)
            (here,) = world.item(one).links
            (there,) = world.item(other).links
            assert here == link
            assert (there.type, there.other) == (kind, one)
            world.side.link(other, there)
            assert len(world.item(one).links) == 1
            world.side.unlink(other, there)
            world.side.unlink(one, link)
            assert world.item(one).links == world.item(other).links == ()

    def test_a_parent_is_set_and_taken_away(self, world: World) -> None:
        if not world.parent_type:
            return
        parent = world.side.create(SideDraft("p", world.parent_type, {TITLE: "Parent"}))
        key = world.create("Child")
        born = world.side.create(SideDraft("b", world.type, {TITLE: "Born below"}, parent=parent))

        world.side.set_parent(key, parent)
        world.side.set_parent(key, parent)

        assert [item.parent for item in world.side.read([key, born])] == [parent, parent]
        world.side.set_parent(key, None)
        world.side.set_parent(key, None)
        assert world.item(key).parent is None

    # -- changes

    def test_changes_are_seen_with_the_version_that_a_read_shows(self, world: World) -> None:
        cursor = world.side.start_cursor(world.moment())
        world.pause(1)
        one, two = world.create("One"), world.create("Two")
        world.pause(LONG)
        seen, cursor = world.follow(cursor)
        assert keys_of(seen) == {one, two}
        assert {each.version for each in seen if each.key == one} == {world.item(one).version}

        world.pause(LONG)
        world.side.write(two, {TITLE: "Edited"})
        world.pause(LONG)
        again, _ = world.follow(cursor)

        assert Sighting(two, world.item(two).version, world.item(two).changed) in again
        assert {each.version for each in again if each.key == one} <= {world.item(one).version}

    def test_looking_again_costs_one_request_and_repeats_nothing_for_ever(self, world: World) -> None:
        world.create()
        _, cursor = world.follow(world.side.start_cursor(world.moment()))
        for _ in range(3):
            world.pause(LONG)
            before = world.requests()
            seen, cursor = world.follow(cursor)
            assert world.requests() - before == 1

        assert seen == []

    def test_changes_outside_the_filter_are_not_shown(self, world: World) -> None:
        cursor = world.side.start_cursor(world.moment())
        kept = world.create("In", {LABELS: ["kept"]})
        world.create("Out", {LABELS: ["other"]})
        world.pause(LONG)

        seen, _ = world.follow(cursor, world.query)

        assert keys_of(seen) == {kept}

    def test_a_deleted_item_is_sighted(self, world: World) -> None:
        if not world.sees_deletions:
            return
        stays, goes = world.create("Stays"), world.create("Goes")
        world.pause(LONG)
        _, quiet = world.follow(world.side.start_cursor(world.moment()), quiet=True)
        world.delete(goes)
        world.pause(LONG)

        seen, quiet = world.follow(quiet, quiet=True)

        assert goes in keys_of(seen)
        assert stays not in keys_of(seen)
        world.pause(LONG)
        assert world.follow(quiet, quiet=True)[0] == []

    # -- filters

    def test_a_selection_lists_what_the_filter_holds_in_order(self, world: World) -> None:
        kept = [world.create(f"Item {n}", {LABELS: ["kept"]}) for n in range(3)]
        out = world.create("Out")
        world.pause(LONG)

        assert [key for page in world.side.select(world.query) for key in page] == kept
        assert [key for page in world.side.select("") for key in page] == [*kept, out]
        assert world.side.within(world.query, [*kept[:2], out]) == frozenset(kept[:2])
        assert world.side.within("", [out]) == frozenset({out})
        assert world.side.within(world.query, []) == frozenset()

    def test_what_was_deleted_is_not_within(self, world: World) -> None:
        kept, gone = (world.create(f"Item {n}", {LABELS: ["kept"]}) for n in range(2))
        world.delete(gone)
        world.pause(LONG)

        assert world.side.within(world.query, [kept, gone]) == frozenset({kept})

    def test_a_filter_that_cannot_be_read_is_refused(self, world: World) -> None:
        world.side.check_query("")
        world.side.check_query(world.query)

        with pytest.raises(Refused) as caught:
            world.side.check_query(world.bad_query)

        assert caught.value.code == QUERY_REFUSED
        assert caught.value.message

    # -- people

    def test_people_are_found_by_e_mail_and_shown_by_id(self, world: World) -> None:
        person = world.person
        wanted = [Person("theirs", "Somebody else", person.email), Person("nobody", "Nobody Known", "no@body.example")]

        found = world.side.find_people(wanted)
        shown = world.side.people_of([person.id])

        if person.email:
            assert {theirs: ours.id for theirs, ours in found.items()} == {"theirs": person.id}
        assert shown[person.id].name == person.name
        assert world.side.people_of([]) == {}

    def test_an_item_has_an_address(self, world: World) -> None:
        key = world.create()

        assert key.rsplit("-", 1)[-1] in world.side.item_url(key)
        assert world.side.item_url(key).startswith("http")
