"""The recycle bin: listed as a bare array whose ids are strings.

https://learn.microsoft.com/rest/api/azure/devops/wit/recyclebin
"""

from __future__ import annotations

from sandbox.ado import errors
from sandbox.ado.exchange import Exchange
from sandbox.ado.render import shown_item
from sandbox.ado.routes.registry import ORG_AND_PROJECT, Endpoints
from sandbox.ado.routes.work_items import deleted_reference
from sandbox.http import Response, empty_response

endpoints = Endpoints()


@endpoints.on("GET", "wit/recyclebin", ORG_AND_PROJECT)
def list_deleted(exchange: Exchange) -> Response:
    scope = exchange.scope
    found = [item for item in exchange.org.items.values()
             if item.deletion is not None and (scope is None or item.project is scope)]  # fmt: skip
    if len(found) > exchange.org.query_limit:
        raise errors.query_too_large(exchange.org.query_limit)
    wanted = exchange.text("ids")
    if wanted:
        ids = {text.strip() for text in wanted.split(",")}
        found = [item for item in found if str(item.id) in ids]
        return exchange.json([{**deleted_reference(exchange, item, code=200), "id": str(item.id)} for item in found])
    return exchange.json(
        [{"id": str(item.id), "url": exchange.url("_apis", "wit", "recyclebin", item.id)} for item in found]
    )


@endpoints.on("GET", "wit/recyclebin/{id}", ORG_AND_PROJECT, item="id")
def get_deleted(exchange: Exchange) -> Response:
    item = exchange.item(exchange.call["id"], deleted=True)
    return exchange.json({**deleted_reference(exchange, item), "resource": shown_item(exchange, item)})


@endpoints.on("PATCH", "wit/recyclebin/{id}", ORG_AND_PROJECT, item="id")
def restore(exchange: Exchange) -> Response:
    item = exchange.item(exchange.call["id"], deleted=True)
    body = {name.lower(): value for name, value in exchange.body().items()}
    if body.get("isdeleted") is not False:
        raise errors.bad_request("The body must say that isDeleted is false.")
    shown = deleted_reference(exchange, item, code=200)
    exchange.org.restore_item(item, by=exchange.org.owner, when=exchange.now())
    return exchange.json({**shown, "resource": shown_item(exchange, item)})


@endpoints.on("DELETE", "wit/recyclebin/{id}", ORG_AND_PROJECT, item="id")
def destroy(exchange: Exchange) -> Response:
    exchange.org.destroy_item(exchange.item(exchange.call["id"], deleted=True))
    return empty_response(204)
