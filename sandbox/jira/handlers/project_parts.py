"""Components and versions of projects."""

from __future__ import annotations

from sandbox.http import Response, empty_response
from sandbox.jira.durations import is_calendar_date
from sandbox.jira.endpoints import Ask, Endpoints
from sandbox.jira.errors import refuse, refuse_fields
from sandbox.jira.handlers.projects import show_version, visible_project
from sandbox.jira.models import Component, JsonObject, Project, Version
from sandbox.jira.payload import read_object
from sandbox.jira.records import Issue
from sandbox.jira.wire import page

endpoints = Endpoints()
NAME_LIMIT = 255
VERSION_MEMBERS = (
    "name", "description", "project", "projectId", "startDate", "releaseDate", "released", "archived", "id",
    "self", "expand", "overdue", "userStartDate", "userReleaseDate", "driver", "approvers", "moveUnfixedIssuesTo",
    "operations", "issuesStatusForFixVersion",
)  # fmt: skip
COMPONENT_MEMBERS = (
    "name", "description", "project", "projectId", "leadAccountId", "leadUserName", "assigneeType", "id", "self",
    "lead", "assignee", "realAssignee", "realAssigneeType", "isAssigneeTypeValid", "metadata", "ari",
)  # fmt: skip


@endpoints.platform("GET", "project/{project}/components")
def project_components(ask: Ask) -> Response:
    """All components, a bare array."""
    project = visible_project(ask)
    return ask.json([ask.wire.component(component, project) for component in project.components])


@endpoints.platform("GET", "project/{project}/component")
def project_components_page(ask: Ask) -> Response:
    """The same in pages."""
    project = visible_project(ask)
    start, size = ask.window()
    shown = [ask.wire.component(c, project) for c in project.components[start : start + size]]
    return ask.json(page(shown, start=start, size=size, total=len(project.components)))


@endpoints.platform("GET", "project/{project}/versions")
def project_versions(ask: Ask) -> Response:
    """All versions, a bare array."""
    return ask.json([show_version(ask, version) for version in visible_project(ask).versions])


@endpoints.platform("GET", "project/{project}/version")
def project_versions_page(ask: Ask) -> Response:
    """The same in pages."""
    project = visible_project(ask)
    start, size = ask.window()
    shown = [show_version(ask, version) for version in project.versions[start : start + size]]
    return ask.json(page(shown, start=start, size=size, total=len(project.versions)))


def _body_project(ask: Ask, body: JsonObject) -> Project:
    named = body.get("projectId", body.get("project"))
    project = ask.caller.project(ask.state, str(named)) if named is not None else None
    if project is None:
        raise refuse(404, f"No project could be found with key '{named}'.")
    if not ask.caller.may("ADMINISTER_PROJECTS"):
        raise refuse(403, "You cannot edit the configuration of this project.")
    return project


def _checked_name(body: JsonObject, what: str) -> str:
    name = body.get("name")
    if not isinstance(name, str) or not name.strip():
        raise refuse(400, name=f"The {what} name specified is invalid - cannot be an empty string.")
    if len(name) > NAME_LIMIT:
        raise refuse(400, name=f"The {what} name must not exceed 255 characters in length.")
    return name.strip()


@endpoints.platform("POST", "component")
def create_component(ask: Ask) -> Response:
    """A component; names are unique in a project."""
    body = read_object(ask.call.request, COMPONENT_MEMBERS)
    project = _body_project(ask, body)
    name = _checked_name(body, "component")
    if any(component.name.lower() == name.lower() for component in project.components):
        raise refuse(400, name=f"A component with the name {name} already exists in this project.")
    lead = ask.state.users.get(str(body.get("leadAccountId")))
    component = Component(ask.state.id("component"), name, project.id, str(body.get("description") or ""), lead)
    project.components.append(component)
    return ask.json(ask.wire.component(component, project), 201)


@endpoints.platform("GET", "component/{id}")
def get_component(ask: Ask) -> Response:
    """One component."""
    project, component = _component(ask)
    return ask.json(ask.wire.component(component, project))


