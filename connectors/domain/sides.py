"""What the synchronization engine asks of a tracker: one side of a pair, read and written in its own terms.

A source and a target (`connectors.domain.ports`) move a project once; a side is both at the same time, and for good.
Values are plain JSON, in the side's own terms, so that the last agreed state of either side can be kept and compared
without ever being converted. What may stand for each kind:

| kind | value |
|---|---|
| `TEXT`, `DAY` (`2026-02-28`), `MOMENT` (ISO 8601, UTC) | text |
| `CHOICE`, `PATH`, `STATE` | text: the name |
| `RICH` | `{"markup": "html" | "markdown" | "plain", "text": …}` or `{"markup": "adf", "document": …}` |
| `NUMBER`, `FLAG` | a number, a truth value |
| `CHOICES`, `LABELS` | a list of texts, sorted |
| `PERSON` | the platform's own id of the account |

An empty field is None (an empty list for `CHOICES` and `LABELS`). Errors as in `ports`; every write may raise
`Unclear`, and says how it is settled. Methods are called from several threads at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from connectors.domain.ports import FileContent
from connectors.domain.work_items import Person

Value = str | int | float | bool | None | list[str] | dict[str, Any]
Cursor = dict[str, Any]
"""Where a reader of changes stands: plain JSON that only its side understands."""

TITLE = "title"
TEXT = "description"
STATE = "state"
ASSIGNEE = "assignee"
PRIORITY = "priority"
LABELS = "labels"
STANDARD_FIELDS = (TITLE, TEXT, STATE, ASSIGNEE, PRIORITY, LABELS)
"""Fields that every side offers under these ids (where the platform has them); all others by the platform's own."""


class ValueKind(StrEnum):
    """What a field holds."""

    TEXT = "text"
    RICH = "rich"
    NUMBER = "number"
    FLAG = "flag"
    DAY = "day"
    MOMENT = "moment"
    CHOICE = "choice"
    CHOICES = "choices"
    PERSON = "person"
    LABELS = "labels"
    STATE = "state"
    PATH = "path"


@dataclass(frozen=True, slots=True)
class SideField:
    """A field as a mapping may name it. `options` are the names it offers, empty when it takes anything."""

    id: str
    name: str
    kind: ValueKind
    writable: bool = True
    required: bool = False
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SideType:
    """An item type, its states in the order of the workflow, and the ids of the fields its items can be given."""

    name: str
    states: tuple[str, ...] = ()
    fields: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class SideShape:
    """What a side offers. `me` is the account of the credentials; `takes_files` whether files can be added."""

    system: str
    project: str
    types: tuple[SideType, ...] = ()
    fields: tuple[SideField, ...] = ()
    link_types: tuple[str, ...] = ()
    me: Person | None = None
    takes_files: bool = True
    file_limit: int | None = None
    markup: str = "html"
    """How new rich texts are written here: `html`, `markdown` or `adf`."""

    def field(self, field_id: str) -> SideField | None:
        """The field of that id."""
        return next((each for each in self.fields if each.id == field_id), None)


@dataclass(frozen=True, slots=True)
class SideComment:
    """A comment; `mark` is what we left in one that we made."""

    id: str
    text: Value
    author: Person | None = None
    created: datetime | None = None
    modified: datetime | None = None
    mark: str | None = None


@dataclass(frozen=True, slots=True)
class SideFile:
    """A file of an item. `reference` is what this side's texts use to show it (a media id, an address)."""

    id: str
    name: str
    size: int | None = None
    created: datetime | None = None
    author: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class SideLink:
    """A link as seen from its item: `type` is one of the shape's link types, `outward` whether this is its first end.
    The parent is no link but `SideItem.parent`."""

    type: str
    other: str
    outward: bool = True


@dataclass(frozen=True, slots=True)
class SideItem:
    """An item as it stands now. `version` changes with every change of its fields; `comments` is None where they
    must be asked for (`Side.comments`), `comment_count` None where the platform does not tell."""

    key: str
    version: str
    type: str
    changed: datetime
    changed_by: str = ""
    values: Mapping[str, Value] = field(default_factory=dict)
    parent: str | None = None
    links: tuple[SideLink, ...] = ()
    files: tuple[SideFile, ...] = ()
    comments: tuple[SideComment, ...] | None = None
    comment_count: int | None = None
    mark: str | None = None


