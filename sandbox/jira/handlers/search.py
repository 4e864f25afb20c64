"""Search: the token-paged one; the old one is gone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sandbox.http import Response
from sandbox.jira import errors
from sandbox.jira.endpoints import Ask, Endpoints
from sandbox.jira.errors import refuse
from sandbox.jira.jql_match import unknown_fields
from sandbox.jira.jql_parser import parse_jql
from sandbox.jira.models import JsonObject
from sandbox.jira.payload import read_object, strings
from sandbox.jira.records import Issue
from sandbox.jira.search import bounded, find

endpoints = Endpoints()
MOST_RESULTS = 5_000
PAGE_WITH_FIELDS = 100
MOST_RECONCILED = 50
MOST_PROPERTIES = 5
MEMBERS = (
    "jql", "nextPageToken", "maxResults", "fields", "expand", "properties", "fieldsByKeys", "failFast",
    "reconcileIssues",
)  # fmt: skip


@dataclass(frozen=True)
class _Wanted:
    jql: str
    token: str
    size: int
    fields: Sequence[str]
    properties: Sequence[str]
    expand: frozenset[str]
    reconcile: frozenset[int]


@endpoints.platform("GET", "search/jql", anonymous=True)
def search(ask: Ask) -> Response:
    """One page by query parameters."""
    return _search(
        ask,
        _Wanted(
            jql=ask.param("jql") or "",
            token=ask.param("nextPageToken") or "",
            size=ask.number("maxResults", 50),
            fields=ask.listed("fields"),
            properties=ask.listed("properties"),
            expand=frozenset(ask.listed("expand")),
            reconcile=_ids(ask.listed("reconcileIssues")),
        ),
    )


@endpoints.platform("POST", "search/jql", writes=False, anonymous=True)
def search_by_body(ask: Ask) -> Response:
    """The same by body; ``expand`` is one comma-separated text here too."""
    body = read_object(ask.call.request, MEMBERS)
    size, expand = body.get("maxResults", 50), body.get("expand") or ""
    if not isinstance(size, int) or isinstance(size, bool) or not isinstance(expand, str):
        raise errors.refuse_payload()
    return _search(
        ask,
        _Wanted(
            jql=str(body.get("jql") or ""),
            token=str(body.get("nextPageToken") or ""),
            size=size,
            fields=strings(body, "fields"),
            properties=strings(body, "properties"),
            expand=frozenset(expand.split(",")),
            reconcile=_ids(strings(body, "reconcileIssues")),
        ),
    )


def _ids(values: Sequence[str]) -> frozenset[int]:
    if any(not value.isdigit() for value in values):
        raise refuse(400, "reconcileIssues must contain issue ids only.")
    if len(values) > MOST_RECONCILED:
        raise refuse(400, "The maximum number of issues to reconcile is 50.")
    return frozenset(map(int, values))


def _search(ask: Ask, wanted: _Wanted) -> Response:
    if not 1 <= wanted.size <= MOST_RESULTS:
        raise refuse(400, errors.BAD_MAX_RESULTS)
    if len(wanted.properties) > MOST_PROPERTIES:
        raise refuse(400, "The maximum number of properties that can be requested is 5.")
    query = bounded(wanted.jql)
    now = ask.state.now()
    if wanted.token:
        ids, place = ask.service.tokens.go_on(wanted.token, jql=wanted.jql, now=now)
    else:
        found = find(ask.state, ask.caller.user, query, reconciled=wanted.reconcile)
        ids, place = tuple(issue.id for issue in found) if ask.caller.may("BROWSE_PROJECTS") else (), 0
    fields = list(wanted.fields) or ["id"]
    light = set(fields) <= {"id", "key"} and not wanted.properties
    size = wanted.size if light else min(wanted.size, PAGE_WITH_FIELDS)
    shown = [_show(ask, issue_id, wanted, fields) for issue_id in ids[place : place + size]]
    body: JsonObject = {"issues": [issue for issue in shown if issue is not None]}
    if place + size < len(ids):
        body["nextPageToken"] = ask.service.tokens.keep(jql=wanted.jql, issue_ids=ids, place=place + size, now=now)
    body["isLast"] = place + size >= len(ids)
    chosen = ask.view.chosen(fields)
    if "names" in wanted.expand:
        body["names"] = ask.view.names(chosen)
    if "schema" in wanted.expand:
        body["schema"] = ask.view.schemas(chosen)
    return ask.json(body)


def _show(ask: Ask, issue_id: int, wanted: _Wanted, fields: Sequence[str]) -> JsonObject | None:
    issue = ask.state.issues.get(issue_id)
    if issue is None:
        return None
    seen: Issue | None = issue if issue_id in wanted.reconcile else ask.state.as_indexed(issue)
    if seen is None:
        return None
    if fields == ["id"]:
        return {"id": str(seen.id)}
    return ask.view.full(seen, fields=fields, properties=wanted.properties)


@endpoints.platform("POST", "search/approximate-count", writes=False, anonymous=True)
def count(ask: Ask) -> Response:
    """How many a bounded query finds, roughly."""
    body = read_object(ask.call.request, ("jql",))
    query = bounded(str(body.get("jql") or ""))
    found = find(ask.state, ask.caller.user, query) if ask.caller.may("BROWSE_PROJECTS") else []
    return ask.json({"count": len(found)})


@endpoints.platform("POST", "jql/parse", writes=False)
def parse(ask: Ask) -> Response:
    """Whether queries can be read; syntax and, unless ``validation=none``, the names of fields."""
    validation = ask.param("validation") or "strict"
    if validation not in ("strict", "warn", "none"):
        raise ask.bad_parameter("validation", validation)
    queries = strings(read_object(ask.call.request, ("queries",)), "queries")
    if not queries:
        raise refuse(400, "queries: must not be empty")
    shown = []
    for text in queries:
        try:
            query = parse_jql(text)
        except errors.Refusal as refusal:
            body = refusal.body if isinstance(refusal.body, dict) else {}
            shown.append({"query": text, "errors": body.get("errorMessages", [])})
            continue
        unknown = [] if validation == "none" else unknown_fields(ask.state, query)
        complaints = [f"Field '{name}' does not exist or you do not have permission to view it." for name in unknown]
        shown.append({"query": text, "errors": complaints} if complaints else {"query": text})
    return ask.json({"queries": shown})


@endpoints.platform("GET", "search", anonymous=True)
def old_search(_ask: Ask) -> Response:
    """Removed."""
    raise refuse(410, errors.SEARCH_REMOVED)


@endpoints.platform("POST", "search", writes=False, anonymous=True)
def old_search_by_body(_ask: Ask) -> Response:
    """Removed."""
    raise refuse(410, errors.SEARCH_REMOVED)