@endpoints.platform("GET", "component/{id}/relatedIssueCounts")
def count_component_issues(ask: Ask) -> Response:
    """How many issues have the component."""
    _, component = _component(ask)
    return ask.json({"self": ask.wire.url(f"component/{component.id}"), "issueCount": len(_with(ask, component))})


@endpoints.platform("DELETE", "component/{id}")
def delete_component(ask: Ask) -> Response:
    """Remove a component; its issues lose it, or get the one named by ``moveIssuesTo``."""
    project, component = _component(ask)
    if not ask.caller.may("ADMINISTER_PROJECTS"):
        raise refuse(403, "You cannot edit the configuration of this project.")
    heir_id = ask.param("moveIssuesTo")
    heir = next((other for other in project.components if other.id == heir_id), None)
    if heir_id is not None and heir is None:
        raise refuse(404, f"The component with id {heir_id} does not exist.")
    for issue in _with(ask, component):
        held = issue.values["components"]
        kept = [other for other in held if other is not component] if isinstance(held, list) else []
        issue.values["components"] = [*kept, *([heir] if heir is not None and heir not in kept else [])]
    project.components.remove(component)
    return empty_response(204)


def _with(ask: Ask, component: Component) -> list[Issue]:
    found = []
    for issue in ask.state.issues.values():
        held = issue.values.get("components")
        if isinstance(held, list) and component in held:
            found.append(issue)
    return found


def _component(ask: Ask) -> tuple[Project, Component]:
    for project in ask.state.projects.values():
        for component in project.components:
            if component.id == ask.call["id"] and ask.caller.may("BROWSE_PROJECTS"):
                return project, component
    raise refuse(404, f"The component with id {ask.call['id']} does not exist.")


@endpoints.platform("POST", "version")
def create_version(ask: Ask) -> Response:
    """A version; names are unique in a project."""
    body = read_object(ask.call.request, VERSION_MEMBERS)
    project = _body_project(ask, body)
    name = _checked_name(body, "version")
    if any(version.name.lower() == name.lower() for version in project.versions):
        raise refuse(400, name="A version with this name already exists in this project.")
    version = Version(ask.state.id("version"), name, project.id)
    _set_version(version, body)
    project.versions.append(version)
    return ask.json(show_version(ask, version), 201)


def _set_version(version: Version, body: JsonObject) -> None:
    for member in ("startDate", "releaseDate"):
        value = body.get(member)
        if value is not None and not (isinstance(value, str) and is_calendar_date(value)):
            raise refuse_fields({member: "The date must be in the format yyyy-MM-dd."})
    start, release = body.get("startDate", version.start_date), body.get("releaseDate", version.release_date)
    if isinstance(start, str) and isinstance(release, str) and start > release:
        raise refuse_fields({"releaseDate": "The start date must be before the release date."})
    version.start_date = start if isinstance(start, str) else None
    version.release_date = release if isinstance(release, str) else None
    version.description = str(body.get("description", version.description) or "")
    version.released = bool(body.get("released", version.released))
    version.archived = bool(body.get("archived", version.archived))


@endpoints.platform("GET", "version/{id}")
def get_version(ask: Ask) -> Response:
    """One version."""
    return ask.json(show_version(ask, _found_version(ask)))


@endpoints.platform("PUT", "version/{id}")
def update_version(ask: Ask) -> Response:
    """Change a version: name, dates, released, archived."""
    version = _found_version(ask)
    body = read_object(ask.call.request, VERSION_MEMBERS)
    if not ask.caller.may("ADMINISTER_PROJECTS"):
        raise refuse(403, "You cannot edit the configuration of this project.")
    if "name" in body:
        version.name = _checked_name(body, "version")
    _set_version(version, body)
    return ask.json(show_version(ask, version))


def _found_version(ask: Ask) -> Version:
    for project in ask.state.projects.values():
        for version in project.versions:
            if version.id == ask.call["id"] and ask.caller.may("BROWSE_PROJECTS"):
                return version
    raise refuse(404, f"Could not find version for id '{ask.call['id']}'")
