"""The shape of a project on either end: types, states, fields, paths, workflows. Read once, decided upon often."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from connectors.domain.work_items import LinkKind, Person


class StateCategory(StrEnum):
    """What a state means, whatever it is called."""

    PROPOSED = "proposed"
    IN_PROGRESS = "in_progress"
    RESOLVED = "resolved"
    COMPLETED = "completed"
    REMOVED = "removed"

    @property
    def is_done(self) -> bool:
        return self in (StateCategory.COMPLETED, StateCategory.REMOVED)


@dataclass(frozen=True, slots=True)
class SourceState:
    name: str
    category: StateCategory


@dataclass(frozen=True, slots=True)
class SourceType:
    """A work item type. `level` orders backlogs: 2 epics, 1 features, 0 requirements, -1 tasks, None others."""

    name: str
    reference: str = ""
    states: tuple[SourceState, ...] = ()
    level: int | None = None
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class SourceField:
    """`type` is the platform's word (String, Html, PicklistString, …); `custom` marks fields made by the customer."""

    reference: str
    name: str
    type: str
    custom: bool = False


@dataclass(frozen=True, slots=True)
class Iteration:
    """`path` as items write it (`Project\\Release 1\\Sprint 2`)."""

    path: str
    start: datetime | None = None
    finish: datetime | None = None


@dataclass(frozen=True, slots=True)
class SourceShape:
    """Everything about a source project that is not an item."""

    organization: str
    project_id: str
    project: str
    process: str = ""
    types: tuple[SourceType, ...] = ()
    fields: tuple[SourceField, ...] = ()
    iterations: tuple[Iteration, ...] = ()
    areas: tuple[str, ...] = ()
    short_name: str = "ADO"
    """What people and labels call the system: `ADO #7`, `migrated-from-ado`, `ado-id-7`."""
    item_addresses: tuple[str, ...] = ()
    """How the addresses begin by which texts name items; empty: any that looks like a work item's."""


class StatusCategory(StrEnum):
    """Jira's three status categories; other targets map theirs onto these."""

    TO_DO = "new"
    IN_PROGRESS = "indeterminate"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class TargetStatus:
    id: str
    name: str
    category: StatusCategory


@dataclass(frozen=True, slots=True)
class Transition:
    """One step of a workflow. `sources` is None for a global transition; `initial` marks the create transition."""

    id: str
    name: str
    to: str
    sources: frozenset[str] | None = None
    initial: bool = False
    needs_fields: bool = False


@dataclass(frozen=True, slots=True)
class Workflow:
    """Statuses by id and the steps between them, as one item type uses them."""

    statuses: tuple[TargetStatus, ...]
    transitions: tuple[Transition, ...] = ()
    initial: str = ""
    known: bool = True
    """False when these credentials may not read workflows: steps are then learned from the first items."""


@dataclass(frozen=True, slots=True)
class TargetField:
    """A field of a type's create screen, or of the site. `kind` is the schema type (`string`, `number`, `user`,
    `array`, …), `items` what an array holds, `custom` the key of a custom field's type, `allowed` the values offered
    as (id, name); of a field of the site they are not known."""

    id: str
    name: str
    required: bool = False
    kind: str = ""
    custom: str = ""
    has_default: bool = False
    allowed: tuple[tuple[str, str], ...] = ()
    items: str = ""


class FieldKind(StrEnum):
    """Kinds of custom fields that we make."""

    TEXT = "text"
    PARAGRAPH = "paragraph"
    NUMBER = "number"
    DATE = "date"
    DATETIME = "datetime"
    OPTION = "option"
    USER = "user"


@dataclass(frozen=True, slots=True)
class FieldWish:
    """A custom field to be made, with the options it must offer."""

    name: str
    kind: FieldKind
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TargetType:
    """An item type offered by the target project. `level`: 1 epic, 0 standard, -1 sub-task, 2 and more above."""

    id: str
    name: str
    level: int
    fields: Mapping[str, TargetField] = field(default_factory=dict)
    workflow: Workflow = field(default_factory=lambda: Workflow(statuses=()))


@dataclass(frozen=True, slots=True)
class TargetLinkType:
    """`outward` is how the source end reads ("blocks"), `inward` the other ("is blocked by")."""

    id: str
    name: str
    inward: str = ""
    outward: str = ""


@dataclass(frozen=True, slots=True)
class Sprint:
    id: str
    name: str
    state: str = "future"
    """`future`, `active` or `closed`."""
    start: datetime | None = None
    finish: datetime | None = None
    board: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class TargetShape:
    """Everything about a target project that is not an item, and what these credentials may do there."""

    site: str
    project_id: str
    project_key: str
    project: str = ""
    me: Person | None = None
    types: tuple[TargetType, ...] = ()
    priorities: tuple[Named, ...] = ()
    resolutions: tuple[Named, ...] = ()
    link_types: tuple[TargetLinkType, ...] = ()
    components: tuple[Named, ...] = ()
    versions: tuple[Named, ...] = ()
    fields: tuple[TargetField, ...] = ()
    """Every field of the site that the project may use, on a screen or not."""
    boards: tuple[Named, ...] = ()
    """Scrum boards only, the project's own first; sprints need one."""
    sprints: tuple[Sprint, ...] = ()
    sprint_field: str = ""
    story_points_field: str = ""
    attachment_limit: int | None = None
    attachments_enabled: bool = True
    links_files: bool = False
    """The platform takes no files over its interface: they stay in the source, and texts link to them."""
    permissions: frozenset[str] = frozenset()
    """Names as the platform spells them: CREATE_ISSUES, EDIT_ISSUES, MODIFY_REPORTER, …"""
    key_prefix: str = ""
    """What stands before the number in an item's key; empty: the project's key and a hyphen."""
    label_limit: int = 255
    create_batch: int = 50
    """How many items one call of `create_items` should hold: 1 where the platform makes them one by one."""

    def key_of(self, number: int) -> str:
        """The key of the item with this number."""
        return f"{self.key_prefix or f'{self.project_key}-'}{number}"


def number_of(key: str) -> int:
    """The number in an item's key, 0 in a text that holds none."""
    digits = re.search(r"(?<!\d)\d+\Z", key, re.ASCII)
    return int(digits.group()) if digits else 0


LINK_KINDS_BY_DEFAULT: Mapping[LinkKind, str] = {
    LinkKind.RELATES: "Relates",
    LinkKind.BLOCKS: "Blocks",
    LinkKind.DUPLICATES: "Duplicate",
}
"""Names the standard link types have on a Jira site; everything else falls back to the first."""
