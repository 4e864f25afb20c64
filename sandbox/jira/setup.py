"""Making a site's content from its description."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Sequence

from sandbox.clock import Clock
from sandbox.errors import BuildError
from sandbox.jira.fields import CUSTOM_TYPES, SYSTEM_FIELDS
from sandbox.jira.models import (
    Board,
    BoardKind,
    Context,
    Field,
    IssueType,
    LinkType,
    Option,
    Priority,
    Project,
    Resolution,
    Screen,
    Status,
    Tab,
    Transition,
    User,
    Workflow,
)
from sandbox.jira.site import (
    ACCOUNT,
    DEFAULT_SCREEN,
    FieldSpec,
    Person,
    SiteSpec,
    WorkflowSpec,
    default_people,
    default_transitions,
)
from sandbox.jira.state import SiteState


def make_state(spec: SiteSpec, clock: Clock) -> SiteState:
    """A fresh site. Raises BuildError when the description contradicts itself."""
    state = SiteState(spec=spec, clock=clock, search_lag=spec.search_lag_ms / 1000)
    _add_people(state)
    for number, type_spec in enumerate(spec.types):
        state.types[str(10_000 + number)] = IssueType(str(10_000 + number), type_spec.name, type_spec.level)
    for number, status in enumerate(spec.statuses):
        status_id = str(10_010 + number)
        state.statuses[status_id] = Status(status_id, status.name, status.category)
    for number, name in enumerate(spec.priorities, start=1):
        state.priorities[str(number)] = Priority(str(number), name)
    for number, name in enumerate(spec.resolutions):
        state.resolutions[str(10_000 + number)] = Resolution(str(10_000 + number), name)
    for number, (name, inward, outward) in enumerate(spec.link_types):
        state.link_types[str(10_000 + number)] = LinkType(str(10_000 + number), name, inward, outward)
    _add_fields(state)
    project = add_project(state, key=spec.project_key, name=spec.project_name, lead=caller(state))
    project.style = spec.style
    for board in spec.boards:
        add_board(state, project, name=board.name, kind=board.kind.value)
    return state


def caller(state: SiteState) -> User:
    """The person behind the sandbox's credentials."""
    return next(iter(state.users.values()))


def account_id(email: str) -> str:
    """A stable account id in the service's form."""
    digest = hashlib.sha256(email.lower().encode()).hexdigest()
    return f"712020:{uuid.UUID(digest[:32])}"


def _add_people(state: SiteState) -> None:
    spec = state.spec
    me = Person("Sandbox Caller", ACCOUNT, time_zone=spec.caller_time_zone)
    for person in (me, *(spec.people or default_people())):
        user = User(
            account_id=account_id(person.email or person.name),
            name=person.name,
            email=person.email,
            time_zone=person.time_zone or spec.time_zone,
            email_visible=person.email_visible,
            active=person.active,
            assignable=person.assignable,
        )
        state.users.setdefault(user.account_id, user)


def _add_fields(state: SiteState) -> None:
    for system in SYSTEM_FIELDS:
        state.fields[system.id] = Field(system.id, system.name, system.kind)
    fixed = [
        FieldSpec("Epic Link", "epiclink"),
        FieldSpec("Rank", "rank"),
        FieldSpec("Sprint", "sprint"),
        FieldSpec("Start date", "datepicker"),
    ]
    if state.spec.story_points:
        fixed.append(FieldSpec("Story Points", "storypoints"))
    state.number("customfield", 10_014)
    for field_spec in (*fixed, *state.spec.fields):
        add_custom_field(state, field_spec)


def add_custom_field(state: SiteState, spec: FieldSpec) -> Field:
    """A custom field with its first context. Raises BuildError for an unknown type."""
    custom = CUSTOM_TYPES.get(spec.kind)
    if custom is None:
        raise BuildError(f"site: unknown field type {spec.kind}")
    types = frozenset(_type(state, name).id for name in spec.types)
    context = Context(state.id("context", 10_100), f"Default context for {spec.name}", type_ids=types)
    for value, children in spec.options:
        option = add_option(state, context, value)
        for child in children:
            add_option(state, context, child, parent=option)
    field_id = f"customfield_{state.number('customfield')}"
    made = Field(field_id, spec.name, custom.kind, custom_key=custom.key, contexts=[context])
    state.fields[field_id] = made
    return made


def add_option(state: SiteState, context: Context, value: str, parent: Option | None = None) -> Option:
    """A new value at the end of a context."""
    option = Option(state.id("option", 10_200), value, parent=parent)
    context.options[option.id] = option
    state.options[option.id] = option
    return option


