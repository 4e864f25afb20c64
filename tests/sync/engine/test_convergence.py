"""Whatever people do on both sides, whatever breaks on the way: once it is quiet both sides say the same, nothing was
made twice, and another pass has nothing to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.domain.errors import NotSent, Unclear
from connectors.domain.sides import SideLink, Value
from sync.engine.base import Both, PairBase, Part, PartKind
from sync.engine.carry import Carrier, Files, People
from sync.engine.decide_fields import usable
from sync.engine.deciding import SIDES
from sync.engine.mappings import Position
from tests.sync.engine.driver import LINKS, STATES, World, document
from tests.sync.engine.world import US, Crash, MemorySide, adf, html, markdown

PARAGRAPHS = ("One", "Two  words", "Thr<ee> & _four_", "* five", "#6", "")
VALUES: dict[str, Both[Any]] = {
    "title": Both(("A", "B", "a  b", "C "), ("A", "D", "a b", "E")),
    "priority": Both(("1", "2", "3", None), ("High", "Medium", "Low", None)),
    "labels": Both((["A b", "c"], [], ["x"], ["c", "d"]), (["a-b"], [], ["x", "y"], ["c", "e"])),
    "assignee": Both(("one-ann", "one-bob", None), ("two-ann", "two-bob", None)),
    "due": Both(("2026-05-01", None, "2026-06-01"), ("2026-05-01T00:00:00Z", "2026-07-01T00:00:00Z", None)),
    "effort": Both((1, 2.5, None), (1, 3, None)),
    "state": Both(STATES["first"], STATES["second"]),
}
FAULTS = ("", "", "", "", "", "crash before", "crash after", "lost", "not sent", "edit", "edit after")

positions = st.sampled_from(SIDES)
small = st.integers(0, 5)
edits = st.tuples(
    st.sampled_from(["field", "field", "field", "text", "comment", "edit comment", "delete comment"]),
    positions,
    small,
    small,
    small,
)
others = st.tuples(st.sampled_from(["file", "drop file", "link", "unlink", "parent"]), positions, small, small, small)
rare = st.tuples(st.sampled_from(["item", "delete item", "wait"]), positions, small, small, small)
passes = st.tuples(st.just("pass"), positions, small, small, small)
stories = st.lists(st.one_of(edits, edits, others, passes, passes, rare), min_size=1, max_size=22)
faults = st.lists(st.sampled_from(FAULTS), max_size=30)
Event = tuple[str, Position, int, int, int]


class Storyteller:
    """Does what a story says, through the eyes of people."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.words = 0
        self.dropped: set[str] = set()
        self._told: dict[str, Callable[[MemorySide, Position, str, int, int], None]] = {
            "field": self._field,
            "text": self._text,
            "comment": self._comment,
            "edit comment": self._edit_comment,
            "delete comment": self._delete_comment,
            "file": self._file,
            "drop file": self._drop_file,
            "link": self._link,
            "unlink": self._unlink,
            "parent": self._parent,
        }

    def tell(self, event: Event) -> None:
        kind, position, which, one, other = event
        side = self.world.sides.at(position)
        if kind == "pass":
            self.world.sweep()
        elif kind == "wait":
            self.world.clock.tick(50 * one)
        elif kind == "item":
            side.person_adds({"title": self.new("item"), "labels": []}, "Bug" if one % 2 else "Task")
        elif side.items:
            keys = sorted(side.items)
            key = keys[which % len(keys)]
            if kind == "delete item":
                if one == 0:
                    side.without_item(key)
            else:
                self._told[kind](side, position, key, one, other)

    def new(self, start: str) -> str:
        self.words += 1
        return f"{start} {self.words}"

    def body(self, position: Position, count: int, other: int) -> dict[str, Any]:
        texts = [self.new("Text"), *(PARAGRAPHS[(other + step) % len(PARAGRAPHS)] for step in range(count))]
        markup = self.world.sides.at(position).shape.markup
        if markup == "adf":
            return adf(*(text for text in texts if text))
        if markup == "markdown":
            return markdown("\n\n".join(texts))
        return html("".join(f"<div>{text.replace('<', '&lt;')}</div>" for text in texts))

    def _field(self, side: MemorySide, position: Position, key: str, one: int, other: int) -> None:
        name = list(VALUES)[one % len(VALUES)] if other % 2 else list(VALUES)[-1 - one % len(VALUES)]
        offered = VALUES[name].at(position)
        value: Value = offered[other % len(offered)]
        if name == "labels":
            value = sorted(side.label(each) for each in offered[other % len(offered)])
        side.person_sets(key, name, value)

    def _text(self, side: MemorySide, position: Position, key: str, one: int, other: int) -> None:
        side.person_sets(key, "description", self.body(position, one, other) if other else None)

    def _comment(self, side: MemorySide, position: Position, key: str, one: int, other: int) -> None:
        side.person_comments(key, self.body(position, one % 2, other))

    def _edit_comment(self, side: MemorySide, position: Position, key: str, one: int, other: int) -> None:
        comments = side.items[key].comments
        if comments:
            comment = comments[one % len(comments)]
            text = self.body(position, other % 2, other)
            if comment.author == US and isinstance(comment.text, dict) and "document" in comment.text:
                lead = comment.text["document"]["content"][:1]
                text["document"]["content"] = [*lead, *text["document"]["content"]]
            comment.text, comment.modified = text, self.world.clock.tick()

    def _delete_comment(self, side: MemorySide, position: Position, key: str, one: int, other: int) -> None:
        del position, other
        comments = side.items[key].comments
        if comments:
            del comments[one % len(comments)]

    def _file(self, side: MemorySide, position: Position, key: str, one: int, other: int) -> None:
        del position
        side.person_adds_file(key, f"file {one % 3}.txt", f"{one} {other}".encode())

    def _drop_file(self, side: MemorySide, position: Position, key: str, one: int, other: int) -> None:
        del position, other
        files = side.items[key].files
        if files:
            self.dropped.add(files[one % len(files)].name)
            del files[one % len(files)]

    def _link(self, side: MemorySide, position: Position, key: str, one: int, other: int) -> None:
        keys = sorted(set(side.items) - {key})
        if keys:
            names = LINKS["first" if position is Position.FIRST else "second"]
            side.person_links(key, SideLink(names[other % 2], keys[one % len(keys)]))

    def _unlink(self, side: MemorySide, position: Position, key: str, one: int, other: int) -> None:
        del position, other
        links = side.items[key].links
        if links:
            side.person_unlinks(key, links[one % len(links)])

    def _parent(self, side: MemorySide, position: Position, key: str, one: int, other: int) -> None:
        del position
        keys = sorted(set(side.items) - {key})
        item = side.items[key]
        item.parent = keys[one % len(keys)] if keys and other else None
        side._touch(item, "ann")


