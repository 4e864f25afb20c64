"""Projects and processes.

https://learn.microsoft.com/rest/api/azure/devops/core/projects
"""

from __future__ import annotations

from sandbox.ado import errors
from sandbox.ado.exchange import Exchange
from sandbox.ado.model import Process, Project
from sandbox.ado.routes.registry import ORG_ONLY, Endpoints, Scope
from sandbox.ado.routes.teams import shown_team
from sandbox.http import Response

endpoints = Endpoints(scope=Scope.PROJECT)

CONTINUATION = "x-ms-continuationtoken"


def _shown(exchange: Exchange, project: Project) -> dict[str, object]:
    shown: dict[str, object] = {"id": project.id, "name": project.name}
    if project.description:
        shown["description"] = project.description
    return {
        **shown,
        "url": exchange.url("_apis", "projects", project.id),
        "state": "wellFormed",
        "revision": project.revision,
        "visibility": "private",
        "lastUpdateTime": project.changed,
    }


@endpoints.on("GET", "projects", ORG_ONLY)
def list_projects(exchange: Exchange) -> Response:
    wanted_state = exchange.text("stateFilter", "wellFormed").lower()
    if wanted_state not in ("wellformed", "all"):
        return exchange.collection([])
    ordered = sorted(exchange.org.projects.values(), key=lambda project: project.name.lower())
    token = exchange.text("continuationToken")
    if token and not token.isdigit():
        raise errors.bad_request(f"The continuation token '{token}' is not valid.")
    start = int(token) if token else exchange.number("$skip", 0)
    top = exchange.number("$top", 100) or 100
    headers = {CONTINUATION: str(start + top)} if start + top < len(ordered) else {}
    return exchange.collection([_shown(exchange, project) for project in ordered[start : start + top]], headers)


@endpoints.on("GET", "projects/{project}", ORG_ONLY)
def get_project(exchange: Exchange) -> Response:
    project = exchange.project
    shown = _shown(exchange, project)
    if exchange.flag("includeCapabilities"):
        shown["capabilities"] = {
            "processTemplate": {"templateName": project.process.name, "templateTypeId": project.process.id},
            "versioncontrol": {"sourceControlType": "Git", "gitEnabled": "True", "tfvcEnabled": "False"},
        }
    shown["_links"] = {
        "self": {"href": str(shown["url"])},
        "collection": {"href": exchange.url("_apis", "projectCollections", exchange.org.id)},
        "web": {"href": exchange.url(project.name)},
    }
    if project.teams:
        team = shown_team(exchange, project, project.teams[0])
        shown["defaultTeam"] = {name: team[name] for name in ("id", "name", "url")}
    return exchange.json(shown)


@endpoints.on("GET", "projects/{project}/properties", ORG_ONLY, preview=True)
def get_properties(exchange: Exchange) -> Response:
    process = exchange.project.process
    values = {
        "System.ProcessTemplateType": process.id,
        "System.Process Template": process.parent or process.name,
        "System.CurrentProcessTemplateId": process.id,
    }
    return exchange.collection([{"name": name, "value": value} for name, value in values.items()])


@endpoints.on("GET", "process/processes", ORG_ONLY)
def list_processes(exchange: Exchange) -> Response:
    return exchange.collection([_process(exchange, process) for process in exchange.org.processes.values()])


@endpoints.on("GET", "process/processes/{process}", ORG_ONLY)
def get_process(exchange: Exchange) -> Response:
    return exchange.json(_process(exchange, _find_process(exchange)))


def _process(exchange: Exchange, process: Process) -> dict[str, object]:
    return {
        "id": process.id,
        "description": process.description,
        "isDefault": process.name == "Agile",
        "type": "inherited" if process.parent else "system",
        "url": exchange.url("_apis", "process", "processes", process.id),
        "name": process.name,
    }


def _find_process(exchange: Exchange) -> Process:
    wanted = exchange.call["process"].lower()
    for process in exchange.org.processes.values():
        if wanted in (process.id, process.name.lower()):
            return process
    raise errors.ApiError(
        404, "ProcessNotFoundByTypeIdException", f"VS402362: Process with type ID {wanted} not found."
    )


@endpoints.on("GET", "work/processes", ORG_ONLY)
def list_work_processes(exchange: Exchange) -> Response:
    names = {process.name: process.id for process in exchange.org.processes.values()}
    shown = []
    for process in exchange.org.processes.values():
        entry: dict[str, object] = {
            "typeId": process.id,
            "name": process.name,
            "referenceName": process.name,
            "description": process.description,
            "isEnabled": True,
            "isDefault": process.name == "Agile",
            "customizationType": "inherited" if process.parent else "system",
        }
        if process.parent:
            entry["parentProcessTypeId"] = names.get(process.parent, "")
        shown.append(entry)
    return exchange.collection(list(shown))


@endpoints.on("GET", "work/processes/{process}/workitemtypes", ORG_ONLY)
def list_process_types(exchange: Exchange) -> Response:
    process = _find_process(exchange)
    base = exchange.url("_apis", "work", "processes", process.id, "workItemTypes")
    return exchange.collection(
        [
            {
                "referenceName": found.reference,
                "name": found.name,
                "description": found.description,
                "url": f"{base}/{found.reference}",
                "customization": "custom" if found.reference.startswith("Custom.") else "system",
                "color": found.color,
                "icon": found.icon,
                "isDisabled": found.disabled,
                "inherits": None,
            }
            for found in process.types.values()
        ]
    )


@endpoints.on("GET", "work/processes/{process}/workitemtypes/{type}/states", ORG_ONLY)
def list_process_states(exchange: Exchange) -> Response:
    found = _find_process(exchange).find(exchange.call["type"])
    if found is None:
        raise errors.type_not_found(exchange.call["type"], exchange.call["process"])
    return exchange.collection(
        [
            {"name": state.name, "color": state.color, "stateCategory": state.category, "order": number}
            for number, state in enumerate(found.states, start=1)
        ]
    )
