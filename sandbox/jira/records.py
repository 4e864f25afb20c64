"""What people write into a site: issues with everything that hangs on them."""

from __future__ import annotations

from dataclasses import dataclass, field

from sandbox.jira.models import IssueType, JsonObject, LinkType, Project, Sprint, Status, User


@dataclass(eq=False, slots=True)
class Change:
    """One item of a history entry."""

    field: str
    field_id: str | None
    custom: bool
    old: str | None
    old_text: str | None
    new: str | None
    new_text: str | None


@dataclass(eq=False, slots=True)
class History:
    """One edit of an issue."""

    id: str
    author: User
    created: float
    items: list[Change]


@dataclass(eq=False, slots=True)
class Comment:
    """A comment; its properties are set in the create or afterwards."""

    id: str
    issue: Issue
    author: User
    body: JsonObject
    created: float
    updated: float
    update_author: User
    properties: dict[str, object] = field(default_factory=dict)
    visibility: JsonObject | None = None


@dataclass(eq=False, slots=True)
class Worklog:
    """Time spent. The author is always the caller, ``started`` is kept as sent."""

    id: str
    issue: Issue
    author: User
    comment: JsonObject | None
    started: float
    seconds: int
    created: float
    updated: float


@dataclass(eq=False, slots=True)
class Attachment:
    """A file of an issue. ``media_id`` is what media nodes of rich text want, not ``id``."""

    id: str
    media_id: str
    issue: Issue
    author: User
    filename: str
    mime_type: str
    content: bytes
    created: float


@dataclass(eq=False, slots=True)
class RemoteLink:
    """A link to something outside the site."""

    id: int
    global_id: str
    object: JsonObject
    application: JsonObject
    relationship: str | None


@dataclass(eq=False, slots=True)
class IssueLink:
    """``inward`` is the source: "inward blocks outward"."""

    id: str
    type: LinkType
    inward: Issue
    outward: Issue


@dataclass(eq=False, slots=True)
class Issue:
    """An issue. Everything a field holds that has no meaning of its own is in ``values``."""

    id: int
    key: str
    project: Project
    type: IssueType
    status: Status
    creator: User
    created: float
    updated: float
    rank: int
    values: dict[str, object] = field(default_factory=dict)
    parent: Issue | None = None
    children: list[Issue] = field(default_factory=list)
    sprints: list[Sprint] = field(default_factory=list)
    category_changed: float = 0.0
    resolved: float | None = None
    properties: dict[str, object] = field(default_factory=dict)
    comments: list[Comment] = field(default_factory=list)
    worklogs: list[Worklog] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    links: list[IssueLink] = field(default_factory=list)
    remote_links: list[RemoteLink] = field(default_factory=list)
    watchers: list[User] = field(default_factory=list)
    history: list[History] = field(default_factory=list)
    number: int = 0
    readable_at: float = 0.0
    """When a GET finds it; later than ``created`` on a loaded site."""
    indexed: list[tuple[float, Issue]] = field(default_factory=list)
    """What search shows from when on; empty when search shows the current state."""

    @property
    def summary(self) -> str:
        """The one-line title."""
        return str(self.values.get("summary", ""))


@dataclass(frozen=True, slots=True)
class Notice:
    """Something happened that a webhook may tell. ``event`` is the vendor's name for it."""

    event: str
    by: User
    issue: Issue
    history: History | None = None
    comment: Comment | None = None
    link: IssueLink | None = None
    attachment: Attachment | None = None
