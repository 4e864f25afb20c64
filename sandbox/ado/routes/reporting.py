"""The streams for bulk readers: revisions of items, and changes of links.

https://learn.microsoft.com/rest/api/azure/devops/wit/reporting-work-item-revisions
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sandbox.ado import errors
from sandbox.ado.dates import parse_date
from sandbox.ado.exchange import Exchange
from sandbox.ado.model import Item, LinkChange, Person, Revision, Value
from sandbox.ado.people import stable_guid
from sandbox.ado.render import shown_value
from sandbox.ado.routes.registry import ORG_AND_PROJECT, Endpoints
from sandbox.ado.routes.work_items import wanted_fields
from sandbox.http import Response

endpoints = Endpoints()

PAGE = 1000


@dataclass(frozen=True)
class _Filter:
    """What of each revision is wanted."""

    names: list[str] | None
    types: frozenset[str]
    identity_refs: bool
    tag_refs: bool
    deleted: bool
    latest_only: bool
    discussion_only: bool
    long_text: bool


def _flag(source: Mapping[str, object], name: str) -> bool:
    return str(source.get(name, "")).lower() == "true"


def _read_filter(exchange: Exchange) -> _Filter:
    query = {name: values[0] for name, values in exchange.request.query.items()}
    source: dict[str, object] = dict(query)
    if exchange.request.method == "POST":
        source |= exchange.body()
    types = source.get("types")
    wanted = types.split(",") if isinstance(types, str) else (types if isinstance(types, list) else [])
    return _Filter(
        names=wanted_fields(exchange.org, source.get("fields")),
        types=frozenset(str(name).strip().lower() for name in wanted if name),
        identity_refs=_flag(source, "includeIdentityRef"),
        tag_refs=_flag(source, "includeTagRef"),
        deleted=_flag(source, "includeDeleted"),
        latest_only=_flag(source, "includeLatestOnly"),
        discussion_only=_flag(source, "includeDiscussionChangesOnly"),
        long_text=str(query.get("$expand", "")).lower() == "fields",
    )


@endpoints.on("GET", "wit/reporting/workitemrevisions", ORG_AND_PROJECT)
def read_revisions(exchange: Exchange) -> Response:
    return _revisions(exchange)


@endpoints.on("POST", "wit/reporting/workitemrevisions", ORG_AND_PROJECT, writes=False)
def post_revisions(exchange: Exchange) -> Response:
    return _revisions(exchange)


def _revisions(exchange: Exchange) -> Response:
    wanted, since = _read_filter(exchange), _since(exchange)
    size = max(1, min(exchange.number("$maxPageSize", PAGE), PAGE))
    log = exchange.org.revision_log
    position = bisect_right(log, _watermark(exchange.text("continuationToken")), key=lambda entry: entry[0])
    values: list[object] = []
    last = log[position - 1] if position else (0, 0, 0)
    while position < len(log) and len(values) < size:
        last = log[position]
        position += 1
        item = exchange.org.items.get(last[1])
        if item is not None and _passes(exchange, item, item.revisions[last[2] - 1], wanted, since):
            values.append(_shown(exchange, item, item.revisions[last[2] - 1], wanted))
    token = f"{last[0]};{last[1]};{last[2]}"
    return _batch(exchange, "workItemRevisions", values, token, position >= len(log))


def _watermark(token: str) -> int:
    first = token.partition(";")[0] or "0"
    if not first.isdigit():
        raise errors.bad_request(f"The continuation token '{token}' is not valid.", "InvalidContinuationTokenException")
    return int(first)


def _since(exchange: Exchange) -> datetime | None:
    text = exchange.text("startDateTime")
    if text and exchange.text("continuationToken"):
        raise errors.bad_request("Specify either a continuationToken or a startDateTime, not both.")
    try:
        return parse_date(text) if text else None
    except ValueError as error:
        raise errors.bad_request(f"The value '{text}' of startDateTime is not a date.") from error


def _passes(exchange: Exchange, item: Item, revision: Revision, wanted: _Filter, since: datetime | None) -> bool:
    if exchange.scope is not None and item.project is not exchange.scope:
        return False
    if item.unreadable or (item.deletion is not None and not wanted.deleted):
        return False
    if wanted.types and str(revision.fields["System.WorkItemType"]).lower() not in wanted.types:
        return False
    if wanted.latest_only and revision is not item.current:
        return False
    if wanted.discussion_only and not revision.history:
        return False
    return since is None or parse_date(revision.changed) >= since


def _shown(exchange: Exchange, item: Item, revision: Revision, wanted: _Filter) -> dict[str, object]:
    following = item.revisions[revision.rev] if revision.rev < len(item.revisions) else None
    everything: dict[str, Value] = {
        "System.Id": item.id,
        "System.Rev": revision.rev,
        "System.RevisedDate": following.changed if following else "9999-01-01T00:00:00Z",
        "System.Watermark": revision.watermark,
        **revision.fields,
    }
    if revision.history:
        everything["System.History"] = revision.history
    if item.deletion is not None:
        everything["System.IsDeleted"] = True
    shown: dict[str, object] = {}
    for name in everything if wanted.names is None else wanted.names:
        if name in everything and (wanted.names or wanted.long_text or not _is_long(exchange, name)):
            shown[name] = _report_value(exchange, name, everything[name], wanted)
    return {"id": item.id, "rev": revision.rev, "fields": shown}


def _is_long(exchange: Exchange, name: str) -> bool:
    definition = exchange.org.fields.by_reference.get(name)
    return definition is not None and definition.long_text


def _report_value(exchange: Exchange, name: str, value: Value, wanted: _Filter) -> object:
    if isinstance(value, Person):
        return {"id": value.id, "uniqueName": value.text} if wanted.identity_refs else value.text
    if name == "System.Tags" and wanted.tag_refs:
        return [{"id": stable_guid("tag", tag.lower()), "name": tag} for tag in str(value).split("; ")]
    return shown_value(exchange, value)


def _batch(exchange: Exchange, resource: str, values: list[object], token: str, last: bool) -> Response:
    scope = f"/{exchange.scope.id}" if exchange.scope else ""
    link = f"{exchange.base}{scope}/_apis/wit/reporting/{resource}?continuationToken={token}"
    return exchange.json({"values": values, "nextLink": link, "continuationToken": token, "isLastBatch": last})


@endpoints.on("GET", "wit/reporting/workitemlinks", ORG_AND_PROJECT)
def read_links(exchange: Exchange) -> Response:
    since = _since(exchange)
    kinds = {name.strip().lower() for name in exchange.text("linkTypes").split(",") if name.strip()}
    types = {name.strip().lower() for name in exchange.text("types").split(",") if name.strip()}
    log = exchange.org.link_log
    position = min(_watermark(exchange.text("continuationToken")), len(log))
    values: list[object] = []
    while position < len(log) and len(values) < PAGE:
        change = log[position]
        position += 1
        if _link_passes(exchange, change, kinds, types) and (since is None or parse_date(change.date) >= since):
            values.append(_shown_link(change))
    return _batch(exchange, "workItemLinks", values, str(position), position >= len(log))


def _link_passes(exchange: Exchange, change: LinkChange, kinds: set[str], types: set[str]) -> bool:
    if kinds and change.rel.lower() not in kinds:
        return False
    source = exchange.org.items.get(change.source)
    if source is None:
        return False
    if types and source.type.lower() not in types:
        return False
    return exchange.scope is None or source.project is exchange.scope


def _shown_link(change: LinkChange) -> dict[str, object]:
    shown: dict[str, object] = {
        "rel": change.rel,
        "sourceId": change.source,
        "targetId": change.target,
        "changedDate": change.date,
        "isActive": change.active,
        "changedOperation": "create" if change.active else "remove",
    }
    if change.comment:
        shown["comment"] = change.comment
    return shown
