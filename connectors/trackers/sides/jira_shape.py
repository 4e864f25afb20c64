"""What a Jira project offers as a side, and what its values need to be read and written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from connectors.clients.jira.client import JiraClient
from connectors.clients.jira.wire.payloads import (
    CreateField,
    FieldInfo,
    FieldSchema,
    IssueType,
    Json,
    LinkType,
    Project,
)
from connectors.domain.errors import Missing, Refused
from connectors.domain.shapes import TargetField, TargetType, Workflow
from connectors.domain.sides import (
    ASSIGNEE,
    LABELS,
    PRIORITY,
    STATE,
    TEXT,
    TITLE,
    SideField,
    SideShape,
    SideType,
    Value,
)
from connectors.trackers.jira import describing
from connectors.trackers.jira.items import person_from
from connectors.trackers.sides.jira_values import CHILD, MARKUP, Form, form_of, is_fixed, read_value, write_value

SYSTEM = "jira"
_OURS: Mapping[str, str] = {
    "summary": TITLE,
    "description": TEXT,
    "status": STATE,
    "assignee": ASSIGNEE,
    "priority": PRIORITY,
    "labels": LABELS,
}
"""Jira's ids of the fields that every side calls alike."""

_ALWAYS = (*_OURS, "components", "fixVersions", "versions", "duedate", "environment", "reporter", "resolution")
_READ_ONLY = ("creator", "created", "resolutiondate", "timespent")
_ESTIMATES: Mapping[str, str] = {"timeoriginalestimate": "originalEstimate", "timeestimate": "remainingEstimate"}
_TIME_TRACKING = "timetracking"
"""What estimates are written through, on screens and in requests."""
_NOT_OFFERED = frozenset({"parent", "issuetype", "project", "updated", "attachment", "issuelinks"})
"""`updated` moves with every change: as a value it would be one itself."""


@dataclass(frozen=True, slots=True)
class JiraField:
    """A field by Jira's id, and by the one that sides call it."""

    wire: str
    side: str
    form: Form

    def read(self, fields: Mapping[str, Json]) -> Value:
        return read_value(self.form, fields.get(self.wire))


@dataclass(frozen=True, slots=True)
class JiraType:
    """An item type; `screen` holds Jira's ids of the fields that a create takes."""

    id: str
    name: str
    level: int = 0
    screen: frozenset[str] = frozenset()
    workflow: Workflow = field(default_factory=lambda: Workflow(statuses=(), known=False))


@dataclass(frozen=True, slots=True)
class JiraLayout:
    """The shape of a project with what lies beneath it."""

    shape: SideShape
    project_id: str
    key: str
    types: Mapping[str, JiraType]
    fields: Mapping[str, JiraField]
    mutual: frozenset[str]
    """Link types that read the same from both ends."""

    @property
    def wire_fields(self) -> tuple[str, ...]:
        """What a read has to ask for."""
        return tuple(each.wire for each in self.fields.values())

    def wire_values(self, values: Mapping[str, Value]) -> dict[str, Json]:
        """Values by Jira's ids, in Jira's forms, without the state. Raises Refused (FIELD_REFUSED, TEXT_REFUSED)."""
        made: dict[str, Json] = {}
        for name, value in values.items():
            known = self.fields.get(name)
            if known is None:
                raise Refused(f"The project has no field {name}.", code="FIELD_REFUSED", fields={name: "unknown"})
            if name != STATE:
                _place(made, known, value)
        return made

    def told(self, error: Refused) -> Refused:
        """A refusal with the fields called as sides call them."""
        names = {each.wire: each.side for each in self.fields.values()}
        words = {names.get(name, name): text for name, text in error.fields.items()}
        return type(error)(error.message, code=error.code, status=error.status, fields=words)


def _place(made: dict[str, Json], known: JiraField, value: Value) -> None:
    try:
        written = write_value(known.form, value)
    except Refused as error:
        raise Refused(error.message, code=error.code, fields={known.side: error.message}) from error
    if known.wire in _ESTIMATES:
        made.setdefault(_TIME_TRACKING, {})[_ESTIMATES[known.wire]] = written
    else:
        made[known.wire] = written