class Trouble:
    """Breaks calls, and edits between them, as a list says."""

    def __init__(self, teller: Storyteller, planned: list[str]) -> None:
        self._teller = teller
        self._planned = list(reversed(planned))
        self._now = ""

    def __call__(self, moment: str, side: MemorySide, verb: str) -> None:
        if moment == "before":
            self._now = self._planned.pop() if self._planned else ""
            if self._now == "crash before":
                raise Crash
            if self._now == "not sent":
                raise NotSent("The platform is away.")
            if self._now == "edit":
                self._edit(side)
        elif self._now == "crash after":
            raise Crash
        elif self._now == "lost":
            raise Unclear("No answer came.")
        elif self._now == "edit after":
            self._edit(side)

    def _edit(self, side: MemorySide) -> None:
        for key in sorted(side.items)[:1]:
            side.person_sets(key, "effort", float(self._teller.words + 10))
            self._teller.words += 1


def check_alike(world: World, teller: Storyteller) -> None:
    """Both sides say the same, and nothing was made twice."""
    for row in world.store.rows.values():
        first, second = (world.sides.at(side).items.get(row.keys.at(side)) for side in SIDES)
        if first is None or second is None:
            continue
        items = Both(*(world.setting().read(side, row.keys.at(side)) for side in SIDES))
        assert items.first is not None
        assert items.second is not None
        loaded = Both(items.first, items.second)
        setting = world.setting()
        people: Both[People] = setting.directory.people(row.load().__class__(), loaded)
        carrier = Carrier(world.config, setting.shapes, people, _files(world, row.load()))
        for mapping in world.config.fields:
            assert usable(mapping, setting.shapes, loaded) is not None
            ours, theirs = first.values.get(mapping.first), second.values.get(mapping.second)
            alike = carrier.same(mapping, Position.FIRST, ours, theirs)
            alike = alike or carrier.same(mapping, Position.SECOND, theirs, ours)
            assert alike, f"{mapping.id}: {ours!r} and {theirs!r}"
        names = dict(zip(STATES["first"], STATES["second"], strict=True))
        assert names[str(first.values["state"])] == second.values["state"]
        assert len(first.comments) == len(second.comments)
        parts = {part.ids.first: part for part in row.load().of_kind(PartKind.COMMENT)}
        assert {parts[c.id].ids.second for c in first.comments} == {c.id for c in second.comments}
        files = Both(
            Counter((f.name, f.content) for f in first.files), Counter((f.name, f.content) for f in second.files)
        )
        differing = (files.first - files.second) + (files.second - files.first)
        assert {name for name, _ in differing} <= teller.dropped
        assert _links(world, row.keys, Position.FIRST) == _links(world, row.keys, Position.SECOND)
        assert _parent(world, first.parent, Position.FIRST) == _known(world, second.parent, Position.SECOND)


