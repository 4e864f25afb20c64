"""Trackers in memory, as strict as `connectors.domain.sides` says: people edit them, they lag, and calls break."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from connectors.domain.errors import Missing, Refused
from connectors.domain.ports import FileContent
from connectors.domain.sides import (
    Cursor,
    SideComment,
    SideDraft,
    SideFile,
    SideItem,
    SideLink,
    SideShape,
    Sightings,
    Value,
    ValueKind,
)
from connectors.domain.work_items import Person

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
US = "us"


class Crash(BaseException):
    """The worker died."""


class Bytes:
    """A file's content."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.size: int | None = len(content)

    def __iter__(self) -> Iterator[bytes]:
        yield self.content


@dataclass
class Clock:
    now: datetime = START

    def tick(self, seconds: float = 1.0) -> datetime:
        self.now += timedelta(seconds=seconds)
        return self.now


@dataclass
class Comment:
    id: str
    text: Value
    author: str
    created: datetime
    modified: datetime | None = None
    mark: str | None = None
    visible: datetime = START


@dataclass
class File:
    id: str
    name: str
    content: bytes
    visible: datetime = START


@dataclass
class Item:
    key: str
    type: str
    values: dict[str, Value]
    changed: datetime
    changed_by: str
    version: int = 1
    parent: str | None = None
    mark: str | None = None
    visible: datetime = START
    comments: list[Comment] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    links: list[SideLink] = field(default_factory=list)


Hook = Callable[[str, "MemorySide", str], None]


