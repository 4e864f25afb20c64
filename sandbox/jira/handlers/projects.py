"""Projects."""

from __future__ import annotations

import re

from sandbox.http import Response, empty_response
from sandbox.jira.endpoints import Ask, Endpoints
from sandbox.jira.errors import refuse, refuse_fields
from sandbox.jira.models import JsonObject, Project, Version
from sandbox.jira.payload import read_object
from sandbox.jira.setup import add_board, add_project
from sandbox.jira.wire import page

endpoints = Endpoints()
_KEY = re.compile(r"[A-Z][A-Z0-9]{1,9}\Z")


def visible_project(ask: Ask, name: str = "project") -> Project:
    """The project of the path. Raises Refusal 404, the same for hidden and missing."""
    wanted = ask.call[name]
    project = ask.caller.project(ask.state, wanted)
    if project is None:
        kind = "id" if wanted.isdigit() else "key"
        raise refuse(404, f"No project could be found with {kind} '{wanted}'.")
    return project


def _visible(ask: Ask) -> list[Project]:
    return [p for p in ask.state.projects.values() if not p.archived] if ask.caller.may("BROWSE_PROJECTS") else []


@endpoints.platform("GET", "project", anonymous=True)
def projects(ask: Ask) -> Response:
    """All visible projects, a bare array."""
    return ask.json([_listed(ask, project) for project in _visible(ask)])


@endpoints.platform("GET", "project/search", anonymous=True)
def search_projects(ask: Ask) -> Response:
    """Visible projects in pages."""
    start, size = ask.window()
    words, keys, ids = (ask.param("query") or "").lower(), ask.listed("keys"), ask.listed("id")
    found = [
        project
        for project in _visible(ask)
        if words in f"{project.key} {project.name}".lower()
        and (not keys or project.key in keys)
        and (not ids or project.id in ids)
    ]
    found.sort(key=lambda project: project.key)
    shown = [_listed(ask, project) for project in found[start : start + size]]
    return ask.json(page(shown, start=start, size=size, total=len(found)))


def _listed(ask: Ask, project: Project) -> JsonObject:
    details = {
        "expand": "description,lead,issueTypes,url,projectKeys,permissions,insight",
        "style": project.style,
        "isPrivate": False,
        "properties": {},
    }
    return {**ask.wire.project(project), **details}


@endpoints.platform("GET", "project/{project}", anonymous=True)
def get_project(ask: Ask) -> Response:
    """One project with everything that hangs on it."""
    project = visible_project(ask)
    details = {
        "description": project.description,
        "lead": ask.wire.user(project.lead),
        "components": [ask.wire.component_brief(component) for component in project.components],
        "issueTypes": [ask.wire.issue_type(issue_type) for issue_type in project.types],
        "assigneeType": "UNASSIGNED",
        "versions": [show_version(ask, version) for version in project.versions],
        "roles": {},
        "issueTypeHierarchy": _hierarchy(project),
        "archived": project.archived,
    }
    wanted = ask.listed("expand")
    shown = {n: v for n, v in details.items() if n != "issueTypeHierarchy" or "issueTypeHierarchy" in wanted}
    return ask.json({**_listed(ask, project), **shown})


def _hierarchy(project: Project) -> JsonObject:
    levels = sorted({issue_type.level for issue_type in project.types}, reverse=True)
    return {"levels": [{"id": level, "level": level, "name": f"Level {level}"} for level in levels]}


@endpoints.platform("POST", "project")
def create_project(ask: Ask) -> Response:
    """A new project with the site's schemes and a scrum board."""
    members = (
        "key", "name", "description", "projectTypeKey", "projectTemplateKey", "leadAccountId", "lead", "url",
        "assigneeType", "avatarId", "categoryId", "fieldConfigurationScheme", "fieldScheme",
        "issueSecurityScheme", "issueTypeScheme", "issueTypeScreenScheme", "notificationScheme",
        "permissionScheme", "workflowScheme",
    )  # fmt: skip
    body = read_object(ask.call.request, members)
    if not ask.caller.may("ADMINISTER"):
        raise refuse(403, "You must have Administer Jira permission to create projects.")
    key, name = str(body.get("key") or ""), str(body.get("name") or "")
    lead = ask.state.users.get(str(body.get("leadAccountId")))
    faults: dict[str, str] = {}
    if not _KEY.match(key):
        faults["projectKey"] = (
            "Project keys must start with an uppercase letter, "
            "followed by one or more uppercase alphanumeric characters."
        )
    elif ask.state.project(key) is not None:
        faults["projectKey"] = f"Project '{key}' uses this project key."
    if not name or any(project.name == name for project in ask.state.projects.values()):
        faults["projectName"] = (
            "A project with that name already exists." if name else "You must specify a valid project name."
        )
    if lead is None:
        faults["projectLead"] = "You must specify a valid project lead."
    if faults or lead is None:
        raise refuse_fields(faults)
    project = add_project(ask.state, key=key, name=name, lead=lead)
    project.description = str(body.get("description") or "")
    if "scrum" in str(body.get("projectTemplateKey", "scrum")):
        add_board(ask.state, project, name=f"{key} board", kind="scrum")
    return ask.json({"self": ask.wire.url(f"project/{project.id}"), "id": int(project.id), "key": key}, 201)


@endpoints.platform("DELETE", "project/{project}")
def delete_project(ask: Ask) -> Response:
    """Move a project to the recycle bin with all its issues."""
    project = visible_project(ask)
    if not ask.caller.may("ADMINISTER"):
        raise refuse(403, "You cannot delete this project.")
    for issue in [issue for issue in ask.state.issues.values() if issue.project is project]:
        ask.state.remove_issue(issue)
    for board in [board for board in ask.state.boards.values() if board.project is project]:
        del ask.state.boards[board.id]
    del ask.state.projects[project.id]
    return empty_response(204)


@endpoints.platform("GET", "project/{project}/statuses")
def project_statuses(ask: Ask) -> Response:
    """The statuses of each type."""
    project = visible_project(ask)
    shown = []
    for issue_type in project.types:
        statuses = project.workflows[issue_type.id].statuses
        shown.append(
            {
                "self": ask.wire.url(f"issuetype/{issue_type.id}"),
                "id": issue_type.id,
                "name": issue_type.name,
                "subtask": issue_type.level < 0,
                "statuses": [ask.wire.status(status) for status in statuses],
            }
        )
    return ask.json(shown)


def show_version(ask: Ask, version: Version) -> JsonObject:
    """A version with its project."""
    return {**ask.wire.version(version), "projectId": int(version.project_id)}