def add_project(state: SiteState, *, key: str, name: str, lead: User) -> Project:
    """A company-managed project of the site's types, workflows and screens."""
    types = list(state.types.values())
    project = Project(
        id=state.id("project"),
        key=key,
        name=name,
        lead=lead,
        types=types,
        workflows=_workflows(state, types, key),
        create_screens=_screens(state, types, f"{key}: Create", state.spec.create_screens),
        edit_screens=_screens(state, types, f"{key}: Edit", state.spec.edit_screens),
    )
    for type_name, names in state.spec.required.items():
        ids = tuple(_field_id(state, field_name) for field_name in names)
        for issue_type in types:
            if type_name in ("*", issue_type.name):
                project.required[issue_type.id] = (*project.required.get(issue_type.id, ()), *ids)
    state.projects[project.id] = project
    return project


def add_board(state: SiteState, project: Project, *, name: str, kind: str) -> Board:
    """A board with one column per status."""
    statuses = {s.id: s for workflow in project.workflows.values() for s in workflow.statuses}
    columns = [(status.name, [status]) for status in statuses.values()]
    board = Board(state.number("board", 1), name, BoardKind(kind), project, columns)
    state.boards[board.id] = board
    return board


def _workflows(state: SiteState, types: Sequence[IssueType], key: str) -> dict[str, Workflow]:
    specs = state.spec.workflows
    default = next((s for s in specs if not s.types), None) or WorkflowSpec(
        f"Software workflow for project {key}",
        default_transitions(state.spec.statuses),
        state.spec.statuses[0].name,
    )
    made: dict[str, Workflow] = {}
    by_type: dict[str, Workflow] = {}
    for issue_type in types:
        spec = next((s for s in specs if issue_type.name in s.types), default)
        if spec.name not in made:
            made[spec.name] = _workflow(state, spec)
        by_type[issue_type.id] = made[spec.name]
    return by_type


def _workflow(state: SiteState, spec: WorkflowSpec) -> Workflow:
    transitions = []
    for number, item in enumerate(spec.transitions):
        screen = None
        if item.screen:
            screen = _screen(state, f"Screen of {item.name}", item.screen)
        transitions.append(
            Transition(
                id=str(11 + 10 * number),
                name=item.name,
                target=_status(state, item.to),
                sources=None if item.sources is None else tuple(_status(state, n) for n in item.sources),
                screen=screen,
                required=tuple(_field_id(state, name) for name in item.required),
                resolution=item.resolution,
            )
        )
    used: dict[str, Status] = {}
    initial = _status(state, spec.initial)
    for status in (initial, *_touched(transitions)):
        used[status.id] = status
    ordered = [status for status in state.statuses.values() if status.id in used]
    workflow_id = str(uuid.uuid5(uuid.NAMESPACE_URL, spec.name))
    workflow = Workflow(workflow_id, spec.name, initial, ordered, transitions)
    state.workflows[workflow_id] = workflow
    return workflow


def _touched(transitions: Iterable[Transition]) -> Iterable[Status]:
    for transition in transitions:
        yield transition.target
        yield from transition.sources or ()


def _screens(state: SiteState, types: Sequence[IssueType], name: str, wanted: object) -> dict[str, Screen]:
    named: dict[str, tuple[str, ...]] = dict(wanted) if isinstance(wanted, dict) else {}
    common = _screen(state, f"{name} Issue Screen", named.get("*") or _default_screen(state))
    made: dict[str, Screen] = {}
    for issue_type in types:
        own = named.get(issue_type.name)
        made[issue_type.id] = _screen(state, f"{name} {issue_type.name} Screen", own) if own is not None else common
    return made


def _default_screen(state: SiteState) -> tuple[str, ...]:
    names = [name for name in DEFAULT_SCREEN if state.field_named(name)]
    return (*names, *(spec.name for spec in state.spec.fields if spec.on_screen))


def _screen(state: SiteState, name: str, fields: Sequence[str]) -> Screen:
    ids = [_field_id(state, field_name) for field_name in fields]
    screen = Screen(state.id("screen", 1), name, [Tab(state.id("tab"), "Field Tab", ids)])
    state.screens[screen.id] = screen
    return screen


def _field_id(state: SiteState, name: str) -> str:
    found = state.field_named(name)
    if found is None:
        raise BuildError(f"site: unknown field {name}")
    return found.id


def _type(state: SiteState, name: str) -> IssueType:
    found = next((t for t in state.types.values() if t.name == name), None)
    if found is None:
        raise BuildError(f"site: unknown type {name}")
    return found


def _status(state: SiteState, name: str) -> Status:
    found = next((s for s in state.statuses.values() if s.name == name), None)
    if found is None:
        raise BuildError(f"site: unknown status {name}")
    return found
