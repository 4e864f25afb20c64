"""Searching: the query over what the index knows, sorted, in pages with opaque tokens."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Callable, Collection
from dataclasses import dataclass

from sandbox.jira import errors
from sandbox.jira.errors import refuse
from sandbox.jira.jql_match import NothingFound, Scope, build_test
from sandbox.jira.jql_parser import Query, parse_jql
from sandbox.jira.models import Priority, User
from sandbox.jira.records import Issue
from sandbox.jira.state import SiteState

TOKEN_LIFE = 7 * 24 * 3600
KEPT_TOKENS = 2_000


def bounded(jql: str) -> Query:
    """The query, which must restrict something. Raises Refusal 400."""
    query = parse_jql(jql)
    if query.where is None:
        raise refuse(400, errors.UNBOUNDED)
    return query


def find(state: SiteState, caller: User | None, query: Query, *, reconciled: Collection[int] = ()) -> list[Issue]:
    """Issues as the index shows them; the reconciled ones as they are now. Nothing for nobody."""
    scope = Scope(state, caller)
    try:
        test = build_test(scope, query.where) if query.where is not None else (lambda _issue: True)
    except NothingFound:
        return []
    found = []
    for issue in state.issues.values():
        seen = issue if issue.id in reconciled else state.as_indexed(issue)
        if seen is not None and not issue.project.archived and test(seen):
            found.append(seen)
    return _sorted(state, found, query)


def _sorted(state: SiteState, found: list[Issue], query: Query) -> list[Issue]:
    if not query.order:
        return sorted(found, key=lambda issue: (issue.project.key, issue.number), reverse=True)
    for name, descending in reversed(query.order):
        key = _sort_key(state, name)
        if key is None:
            return []
        found.sort(key=key, reverse=descending)
    return found


def _sort_key(state: SiteState, name: str) -> Callable[[Issue], tuple[bool, object]] | None:
    lowered = name.lower()
    direct = _SORT_KEYS.get(lowered)
    if direct is not None:
        return direct
    entry = state.field_named(name)
    if entry is None:
        return None
    field_id = entry.id
    if entry.kind == "rank":
        return lambda issue: (False, issue.rank)
    if entry.kind == "number":
        return lambda issue: (field_id not in issue.values, issue.values.get(field_id, 0.0))
    return lambda issue: (field_id not in issue.values, str(_shown(issue.values.get(field_id))))


def _shown(value: object) -> object:
    return getattr(value, "name", None) or getattr(value, "value", None) or value


def _priority(issue: Issue) -> tuple[bool, object]:
    priority = issue.values.get("priority")
    return (False, -int(priority.id) if isinstance(priority, Priority) else -10_000)


_SORT_KEYS: dict[str, Callable[[Issue], tuple[bool, object]]] = {
    "created": lambda issue: (False, issue.created),
    "createddate": lambda issue: (False, issue.created),
    "updated": lambda issue: (False, issue.updated),
    "updateddate": lambda issue: (False, issue.updated),
    "key": lambda issue: (False, (issue.project.key, issue.number)),
    "issuekey": lambda issue: (False, (issue.project.key, issue.number)),
    "id": lambda issue: (False, issue.id),
    "summary": lambda issue: (False, issue.summary.lower()),
    "status": lambda issue: (False, int(issue.status.id)),
    "issuetype": lambda issue: (False, int(issue.type.id)),
    "type": lambda issue: (False, int(issue.type.id)),
    "priority": _priority,
    "due": lambda issue: ("duedate" not in issue.values, str(issue.values.get("duedate"))),
    "resolved": lambda issue: (issue.resolved is None, issue.resolved or 0.0),
    "resolutiondate": lambda issue: (issue.resolved is None, issue.resolved or 0.0),
}


@dataclass(frozen=True)
class _Listing:
    jql: str
    issue_ids: tuple[int, ...]
    place: int
    made: float


class PageTokens:
    """Opaque tokens of running listings. A token is good for one query, for seven days."""

    def __init__(self) -> None:
        self._listings: OrderedDict[str, _Listing] = OrderedDict()

    def keep(self, *, jql: str, issue_ids: tuple[int, ...], place: int, now: float) -> str:
        """A token that goes on at a place."""
        token = secrets.token_urlsafe(24)
        self._listings[token] = _Listing(jql, issue_ids, place, now)
        if len(self._listings) > KEPT_TOKENS:
            self._listings.popitem(last=False)
        return token

    def go_on(self, token: str, *, jql: str, now: float) -> tuple[tuple[int, ...], int]:
        """The rest of a listing. Raises Refusal 400 for an unknown, foreign or expired token."""
        listing = self._listings.get(token)
        if listing is None or listing.jql != jql or now - listing.made > TOKEN_LIFE:
            raise refuse(400, errors.BAD_PAGE_TOKEN)
        return listing.issue_ids, listing.place
