"""What a GitHub site holds. Moments are epoch seconds; ids are global, numbers are per repository."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

JsonObject: TypeAlias = dict[str, object]


class Role(StrEnum):
    """What a person may do in a repository, from least to most."""

    READ = "read"
    TRIAGE = "triage"
    WRITE = "write"
    MAINTAIN = "maintain"
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        """The place in the order of rights."""
        return list(Role).index(self)


@dataclass(eq=False)
class User:
    """An account: a person, a bot or an organisation."""

    id: int
    login: str
    type: str = "User"
    name: str | None = None
    email: str | None = None
    created: float = 1_262_304_000.0
    members: dict[str, User] = field(default_factory=dict)
    issue_types: list[IssueType] = field(default_factory=list)

    @property
    def is_organization(self) -> bool:
        """Whether it is an organisation."""
        return self.type == "Organization"


@dataclass(eq=False)
class IssueType:
    """A kind of issue that an organisation defines."""

    id: int
    name: str
    color: str
    description: str | None
    created: float


@dataclass(eq=False)
class Label:
    """A label of one repository; its name is unique there in any case."""

    id: int
    name: str
    color: str = "ededed"
    description: str | None = None
    default: bool = False


@dataclass(eq=False)
class Milestone:
    """A milestone with how many issues (and pull requests) it holds."""

    id: int
    number: int
    title: str
    creator: User | None
    created: float
    updated: float
    description: str | None = None
    state: str = "open"
    due: float | None = None
    closed: float | None = None
    open_issues: int = 0
    closed_issues: int = 0


@dataclass(eq=False)
class Reaction:
    """One person's reaction."""

    id: int
    user: User
    content: str
    created: float


@dataclass(eq=False)
class Comment:
    """A comment on an issue or pull request."""

    id: int
    issue: Issue
    user: User | None
    body: str
    created: float
    updated: float
    reactions: list[Reaction] = field(default_factory=list)


@dataclass(eq=False)
class Event:
    """One line of an issue's history; `details` are the members that only this kind of event has."""

    id: int
    kind: str
    actor: User | None
    created: float
    issue: Issue
    label: Label | None = None
    subject: User | None = None
    milestone: str | None = None
    source: Issue | None = None
    details: JsonObject = field(default_factory=dict)


@dataclass(eq=False)
class PullRequest:
    """What an issue has more when it is a pull request. Its id is another than the issue's."""

    id: int
    head: str
    base: str = "main"
    draft: bool = False
    merged: float | None = None


@dataclass(eq=False)
class Issue:
    """An issue or a pull request. `listed` is when lists begin to know it, `searchable` when search does."""

    id: int
    repository: Repository
    number: int
    title: str
    body: str | None
    user: User | None
    created: float
    updated: float
    state: str = "open"
    reason: str | None = None
    closed: float | None = None
    closed_by: User | None = None
    labels: list[Label] = field(default_factory=list)
    assignees: list[User] = field(default_factory=list)
    milestone: Milestone | None = None
    type: IssueType | None = None
    locked: bool = False
    lock_reason: str | None = None
    comments: list[Comment] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    reactions: list[Reaction] = field(default_factory=list)
    parent: Issue | None = None
    children: list[Issue] = field(default_factory=list)
    blocked_by: list[Issue] = field(default_factory=list)
    blocking: list[Issue] = field(default_factory=list)
    pull: PullRequest | None = None
    listed: float = 0.0
    searchable: float = 0.0


@dataclass(frozen=True)
class Gone:
    """What is left of a number whose issue was deleted (no target) or transferred."""

    target: Issue | None = None


@dataclass(eq=False)
class Delivery:
    """One webhook request, made or still to be made."""

    id: int
    guid: str
    event: str
    action: str | None
    body: bytes
    created: float
    redelivery: bool = False
    delivered: float | None = None
    status_code: int = 0
    status: str = "pending"
    duration: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)
    answer_headers: dict[str, str] = field(default_factory=dict)
    answer: str = ""


@dataclass(eq=False)
class Hook:
    """A repository webhook. The secret is kept but never shown."""

    id: int
    url: str
    events: list[str]
    created: float
    updated: float
    content_type: str = "form"
    insecure_ssl: str = "0"
    secret: str | None = None
    active: bool = True
    deliveries: list[Delivery] = field(default_factory=list)


@dataclass(eq=False)
class Asset:
    """An image that was dropped into a text in the browser."""

    guid: str
    name: str
    content_type: str
    content: bytes
    repository: Repository


@dataclass(eq=False)
class Repository:
    """A repository as far as its issues need it."""

    id: int
    owner: User
    name: str
    created: float
    updated: float
    description: str | None = None
    private: bool = False
    has_issues: bool = True
    archived: bool = False
    sso: bool = False
    default_branch: str = "main"
    roles: dict[str, Role] = field(default_factory=dict)
    labels: dict[str, Label] = field(default_factory=dict)
    milestones: dict[int, Milestone] = field(default_factory=dict)
    issues: dict[int, Issue] = field(default_factory=dict)
    gone: dict[int, Gone] = field(default_factory=dict)
    comments: dict[int, Comment] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    hooks: dict[int, Hook] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)
    last_number: int = 0
    last_milestone: int = 0
    open_issues: int = 0

    @property
    def full_name(self) -> str:
        """Owner and name, as they are shown."""
        return f"{self.owner.login}/{self.name}"
