"""What the engines ask of a tracker: the verbs of a source and of a target, in canonical terms.

Trackers (`connectors.trackers`) implement these structurally on top of a client; tests implement them in memory.
Every method may raise the errors of `connectors.domain.errors.PlatformError`; what a caller may conclude:

- `NotSent` / `Throttled`: nothing happened, ask again later.
- `Unclear`: a write may have happened; settle it (see `read_marks`, `comment_marks`, `files`) before repeating.
- `Refused`: this request will never work as it is; the item gets an outcome, the run goes on.
- `AccessLost`, `AddressRefused`: the run pauses.

Methods are called from several threads at once; an implementation keeps no per-call state.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from connectors.domain.errors import Refused
from connectors.domain.modules import ProjectModules
from connectors.domain.shapes import FieldWish, SourceShape, Sprint, TargetField, TargetShape, Transition
from connectors.domain.work_items import Attachment, Comment, Person, Revision, SourceMark, WorkItem

Document = dict[str, Any]
"""Rich text between systems: an Atlassian Document Format tree, as `connectors.domain.richtext` builds it."""


@dataclass(frozen=True, slots=True)
class ItemFilter:
    """Which items of the source project are meant. `area` takes the subtree; empty `types` means all."""

    area: str | None = None
    types: tuple[str, ...] = ()
    changed_since: datetime | None = None


class FileContent(Protocol):
    """A file being read: its bytes in chunks, never whole. `size` is known before the first byte when the
    platform says it (Content-Length), else None."""

    size: int | None

    def __iter__(self) -> Iterator[bytes]: ...


@dataclass(frozen=True, slots=True)
class Probe:
    """What a connection test found: whose credentials these are, and the project as the platform names it.

    `expires` is when the credentials end, where the platform tells.
    """

    organisation: str
    project: str
    item_count: int
    person: str = ""
    expires: datetime | None = None


@runtime_checkable
class ServerProbe(Protocol):
    """A tracker that can test address and credentials alone."""

    def probe_server(self) -> Probe:
        """Whose credentials these are; project and count stay empty. Raises as `probe`."""
        ...


@runtime_checkable
class ModuleReader(Protocol):
    """A tracker that tells the types of its project with their fields better than its shape does."""

    def read_modules(self) -> ProjectModules: ...


class SourceTracker(Protocol):
    """Reading a project."""

    def probe(self) -> Probe:
        """Test the connection and say precisely why it fails: credentials, address, project, a missing scope."""
        ...

    def describe(self) -> SourceShape: ...

    def list_ids(self, selection: ItemFilter) -> Iterator[list[str]]:
        """Ids in ascending order, in pages; complete however many there are (id windows below the 20,000 ceiling)."""
        ...

    def read_items(self, ids: Sequence[str]) -> list[WorkItem]:
        """The items in one request per 200 ids, in the order asked. An unreadable item is left out."""
        ...

    def read_comments(self, item: str) -> list[Comment]:
        """All comments, oldest first, deleted ones left out."""
        ...

    def read_history(self, item: str) -> list[Revision]:
        """Every change of the item's fields and links, oldest first."""
        ...

    def open_file(self, url: str, name: str) -> AbstractContextManager[FileContent]:
        """Stream a file of the source: an attachment or an inline image by its address."""
        ...

    def file_of(self, url: str) -> Attachment | None:
        """The file an image address inside a text points to (id and name), None when it is not the source's own."""
        ...

    def item_url(self, item: str) -> str:
        """The address a person opens."""
        ...


@dataclass(frozen=True, slots=True)
class DraftItem:
    """An item to be created, fully decided: every value is an id the target gave us in its shape.

    `fields` holds further fields by target field id in the target's own value shapes; `transition` is the one
    step that the create itself may take. `mark` is stored atomically with the item.
    """

    mark: SourceMark
    type_id: str
    title: str
    body: Document | None = None
    parent_id: str | None = None
    transition: str | None = None
    labels: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    sprint_id: str | None = None
    priority_id: str | None = None
    assignee_id: str | None = None
    reporter_id: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Created:
    """A new item. `step_refused` holds the platform's words when the item exists but its transition was not taken,
    `dropped` those about fields that it does not have although the create did not fail."""

    id: str
    key: str
    step_refused: str = ""
    dropped: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ItemChanges:
    """An edit of an existing item; None leaves a part alone. `fields` as in `DraftItem`."""

    title: str | None = None
    body: Document | None = None
    labels: tuple[str, ...] | None = None
    components: tuple[str, ...] | None = None
    priority_id: str | None = None
    assignee_id: str | None = None
    parent_id: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Marked:
    """An item found by number: its id, key, and the mark it carries, if any."""

    id: str
    key: str
    mark: SourceMark | None