def _files(world: World, base: PairBase) -> Both[Files]:
    def shown(part: Part, position: Position) -> str:
        return world.sides.at(position).reference(part.ids.at(position))

    parts = base.of_kind(PartKind.FILE)
    return Both(*(Files.of([(shown(part, side), shown(part, side.other)) for part in parts]) for side in SIDES))


def _parent(world: World, key: str | None, position: Position) -> str | None:
    """The partner of a parent, if both are there."""
    partner = world.store.partners(position, [key]).get(key) if key else None
    return partner if partner in world.sides.at(position.other).items else None


def _known(world: World, key: str | None, position: Position) -> str | None:
    """A parent, if it has a partner that is there."""
    return key if _parent(world, key, position) else None


def _links(world: World, keys: Both[str], position: Position) -> set[tuple[str, str, bool]]:
    """Links of one item to paired items that are both there, in the first side's terms."""
    names = dict(zip(LINKS["second"], LINKS["first"], strict=True))
    found = set()
    for link in world.sides.at(position).items[keys.at(position)].links:
        partner = world.store.partners(position, [link.other]).get(link.other)
        if partner is None or partner not in world.sides.at(position.other).items:
            continue
        first = link.other if position is Position.FIRST else partner
        found.add((names.get(link.type, link.type), first, link.outward))
    return found


def converge(
    story: list[Event], planned: list[str], policy: str, *, lag: float, markups: tuple[str, str], is_settled: bool
) -> None:
    world = World(document(policy=policy), markups=markups)
    teller = Storyteller(world)
    trouble = Trouble(teller, planned)
    for position in SIDES:
        side = world.sides.at(position)
        key = side.person_adds({"title": teller.new("item"), "labels": [], "description": teller.body(position, 3, 1)})
        side.person_comments(key, teller.body(position, 1, 1))
        side.person_adds_file(key, f"first of {key}.txt", b"content")
    if is_settled:
        world.settle()
    for side in (world.first, world.second):
        side.lag, side.hook = lag, trouble
    for event in story:
        teller.tell(event)

    world.settle(passes=15)

    assert world.sweep() == 0
    assert [matter for matter in world.matters if matter.code != "PLATFORM_OBJECT_MISSING"] == []
    check_alike(world, teller)
    for side in (world.first, world.second):
        marks = Counter(item.mark for item in side.items.values() if item.mark)
        assert not [mark for mark, times in marks.items() if times > 1]
        copies = Counter(c.mark for item in side.items.values() for c in item.comments if c.mark)
        assert not [mark for mark, times in copies.items() if times > 1]


arguments = {
    "story": stories,
    "planned": faults,
    "policy": st.sampled_from(["newest", "first", "second", "responsible"]),
    "is_settled": st.booleans(),
    "lag": st.sampled_from([0.0, 0.0, 25.0, 80.0]),
    "markups": st.sampled_from([("html", "adf"), ("html", "markdown"), ("adf", "adf"), ("markdown", "adf")]),
}
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@settings(unhurried, max_examples=300)
@given(**arguments)
def test_any_interleaving_ends_with_both_sides_alike(**given_: Any) -> None:
    converge(**given_)


@pytest.mark.full
@settings(unhurried, max_examples=5000)
@given(**arguments)
def test_many_interleavings_end_with_both_sides_alike(**given_: Any) -> None:
    converge(**given_)
