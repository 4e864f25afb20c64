"""Areas and iterations. Without `$depth` only the root comes back.

https://learn.microsoft.com/rest/api/azure/devops/wit/classification-nodes
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

from sandbox.ado import errors
from sandbox.ado.dates import parse_date, stamp
from sandbox.ado.exchange import Exchange
from sandbox.ado.model import Node
from sandbox.ado.routes.registry import PROJECT_ONLY, Endpoints
from sandbox.http import Response, empty_response

endpoints = Endpoints()

DEPTH_LIMIT = 14
_FORBIDDEN = re.compile(r'[\\/$?*:"&<>#%|\x00-\x1f]')


@endpoints.on("GET", "wit/classificationnodes", PROJECT_ONLY)
def list_roots(exchange: Exchange) -> Response:
    project = exchange.project
    if exchange.text("ids"):
        return _by_ids(exchange)
    depth = exchange.number("$depth", 0)
    return exchange.collection([_shown(exchange, root, depth) for root in (project.areas, project.iterations)])


def _by_ids(exchange: Exchange) -> Response:
    project = exchange.project
    nodes = {str(node.id): node for node in (*project.areas.walk(), *project.iterations.walk())}
    values: list[object] = []
    for text in exchange.text("ids").split(","):
        node = nodes.get(text.strip())
        if node is None and exchange.text("errorPolicy").lower() != "omit":
            raise errors.node_not_found(text)
        values.append(_shown(exchange, node, 0, links=True) if node else None)
    return exchange.collection(values)


@endpoints.on("GET", "wit/classificationnodes/{group}", PROJECT_ONLY)
def get_root(exchange: Exchange) -> Response:
    return exchange.json(_shown(exchange, _root(exchange), exchange.number("$depth", 0), links=True))


@endpoints.on("GET", "wit/classificationnodes/{group}/{path...}", PROJECT_ONLY)
def get_node(exchange: Exchange) -> Response:
    return exchange.json(_shown(exchange, _find(exchange), exchange.number("$depth", 0), links=True))


@endpoints.on("POST", "wit/classificationnodes/{group}", PROJECT_ONLY)
def create_under_root(exchange: Exchange) -> Response:
    return _create_or_move(exchange, _root(exchange))


@endpoints.on("POST", "wit/classificationnodes/{group}/{path...}", PROJECT_ONLY)
def create_under_node(exchange: Exchange) -> Response:
    return _create_or_move(exchange, _find(exchange))


def _create_or_move(exchange: Exchange, parent: Node) -> Response:
    body = exchange.body()
    existing = next((node for node in _root(exchange).walk() if node.id == body.get("id")), None)
    if existing is not None:
        _move(parent, existing)
        exchange.project.index_paths()
        return exchange.json(_shown(exchange, existing, 0, links=True))
    name = str(body.get("name") or "")
    _check_name(parent, name)
    node = exchange.org.new_node(name, parent.kind, parent)
    _set_dates(node, body)
    exchange.project.index_paths()
    return exchange.json(_shown(exchange, node, 0, links=True), 201)


def _check_name(parent: Node, name: str) -> None:
    if not name.strip() or len(name) > 255 or _FORBIDDEN.search(name):
        raise errors.bad_request(
            f"VS402374: The name '{name}' of a classification node is not valid.",
            "InvalidClassificationNodeNameException",
        )
    if any(child.name.lower() == name.lower() for child in parent.children):
        raise errors.ApiError(
            409,
            "ClassificationNodeDuplicateNameException",
            f"VS402371: Classification node name {name} is already in use by a different child of parent "
            f"classification node {parent.name}.",
        )
    if len(parent.names) >= DEPTH_LIMIT:
        raise errors.bad_request(f"The depth of classification nodes is limited to {DEPTH_LIMIT}.")


def _move(parent: Node, node: Node) -> None:
    if node.parent is None or parent in node.walk():
        raise errors.bad_request("VS402372: A classification node cannot be moved under itself.")
    node.parent.children.remove(node)
    parent.children.append(node)
    node.parent = parent


@endpoints.on("PATCH", "wit/classificationnodes/{group}/{path...}", PROJECT_ONLY)
def update_node(exchange: Exchange) -> Response:
    node, body = _find(exchange), exchange.body()
    if body.get("name") and node.parent is not None and body["name"] != node.name:
        _check_name(node.parent, str(body["name"]))
        _rename(exchange, node, str(body["name"]))
    _set_dates(node, body)
    return exchange.json(_shown(exchange, node, 0, links=True))


def _rename(exchange: Exchange, node: Node, name: str) -> None:
    """Items keep pointing at the node, so their paths change with it, without a revision."""
    before = node.field_path
    node.name = name
    exchange.project.index_paths()
    field = "System.AreaPath" if node.kind == "area" else "System.IterationPath"
    for item in exchange.org.items.values():
        path = str(item.fields.get(field, ""))
        if item.project is exchange.project and (path == before or path.startswith(before + "\\")):
            item.fields[field] = node.field_path + path[len(before) :]


@endpoints.on("DELETE", "wit/classificationnodes/{group}/{path...}", PROJECT_ONLY)
def delete_node(exchange: Exchange) -> Response:
    node = _find(exchange)
    wanted = exchange.number("$reclassifyId", 0)
    target = next((other for other in _root(exchange).walk() if other.id == wanted), None)
    if target is None or target in node.walk() or node.parent is None:
        raise errors.bad_request("VS402375: A valid $reclassifyId is required to delete a classification node.")
    field = "System.AreaPath" if node.kind == "area" else "System.IterationPath"
    gone = {inner.field_path for inner in node.walk()}
    node.parent.children.remove(node)
    exchange.project.index_paths()
    for item in exchange.org.items.values():
        if item.project is exchange.project and item.fields.get(field) in gone:
            fields = {**item.fields, field: target.field_path}
            exchange.org.record(item, fields, by=exchange.org.owner, when=exchange.now())
    return empty_response(204)


def _set_dates(node: Node, body: Mapping[str, object]) -> None:
    attributes = body.get("attributes")
    if not isinstance(attributes, Mapping):
        return
    try:
        start, finish = (str(attributes.get(name) or "") for name in ("startDate", "finishDate"))
        node.start = stamp(parse_date(start)) if start else ""
        node.finish = stamp(parse_date(finish)) if finish else ""
    except ValueError as error:
        raise errors.bad_request(f"A date of the iteration is not valid: {error}") from error
    if bool(node.start) != bool(node.finish) or node.start > node.finish:
        raise errors.bad_request("VS402378: An iteration needs both dates, and the start must not be after the finish.")


def _root(exchange: Exchange) -> Node:
    group = exchange.call["group"].lower()
    if group not in ("areas", "iterations"):
        raise errors.bad_request(f"The structure group '{group}' is not valid.")
    return exchange.project.areas if group == "areas" else exchange.project.iterations


def _find(exchange: Exchange) -> Node:
    """The node of the path; its parts are separated by slashes or backslashes."""
    node = _root(exchange)
    path = exchange.call["path"]
    for name in re.split(r"[\\/]+", path.strip("\\/")):
        found = next((child for child in node.children if child.name.lower() == name.lower()), None)
        if found is None:
            raise errors.node_not_found(path)
        node = found
    return node


def node_url(exchange: Exchange, node: Node) -> str:
    """The address of a node; the root is the group itself."""
    group = "Areas" if node.kind == "area" else "Iterations"
    below = "".join("/" + quote(name) for name in node.names[1:])
    return f"{exchange.base}/{exchange.project.id}/_apis/wit/classificationNodes/{group}{below}"


def _shown(exchange: Exchange, node: Node, depth: int, *, links: bool = False) -> dict[str, object]:
    """A node; its `path` holds the group segment that the fields of work items leave out."""
    names = node.names
    shown: dict[str, object] = {
        "id": node.id,
        "identifier": node.identifier,
        "name": node.name,
        "structureType": node.kind,
        "hasChildren": bool(node.children),
    }
    if depth > 0 and node.children:
        shown["children"] = [_shown(exchange, child, depth - 1) for child in node.children]
    if node.start:
        shown["attributes"] = {"startDate": node.start, "finishDate": node.finish}
    shown["path"] = "\\" + "\\".join([names[0], node.kind.capitalize(), *names[1:]])
    url = node_url(exchange, node)
    if links:
        targets = {"self": {"href": url}}
        if node.parent is not None:
            targets["parent"] = {"href": node_url(exchange, node.parent)}
        shown["_links"] = targets
    shown["url"] = url
    return shown
