"""Finding changed and deleted issues.

What changed is asked for by a window that ends now and is told in minutes before now: it needs neither the time zone in
which Jira would read a date, nor that our clock and Jira's agree. Windows overlap by more than search is late.

A deletion leaves no trace in Jira. The keys that exist are therefore listed again and again, one page each time, and
compared with those that existed before.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from connectors.clients.jira.client import JiraClient
from connectors.clients.jira.wire.bodies import KEY_PAGE, RECONCILE_LIMIT
from connectors.clients.jira.wire.paging import EMPTY_PAGES_TOLERATED
from connectors.clients.jira.wire.payloads import SearchPage
from connectors.clients.jira.wire.values import key_number, quote_jql
from connectors.domain.errors import Refused, Unclear
from connectors.domain.sides import Cursor, Sighting, Sightings
from connectors.trackers.sides import jira_numbers as numbers
from connectors.trackers.sides.jira_items import changed_at, version_of

QUERY_REFUSED = "QUERY_REFUSED"
OVERLAP_MINUTES = 4
"""How much of what was asked before is asked again: search shows a change seconds to minutes late."""
_STEP = timedelta(minutes=1)
"""A cursor stands still for so long: whoever stores it has nothing to store at most looks."""

_ORDER = re.compile(r"\border\s+by\b", re.IGNORECASE)
_QUOTED = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'")


def scoped(key: str, query: str, *more: str) -> str:
    """A filter within the project, without its own order."""
    parts = [f"project = {quote_jql(key)}"]
    bare = unordered(query)
    if bare:
        parts.append(f"({bare})")
    return " AND ".join((*parts, *more))


def unordered(query: str) -> str:
    """A filter without its ORDER BY, wherever the words are not quoted."""
    masked = _QUOTED.sub(lambda found: "_" * len(found.group()), query)
    order = _ORDER.search(masked)
    return (query[: order.start()] if order else query).strip()


def check_query(client: JiraClient, query: str) -> None:
    """Raises Refused (QUERY_REFUSED) with Jira's words. The filter alone is read, so that it cannot close a bracket
    it did not open."""
    bare = unordered(query)
    complaints = client.parse_jql(bare) if bare else []
    if complaints:
        raise Refused("; ".join(complaints), code=QUERY_REFUSED, status=400)


def start_cursor(since: datetime) -> Cursor:
    return {"since": since.astimezone(UTC).isoformat()}


# -- what changed


@dataclass(frozen=True, slots=True)
class _Walk:
    """Where a listing of changes stands: which window was asked, when, and the next page's token."""

    asked: str
    minutes: int
    token: str | None = None
    empty: int = 0


def read_changes(client: JiraClient, key: str, query: str, cursor: Cursor) -> Sightings:
    """A page of what changed. Raises Refused (QUERY_REFUSED)."""
    walk = _walk_from(cursor)
    if walk is not None:
        try:
            return _page_of_changes(client, key, query, cursor, walk)
        except Refused as error:
            if error.status != 400:
                raise
    return _page_of_changes(client, key, query, cursor, _new_walk(client, cursor))


def _walk_from(cursor: Cursor) -> _Walk | None:
    if not cursor.get("token"):
        return None
    return _Walk(cursor["asked"], int(cursor["minutes"]), cursor["token"], int(cursor.get("empty", 0)))


def _new_walk(client: JiraClient, cursor: Cursor) -> _Walk:
    """The window from the cursor's moment until now, by our clock alone."""
    now = datetime.fromtimestamp(client.clock.now(), UTC)
    passed = max(now - datetime.fromisoformat(cursor["since"]), timedelta())
    return _Walk(now.isoformat(), math.ceil(passed.total_seconds() / 60) + OVERLAP_MINUTES)


