"""How a project comes to its screens: type screen scheme, screen schemes, screens.

Every project has one type screen scheme of its own, with a screen scheme per type.
https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-type-screen-schemes/
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sandbox.http import Response
from sandbox.jira.endpoints import Ask, Endpoints
from sandbox.jira.errors import refuse
from sandbox.jira.models import IssueType, JsonObject, Project
from sandbox.jira.wire import page

endpoints = Endpoints()
_FIRST_SCHEME = 20_000
_TYPES_PER_PROJECT = 1_000


def _administrator(ask: Ask) -> None:
    if not ask.caller.may("ADMINISTER"):
        raise refuse(403, "Only Jira administrators can perform this operation.")


@endpoints.platform("GET", "issuetypescreenscheme/project")
def project_schemes(ask: Ask) -> Response:
    """The scheme of each project asked for; team-managed projects have none."""
    _administrator(ask)
    wanted = ask.listed("projectId")
    if not wanted:
        raise refuse(400, "The project id is required.")
    found: list[JsonObject] = [
        {
            "issueTypeScreenScheme": {
                "id": project.id,
                "name": f"{project.key}: Issue Type Screen Scheme",
                "description": "",
            },
            "projectIds": [project.id],
        }
        for project in ask.state.projects.values()
        if project.id in wanted and project.style == "classic"
    ]
    return _paged(ask, found)


@endpoints.platform("GET", "issuetypescreenscheme/mapping")
def scheme_mapping(ask: Ask) -> Response:
    """Which screen scheme each type has."""
    _administrator(ask)
    wanted = ask.listed("issueTypeScreenSchemeId")
    found: list[JsonObject] = [
        {"issueTypeScreenSchemeId": project.id, "issueTypeId": kind.id, "screenSchemeId": str(number)}
        for project, kind, number in _schemes(ask)
        if not wanted or project.id in wanted
    ]
    return _paged(ask, found)


@endpoints.platform("GET", "screenscheme")
def screen_schemes(ask: Ask) -> Response:
    """The screens of each scheme by what they are for."""
    _administrator(ask)
    wanted = ask.listed("id")
    found: list[JsonObject] = [
        {
            "id": number,
            "name": f"{project.key}: {kind.name} Screen Scheme",
            "description": "",
            "screens": {
                "default": int(project.edit_screens[kind.id].id),
                "create": int(project.create_screens[kind.id].id),
                "edit": int(project.edit_screens[kind.id].id),
            },
        }
        for project, kind, number in _schemes(ask)
        if not wanted or str(number) in wanted
    ]
    return _paged(ask, found)


def _schemes(ask: Ask) -> Iterator[tuple[Project, IssueType, int]]:
    projects = [project for project in ask.state.projects.values() if project.style == "classic"]
    for place, project in enumerate(projects):
        for offset, kind in enumerate(project.types):
            yield project, kind, _FIRST_SCHEME + place * _TYPES_PER_PROJECT + offset


def _paged(ask: Ask, found: Sequence[JsonObject]) -> Response:
    start, size = ask.window()
    return ask.json(page(list(found[start : start + size]), start=start, size=size, total=len(found)))
