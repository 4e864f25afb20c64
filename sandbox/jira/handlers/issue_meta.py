"""What can be set where: create and edit metadata, and the fields of transitions."""

from __future__ import annotations

from collections.abc import Iterable

from sandbox.http import Response
from sandbox.jira.endpoints import Ask, Endpoints
from sandbox.jira.errors import refuse
from sandbox.jira.field_reading import WriteContext
from sandbox.jira.fields import operations, schema
from sandbox.jira.issue_create import FIELD_PERMISSIONS
from sandbox.jira.models import Field, JsonObject, Option, Project, Transition
from sandbox.jira.records import Issue

endpoints = Endpoints()


@endpoints.platform("GET", "issue/createmeta/{project}/issuetypes", anonymous=True)
def create_types(ask: Ask) -> Response:
    """The types a caller may create in a project."""
    project = _project(ask)
    start, size = ask.window(largest=200)
    shown = [ask.wire.issue_type(issue_type) for issue_type in project.types]
    return ask.json(
        {"startAt": start, "maxResults": size, "total": len(shown), "issueTypes": shown[start : start + size]}
    )


@endpoints.platform("GET", "issue/createmeta/{project}/issuetypes/{type}", anonymous=True)
def create_fields(ask: Ask) -> Response:
    """The fields of the create screen of a type: required, allowed values, defaults."""
    project = _project(ask)
    issue_type = project.type_by_id(ask.call["type"])
    if issue_type is None:
        raise refuse(404, f"Issue type with id '{ask.call['type']}' was not found in the project.")
    fields = project.create_screens[issue_type.id].field_ids()
    required = set(project.required.get(issue_type.id, ()))
    shown = describe_fields(ask, WriteContext(ask.state, project, issue_type), fields, required=required)
    start, size = ask.window(largest=200)
    listed = [{**entry, "fieldId": entry["key"]} for entry in shown.values()]
    return ask.json(
        {"startAt": start, "maxResults": size, "total": len(listed), "fields": listed[start : start + size]}
    )


@endpoints.platform("GET", "issue/createmeta", anonymous=True)
def old_create_meta(ask: Ask) -> Response:
    """The deprecated form: projects with types, and fields when expanded."""
    keys, ids = ask.listed("projectKeys"), ask.listed("projectIds")
    with_fields = "projects.issuetypes.fields" in ask.listed("expand")
    shown = []
    for project in ask.state.projects.values():
        if not ask.caller.may("CREATE_ISSUES") or (keys and project.key not in keys) or (ids and project.id not in ids):
            continue
        types: list[JsonObject] = []
        for issue_type in project.types:
            entry = ask.wire.issue_type(issue_type)
            if with_fields:
                entry["fields"] = describe_fields(
                    ask,
                    WriteContext(ask.state, project, issue_type),
                    project.create_screens[issue_type.id].field_ids(),
                    required=set(project.required.get(issue_type.id, ())),
                )
            types.append(entry)
        known = ask.wire.project(project)
        brief = {name: known[name] for name in ("self", "id", "key", "name", "avatarUrls")}
        shown.append({**brief, "issuetypes": types})
    return ask.json({"expand": "projects", "projects": shown})


def _project(ask: Ask) -> Project:
    project = ask.caller.project(ask.state, ask.call["project"])
    if project is None or not ask.caller.may("CREATE_ISSUES"):
        raise refuse(404, f"No project could be found with key '{ask.call['project']}'.")
    return project


@endpoints.platform("GET", "issue/{key}/editmeta", anonymous=True)
def get_edit_meta(ask: Ask) -> Response:
    """The fields of the edit screen; an edit itself does not ask for it."""
    return ask.json(edit_meta(ask, ask.issue()))


