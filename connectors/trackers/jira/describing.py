"""Reading a target project's shape: everything about it that is no item."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from connectors.clients.jira.client import JiraClient
from connectors.clients.jira.wire.payloads import (
    Board,
    CreateField,
    FieldInfo,
    IssueType,
    Project,
    Ref,
)
from connectors.clients.jira.wire.payloads import (
    Sprint as WireSprint,
)
from connectors.clients.jira.wire.values import parse_time
from connectors.domain.errors import AccessLost, Refused
from connectors.domain.shapes import (
    Named,
    Sprint,
    TargetField,
    TargetLinkType,
    TargetShape,
    TargetType,
    Workflow,
)
from connectors.trackers.jira.items import person_from
from connectors.trackers.jira.workflows import hidden_workflow, workflow_from

SPRINT = "com.pyxis.greenhopper.jira:gh-sprint"
STORY_POINTS = "com.pyxis.greenhopper.jira:jsw-story-points"
_FLOAT = "com.atlassian.jira.plugin.system.customfieldtypes:float"
_POINT_NAMES = ("story points", "story point estimate")

PLATFORM_PERMISSIONS = (
    "BROWSE_PROJECTS",
    "CREATE_ISSUES",
    "EDIT_ISSUES",
    "DELETE_ISSUES",
    "ADD_COMMENTS",
    "CREATE_ATTACHMENTS",
    "LINK_ISSUES",
    "TRANSITION_ISSUES",
    "RESOLVE_ISSUES",
    "ASSIGN_ISSUES",
    "SCHEDULE_ISSUES",
    "MODIFY_REPORTER",
    "ADMINISTER_PROJECTS",
    "ADMINISTER",
    "BULK_CHANGE",
    "USER_PICKER",
)
SOFTWARE_PERMISSIONS = ("MANAGE_SPRINTS_PERMISSION",)
"""Unknown to a site without Jira Software, which then refuses the whole list."""


def describe_project(client: JiraClient, key: str) -> TargetShape:
    """The project's shape. Raises Missing for an unknown project; a part that this site or these credentials do not
    have (boards, links, workflows) is empty instead."""
    me = client.get_current_user()
    project = client.get_project(key)
    limits = client.get_attachment_meta()
    boards = scrum_boards(client, project["key"])
    types = read_types(client, project)
    fields = client.get_fields()
    return TargetShape(
        site=client.site,
        project_id=str(project["id"]),
        project_key=project["key"],
        project=project.get("name", ""),
        me=person_from(me),
        types=types,
        priorities=_named(client.search_priorities()),
        resolutions=_named(client.search_resolutions()),
        link_types=_link_types(client),
        components=_named(client.get_components(project["key"])),
        versions=_named(client.get_versions(project["key"])),
        fields=site_fields(fields, project),
        boards=boards,
        sprints=tuple(read_sprints(client, boards[0].id) or ()) if boards else (),
        sprint_field=sprint_field(fields),
        story_points_field=story_points_field(fields, project, types),
        attachment_limit=limits.get("uploadLimit"),
        attachments_enabled=limits.get("enabled", True),
        permissions=read_permissions(client, project["key"]),
    )


def read_permissions(client: JiraClient, project_key: str) -> frozenset[str]:
    """What the caller may do, of what a migration needs."""
    try:
        return client.get_my_permissions(project_key, (*PLATFORM_PERMISSIONS, *SOFTWARE_PERMISSIONS))
    except Refused as error:
        if error.status != 400:
            raise
    return client.get_my_permissions(project_key, PLATFORM_PERMISSIONS)


# -- types and workflows


def read_types(client: JiraClient, project: Project) -> tuple[TargetType, ...]:
    """Types the caller may create, with the fields of their create screens and their workflows."""
    kinds = list(client.get_create_issue_types(project["key"]))
    workflows = read_workflows(client, project, [str(kind["id"]) for kind in kinds])
    return tuple(
        TargetType(
            id=str(kind["id"]),
            name=kind.get("name", ""),
            level=level_of(kind),
            fields={
                field.id: field for field in map(_field, client.get_create_fields(project["key"], str(kind["id"])))
            },
            workflow=workflows[str(kind["id"])],
        )
        for kind in kinds
    )


def read_fields(client: JiraClient, project_key: str, type_id: str) -> dict[str, TargetField]:
    """The fields of a type's create screen by id."""
    fields = [_field(entry) for entry in client.get_create_fields(project_key, type_id)]
    return {field.id: field for field in fields}


def level_of(kind: IssueType) -> int:
    """The hierarchy level; sites that do not say it still say what is a sub-task."""
    level = kind.get("hierarchyLevel")
    if level is not None:
        return level
    return -1 if kind.get("subtask") else 0


def read_workflows(client: JiraClient, project: Project, type_ids: Sequence[str]) -> dict[str, Workflow]:
    """The workflow of each type.

    The answer to several types does not say which workflow is whose, so they are asked together first and one by
    one only when there is more than one workflow. Without the right to read workflows (answered 401 or 403, which
    says nothing about the credentials here) only the statuses are known.
    """
    if not type_ids:
        return {}
    try:
        return _visible_workflows(client, str(project["id"]), type_ids)
    except (Refused, AccessLost):
        statuses = {str(entry["id"]): entry for entry in client.get_all_statuses(project["key"])}
        return {type_id: hidden_workflow(statuses.get(type_id)) for type_id in type_ids}