def _page_of_changes(client: JiraClient, key: str, query: str, cursor: Cursor, walk: _Walk) -> Sightings:
    jql = scoped(key, query, f'updated >= "-{walk.minutes}m"') + " ORDER BY updated ASC"
    try:
        page = client.search_page(jql, fields=("updated",), token=walk.token)
    except Refused as error:
        if error.status != 400:
            raise
        raise Refused(error.message, code=QUERY_REFUSED, status=400) from error
    issues = page.get("issues") or []
    seen = tuple(Sighting(issue["key"], version_of(issue), changed_at(issue)) for issue in issues)
    token = _next_token(page, walk.token)
    if token is None:
        ripe = datetime.fromisoformat(walk.asked) - datetime.fromisoformat(cursor["since"]) >= _STEP
        return Sightings(seen, {"since": walk.asked if ripe else cursor["since"]})
    empty = 0 if issues else walk.empty + 1
    if empty > EMPTY_PAGES_TOLERATED:
        raise Unclear("Jira's search answers empty pages without an end.")
    place = {"since": cursor["since"], "asked": walk.asked, "minutes": walk.minutes, "token": token, "empty": empty}
    return Sightings(seen, place, more=True)


def _next_token(page: SearchPage, used: str | None) -> str | None:
    token = page.get("nextPageToken") or None
    if token is not None and token == used:
        raise Unclear("Jira's search repeats a page token; its listing cannot be trusted.")
    return token


# -- what is gone


def read_deletions(client: JiraClient, key: str, cursor: Cursor) -> Sightings:
    """A page of the keys that exist, told as the ones that do not any more. The first listing only learns them.

    Raises Missing when the project itself is gone or hidden: an empty listing would say that of every item.
    """
    known, token, low = cursor.get("known"), cursor.get("token"), int(cursor.get("low", 0))
    jql = scoped(key, "") + " ORDER BY key ASC"
    try:
        page = client.search_page(jql, fields=("key",), page_size=KEY_PAGE, token=token)
    except Refused as error:
        if token is None or error.status != 400:
            raise
        token, low = None, 0
        page = client.search_page(jql, fields=("key",), page_size=KEY_PAGE)
    found = [number for issue in page.get("issues") or () if (number := key_number(issue["key"], key)) is not None]
    if not found and token is None and known:
        client.get_project(key)
    following = _next_token(page, token)
    high = None if following is None else max(found, default=low)
    learned = "" if known is None else known
    gone = numbers.missing(learned, found, low=low, high=high)
    at = datetime.fromtimestamp(client.clock.now(), UTC)
    place: Cursor = {"since": cursor.get("since", ""), "known": numbers.replaced(learned, found, low=low, high=high)}
    if following is not None:
        place |= {"token": following, "low": high, "learning": known is None or bool(cursor.get("learning"))}
    seen = tuple(Sighting(f"{key}-{number}", f"gone {at.isoformat()}", at) for number in gone)
    return Sightings(seen, place, more=bool(place.get("learning")))


# -- what there is


def select(client: JiraClient, key: str, query: str) -> Iterator[list[str]]:
    """All keys within the filter, in ascending order of number."""
    jql = scoped(key, query) + " ORDER BY key ASC"
    for page in client.search_issues(jql, fields=("key",), page_size=KEY_PAGE):
        if page:
            yield [issue["key"] for issue in page]


def within(client: JiraClient, key: str, query: str, keys: Sequence[str]) -> frozenset[str]:
    """Those of the keys that the filter holds now. They are looked up first (search would refuse one that is gone),
    and searched as they are now, not as the index knows them."""
    there = {issue["key"]: str(issue["id"]) for issue in client.bulk_fetch_issues(keys, fields=("issuetype",))}
    wanted = [found for found in keys if found in there]
    if not unordered(query):
        return frozenset(wanted)
    held: set[str] = set()
    for start in range(0, len(wanted), RECONCILE_LIMIT):
        part = wanted[start : start + RECONCILE_LIMIT]
        jql = scoped(key, query, f"key in ({', '.join(part)})")
        page = client.search_page(jql, fields=("key",), reconcile=[there[each] for each in part])
        held.update(issue["key"] for issue in page.get("issues") or ())
    return frozenset(held)
