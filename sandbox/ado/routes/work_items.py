"""Reading and writing work items.

https://learn.microsoft.com/rest/api/azure/devops/wit/work-items
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from sandbox.ado import errors
from sandbox.ado.dates import parse_date
from sandbox.ado.draft import Draft, apply_patch, check_draft, commit_draft, edit_draft, new_draft, read_patch
from sandbox.ado.exchange import Exchange
from sandbox.ado.model import Item, Revision
from sandbox.ado.organization import Organization
from sandbox.ado.render import shown_fields, shown_item
from sandbox.ado.routes.registry import ORG_AND_PROJECT, PROJECT_ONLY, Endpoints
from sandbox.http import Response, empty_response

endpoints = Endpoints()

ID_LIMIT = 200
EXPANSIONS = ("none", "relations", "fields", "links", "all")


def expansion(raw: object) -> str:
    """The wanted `$expand`, in any case. Raises ApiError for an unknown one."""
    wanted = str(raw or "none").lower()
    if wanted not in EXPANSIONS:
        raise errors.bad_request(f"The value '{raw}' of $expand is not valid.")
    return wanted


def wanted_fields(org: Organization, raw: object) -> list[str] | None:
    """The reference names of requested fields, or None when none were named. Raises ApiError for unknown ones."""
    if raw is None or raw == "" or raw == []:
        return None
    names = raw.split(",") if isinstance(raw, str) else raw
    if not isinstance(names, Sequence):
        raise errors.bad_request("fields must be a list of names.")
    found = []
    for name in names:
        definition = org.fields.find(str(name).strip())
        if definition is None:
            raise errors.field_not_found(str(name))
        found.append(definition.reference)
    return found


@endpoints.on("GET", "wit/workitems/{id}", ORG_AND_PROJECT, item="id")
def get_item(exchange: Exchange) -> Response:
    item = exchange.item(exchange.call["id"])
    names = wanted_fields(exchange.org, exchange.text("fields"))
    expand = expansion(exchange.text("$expand"))
    if names is not None and expand != "none":
        raise errors.conflicting_parameters()
    as_of = exchange.text("asOf")
    revision = revision_as_of(exchange.org, item, as_of)
    return exchange.json(
        shown_item(exchange, item, revision=revision, names=names, expand=expand, links=names is None, moment=as_of)
    )


@endpoints.on("GET", "wit/workitems", ORG_AND_PROJECT)
def list_items(exchange: Exchange) -> Response:
    text = exchange.text
    ids = text("ids").split(",")
    return read_many(exchange, ids, text("fields"), text("$expand"), text("asOf"), text("errorPolicy"))


@endpoints.on("POST", "wit/workitemsbatch", ORG_AND_PROJECT, writes=False)
def batch_items(exchange: Exchange) -> Response:
    body = exchange.body()
    ids = body.get("ids")
    if not isinstance(ids, list):
        raise errors.bad_request("The ids of the work items are required.")
    return read_many(
        exchange, ids, body.get("fields"), body.get("$expand"), str(body.get("asOf") or ""), body.get("errorPolicy")
    )


def read_many(
    exchange: Exchange, ids: Sequence[object], fields: object, expand_raw: object, as_of: str, policy: object
) -> Response:
    """At most 200 items in the order asked for; unreadable ones are null entries or fail all, as the policy says."""
    if len(ids) > ID_LIMIT:
        raise errors.too_many_ids(len(ids))
    texts = [str(raw).strip() for raw in ids]
    if not texts or not all(re.fullmatch(r"\d+", text) for text in texts):
        raise errors.bad_request("The ids of the work items must be a list of numbers.")
    names = wanted_fields(exchange.org, fields)
    expand = expansion(expand_raw)
    if names is not None and expand != "none":
        raise errors.conflicting_parameters()
    omit = str(policy or "fail").lower() == "omit"
    values: list[object] = []
    for text in texts:
        try:
            item = exchange.item(text)
            revision = revision_as_of(exchange.org, item, as_of)
        except errors.ApiError:
            if not omit:
                raise
            values.append(None)
            continue
        values.append(shown_item(exchange, item, revision=revision, names=names, expand=expand, moment=as_of))
    return exchange.collection(values)


def revision_as_of(org: Organization, item: Item, as_of: str) -> Revision | None:
    """The revision at a moment; None stands for the current one. Raises ApiError before the item existed."""
    if not as_of:
        return None
    try:
        parse_date(as_of)
    except ValueError as error:
        raise errors.bad_request(f"The value '{as_of}' of asOf is not a date.") from error
    revision = org.as_of(item, as_of)
    if revision is None:
        raise errors.item_not_found(item.id)
    return revision


@endpoints.on("GET", "wit/workitems/${type}", PROJECT_ONLY)
def get_template(exchange: Exchange) -> Response:
    draft = new_draft(exchange, exchange.item_type(exchange.call["type"]))
    return exchange.json({"fields": _preview_fields(exchange, draft), "url": exchange.url("_apis", "wit", "workItems")})


@endpoints.on("POST", "wit/workitems/${type}", PROJECT_ONLY)
def create_item(exchange: Exchange) -> Response:
    draft = new_draft(exchange, exchange.item_type(exchange.call["type"]))
    return _write(exchange, draft)


@endpoints.on("PATCH", "wit/workitems/${type}", PROJECT_ONLY)
def create_item_by_patch(exchange: Exchange) -> Response:
    return create_item(exchange)


@endpoints.on("PATCH", "wit/workitems/{id}", ORG_AND_PROJECT, item="id")
def update_item(exchange: Exchange) -> Response:
    return _write(exchange, edit_draft(exchange, exchange.item(exchange.call["id"])))


def _write(exchange: Exchange, draft: Draft) -> Response:
    bypass = exchange.flag("bypassRules")
    apply_patch(exchange, draft, read_patch(exchange), bypass=bypass)
    check_draft(exchange, draft, bypass=bypass)
    if exchange.flag("validateOnly"):
        exchange.call.applied = False
        shown: dict[str, object] = {"fields": _preview_fields(exchange, draft)}
        if draft.item is not None:
            shown = {"id": draft.item.id, "rev": draft.item.current.rev, **shown}
        return exchange.json({**shown, "url": exchange.url("_apis", "wit", "workItems")})
    known = draft.item.current.rev if draft.item is not None else 0
    item = commit_draft(exchange, draft)
    if exchange.call.hidden_ms:
        item.known_revision, item.known_until = known, exchange.clock.now() + exchange.call.hidden_ms / 1000
    exchange.call.item = str(item.id)
    expand = expansion(exchange.text("$expand")) if exchange.text("$expand") else "relations"
    return exchange.json(shown_item(exchange, item, expand=expand, links=True))


def _preview_fields(exchange: Exchange, draft: Draft) -> dict[str, object]:
    preview = Item(0, draft.project, [Revision(1, draft.fields, draft.formats)])
    return shown_fields(exchange, preview, preview.current, draft.fields)


@endpoints.on("DELETE", "wit/workitems/{id}", ORG_AND_PROJECT, item="id")
def delete_item(exchange: Exchange) -> Response:
    item = exchange.item(exchange.call["id"])
    shown = deleted_reference(exchange, item, code=200)
    if exchange.flag("destroy"):
        exchange.org.destroy_item(item)
        return empty_response(204)
    exchange.org.delete_item(item, by=exchange.org.owner, when=exchange.now())
    return exchange.json({**shown, **deleted_reference(exchange, item, code=200)})


@endpoints.on("POST", "wit/workitemsdelete", PROJECT_ONLY)
def delete_items(exchange: Exchange) -> Response:
    body = exchange.body()
    ids = body.get("ids")
    if not isinstance(ids, list) or len(ids) > ID_LIMIT:
        raise errors.too_many_ids(len(ids) if isinstance(ids, list) else 0)
    results: list[object] = []
    for raw in ids:
        try:
            item = exchange.item(str(raw))
        except errors.ApiError as error:
            results.append({"id": raw, "code": error.status, "message": error.message})
            continue
        if body.get("destroy"):
            exchange.org.destroy_item(item)
        else:
            exchange.org.delete_item(item, by=exchange.org.owner, when=exchange.now())
        results.append(deleted_reference(exchange, item, code=200))
    return exchange.json({"results": results})


def deleted_reference(exchange: Exchange, item: Item, *, code: int | None = None) -> Mapping[str, object]:
    """An item in the recycle bin, without the item itself."""
    deletion = item.deletion
    shown: dict[str, object] = {"id": item.id}
    if code is not None:
        shown["code"] = code
    return {
        **shown,
        "type": item.type,
        "name": str(item.fields["System.Title"]),
        "project": item.project.name,
        "deletedDate": deletion.date if deletion else exchange.now(),
        "deletedBy": (deletion.by if deletion else exchange.org.owner).text,
        "url": exchange.url("_apis", "wit", "recyclebin", item.id),
    }