def _visible_workflows(client: JiraClient, project_id: str, type_ids: Sequence[str]) -> dict[str, Workflow]:
    together = client.read_workflows(project_id, type_ids)
    documents = together.get("workflows") or []
    if len(documents) == 1:
        shared = workflow_from(documents[0], together)
        return dict.fromkeys(type_ids, shared)
    found: dict[str, Workflow] = {}
    for type_id in type_ids:
        answer = client.read_workflows(project_id, [type_id])
        own = answer.get("workflows") or []
        if not own:
            raise Refused("Jira shows no workflow for an item type of the project.")
        found[type_id] = workflow_from(own[0], answer)
    return found


# -- fields


def _field(field: CreateField) -> TargetField:
    schema = field.get("schema") or {}
    return TargetField(
        id=str(field.get("fieldId") or field.get("key")),
        name=field.get("name", ""),
        required=field.get("required", False),
        kind=schema.get("type", ""),
        items=schema.get("items", ""),
        custom=schema.get("custom", ""),
        has_default=field.get("hasDefaultValue", False),
        allowed=tuple(_allowed(value) for value in field.get("allowedValues") or () if value.get("id") is not None),
    )


def _allowed(value: Ref) -> tuple[str, str]:
    return str(value["id"]), value.get("name") or value.get("value") or ""


def site_fields(fields: Iterable[FieldInfo], project: Project) -> tuple[TargetField, ...]:
    """Every field of the site that this project may use, without options: only screens and administrators know them."""
    return tuple(
        TargetField(
            id=field["id"],
            name=field.get("name", ""),
            kind=(field.get("schema") or {}).get("type", ""),
            items=(field.get("schema") or {}).get("items", ""),
            custom=(field.get("schema") or {}).get("custom", ""),
        )
        for field in fields
        if _is_visible(field, str(project["id"]))
    )


def sprint_field(fields: Iterable[FieldInfo]) -> str:
    """The id of the sprint field, by its type: names are free and repeat. Empty without Jira Software."""
    return next((field["id"] for field in fields if (field.get("schema") or {}).get("custom") == SPRINT), "")


def story_points_field(fields: Sequence[FieldInfo], project: Project, types: Sequence[TargetType]) -> str:
    """The field for story points that this project uses.

    Sites hold several by that name. Candidates are the field type made for it and plain numbers so named; the one
    on a create screen of the project wins, and fields of other team-managed projects are no candidates.
    """
    candidates = [field["id"] for field in fields if _is_points(field) and _is_visible(field, str(project["id"]))]
    shown = {name for kind in types for name in kind.fields}
    on_screen = [name for name in candidates if name in shown]
    return next(iter([*on_screen, *candidates]), "")


def _is_points(field: FieldInfo) -> bool:
    custom = (field.get("schema") or {}).get("custom")
    return custom == STORY_POINTS or (custom == _FLOAT and field.get("name", "").casefold() in _POINT_NAMES)


def _is_visible(field: FieldInfo, project_id: str) -> bool:
    scope = field.get("scope")
    return not scope or str((scope.get("project") or {}).get("id")) == project_id


# -- boards and sprints


def scrum_boards(client: JiraClient, project_key: str) -> tuple[Named, ...]:
    """Boards that have sprints, the project's own first. Sites without Jira Software have no boards at all.

    Team-managed boards call themselves `simple` whether they have sprints or not: only asking for sprints tells.
    """
    try:
        boards = sorted(client.get_boards(project_key), key=lambda board: _is_foreign(board, project_key))
    except Refused:
        return ()
    return tuple(Named(str(board["id"]), board.get("name", "")) for board in boards if _has_sprints(client, board))


def _has_sprints(client: JiraClient, board: Board) -> bool:
    kind = board.get("type")
    return kind == "scrum" or (kind == "simple" and read_sprints(client, str(board["id"])) is not None)


def read_sprints(client: JiraClient, board: str) -> list[Sprint] | None:
    """A board's sprints in every state, None when it cannot have any (400)."""
    try:
        return [sprint_from(sprint) for sprint in client.get_sprints(board)]
    except Refused:
        return None


def sprint_from(sprint: WireSprint) -> Sprint:
    return Sprint(
        id=str(sprint["id"]),
        name=sprint.get("name", ""),
        state=sprint.get("state", "future"),
        start=parse_time(sprint.get("startDate")),
        finish=parse_time(sprint.get("endDate")),
        board=str(sprint.get("originBoardId", "")),
    )


def _is_foreign(board: Board, project_key: str) -> bool:
    return (board.get("location") or {}).get("projectKey") != project_key


# -- small lists


def _named(entries: Iterable[Ref]) -> tuple[Named, ...]:
    return tuple(Named(str(entry["id"]), entry.get("name", "")) for entry in entries)


def _link_types(client: JiraClient) -> tuple[TargetLinkType, ...]:
    try:
        found = client.get_link_types()
    except Refused:
        return ()
    return tuple(
        TargetLinkType(str(kind["id"]), kind.get("name", ""), kind.get("inward", ""), kind.get("outward", ""))
        for kind in found
    )
