"""Queries: by text and saved ones. Only ids come back, there is no paging, and there is a ceiling.

https://learn.microsoft.com/rest/api/azure/devops/wit/wiql
"""

from __future__ import annotations

from typing import TypeVar

from sandbox.ado import errors
from sandbox.ado.exchange import Exchange
from sandbox.ado.field_table import FieldDef
from sandbox.ado.model import Project, SavedQuery
from sandbox.ado.render import item_url
from sandbox.ado.routes.registry import EVERYWHERE, PROJECT_ONLY, Endpoints
from sandbox.ado.wiql.evaluate import Context, find_field
from sandbox.ado.wiql.parse import parse_query
from sandbox.ado.wiql.run import LinkRow, run_flat, run_links
from sandbox.ado.wiql.syntax import Query, WiqlError
from sandbox.http import Response, empty_response

endpoints = Endpoints()

RowT = TypeVar("RowT")


@endpoints.on("POST", "wit/wiql", EVERYWHERE, writes=False)
def query_by_text(exchange: Exchange) -> Response:
    text = exchange.body().get("query")
    if not isinstance(text, str) or not text.strip():
        raise errors.bad_request("The request must contain a query.")
    return _answer(exchange, text)


@endpoints.on("GET", "wit/wiql/{query}", EVERYWHERE)
def query_by_id(exchange: Exchange) -> Response:
    return _answer(exchange, _saved(exchange).wiql)


@endpoints.on("HEAD", "wit/wiql/{query}", EVERYWHERE)
def count_by_id(exchange: Exchange) -> Response:
    answer = _answer(exchange, _saved(exchange).wiql)
    return empty_response(200, {"X-Total-Count": answer.headers["X-Total-Count"]})


def _saved(exchange: Exchange) -> SavedQuery:
    wanted = exchange.call["query"].lower()
    projects = [exchange.scope] if exchange.scope else list(exchange.org.projects.values())
    for project in projects:
        for query in project.queries:
            if query.id == wanted:
                return query
    raise errors.ApiError(
        404,
        "QueryItemNotFoundException",
        f"TF401243: The query {wanted} does not exist, or you do not have permission to read it.",
        event=errors.WORK_TRACKING_EVENT,
    )


def _answer(exchange: Exchange, text: str) -> Response:
    try:
        query = parse_query(text)
        context = Context(exchange.org, exchange.scope, exchange.clock.today(), exchange.flag("timePrecision"))
        shown = _frame(exchange, context, query)
        if query.links:
            rows = _limited(exchange, run_links(context, query))
            return _with_count(
                exchange, {**shown, "workItemRelations": [_row(exchange, row) for row in rows]}, len(rows)
            )
        ids = _limited(exchange, run_flat(context, query))
        items = [{"id": item_id, "url": item_url(exchange, item_id)} for item_id in ids]
        return _with_count(exchange, {**shown, "workItems": items}, len(ids))
    except WiqlError as error:
        raise errors.query_invalid(str(error)) from error


def _with_count(exchange: Exchange, body: dict[str, object], number: int) -> Response:
    return exchange.json(body, 200, {"X-Total-Count": str(number)})


def _limited(exchange: Exchange, rows: list[RowT]) -> list[RowT]:
    """The first `$top` rows. Raises ApiError when more than the ceiling match and `$top` is not below it."""
    ceiling = exchange.org.query_limit
    top = exchange.number("$top", ceiling)
    if len(rows) > ceiling and top >= ceiling:
        raise errors.query_too_large(ceiling)
    return rows[:top]


def _frame(exchange: Exchange, context: Context, query: Query) -> dict[str, object]:
    kind = ("tree" if "RECURSIVE" in query.mode else "oneHop") if query.links else "flat"
    columns = [_column(exchange, find_field(context, name)) for name in query.columns]
    shown: dict[str, object] = {
        "queryType": kind,
        "queryResultType": "workItemLink" if query.links else "workItem",
        "asOf": query.as_of or exchange.now(),
        "columns": columns,
    }
    if query.orders:
        shown["sortColumns"] = [
            {"field": _column(exchange, find_field(context, order.field)), "descending": order.descending}
            for order in query.orders
        ]
    return shown


def _column(exchange: Exchange, definition: FieldDef) -> dict[str, object]:
    return {
        "referenceName": definition.reference,
        "name": definition.name,
        "url": exchange.url("_apis", "wit", "fields", definition.reference),
    }


def _row(exchange: Exchange, row: LinkRow) -> dict[str, object]:
    source = None if row.source is None else {"id": row.source, "url": item_url(exchange, row.source)}
    return {"rel": row.rel, "source": source, "target": {"id": row.target, "url": item_url(exchange, row.target)}}


@endpoints.on("GET", "wit/queries", PROJECT_ONLY)
def list_queries(exchange: Exchange) -> Response:
    project = exchange.project
    folder = _folder(exchange, project)
    if exchange.number("$depth", 0) > 0:
        folder["children"] = [_shown_query(exchange, project, query) for query in project.queries]
    return exchange.collection([folder])


@endpoints.on("GET", "wit/queries/{query}", PROJECT_ONLY)
def get_query(exchange: Exchange) -> Response:
    return exchange.json(_shown_query(exchange, exchange.project, _saved(exchange)))


def _folder(exchange: Exchange, project: Project) -> dict[str, object]:
    return {
        "id": project.id[:-1] + "0",
        "name": "Shared Queries",
        "path": "Shared Queries",
        "isFolder": True,
        "hasChildren": bool(project.queries),
        "isPublic": True,
        "url": exchange.url(project.id, "_apis", "wit", "queries", "Shared Queries"),
    }


def _shown_query(exchange: Exchange, project: Project, query: SavedQuery) -> dict[str, object]:
    shown: dict[str, object] = {
        "id": query.id,
        "name": query.name,
        "path": f"Shared Queries/{query.name}",
        "queryType": "oneHop" if "workitemlinks" in query.wiql.lower() else "flat",
        "isPublic": True,
        "url": exchange.url(project.id, "_apis", "wit", "queries", query.id),
    }
    if exchange.text("$expand").lower() in ("wiql", "all", "clauses"):
        shown["wiql"] = query.wiql
    return shown