@dataclass(frozen=True, slots=True)
class TargetFile:
    id: str
    name: str
    size: int
    created: datetime | None = None


@dataclass(frozen=True, slots=True)
class TargetComment:
    """`source_id` is the mark of a comment we made; read only where the method says so."""

    id: str
    body: Document
    author: Person | None = None
    created: datetime | None = None
    source_id: str | None = None


@dataclass(frozen=True, slots=True)
class TargetLink:
    """A link as seen from its item: `outward` is true when this item is the link type's source end."""

    id: str
    type: str
    other_key: str
    outward: bool


@dataclass(frozen=True, slots=True)
class TargetRemoteLink:
    """A link to something outside. `mark` is empty for links that are not ours."""

    mark: str
    url: str
    title: str
    relation: str = ""


@dataclass(frozen=True, slots=True)
class TargetChange:
    """One entry of an item's history: whose credentials made it, and when."""

    author: str
    at: datetime


@dataclass(frozen=True, slots=True)
class TargetItem:
    """An item of the target read back for verification. `comments` is None when the embedded copy was cut:
    ask `read_target_comments` then. Type, status, resolution, components, sprints, priority and people are the ids
    of the target's shape, as in `DraftItem`; a link names its type."""

    id: str
    key: str
    type: str
    title: str
    status_id: str
    body: Document | None = None
    mark: SourceMark | None = None
    parent_key: str | None = None
    resolution: str | None = None
    labels: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    sprints: tuple[str, ...] = ()
    priority: str | None = None
    assignee: str | None = None
    reporter: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    comments: tuple[TargetComment, ...] | None = None
    comment_total: int = 0
    files: tuple[TargetFile, ...] = ()
    links: tuple[TargetLink, ...] = ()
    created: datetime | None = None
    updated: datetime | None = None