def edit_meta(ask: Ask, issue: Issue) -> JsonObject:
    """``{"fields": {...}}`` of an issue; empty without permission to edit."""
    if not ask.caller.may("EDIT_ISSUES"):
        return {"fields": {}}
    context = WriteContext(ask.state, issue.project, issue.type)
    names = [n for n in issue.project.edit_screens[issue.type.id].field_ids() if n != "project"]
    required = set(issue.project.required.get(issue.type.id, ()))
    return {"fields": describe_fields(ask, context, names, required=required)}


def show_transition(ask: Ask, issue: Issue, transition: Transition, *, with_fields: bool = False) -> JsonObject:
    """A transition as it is offered."""
    made: JsonObject = {
        "id": transition.id,
        "name": transition.name,
        "to": ask.wire.status(transition.target),
        "hasScreen": transition.screen is not None,
        "isGlobal": transition.sources is None,
        "isInitial": False,
        "isAvailable": True,
        "isConditional": False,
        "looped": False,
    }
    if with_fields:
        context = WriteContext(ask.state, issue.project, issue.type)
        names = transition.screen.field_ids() if transition.screen else []
        made["fields"] = describe_fields(ask, context, names, required=set(transition.required))
    return made


def describe_fields(
    ask: Ask, context: WriteContext, field_ids: Iterable[str], *, required: set[str]
) -> dict[str, JsonObject]:
    """Fields of a screen with what they take, those the caller may set."""
    shown: dict[str, JsonObject] = {}
    for field_id in field_ids:
        entry = ask.state.fields.get(field_id)
        if entry is None or (entry.contexts and context.options(entry) is None):
            continue
        permission = FIELD_PERMISSIONS.get(field_id)
        if permission is not None and not ask.caller.may(permission):
            continue
        shown[field_id] = _describe(ask, context, entry, required=required)
    return shown


def _describe(ask: Ask, context: WriteContext, entry: Field, *, required: set[str]) -> JsonObject:
    must = entry.id in required or entry.kind in ("summary", "issuetype", "project")
    must = must or (entry.kind == "parent" and context.type.level < 0)
    made: JsonObject = {
        "required": must,
        "schema": schema(entry),
        "name": entry.name,
        "key": entry.id,
        "hasDefaultValue": entry.kind in ("priority",) or entry.id == "reporter",
        "operations": operations(entry.kind),
    }
    if entry.kind == "user":
        made["autoCompleteUrl"] = ask.wire.url("user/search?query=")
    allowed = _allowed(ask, context, entry)
    if allowed is not None:
        made["allowedValues"] = allowed
    if entry.kind == "priority":
        priorities = list(ask.state.priorities.values())
        made["defaultValue"] = ask.wire.priority(priorities[len(priorities) // 2])
    return made


def _allowed(ask: Ask, context: WriteContext, entry: Field) -> list[JsonObject] | None:
    wire = ask.wire
    match entry.kind:
        case "issuetype":
            return [wire.issue_type(context.type)]
        case "project":
            return [wire.project(context.project)]
        case "priority":
            return [wire.priority(priority) for priority in ask.state.priorities.values()]
        case "resolution":
            return [wire.resolution(resolution) for resolution in ask.state.resolutions.values()]
        case "components":
            return [wire.component_brief(component) for component in context.project.components]
        case "versions" | "version":
            return [wire.version(version) for version in context.project.versions if not version.archived]
        case "select" | "multiselect" | "cascade":
            return _options(ask, context, entry)
        case _:
            return None


def _options(ask: Ask, context: WriteContext, entry: Field) -> list[JsonObject]:
    where = context.options(entry)
    known = [option for option in where.options.values() if not option.disabled] if where else []
    top = [option for option in known if option.parent is None]
    if entry.kind != "cascade":
        return [ask.wire.option(option) for option in top]
    return [{**ask.wire.option(option), "children": _children(ask, known, option)} for option in top]


def _children(ask: Ask, known: Iterable[Option], parent: Option) -> list[JsonObject]:
    return [ask.wire.option(option) for option in known if option.parent is parent]