@dataclass(frozen=True, slots=True)
class Sighting:
    """Something about an item changed: at the latest at `at`. The version tells a change that was seen already."""

    key: str
    version: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Sightings:
    """A page of changes and where to go on; `more` when there is another page now."""

    seen: tuple[Sighting, ...]
    cursor: Cursor
    more: bool = False


@dataclass(frozen=True, slots=True)
class SideDraft:
    """An item to be made. `mark` is stored atomically with it, so that a lost answer can be settled. The state is the
    platform's first one: it is changed afterwards by `move`."""

    mark: str
    type: str
    values: Mapping[str, Value] = field(default_factory=dict)
    parent: str | None = None


class Side(Protocol):
    """One side of a synchronization."""

    def describe(self) -> SideShape: ...

    def check_query(self, query: str) -> None:
        """Raise Refused (QUERY_REFUSED) with the platform's words for a filter it cannot read. Empty is fine."""
        ...

    def start_cursor(self, since: datetime) -> Cursor:
        """A cursor that sees what changes from that moment on."""
        ...

    def changes(self, query: str, cursor: Cursor) -> Sightings:
        """Items within the filter whose fields changed, oldest first; one request when nothing did.

        Windows overlap, so that what becomes visible late is not lost: callers know the versions they have seen.
        """
        ...

    def quiet_changes(self, query: str, cursor: Cursor) -> Sightings:
        """Items with changes that `changes` does not show: links, comments that were edited or deleted, deleted
        items. Asked at most every 30 seconds; a page without sightings where `changes` shows everything."""
        ...

    def select(self, query: str) -> Iterator[list[str]]:
        """Keys of all items within the filter, in pages, in ascending order of number."""
        ...

    def within(self, query: str, keys: Sequence[str]) -> frozenset[str]:
        """Those of up to 100 keys that the filter holds now."""
        ...

    def read(self, keys: Sequence[str]) -> list[SideItem]:
        """Up to 100 items, with values of every field of the shape; what is gone or hidden is left out."""
        ...

    def comments(self, key: str) -> list[SideComment]:
        """All comments, oldest first."""
        ...

    def create(self, draft: SideDraft) -> str:
        """The new item's key. Settled by `find_mark`."""
        ...

    def find_mark(self, mark: str, *, since: datetime) -> str | None:
        """The key of the item made with this mark at or after that moment, however late search sees it."""
        ...

    def write(self, key: str, values: Mapping[str, Value]) -> None:
        """Set fields, all in one request where the platform can; quietly. Never the state. Idempotent.
        XX"""
        ...

    def move(self, key: str, state: str, *, force: bool = False) -> None:
        """Bring the item into the state by the shortest path of transitions. `force` also takes transitions whose
        screen asks for something that has a default. Raises Refused (STATE_UNREACHABLE). Idempotent."""
        ...

    def add_comment(self, key: str, text: Value, *, mark: str) -> str:
        """The comment's id. Settled by `comment_marks`."""
        ...

    def comment_marks(self, key: str, known: frozenset[str]) -> dict[str, str]:
        """Mark -> comment id for the item's comments that are not known."""
        ...

    def edit_comment(self, key: str, comment_id: str, text: Value) -> None: ...

    def delete_comment(self, key: str, comment_id: str) -> None:
        """Idempotent: one that is gone is fine."""
        ...

    def add_file(self, key: str, name: str, content: FileContent) -> SideFile:
        """Settled by comparing names, sizes and content with `SideItem.files`. Raises Refused
        (ATTACHMENTS_UNSUPPORTED, ATTACHMENT_TOO_LARGE)."""
        ...

    def drop_file(self, key: str, file_id: str) -> None:
        """Idempotent."""
        ...

    def open_file(self, key: str, file_id: str) -> AbstractContextManager[FileContent]: ...

    def link(self, key: str, link: SideLink) -> None:
        """Idempotent."""
        ...

    def unlink(self, key: str, link: SideLink) -> None:
        """Idempotent."""
        ...

    def set_parent(self, key: str, parent: str | None) -> None:
        """Idempotent."""
        ...

    def find_people(self, people: Sequence[Person]) -> dict[str, Person]:
        """The other side's person id -> this side's account, by e-mail, then unambiguous name."""
        ...

    def people_of(self, ids: Sequence[str]) -> dict[str, Person]:
        """Id -> account with name and, where shown, e-mail."""
        ...

    def item_url(self, key: str) -> str:
        """The address a person opens."""
        ...
