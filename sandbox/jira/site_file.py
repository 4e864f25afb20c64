"""Reading the ``--site`` file.

Every member is optional; what is left out is the default site: project ``DEMO`` with a scrum board, types
Epic, Story, Task, Bug, Sub-task, and statuses that every transition reaches.

::

    {"project": {"key": "DEMO", "name": "Demo"}, "timeZone": "Europe/London", "callerTimeZone": "Europe/Berlin",
     "types": [{"name": "Epic", "level": 1}],
     "statuses": [{"name": "To Do", "category": "new"}],
     "workflows": [{"name": "Bugs", "types": ["Bug"], "initial": "To Do",
                    "transitions": [{"name": "Start", "from": ["To Do"], "to": "Done", "screen": ["resolution"],
                                     "required": ["resolution"], "resolution": "Done"}]}],
     "fields": [{"name": "Team", "type": "select", "options": ["A"], "types": ["Story"], "onScreen": true}],
     "screens": {"create": {"*": ["summary"], "Bug": ["summary", "Team"]}, "edit": {}},
     "required": {"Bug": ["Team"]}, "people": [{"name": "Ann", "email": "ann@example.com"}],
     "boards": [{"name": "DEMO board", "type": "kanban"}], "deniedPermissions": ["MODIFY_REPORTER"],
     "uploadLimit": 1073741824, "searchLagMs": 0, "lateReadMs": 0, "taskMs": 200}
"""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sandbox.errors import BuildError
from sandbox.jira.models import KEEP, BoardKind, Category
from sandbox.jira.site import (
    BoardSpec,
    FieldSpec,
    Person,
    SiteSpec,
    StatusSpec,
    TransitionSpec,
    TypeSpec,
    WorkflowSpec,
    default_transitions,
)


def parse_site(raw: object) -> SiteSpec:
    """A site from its JSON form. Raises BuildError naming the member that cannot be read."""
    source = _object(raw, "site")
    spec = SiteSpec()
    known = {
        "project", "timeZone", "callerTimeZone", "types", "statuses", "workflows", "fields", "screens",
        "required", "people", "priorities", "resolutions", "linkTypes", "boards", "deniedPermissions",
        "uploadLimit", "searchLagMs", "lateReadMs", "taskMs", "storyPoints", "public",
    }  # fmt: skip
    unknown = sorted(source.keys() - known)
    if unknown:
        raise BuildError(f"site: unknown member {unknown[0]}")
    project = _object(source.get("project", {}), "project")
    screens = _object(source.get("screens", {}), "screens")
    statuses = tuple(_status(item) for item in _list(source, "statuses")) or spec.statuses
    return SiteSpec(
        project_key=str(project.get("key", spec.project_key)),
        project_name=str(project.get("name", spec.project_name)),
        style=str(project.get("style", spec.style)),
        time_zone=_zone(source.get("timeZone", spec.time_zone)),
        caller_time_zone=_zone(source.get("callerTimeZone", spec.caller_time_zone)),
        types=tuple(_type(item) for item in _list(source, "types")) or spec.types,
        statuses=statuses,
        workflows=tuple(_workflow(item, statuses) for item in _list(source, "workflows")),
        fields=tuple(_field(item) for item in _list(source, "fields")),
        create_screens=_name_lists(screens.get("create", {}), "screens.create"),
        edit_screens=_name_lists(screens.get("edit", {}), "screens.edit"),
        required=_name_lists(source.get("required", {}), "required"),
        people=tuple(_person(item) for item in _list(source, "people")),
        priorities=_names(source.get("priorities", list(spec.priorities)), "priorities"),
        resolutions=_names(source.get("resolutions", list(spec.resolutions)), "resolutions"),
        link_types=tuple(_link_type(item) for item in _list(source, "linkTypes")) or spec.link_types,
        boards=tuple(_board(item) for item in _list(source, "boards")) if "boards" in source else spec.boards,
        denied=frozenset(_names(source.get("deniedPermissions", []), "deniedPermissions")),
        upload_limit=_whole(source, "uploadLimit", spec.upload_limit),
        search_lag_ms=_whole(source, "searchLagMs", spec.search_lag_ms),
        late_read_ms=_whole(source, "lateReadMs", spec.late_read_ms),
        task_ms=_whole(source, "taskMs", spec.task_ms),
        public=bool(source.get("public", False)),
        story_points=bool(source.get("storyPoints", True)),
    )