class TargetTracker(Protocol):
    """Writing a project, and reading back what was written."""

    def probe(self) -> Probe:
        """Test the connection and say precisely why it fails: credentials, address, project, a missing permission."""
        ...

    def describe(self) -> TargetShape: ...

    def find_people(self, people: Sequence[Person]) -> dict[str, Person]:
        """Source person id -> the target's person, by account id, exact e-mail, then unambiguous name; the
        unknown are left out. One request per person at most. Inactive people are returned as such."""
        ...

    def may_assign(self, person: Person) -> bool: ...

    def create_items(self, drafts: Sequence[DraftItem]) -> list[Created | Refused]:
        """Up to 50 items in one request; one answer per draft, in order. Never repeated by the client itself
        unless it is certain that nothing was sent. Raises `Unclear` when any of them may exist."""
        ...

    def preview(self, draft: DraftItem) -> dict[str, Any]:
        """The exact payload `create_items` would send for this draft."""
        ...

    def after_create(self, draft: DraftItem) -> ItemChanges | None:
        """What of the draft `create_items` leaves out because the create screen would drop or refuse it: to be put by
        `edit_item` once the item exists. None when nothing is left. Asks nobody."""
        ...

    def as_stored(self, document: Document) -> Document:
        """The document that reading this one back will show: the same where the platform stores documents. Doing it
        twice changes nothing, and no word is lost. Asks nobody."""
        ...

    def highest_number(self) -> int:
        """A number not above the highest item number of the project (search may lag: a lower bound)."""
        ...

    def read_marks(self, first: int, count: int) -> dict[int, Marked]:
        """Items number first..first+count-1 (count <= 100) that can be seen now, by number, with their marks."""
        ...

    def read_items(self, keys: Sequence[str], *, fields: Sequence[str] = ()) -> list[TargetItem]:
        """Up to 100 items in one request with everything verification compares; the missing are left out. `fields`
        are ids of further fields that stand on no screen."""
        ...

    def edit_item(self, item_id: str, changes: ItemChanges) -> None:
        """Quietly (nobody is notified) where the credentials allow it. Idempotent."""
        ...

    def delete_item(self, item_id: str) -> None: ...

    def add_comment(self, item_id: str, body: Document, *, source_id: str) -> str:
        """The new comment's id. `source_id` is stored with it atomically as its mark."""
        ...

    def edit_comment(self, item_id: str, comment_id: str, body: Document) -> None: ...

    def read_target_comments(self, item_id: str) -> list[TargetComment]:
        """All comments oldest first, in pages of 100."""
        ...

    def comment_marks(self, item_id: str, known: frozenset[str]) -> dict[str, str]:
        """Source comment id -> comment id for every comment of the item whose id is not in `known`."""
        ...

    def upload_file(self, item_id: str, name: str, content: FileContent) -> TargetFile:
        """Stream a file into the item. Raises `Refused` with code ATTACHMENT_TOO_LARGE over the limit."""
        ...

    def media_id(self, file_id: str) -> str | None:
        """The id that shows an uploaded file inside a text, None where the platform does not tell."""
        ...

    def files(self, item_id: str) -> list[TargetFile]: ...

    def open_target_file(self, file_id: str) -> AbstractContextManager[FileContent]: ...

    def link_items(self, link_type: str, source_key: str, target_key: str) -> None:
        """Make it read "source <outward> target"; `link_type` is the type's name. Repeating creates nothing."""
        ...

    def add_remote_link(self, item_id: str, *, mark: str, url: str, title: str, relation: str) -> None:
        """An upsert by `mark`."""
        ...

    def remote_links(self, item_id: str) -> list[TargetRemoteLink]: ...

    def changes(self, item_ids: Sequence[str]) -> dict[str, list[TargetChange]]:
        """Item id -> its history, oldest first, for up to 100 items. Comments leave no entry there."""
        ...

    def add_component(self, name: str) -> str:
        """The component's id, an existing one of that name included."""
        ...

    def drop_component(self, component_id: str) -> bool:
        """Delete a component that no item has. False when it is in use, or gone already."""
        ...

    def add_version(self, name: str, *, start: datetime | None, finish: datetime | None, released: bool) -> str:
        """The version's id, an existing one of that name included."""
        ...

    def add_field(self, wish: FieldWish, *, type_ids: Sequence[str]) -> TargetField:
        """A custom field that items of these types can fill, on their screens and with the options wished for. One of
        that name and kind that exists already is completed instead. Raises `Refused` without the right to it."""
        ...

    def add_sprint(self, name: str, *, start: datetime | None, finish: datetime | None) -> Sprint: ...

    def sprints(self) -> list[Sprint]: ...

    def drop_sprint(self, sprint_id: str) -> bool:
        """Delete a sprint without items. False when it has some, or is gone already."""
        ...

    def set_sprint_state(self, sprint: Sprint, state: str) -> None:
        """One step: future -> active (needs both dates) or active -> closed. Repeating it is harmless."""
        ...

    def add_to_sprint(self, sprint_id: str, keys: Sequence[str]) -> None:
        """Up to 50 items into an open or future sprint. Idempotent."""
        ...

    def statuses(self, keys: Sequence[str]) -> dict[str, str]:
        """Key -> status id now, up to 100 in one request."""
        ...

    def transitions(self, item_id: str) -> list[Transition]:
        """Steps available to this item now."""
        ...

    def transition(self, item_id: str, transition_id: str, *, resolution: str | None = None) -> None: ...

    def transition_many(self, steps: Sequence[tuple[str, str]]) -> dict[str, str]:
        """(item id, transition id) for up to 1,000 items in one task, awaited; item id -> the platform's words
        for each that failed. Raises `Refused` when bulk changes are not allowed: use `transition` then."""
        ...

    def item_url(self, key: str) -> str: ...
