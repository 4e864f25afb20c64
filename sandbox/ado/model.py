"""What an organisation is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

CURRENT = "9999-01-01T00:00:00Z"
"""The service's `System.RevisedDate` of a revision that has not been superseded."""


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """Somebody who may appear in an identity field. People who left are inactive, not gone."""

    id: str
    name: str
    unique_name: str
    descriptor: str
    active: bool = True
    container: bool = False

    @property
    def text(self) -> str:
        """The form of api-versions before 5.0 and of the reporting endpoints."""
        return f"{self.name} <{self.unique_name}>"


Value: TypeAlias = "str | int | float | bool | Person"
Fields: TypeAlias = "dict[str, Value]"
JsonObject: TypeAlias = "dict[str, object]"


@dataclass(slots=True)
class Relation:
    """One entry of an item's relations. A link between items has a `target`, everything else a `url`."""

    rel: str
    target: int | None = None
    url: str = ""
    name: str = ""
    comment: str = ""
    locked: bool = False
    attributes: JsonObject = field(default_factory=dict)
    added: str = ""
    removed: str = ""


@dataclass(slots=True)
class CommentVersion:
    """One wording of a comment."""

    version: int
    text: str
    format: str
    by: Person
    date: str
    deleted: bool = False


@dataclass(slots=True)
class Comment:
    """A comment with every wording it had; the last one counts."""

    id: int
    item: int
    versions: list[CommentVersion]

    @property
    def current(self) -> CommentVersion:
        return self.versions[-1]

    @property
    def deleted(self) -> bool:
        return self.versions[-1].deleted


@dataclass(slots=True)
class Revision:
    """All stored fields as they were. Computed fields are added when the revision is shown."""

    rev: int
    fields: Fields
    formats: dict[str, str]
    watermark: int = 0
    history: str = ""
    comment_count: int = 0
    deleted: bool = False

    @property
    def changed(self) -> str:
        return str(self.fields["System.ChangedDate"])


@dataclass(slots=True)
class Update:
    """One entry of `/updates`: a revision, or a link edit, which has none of its own."""

    id: int
    rev: int
    by: Person
    date: str
    new_revision: bool
    added: list[Relation] = field(default_factory=list)
    removed: list[Relation] = field(default_factory=list)
    changed: list[Relation] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Deletion:
    """When and by whom an item was put into the recycle bin."""

    date: str
    by: Person


@dataclass(slots=True)
class Item:
    """A work item with its whole history."""

    id: int
    project: Project
    revisions: list[Revision] = field(default_factory=list)
    relations: list[Relation] = field(default_factory=list)
    former_relations: list[Relation] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    updates: list[Update] = field(default_factory=list)
    deletion: Deletion | None = None
    unreadable: bool = False
    known_revision: int = 0
    """What queries still take for the latest revision until `known_until`; 0 when they do not know the item."""
    known_until: float = 0.0

    @property
    def current(self) -> Revision:
        return self.revisions[-1]

    @property
    def fields(self) -> Fields:
        return self.revisions[-1].fields

    @property
    def type(self) -> str:
        return str(self.revisions[-1].fields["System.WorkItemType"])

    @property
    def visible(self) -> bool:
        return self.deletion is None and not self.unreadable

    @property
    def parent(self) -> int | None:
        for relation in self.relations:
            if relation.rel == "System.LinkTypes.Hierarchy-Reverse":
                return relation.target
        return None


@dataclass(slots=True)
class Node:
    """An area or an iteration."""

    id: int
    identifier: str
    name: str
    kind: str
    parent: Node | None = None
    children: list[Node] = field(default_factory=list)
    start: str = ""
    finish: str = ""

    @property
    def names(self) -> list[str]:
        """The names from the root, which is the project, down to this node."""
        above = self.parent.names if self.parent else []
        return [*above, self.name]

    @property
    def field_path(self) -> str:
        """As work items name it: without the group segment that the node's own path has."""
        return "\\".join(self.names)

    def walk(self) -> list[Node]:
        """This node and everything under it."""
        found = [self]
        for child in self.children:
            found += child.walk()
        return found


@dataclass(frozen=True, slots=True)
class BoardColumn:
    """A column of a board: which state each type has in it."""

    id: str
    name: str
    kind: str
    states: dict[str, str]
    item_limit: int = 0
    split: bool = False


@dataclass(frozen=True, slots=True)
class Board:
    """One backlog level of a team as a board."""

    id: str
    name: str
    columns: list[BoardColumn]


@dataclass(slots=True)
class Team:
    """A team: its areas, its sprints, its people, its boards."""

    id: str
    name: str
    description: str
    areas: list[Node]
    iterations: list[Node]
    members: list[Person]
    boards: list[Board]
    bugs_behavior: str = "asRequirements"


@dataclass(frozen=True, slots=True)
class SavedQuery:
    """A shared query."""

    id: str
    name: str
    wiql: str


@dataclass(slots=True)
class Project:
    """A team project."""

    id: str
    name: str
    description: str
    process: Process
    areas: Node
    iterations: Node
    teams: list[Team] = field(default_factory=list)
    queries: list[SavedQuery] = field(default_factory=list)
    revision: int = 11
    changed: str = "2024-02-01T09:00:00Z"

    area_paths: dict[str, Node] = field(init=False, repr=False)
    iteration_paths: dict[str, Node] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.index_paths()

    def index_paths(self) -> None:
        """Rebuild the look-up by path; paths are compared without regard to case."""
        self.area_paths = {node.field_path.lower(): node for node in self.areas.walk()}
        self.iteration_paths = {node.field_path.lower(): node for node in self.iterations.walk()}


@dataclass(frozen=True, slots=True)
class State:
    """A state of a type and the category that gives it its meaning."""

    name: str
    category: str
    color: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ItemType:
    """A work item type. `transitions` None allows every change of state."""

    name: str
    reference: str
    category: str
    states: tuple[State, ...]
    fields: tuple[str, ...]
    color: str = "009CCC"
    icon: str = "icon_clipboard"
    description: str = ""
    disabled: bool = False
    transitions: Mapping[str, tuple[str, ...]] | None = None

    @property
    def initial(self) -> State:
        return self.states[0]

    def state(self, name: str) -> State | None:
        """The state of that name, in any case."""
        wanted = name.lower()
        return next((state for state in self.states if state.name.lower() == wanted), None)

    def reachable(self, state: str) -> tuple[str, ...]:
        """The states one change away, the state itself included."""
        if self.transitions is None:
            return tuple(other.name for other in self.states)
        return (state, *self.transitions.get(state, ()))


@dataclass(frozen=True, slots=True)
class Process:
    """A process: its types by name, in backlog order."""

    id: str
    name: str
    description: str
    types: dict[str, ItemType]
    parent: str = ""

    def find(self, name: str) -> ItemType | None:
        """The type of that name or reference name, in any case."""
        wanted = name.lower()
        for item_type in self.types.values():
            if wanted in (item_type.name.lower(), item_type.reference.lower()):
                return item_type
        return None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A stored file. Content that nobody uploaded is made when it is asked for."""

    id: str
    name: str
    size: int
    seed: str = ""
    content: bytes | None = None


@dataclass(frozen=True, slots=True)
class LinkChange:
    """One entry of the reporting stream of links; `rel` has no direction."""

    rel: str
    source: int
    target: int
    date: str
    active: bool
    comment: str
    by: Person