def read_layout(client: JiraClient, key: str) -> JiraLayout:
    """The project as it is now. Raises Missing for an unknown project."""
    me = client.get_current_user()
    project = client.get_project(key)
    limits = client.get_attachment_meta()
    site = client.get_fields()
    kinds = list(client.get_create_issue_types(project["key"]))
    screens = {str(kind["id"]): list(client.get_create_fields(project["key"], str(kind["id"]))) for kind in kinds}
    types = _read_types(client, project, kinds, screens)
    fields = _offered_fields(site, project, types, screens)
    links = _link_types(client)
    shape = SideShape(
        system=SYSTEM,
        project=project["key"],
        types=tuple(_side_type(each, fields) for each in types),
        fields=tuple(_side_field(each, info, screens) for each, info in fields),
        link_types=tuple(kind.get("name", "") for kind in links),
        me=person_from(me),
        takes_files=limits.get("enabled", True),
        file_limit=limits.get("uploadLimit"),
        markup=MARKUP,
    )
    mutual = {kind.get("name", "") for kind in links if kind.get("inward") == kind.get("outward")}
    return JiraLayout(
        shape=shape,
        project_id=str(project["id"]),
        key=project["key"],
        types={each.name.casefold(): each for each in types},
        fields={each.side: each for each, _ in fields},
        mutual=frozenset(mutual),
    )


_Screens = Mapping[str, Sequence[CreateField]]
"""Type id -> the fields of its create screen."""


def _read_types(client: JiraClient, project: Project, kinds: Sequence[IssueType], screens: _Screens) -> list[JiraType]:
    workflows = describing.read_workflows(client, project, [str(kind["id"]) for kind in kinds])
    return [
        JiraType(
            id=str(kind["id"]),
            name=kind.get("name", ""),
            level=describing.level_of(kind),
            screen=frozenset(map(_wire_id, screens[str(kind["id"])])),
            workflow=workflows[str(kind["id"])],
        )
        for kind in kinds
    ]


def _wire_id(entry: CreateField) -> str:
    return str(entry.get("fieldId") or entry.get("key"))


def _link_types(client: JiraClient) -> list[LinkType]:
    try:
        return client.get_link_types()
    except Missing:
        return []


# -- fields

_Found = tuple[JiraField, FieldInfo]


def _offered_fields(
    site: Sequence[FieldInfo], project: Project, types: Sequence[JiraType], screens: _Screens
) -> list[_Found]:
    """The system's fields, and of the customer's those on a screen of the project, its story points and its sprints:
    sites have hundreds that a project never sees."""
    shown = {_wire_id(entry) for entries in screens.values() for entry in entries}
    points = describing.story_points_field(site, project, _target_types(types))
    wanted = {*_ALWAYS, *_READ_ONLY, *shown, points, describing.sprint_field(site)} - _NOT_OFFERED
    wanted |= set(_ESTIMATES) if _TIME_TRACKING in shown else set()
    found: list[_Found] = []
    for info in site:
        form = form_of(info["id"], info.get("schema") or FieldSchema())
        if info["id"] in wanted and form is not None:
            found.append((JiraField(info["id"], _OURS.get(info["id"], info["id"]), form), info))
    return found


def _target_types(types: Iterable[JiraType]) -> list[TargetType]:
    return [
        TargetType(each.id, each.name, each.level, fields={name: TargetField(name, name) for name in each.screen})
        for each in types
    ]


def _side_type(kind: JiraType, fields: Sequence[_Found]) -> SideType:
    """An edit does not look at screens, so the system's text and the story points can always be given."""
    free = {STATE, TITLE, TEXT}
    given = {each.side for each, _ in fields if each.wire in kind.screen or each.side in free or _is_sprint(each)}
    if _TIME_TRACKING in kind.screen:
        given |= {each.side for each, _ in fields if each.wire in _ESTIMATES}
    states = tuple(dict.fromkeys(status.name for status in kind.workflow.statuses))
    return SideType(kind.name, states, frozenset(given | _points(fields)))


def _points(fields: Sequence[_Found]) -> set[str]:
    custom = describing.STORY_POINTS
    return {each.side for each, info in fields if (info.get("schema") or {}).get("custom") == custom}


def _is_sprint(entry: JiraField) -> bool:
    return entry.form is Form.SPRINT


def _side_field(entry: JiraField, info: FieldInfo, screens: _Screens) -> SideField:
    on_screen = [each for fields in screens.values() for each in fields if _wire_id(each) == entry.wire]
    fixed = entry.wire in _READ_ONLY or is_fixed(info.get("schema") or FieldSchema())
    options = dict.fromkeys(name for each in on_screen for name in _options(each))
    return SideField(
        id=entry.side,
        name=f"{info.get('name', '')} (hours)" if entry.form is Form.HOURS else info.get("name", ""),
        kind=entry.form.kind,
        writable=entry.side == STATE or (entry.form.writable and not fixed),
        required=any(each.get("required") and not each.get("hasDefaultValue") for each in on_screen),
        options=tuple(options),
    )


def _options(entry: CreateField) -> Iterable[str]:
    values: Json = entry.get("allowedValues") or ()
    for value in values:
        name = str(value.get("name") or value.get("value") or "")
        if name:
            yield name
        for child in value.get("children") or ():
            yield f"{name}{CHILD}{child.get('value', '')}"
