"""What a Jira site holds. Plain records; who may change them and how is decided elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

JsonObject = dict[str, object]


class Category(StrEnum):
    """Status category by its key on issues."""

    NEW = "new"
    INDETERMINATE = "indeterminate"
    DONE = "done"


class BoardKind(StrEnum):
    """Kinds of board; only a scrum board has sprints."""

    SCRUM = "scrum"
    KANBAN = "kanban"


class SprintState(StrEnum):
    """A sprint's life: future, then active, then closed, never back."""

    FUTURE = "future"
    ACTIVE = "active"
    CLOSED = "closed"


@dataclass(eq=False, slots=True)
class User:
    """A person (or app) of the site. A hidden e-mail is left out of answers but still matches exactly."""

    account_id: str
    name: str
    email: str
    time_zone: str
    email_visible: bool = True
    active: bool = True
    assignable: bool = True


@dataclass(eq=False, slots=True)
class IssueType:
    """A work type; ``level`` is its place in the hierarchy: -1 sub-task, 0 standard, 1 epic."""

    id: str
    name: str
    level: int
    description: str = ""


@dataclass(eq=False, slots=True)
class Status:
    """A workflow status."""

    id: str
    name: str
    category: Category
    description: str = ""


@dataclass(eq=False, slots=True)
class Named:
    """Priority or resolution."""

    id: str
    name: str
    description: str = ""


class Priority(Named):
    """How urgent."""


class Resolution(Named):
    """How it ended; an issue without one counts as unresolved."""


@dataclass(eq=False, slots=True)
class LinkType:
    """A kind of issue link and its two readings."""

    id: str
    name: str
    inward: str
    outward: str


@dataclass(eq=False, slots=True)
class Option:
    """A value of a select field; cascading ones have children."""

    id: str
    value: str
    disabled: bool = False
    parent: Option | None = None


@dataclass(eq=False, slots=True)
class Context:
    """Where a custom field exists (empty sets: everywhere) and with which options."""

    id: str
    name: str
    description: str = ""
    project_ids: frozenset[str] = frozenset()
    type_ids: frozenset[str] = frozenset()
    options: dict[str, Option] = field(default_factory=dict)

    def covers(self, project_id: str, type_id: str) -> bool:
        """Whether the field exists for issues of this project and type."""
        return (not self.project_ids or project_id in self.project_ids) and (
            not self.type_ids or type_id in self.type_ids
        )


@dataclass(eq=False, slots=True)
class Field:
    """A system or custom field. ``kind`` names its entry in ``field_kinds``."""

    id: str
    name: str
    kind: str
    description: str = ""
    custom_key: str = ""
    searcher_key: str = ""
    contexts: list[Context] = field(default_factory=list)

    @property
    def is_custom(self) -> bool:
        """Custom fields have a type key of some app."""
        return bool(self.custom_key)

    def context_for(self, project_id: str, type_id: str) -> Context | None:
        """The context that rules here; the narrowest wins. None: the field does not exist here."""
        found = [context for context in self.contexts if context.covers(project_id, type_id)]
        return max(found, key=lambda c: (bool(c.project_ids), bool(c.type_ids)), default=None)


@dataclass(eq=False, slots=True)
class Tab:
    """One tab of a screen."""

    id: str
    name: str
    fields: list[str] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class Screen:
    """Fields offered when creating, editing or transitioning."""

    id: str
    name: str
    tabs: list[Tab] = field(default_factory=list)

    def field_ids(self) -> list[str]:
        """All fields in screen order."""
        return [field_id for tab in self.tabs for field_id in tab.fields]


KEEP = "\0keep"
"""Transition.resolution of a transition whose post-functions leave the resolution alone."""


@dataclass(eq=False, slots=True)
class Transition:
    """A way between statuses. ``sources`` None: from everywhere (global)."""

    id: str
    name: str
    target: Status
    sources: tuple[Status, ...] | None = None
    screen: Screen | None = None
    required: tuple[str, ...] = ()
    resolution: str = KEEP
    """Post-function: name of the resolution set, empty for cleared, ``KEEP`` for untouched."""


@dataclass(eq=False, slots=True)
class Workflow:
    """Statuses and transitions that a type of a project follows."""

    id: str
    name: str
    initial: Status
    statuses: list[Status]
    transitions: list[Transition]
    description: str = ""

    def from_status(self, status: Status) -> list[Transition]:
        """Transitions that leave a status, global ones included (a loop to itself is not offered)."""
        return [
            t
            for t in self.transitions
            if (t.sources is None and t.target is not status) or (t.sources is not None and status in t.sources)
        ]


@dataclass(eq=False, slots=True)
class Component:
    """A part of a project."""

    id: str
    name: str
    project_id: str
    description: str = ""
    lead: User | None = None


@dataclass(eq=False, slots=True)
class Version:
    """A release of a project."""

    id: str
    name: str
    project_id: str
    description: str = ""
    start_date: str | None = None
    release_date: str | None = None
    released: bool = False
    archived: bool = False


@dataclass(eq=False, slots=True)
class Project:
    """A company-managed project with its schemes resolved per type."""

    id: str
    key: str
    name: str
    lead: User
    types: list[IssueType]
    workflows: dict[str, Workflow]
    create_screens: dict[str, Screen]
    edit_screens: dict[str, Screen]
    required: dict[str, tuple[str, ...]] = field(default_factory=dict)
    description: str = ""
    style: str = "classic"
    components: list[Component] = field(default_factory=list)
    versions: list[Version] = field(default_factory=list)
    next_number: int = 1
    archived: bool = False

    def type_by_id(self, type_id: str) -> IssueType | None:
        """A type of this project's scheme."""
        return next((t for t in self.types if t.id == type_id), None)


@dataclass(eq=False, slots=True)
class Board:
    """An agile board over one project."""

    id: int
    name: str
    kind: BoardKind
    project: Project
    columns: list[tuple[str, list[Status]]]
    parallel_sprints: bool = False


@dataclass(eq=False, slots=True)
class Sprint:
    """A sprint of a scrum board. Dates are epoch seconds."""

    id: int
    name: str
    board: Board
    state: SprintState = SprintState.FUTURE
    goal: str = ""
    start: float | None = None
    end: float | None = None
    complete: float | None = None
    created: float = 0.0