@dataclass
class MemorySide:
    """One tracker. `hook` is called before and after every write and may raise or edit. `lag` is how long what is new
    stays invisible. `lowercase`: labels are stored in small letters with hyphens."""

    shape: SideShape
    clock: Clock
    prefix: str
    lowercase: bool = False
    lag: float = 0.0
    items: dict[str, Item] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    hook: Hook | None = None
    log: list[str] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    # -- what people do

    def person_adds(self, values: dict[str, Value], kind: str = "Bug", by: str = "ann") -> str:
        key = f"{self.prefix}-{next(self.numbers)}"
        first = next(each for each in self.shape.types if each.name == kind).states[0]
        self.items[key] = Item(key, kind, {"state": first, **values}, self.clock.tick(), by)
        return key

    def person_sets(self, key: str, name: str, value: Value, by: str = "ann") -> None:
        item = self.items.get(key)
        if item is None:
            return
        item.values[name] = value
        self._touch(item, by)

    def person_comments(self, key: str, text: Value, by: str = "ann") -> str:
        identity = f"{self.prefix.lower()}c{next(self.numbers)}"
        now = self.clock.tick()
        self.items[key].comments.append(Comment(identity, text, by, now, visible=now))
        return identity

    def person_adds_file(self, key: str, name: str, content: bytes) -> str:
        identity = f"{self.prefix.lower()}f{next(self.numbers)}"
        self.items[key].files.append(File(identity, name, content, visible=self.clock.tick()))
        return identity

    # -- how it works

    def _touch(self, item: Item, by: str = US) -> None:
        item.version += 1
        item.changed = self.clock.tick()
        item.changed_by = by

    @contextmanager
    def _writing(self, verb: str) -> Iterator[None]:
        if self.hook is not None:
            self.hook("before", self, verb)
        yield
        self.log.append(verb)
        if self.hook is not None:
            self.hook("after", self, verb)

    def _item(self, key: str) -> Item:
        if key not in self.items:
            raise Missing(f"{key} does not exist.", status=404)
        return self.items[key]

    def _new(self) -> datetime:
        return self.clock.now + timedelta(seconds=self.lag)

    def _checked(self, values: Mapping[str, Value]) -> dict[str, Value]:
        return {name: self._stored(name, value) for name, value in values.items()}

    def _stored(self, name: str, value: Value) -> Value:
        offered = self.shape.field(name)
        if offered is None or not offered.writable or offered.kind is ValueKind.STATE:
            raise Refused(f"{name} cannot be set.", fields={name: "It is not on the screen."})
        if value is None:
            return None
        if offered.kind is ValueKind.RICH:
            assert isinstance(value, dict)
            assert value["markup"] == self.shape.markup
        if offered.options and value not in offered.options:
            raise Refused(f"{value} is no option.", fields={name: "It is not offered."})
        if offered.kind is ValueKind.PERSON and value not in self.people:
            raise Refused(f"{value} is nobody.", fields={name: "There is no such user."})
        if offered.kind is ValueKind.LABELS:
            assert isinstance(value, list)
            assert value == sorted(value)
            return sorted(self.label(each) for each in value)
        return " ".join(value.split()) if name == "title" and isinstance(value, str) else value

    def label(self, text: str) -> str:
        return text.lower().replace(" ", "-") if self.lowercase else text

    # -- the port

    def describe(self) -> SideShape:
        return self.shape

    def check_query(self, query: str) -> None:
        del query

    def start_cursor(self, since: datetime) -> Cursor:
        return {"since": since.isoformat()}

    def changes(self, query: str, cursor: Cursor) -> Sightings:
        del query
        return Sightings((), cursor)

    def quiet_changes(self, query: str, cursor: Cursor) -> Sightings:
        del query
        return Sightings((), cursor)

    def select(self, query: str) -> Iterator[list[str]]:
        del query
        yield sorted(self.items)

    def within(self, query: str, keys: Sequence[str]) -> frozenset[str]:
        del query
        return frozenset(keys) & frozenset(self.items)

    def read(self, keys: Sequence[str]) -> list[SideItem]:
        now = self.clock.now
        found = [self.items[key] for key in keys if key in self.items]
        return [self._shown(item) for item in found if item.visible <= now]

    def _shown(self, item: Item) -> SideItem:
        files = [f for f in item.files if f.visible <= self.clock.now]
        return SideItem(
            item.key,
            str(item.version),
            item.type,
            item.changed,
            item.changed_by,
            dict(item.values),
            item.parent,
            tuple(item.links),
            tuple(SideFile(f.id, f.name, len(f.content), reference=self.reference(f.id)) for f in files),
            mark=item.mark,
        )

    def reference(self, file_id: str) -> str:
        return (
            f"media-{file_id}" if self.shape.markup == "adf" else f"https://{self.prefix.lower()}.example/f/{file_id}"
        )

    def comments(self, key: str) -> list[SideComment]:
        shown = [each for each in self._item(key).comments if each.visible <= self.clock.now]
        return [
            SideComment(c.id, c.text, Person(c.author, c.author.title()), c.created, c.modified, c.mark) for c in shown
        ]

    def create(self, draft: SideDraft) -> str:
        with self._writing("create"):
            values = self._checked(draft.values)
            if draft.parent is not None:
                self._item(draft.parent)
            key = self.person_adds(values, draft.type, US)
            item = self.items[key]
            item.mark, item.parent, item.visible = draft.mark, draft.parent, self._new()
        return key

    def find_mark(self, mark: str, *, since: datetime) -> str | None:
        return next((i.key for i in self.items.values() if i.mark == mark and i.changed >= since), None)

    def write(self, key: str, values: Mapping[str, Value]) -> None:
        with self._writing("write"):
            item = self._item(key)
            item.values.update(self._checked(values))
            self._touch(item)

    def move(self, key: str, state: str, *, force: bool = False) -> None:
        del force
        with self._writing("move"):
            item = self._item(key)
            if not any(each.name == item.type and state in each.states for each in self.shape.types):
                raise Refused(f"There is no way to {state}.", code="STATE_UNREACHABLE")
            item.values["state"] = state
            self._touch(item)

    def add_comment(self, key: str, text: Value, *, mark: str) -> str:
        with self._writing("add_comment"):
            return self._commented(key, text, mark)

    def _commented(self, key: str, text: Value, mark: str) -> str:
        item = self._item(key)
        assert isinstance(text, dict)
        assert text["markup"] == self.shape.markup
        identity = f"{self.prefix.lower()}c{next(self.numbers)}"
        item.comments.append(Comment(identity, text, US, self.clock.tick(), mark=mark, visible=self._new()))
        return identity

    def comment_marks(self, key: str, known: frozenset[str]) -> dict[str, str]:
        return {c.mark: c.id for c in self._item(key).comments if c.mark and c.id not in known}

    def edit_comment(self, key: str, comment_id: str, text: Value) -> None:
        with self._writing("edit_comment"):
            comment = next((c for c in self._item(key).comments if c.id == comment_id), None)
            if comment is None:
                raise Missing("The comment does not exist.", status=404)
            comment.text, comment.modified = text, self.clock.tick()

    def delete_comment(self, key: str, comment_id: str) -> None:
        with self._writing("delete_comment"):
            item = self._item(key)
            item.comments = [c for c in item.comments if c.id != comment_id]

    def add_file(self, key: str, name: str, content: FileContent) -> SideFile:
        with self._writing("add_file"):
            body = b"".join(content)
            identity = self.person_adds_file(self._item(key).key, name, body)
            self.items[key].files[-1].visible = self._new()
        return SideFile(identity, name, len(body), reference=self.reference(identity))

    def drop_file(self, key: str, file_id: str) -> None:
        with self._writing("drop_file"):
            item = self._item(key)
            item.files = [f for f in item.files if f.id != file_id]

    def open_file(self, key: str, file_id: str) -> AbstractContextManager[FileContent]:
        @contextmanager
        def opened() -> Iterator[FileContent]:
            found = next((f for f in self._item(key).files if f.id == file_id), None)
            if found is None:
                raise Missing("The file does not exist.", status=404)
            yield Bytes(found.content)

        return opened()

    def link(self, key: str, link: SideLink) -> None:
        with self._writing("link"):
            self.person_links(key, link)

    def person_links(self, key: str, link: SideLink) -> None:
        assert link.type in self.shape.link_types
        one, other = self._item(key), self._item(link.other)
        back = self._back(key, link)
        if link not in one.links:
            one.links.append(link)
        if back not in other.links:
            other.links.append(back)

    def _back(self, key: str, link: SideLink) -> SideLink:
        """The link as its other end tells it; the first type has no direction."""
        is_mutual = link.type == self.shape.link_types[0]
        return SideLink(link.type, key, outward=is_mutual or not link.outward)

    def unlink(self, key: str, link: SideLink) -> None:
        with self._writing("unlink"):
            self.person_unlinks(key, link)

    def person_unlinks(self, key: str, link: SideLink) -> None:
        back = self._back(key, link)
        for item, gone in ((self.items.get(key), link), (self.items.get(link.other), back)):
            if item is not None:
                item.links = [each for each in item.links if each != gone]

    def set_parent(self, key: str, parent: str | None) -> None:
        with self._writing("set_parent"):
            item = self._item(key)
            if parent is not None:
                self._item(parent)
            item.parent = parent
            self._touch(item)

    def find_people(self, people: Sequence[Person]) -> dict[str, Person]:
        by_mail = {person.email: person for person in self.people.values()}
        return {person.id: by_mail[person.email] for person in people if person.email in by_mail}

    def people_of(self, ids: Sequence[str]) -> dict[str, Person]:
        return {identity: self.people[identity] for identity in ids if identity in self.people}

    def item_url(self, key: str) -> str:
        return f"https://{self.prefix.lower()}.example/{key}"

    def without_item(self, key: str) -> None:
        """Somebody deletes an item, and with it its links."""
        for link in list(self.items[key].links):
            self.person_unlinks(key, link)
        for item in self.items.values():
            item.parent = None if item.parent == key else item.parent
        del self.items[key]


def html(text: str) -> dict[str, Any]:
    return {"markup": "html", "text": text}


def markdown(text: str) -> dict[str, Any]:
    return {"markup": "markdown", "text": text}


def adf(*paragraphs: str) -> dict[str, Any]:
    content = [{"type": "paragraph", "content": [{"type": "text", "text": text}]} for text in paragraphs]
    return {"markup": "adf", "document": {"type": "doc", "version": 1, "content": content}}


__all__ = ["START", "US", "Bytes", "Clock", "Crash", "MemorySide", "adf", "html", "markdown"]
