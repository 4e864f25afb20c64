"""Small lists every site has: types, priorities, resolutions, statuses, link types, labels."""

from __future__ import annotations

from sandbox.http import Response
from sandbox.jira.endpoints import Ask, Endpoints
from sandbox.jira.errors import refuse
from sandbox.jira.models import Category, IssueType, JsonObject, Status
from sandbox.jira.wire import CATEGORY_ENUM, page

endpoints = Endpoints()


@endpoints.platform("GET", "issuetype")
def issue_types(ask: Ask) -> Response:
    """All types."""
    return ask.json([ask.wire.issue_type(issue_type) for issue_type in ask.state.types.values()])


@endpoints.platform("GET", "issuetype/project")
def project_issue_types(ask: Ask) -> Response:
    """The types of a project, of one level if asked."""
    wanted = ask.param("projectId")
    project = ask.caller.project(ask.state, wanted) if wanted else None
    if project is None:
        raise refuse(404, f"No project could be found with id '{wanted}'.")
    level = ask.param("level")
    types = [t for t in project.types if level is None or t.level == ask.number("level", 0)]
    return ask.json([ask.wire.issue_type(issue_type) for issue_type in types])


@endpoints.platform("GET", "issuetype/{id}")
def issue_type(ask: Ask) -> Response:
    """One type."""
    found: IssueType | None = ask.state.types.get(ask.call["id"])
    if found is None:
        raise refuse(404, f"The issue type with id '{ask.call['id']}' does not exist")
    return ask.json(ask.wire.issue_type(found))


@endpoints.platform("GET", "priority")
def priorities(ask: Ask) -> Response:
    """All priorities, highest first."""
    return ask.json([_priority(ask, key) for key in ask.state.priorities])


@endpoints.platform("GET", "priority/search")
def search_priorities(ask: Ask) -> Response:
    """The same in pages."""
    start, size = ask.window()
    ids, names = ask.listed("id"), (ask.param("priorityName") or "").lower()
    found = [p for p in ask.state.priorities.values() if (not ids or p.id in ids) and names in p.name.lower()]
    shown = [_priority(ask, p.id) for p in found[start : start + size]]
    return ask.json(page(shown, start=start, size=size, total=len(found)))


@endpoints.platform("GET", "priority/{id}")
def priority(ask: Ask) -> Response:
    """One priority."""
    if ask.call["id"] not in ask.state.priorities:
        raise refuse(404, f"The priority with id '{ask.call['id']}' does not exist")
    return ask.json(_priority(ask, ask.call["id"]))


def _priority(ask: Ask, key: str) -> JsonObject:
    found = ask.state.priorities[key]
    middle = list(ask.state.priorities)[len(ask.state.priorities) // 2]
    details = {"statusColor": "#cccccc", "description": found.description, "isDefault": key == middle}
    return {**ask.wire.priority(found), **details}


@endpoints.platform("GET", "resolution")
def resolutions(ask: Ask) -> Response:
    """All resolutions."""
    return ask.json([ask.wire.resolution(found) for found in ask.state.resolutions.values()])


@endpoints.platform("GET", "resolution/search")
def search_resolutions(ask: Ask) -> Response:
    """The same in pages."""
    start, size = ask.window()
    found = list(ask.state.resolutions.values())
    shown = [{**ask.wire.resolution(r), "default": False} for r in found[start : start + size]]
    return ask.json(page(shown, start=start, size=size, total=len(found)))


@endpoints.platform("GET", "resolution/{id}")
def resolution(ask: Ask) -> Response:
    """One resolution."""
    found = ask.state.resolutions.get(ask.call["id"])
    if found is None:
        raise refuse(404, f"The resolution with id '{ask.call['id']}' does not exist")
    return ask.json(ask.wire.resolution(found))


@endpoints.platform("GET", "status")
def all_statuses(ask: Ask) -> Response:
    """All statuses with their category objects."""
    return ask.json([ask.wire.status(status) for status in ask.state.statuses.values()])


@endpoints.platform("GET", "status/{id}")
def one_status(ask: Ask) -> Response:
    """One status by id or name."""
    wanted = ask.call["id"]
    found = ask.state.statuses.get(wanted) or next((s for s in ask.state.statuses.values() if s.name == wanted), None)
    if found is None:
        raise refuse(404, f"The status with id or name '{wanted}' does not exist")
    return ask.json(ask.wire.status(found))


@endpoints.platform("GET", "statuscategory")
def status_categories(ask: Ask) -> Response:
    """All categories."""
    undefined = {
        "self": ask.wire.url("statuscategory/1"),
        "id": 1,
        "key": "undefined",
        "colorName": "medium-gray",
        "name": "No Category",
    }
    return ask.json([undefined, *(ask.wire.category(category) for category in Category)])


@endpoints.platform("GET", "statuses")
def statuses_by_id(ask: Ask) -> Response:
    """Statuses by id with the category enum of the newer API."""
    ids = ask.listed("id")
    if not ids:
        raise refuse(400, "The 'id' query parameter must be provided")
    unknown = [key for key in ids if key not in ask.state.statuses]
    if unknown:
        raise refuse(400, f"Status with id {unknown[0]} does not exist")
    return ask.json([show_status(ask.state.statuses[key]) for key in ids])


@endpoints.platform("GET", "statuses/search")
def search_statuses(ask: Ask) -> Response:
    """The same in pages, by words and category."""
    start, size = ask.window(default=200, largest=200)
    words = (ask.param("searchString") or "").lower()
    category = ask.param("statusCategory")
    found = [
        status
        for status in ask.state.statuses.values()
        if words in status.name.lower() and category in (None, CATEGORY_ENUM[status.category])
    ]
    shown = [show_status(status) for status in found[start : start + size]]
    return ask.json(page(shown, start=start, size=size, total=len(found)))


def show_status(status: Status) -> JsonObject:
    """A status as the newer API shows it."""
    return {
        "id": status.id,
        "name": status.name,
        "statusCategory": CATEGORY_ENUM[status.category],
        "scope": {"type": "GLOBAL"},
        "description": status.description,
    }


@endpoints.platform("GET", "issueLinkType")
def link_types(ask: Ask) -> Response:
    """All kinds of links."""
    return ask.json({"issueLinkTypes": [ask.wire.link_type(found) for found in ask.state.link_types.values()]})


@endpoints.platform("GET", "issueLinkType/{id}")
def link_type(ask: Ask) -> Response:
    """One kind of link."""
    found = ask.state.link_types.get(ask.call["id"])
    if found is None:
        raise refuse(404, f"No issue link type with id '{ask.call['id']}' found.")
    return ask.json(ask.wire.link_type(found))


@endpoints.platform("GET", "label")
def labels(ask: Ask) -> Response:
    """All labels in use, in pages."""
    start, size = ask.window(default=1000, largest=1000)
    used: set[str] = set()
    for issue in ask.state.issues.values():
        value = issue.values.get("labels")
        if isinstance(value, list):
            used.update(map(str, value))
    found = sorted(used)
    return ask.json(page(found[start : start + size], start=start, size=size, total=len(found)))
