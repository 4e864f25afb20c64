"""What a Jira site looks like before anybody wrote to it, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sandbox.jira.models import KEEP, BoardKind, Category

CLOUD_ID = "5a9d1c2e-7f30-4f6b-9d21-c0ffee000001"
ACCOUNT = "sandbox@example.com"
TOKEN = "sandbox-token"
SCOPED_TOKEN = "sandbox-scoped-token"
GIGABYTE = 1_073_741_824

ALL_PERMISSIONS = frozenset(
    {
        "ADMINISTER",
        "ADMINISTER_PROJECTS",
        "ADD_COMMENTS",
        "ASSIGNABLE_USER",
        "ASSIGN_ISSUES",
        "BROWSE_PROJECTS",
        "BULK_CHANGE",
        "CLOSE_ISSUES",
        "CREATE_ATTACHMENTS",
        "CREATE_ISSUES",
        "CREATE_PROJECT",
        "DELETE_ALL_ATTACHMENTS",
        "DELETE_ALL_COMMENTS",
        "DELETE_ISSUES",
        "EDIT_ALL_COMMENTS",
        "EDIT_ISSUES",
        "LINK_ISSUES",
        "MANAGE_SPRINTS_PERMISSION",
        "MANAGE_WATCHERS",
        "MODIFY_REPORTER",
        "MOVE_ISSUES",
        "RESOLVE_ISSUES",
        "SCHEDULE_ISSUES",
        "SET_ISSUE_SECURITY",
        "TRANSITION_ISSUES",
        "USER_PICKER",
        "VIEW_VOTERS_AND_WATCHERS",
        "WORK_ON_ISSUES",
    }
)
GLOBAL_PERMISSIONS = frozenset({"ADMINISTER", "BULK_CHANGE", "CREATE_PROJECT", "USER_PICKER"})


@dataclass(frozen=True)
class Person:
    """Somebody with an account on the site."""

    name: str
    email: str
    email_visible: bool = True
    active: bool = True
    assignable: bool = True
    time_zone: str = ""


@dataclass(frozen=True)
class TypeSpec:
    """A work type and its level."""

    name: str
    level: int


@dataclass(frozen=True)
class StatusSpec:
    """A status and its category."""

    name: str
    category: Category


@dataclass(frozen=True)
class TransitionSpec:
    """A transition by names; no sources: global."""

    name: str
    to: str
    sources: tuple[str, ...] | None = None
    screen: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    resolution: str = KEEP


@dataclass(frozen=True)
class WorkflowSpec:
    """A workflow and the types that follow it; no types: all the others."""

    name: str
    transitions: tuple[TransitionSpec, ...]
    initial: str
    types: tuple[str, ...] = ()


@dataclass(frozen=True)
class FieldSpec:
    """A custom field. ``types`` limits where it exists."""

    name: str
    kind: str
    options: tuple[tuple[str, tuple[str, ...]], ...] = ()
    types: tuple[str, ...] = ()
    on_screen: bool = True


@dataclass(frozen=True)
class BoardSpec:
    """A board of the project."""

    name: str
    kind: BoardKind


DEFAULT_TYPES = (
    TypeSpec("Epic", 1),
    TypeSpec("Story", 0),
    TypeSpec("Task", 0),
    TypeSpec("Bug", 0),
    TypeSpec("Sub-task", -1),
)
DEFAULT_STATUSES = (
    StatusSpec("To Do", Category.NEW),
    StatusSpec("In Progress", Category.INDETERMINATE),
    StatusSpec("In Review", Category.INDETERMINATE),
    StatusSpec("Done", Category.DONE),
)
DEFAULT_SCREEN = (
    "summary",
    "issuetype",
    "project",
    "parent",
    "components",
    "description",
    "fixVersions",
    "versions",
    "priority",
    "labels",
    "environment",
    "attachment",
    "issuelinks",
    "assignee",
    "reporter",
    "duedate",
    "timetracking",
    "Sprint",
    "Story Points",
)
_SAMPLE_PEOPLE = (
    Person("Ingrid Solberg", "ingrid.solberg@saltwind.example"),
    Person("Tomasz Wójcik", "tomasz.wojcik@saltwind.example"),
    Person("Amara Nwosu", "amara.nwosu@saltwind.example"),
    Person("Li Wei", "li.wei@saltwind.example", email_visible=False),
    Person("Sofía Peña", "sofia.pena@saltwind.example"),
    Person("Conor O'Neill", "conor.oneill@saltwind.example"),
    Person("Fatima al-Rashid", "fatima.al-rashid@saltwind.example", email_visible=False),
    Person("Per Ås", "per.aas@saltwind.example"),
    Person("Gustav Berg", "gustav.berg@saltwind.example", active=False),
    Person("Olivia Hart", "olivia.hart@saltwind.example", email_visible=False, active=False),
)
"""The people of the sample organization that have an account here: most, some hidden, some gone."""


def default_people() -> tuple[Person, ...]:
    """About twenty-five people: 70 % show their e-mail, some hide it, a few have left.

    They share addresses with the sample organization and with generated projects of the other stand-in, as a
    company's people do.
    """
    others = [
        Person(
            f"Person {number:02d}",
            f"person{number:02d}@contoso.example",
            email_visible=number % 10 not in (3, 6, 9),
            active=number != 12,
        )
        for number in range(1, 15)
    ]
    return (*_SAMPLE_PEOPLE, *others)


def default_transitions(statuses: tuple[StatusSpec, ...]) -> tuple[TransitionSpec, ...]:
    """A global transition to every status; those to a done one set the resolution, others clear it."""
    return tuple(
        TransitionSpec(s.name, s.name, resolution="Done" if s.category is Category.DONE else "") for s in statuses
    )


@dataclass(frozen=True)
class SiteSpec:
    """A whole site."""

    project_key: str = "DEMO"
    project_name: str = "Demo"
    style: str = "classic"
    time_zone: str = "Europe/London"
    caller_time_zone: str = "Europe/Berlin"
    types: tuple[TypeSpec, ...] = DEFAULT_TYPES
    statuses: tuple[StatusSpec, ...] = DEFAULT_STATUSES
    workflows: tuple[WorkflowSpec, ...] = ()
    fields: tuple[FieldSpec, ...] = ()
    create_screens: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    edit_screens: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    required: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    people: tuple[Person, ...] = ()
    priorities: tuple[str, ...] = ("Highest", "High", "Medium", "Low", "Lowest")
    resolutions: tuple[str, ...] = ("Done", "Won't Do", "Duplicate", "Cannot Reproduce")
    link_types: tuple[tuple[str, str, str], ...] = (
        ("Blocks", "is blocked by", "blocks"),
        ("Cloners", "is cloned by", "clones"),
        ("Duplicate", "is duplicated by", "duplicates"),
        ("Relates", "relates to", "relates to"),
    )
    boards: tuple[BoardSpec, ...] = (BoardSpec("DEMO board", BoardKind.SCRUM),)
    denied: frozenset[str] = frozenset()
    upload_limit: int = GIGABYTE
    search_lag_ms: int = 0
    late_read_ms: int = 0
    public: bool = False
    """Whether anonymous callers may browse."""
    task_ms: int = 200
    story_points: bool = True

    @property
    def permissions(self) -> frozenset[str]:
        """What the signed-in caller may do."""
        return ALL_PERMISSIONS - self.denied
