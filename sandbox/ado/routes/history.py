"""Revisions (snapshots) and updates (differences) of a work item. Both page with `$top` and `$skip`.

https://learn.microsoft.com/rest/api/azure/devops/wit/revisions
https://learn.microsoft.com/rest/api/azure/devops/wit/updates
"""

from __future__ import annotations

from sandbox.ado import errors
from sandbox.ado.exchange import Exchange
from sandbox.ado.model import CURRENT, Item, Update
from sandbox.ado.render import person_ref, shown_fields, shown_item, shown_relation
from sandbox.ado.routes.registry import ORG_AND_PROJECT, Endpoints
from sandbox.ado.routes.work_items import expansion
from sandbox.http import Response

endpoints = Endpoints()


@endpoints.on("GET", "wit/workitems/{id}/revisions", ORG_AND_PROJECT, item="id")
def list_revisions(exchange: Exchange) -> Response:
    item = exchange.item(exchange.call["id"])
    skip, top = exchange.page()
    expand = expansion(exchange.text("$expand"))
    chosen = item.revisions[skip : skip + top]
    return exchange.collection([_revision(exchange, item, revision.rev, expand) for revision in chosen])


@endpoints.on("GET", "wit/workitems/{id}/revisions/{rev}", ORG_AND_PROJECT, item="id")
def get_revision(exchange: Exchange) -> Response:
    item = exchange.item(exchange.call["id"])
    number = exchange.call["rev"]
    if not number.isdigit() or not 1 <= int(number) <= len(item.revisions):
        raise errors.item_not_found(f"{item.id} (revision {number})")
    return exchange.json(_revision(exchange, item, int(number), expansion(exchange.text("$expand"))))


def _revision(exchange: Exchange, item: Item, number: int, expand: str) -> dict[str, object]:
    revision = item.revisions[number - 1]
    current = number == len(item.revisions)
    shown = shown_item(
        exchange, item, revision=revision, expand=expand, moment="" if current else item.revisions[number - 1].changed
    )
    return {**shown, "url": f"{exchange.base}/_apis/wit/workItems/{item.id}/revisions/{number}"}


@endpoints.on("GET", "wit/workitems/{id}/updates", ORG_AND_PROJECT, item="id")
def list_updates(exchange: Exchange) -> Response:
    item = exchange.item(exchange.call["id"])
    skip, top = exchange.page()
    return exchange.collection([_update(exchange, item, update) for update in item.updates[skip : skip + top]])


@endpoints.on("GET", "wit/workitems/{id}/updates/{update}", ORG_AND_PROJECT, item="id")
def get_update(exchange: Exchange) -> Response:
    item = exchange.item(exchange.call["id"])
    number = exchange.call["update"]
    if not number.isdigit() or not 1 <= int(number) <= len(item.updates):
        raise errors.item_not_found(f"{item.id} (update {number})")
    return exchange.json(_update(exchange, item, item.updates[int(number) - 1]))


def _update(exchange: Exchange, item: Item, update: Update) -> dict[str, object]:
    shown: dict[str, object] = {
        "id": update.id,
        "workItemId": item.id,
        "rev": update.rev,
        "revisedBy": {**person_ref(exchange, update.by), "name": update.by.text},
        "revisedDate": update.date,
    }
    if update.new_revision:
        following = item.revisions[update.rev] if update.rev < len(item.revisions) else None
        shown["revisedDate"] = following.changed if following else CURRENT
        shown["fields"] = _field_changes(exchange, item, update.rev)
    relations: dict[str, object] = {}
    for name, changed in (("added", update.added), ("removed", update.removed), ("updated", update.changed)):
        if changed:
            relations[name] = [shown_relation(exchange, relation) for relation in changed]
    if relations:
        shown["relations"] = relations
    project = item.project.id
    shown["url"] = f"{exchange.base}/{project}/_apis/wit/workItems/{item.id}/updates/{update.id}"
    return shown


_ALWAYS_NEW = ("System.Id",)


def _field_changes(exchange: Exchange, item: Item, rev: int) -> dict[str, object]:
    revision = item.revisions[rev - 1]
    before = item.revisions[rev - 2] if rev > 1 else None
    new = shown_fields(exchange, item, revision, None, expanded=True)
    old = shown_fields(exchange, item, before, None, expanded=True) if before else {}
    for computed_now in ("System.Parent",):  # known for the present only
        new.pop(computed_now, None)
        old.pop(computed_now, None)
    changes: dict[str, object] = {}
    for name in {**old, **new}:
        if name in _ALWAYS_NEW and before is not None:
            continue
        if old.get(name) != new.get(name):
            change: dict[str, object] = {}
            if name in old:
                change["oldValue"] = old[name]
            if name in new:
                change["newValue"] = new[name]
            changes[name] = change
    return changes
