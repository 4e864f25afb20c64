"""A caller of the Azure DevOps stand-in, without a socket."""

from collections.abc import Mapping
from typing import Any

import requests

from sandbox.ado.build import build_ado
from sandbox.ado.builder import ProjectBuilder
from sandbox.ado.model import Item
from sandbox.ado.processes import PROCESSES
from sandbox.ado.service import AdoService
from sandbox.clock import Clock
from sandbox.inprocess import InProcessAdapter

HOST = "http://ado.test"
NOW = 1_750_000_000.0
DATE = "2024-03-01T10:00:00Z"


class Caller:
    """Sends requests to the organisation with a good token unless told otherwise."""

    def __init__(self, service: AdoService, *, token: str | None = "sandbox-pat", version: str = "7.1") -> None:
        self.service = service
        self.session = requests.Session()
        self.session.mount("http://", InProcessAdapter(service, base_url=HOST))
        if token is not None:
            self.session.auth = ("", token)
        self.version = version

    def send(self, method: str, path: str, *, version: str | None = None, **options: Any) -> requests.Response:
        chosen = self.version if version is None else version
        if chosen:
            path += ("&" if "?" in path else "?") + f"api-version={chosen}"
        return self.session.request(method, f"{HOST}/contoso/{path}", allow_redirects=False, **options)

    def get(self, path: str, **options: Any) -> Any:
        """The JSON of a GET that must succeed."""
        answer = self.send("GET", path, **options)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def patch(self, path: str, *operations: Mapping[str, object], **options: Any) -> requests.Response:
        """A JSON Patch document to an existing item."""
        headers = {"Content-Type": "application/json-patch+json"}
        return self.send("PATCH", path, json=list(operations), headers=headers, **options)

    def create(
        self, kind: str, *operations: Mapping[str, object], project: str = "P", **options: Any
    ) -> requests.Response:
        """A JSON Patch document to `$Type`."""
        headers = {"Content-Type": "application/json-patch+json"}
        path = f"{project}/_apis/wit/workitems/${kind}" + options.pop("query", "")
        return self.send("POST", path, json=list(operations), headers=headers, **options)

    def wiql(self, query: str, *, path: str = "P/_apis/wit/wiql") -> requests.Response:
        return self.send("POST", path, json={"query": query})

    def found(self, query: str, *, path: str = "P/_apis/wit/wiql") -> list[int]:
        """The ids a query finds, which must succeed."""
        answer = self.wiql(query, path=path)
        assert answer.status_code == 200, answer.text
        return [entry["id"] for entry in answer.json()["workItems"]]

    def comments(self, item_id: int, query: str = "", **options: Any) -> Any:
        return self.get(f"P/_apis/wit/workItems/{item_id}/comments{query}", version="7.1-preview.4", **options)


def field(name: str, value: object, op: str = "add") -> dict[str, object]:
    """A patch operation on a field."""
    return {"op": op, "path": f"/fields/{name}", "value": value}


def link(rel: str, target: int, **attributes: object) -> dict[str, object]:
    """A patch operation that adds a link."""
    value = {"rel": rel, "url": f"{HOST}/contoso/_apis/wit/workItems/{target}", "attributes": attributes}
    return {"op": "add", "path": "/relations/-", "value": value}


def small_service(process: str = "Agile") -> AdoService:
    """A project `P` with one team and no items, in a time that stands still."""
    service = build_ado(empty=True, clock=Clock(NOW))
    builder = ProjectBuilder(service.org, "P", PROCESSES[process])
    builder.area("P\\North")
    builder.iteration("P\\Sprint 1", start="2025-06-09T00:00:00Z", finish="2025-06-20T00:00:00Z")
    builder.team("P Team")
    return service


def builder_of(service: AdoService, project: str = "P") -> ProjectBuilder:
    """A builder for a project that is there already."""
    made = ProjectBuilder.__new__(ProjectBuilder)
    made.org, made.project = service.org, service.org.projects[project]
    made.process = made.project.process
    return made


def add_item(service: AdoService, title: str = "One", *, kind: str = "Task", **fields: Any) -> Item:
    """An item put straight into the state."""
    builder = builder_of(service)
    item_type = builder.process.types[kind]
    basic = {
        "System.WorkItemType": kind,
        "System.Title": title,
        "System.State": item_type.initial.name,
        "System.Reason": item_type.initial.reason,
    }
    options = {name: fields.pop(name) for name in ("created", "changed", "revisions", "formats") if name in fields}
    options.setdefault("created", DATE)
    return builder.item({**basic, **fields}, by=service.org.owner, **options)