def _object(raw: object, where: str) -> Mapping[str, object]:
    if not isinstance(raw, Mapping):
        raise BuildError(f"site: {where} must be an object")
    return raw


def _list(source: Mapping[str, object], name: str) -> list[object]:
    value = source.get(name, [])
    if not isinstance(value, list):
        raise BuildError(f"site: {name} must be a list")
    return value


def _names(raw: object, where: str) -> tuple[str, ...]:
    if not isinstance(raw, list) or not all(isinstance(item, str) for item in raw):
        raise BuildError(f"site: {where} must be a list of names")
    return tuple(raw)


def _name_lists(raw: object, where: str) -> dict[str, tuple[str, ...]]:
    return {name: _names(value, f"{where}.{name}") for name, value in _object(raw, where).items()}


def _whole(source: Mapping[str, object], name: str, default: int) -> int:
    value = source.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise BuildError(f"site: {name} must be a whole number")
    return value


def _zone(raw: object) -> str:
    try:
        return ZoneInfo(str(raw)).key
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise BuildError(f"site: {raw} is not a time zone") from error


def _text(source: Mapping[str, object], name: str, where: str) -> str:
    value = source.get(name)
    if not isinstance(value, str) or not value:
        raise BuildError(f"site: {where} needs a {name}")
    return value


def _type(raw: object) -> TypeSpec:
    source = _object(raw, "types")
    level = source.get("level", 0)
    if not isinstance(level, int):
        raise BuildError("site: level of a type must be a whole number")
    return TypeSpec(_text(source, "name", "a type"), level)


def _status(raw: object) -> StatusSpec:
    source = _object(raw, "statuses")
    try:
        category = Category(str(source.get("category", "new")))
    except ValueError as error:
        raise BuildError("site: category of a status is new, indeterminate or done") from error
    return StatusSpec(_text(source, "name", "a status"), category)


def _workflow(raw: object, statuses: tuple[StatusSpec, ...]) -> WorkflowSpec:
    source = _object(raw, "workflows")
    transitions = tuple(_transition(item) for item in _list(source, "transitions"))
    return WorkflowSpec(
        name=_text(source, "name", "a workflow"),
        transitions=transitions or default_transitions(statuses),
        initial=str(source.get("initial", statuses[0].name)),
        types=_names(source.get("types", []), "workflows.types"),
    )


def _transition(raw: object) -> TransitionSpec:
    source = _object(raw, "transitions")
    to = _text(source, "to", "a transition")
    sources = source.get("from")
    return TransitionSpec(
        name=str(source.get("name", to)),
        to=to,
        sources=None if sources is None else _names(sources, "transitions.from"),
        screen=_names(source.get("screen", []), "transitions.screen"),
        required=_names(source.get("required", []), "transitions.required"),
        resolution=str(source.get("resolution", KEEP)),
    )


def _field(raw: object) -> FieldSpec:
    source = _object(raw, "fields")
    options: list[tuple[str, tuple[str, ...]]] = []
    for item in _list(source, "options"):
        if isinstance(item, str):
            options.append((item, ()))
        else:
            option = _object(item, "fields.options")
            options.append((_text(option, "value", "an option"), _names(option.get("children", []), "children")))
    return FieldSpec(
        name=_text(source, "name", "a field"),
        kind=_text(source, "type", "a field"),
        options=tuple(options),
        types=_names(source.get("types", []), "fields.types"),
        on_screen=bool(source.get("onScreen", True)),
    )


def _person(raw: object) -> Person:
    source = _object(raw, "people")
    return Person(
        name=_text(source, "name", "a person"),
        email=str(source.get("email", "")),
        email_visible=bool(source.get("emailVisible", True)),
        active=bool(source.get("active", True)),
        assignable=bool(source.get("assignable", True)),
        time_zone=str(source.get("timeZone", "")),
    )


def _link_type(raw: object) -> tuple[str, str, str]:
    source = _object(raw, "linkTypes")
    return (
        _text(source, "name", "a link type"),
        _text(source, "inward", "a link type"),
        _text(source, "outward", "a link type"),
    )


def _board(raw: object) -> BoardSpec:
    source = _object(raw, "boards")
    try:
        return BoardSpec(_text(source, "name", "a board"), BoardKind(str(source.get("type", "scrum"))))
    except ValueError as error:
        raise BuildError("site: type of a board is scrum or kanban") from error
