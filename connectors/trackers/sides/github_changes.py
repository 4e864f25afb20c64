"""Finding what changed in a repository, and what a filter holds.

The list of issues is asked for by the time of their last change, latest first, with the ETag of the answer before:
while nothing changes that is one 304. Only when more changed than a page holds the changes are walked, longest
unchanged first, each page beginning where the one before ended: pages by number would shift while issues change.

Deleted and transferred issues leave no trace. The numbers in use are therefore listed again and again, one page each
time, and compared with those that were there before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from connectors.clients.github.following import Page
from connectors.clients.github.wire.payloads import Issue, Json
from connectors.clients.github.wire.values import format_time, parse_time
from connectors.domain.sides import Cursor, Sighting, Sightings
from connectors.trackers.sides import jira_numbers as numbers
from connectors.trackers.sides.github_filter import Test as _Holds
from connectors.trackers.sides.github_filter import read_filter
from connectors.trackers.sides.github_repository import GitHubProject, key_of, numbered
from connectors.trackers.sides.github_values import is_item, version_of

OVERLAP = timedelta(seconds=60)
"""How far behind the newest change a poll looks again: lists know a new issue some seconds late."""
GONE = "gone"
"""The version of an issue that is not there any more."""
_MOST_PAGES = 10
_RELATING = ("sub_issue_", "parent_issue_", "blocked_by_", "blocking_")
_LOWEST = datetime.min.replace(tzinfo=UTC)


class ChangeReading(GitHubProject):
    """See `connectors.domain.sides.Side` for what each verb promises."""

    # filters

    def check_query(self, query: str) -> None:
        read_filter(query)

    def select(self, query: str) -> Iterator[list[str]]:
        holds = read_filter(query)
        for page in self.client.list_issues():
            found = sorted(issue["number"] for issue in page if is_item(issue) and holds(issue))
            if found:
                yield [key_of(number) for number in found]

    def within(self, query: str, keys: Sequence[str]) -> frozenset[str]:
        holds = read_filter(query)
        wanted = numbered(keys)
        found = self.by_number(list(wanted.values()))
        self.keep(found.values())
        return frozenset(key for key, number in wanted.items() if number in found and holds(found[number]))

    # fields, comments

    def start_cursor(self, since: datetime) -> Cursor:
        return {"since": format_time(since)}

    def changes(self, query: str, cursor: Cursor) -> Sightings:
        holds = read_filter(query)
        if "walk" in cursor:
            return self._walk(holds, cursor)
        since = _moment(cursor["since"])
        page = self.client.updated_issues(since, newest_first=True, etag=str(cursor.get("etag", "")))
        if page is None:
            return Sightings((), cursor)
        if page.next is not None:
            walk = {"from": format_time(since), "etag": page.etag}
            return Sightings((), {"since": cursor["since"], "walk": walk}, more=True)
        seen = self._sightings(holds, page)
        return Sightings(seen, _following(since, _newest(page), page.etag))

    def _walk(self, holds: _Holds, cursor: Cursor) -> Sightings:
        walk, since = cursor["walk"], _moment(cursor["since"])
        begun = _moment(walk["from"])
        page = self.client.updated_issues(begun, newest_first=False, address=walk.get("page")) or Page(())
        seen = self._sightings(holds, page)
        newest = _newest(page)
        if page.next is None:
            return Sightings(seen, _following(since, newest, walk["etag"]))
        onward = {"from": format_time(newest), "etag": walk["etag"]}
        if newest <= begun:  # all of one second: only the address of the next page leads on
            onward["page"] = page.next
        return Sightings(seen, {"since": cursor["since"], "walk": onward}, more=True)

    def _sightings(self, holds: _Holds, page: Page) -> tuple[Sighting, ...]:
        issues: list[Issue] = [issue for issue in page.entries if is_item(issue)]
        self.keep(issues)
        seen = [_sighting(issue) for issue in issues if holds(issue)]
        return tuple(sorted(seen, key=lambda each: (each.at, int(each.key))))

    # relations, deletions

    def quiet_changes(self, query: str, cursor: Cursor) -> Sightings:
        """Two requests: the latest events, for the relations that move no time, and a page of the numbers in use."""
        holds = read_filter(query)
        events, place = self._relations(holds, cursor)
        gone, known = self._gone(cursor)
        following: Cursor = {"since": cursor["since"], "events": place, "numbers": known}
        return Sightings((*events, *gone), following, more=bool(known.get("learning")))

    def _relations(self, holds: _Holds, cursor: Cursor) -> tuple[list[Sighting], Cursor]:
        place = cursor.get("events") or {}
        since, last = _moment(cursor["since"]), int(place.get("last", 0))
        page = self.client.issue_events(etag=str(place.get("etag", "")))
        if page is None:
            return [], place
        etag, events = page.etag, list(page.entries)
        for _ in range(_MOST_PAGES):
            if page is None or page.next is None or not events or not _is_new(events[-1], last, since):
                break
            page = self.client.issue_events(address=page.next)
            events += page.entries if page is not None else ()
        fresh = [event for event in events if _is_new(event, last, since)]
        highest = max((int(event["id"]) for event in events), default=last)
        found = {each.key: each for each in (_related(event, holds) for event in reversed(fresh)) if each is not None}
        return list(found.values()), {"etag": etag, "last": max(highest, last)}

    def _gone(self, cursor: Cursor) -> tuple[list[Sighting], Cursor]:
        """A page of the numbers that exist, told as the ones that do not any more. The first listing only learns them.

        Raises Missing when the repository itself is gone or hidden.
        """
        place = cursor.get("numbers") or {}
        address, low, known = place.get("page"), int(place.get("low", 0)), place.get("known")
        page = self.client.issues_by_number(address=address)
        if not page.entries and known:
            self.target.repository()
        # Pull requests count: without them the numbers would have no rows that can be written shortly.
        found = sorted(issue["number"] for issue in page.entries)
        high = None if page.next is None else max(found, default=low)
        learned = known or ""
        at = datetime.fromtimestamp(self.client.clock.now(), UTC)
        missing = numbers.missing(learned, found, low=low, high=high)
        kept: Cursor = {"known": numbers.replaced(learned, found, low=low, high=high)}
        if page.next is not None:
            kept |= {"page": page.next, "low": high, "learning": known is None or bool(place.get("learning"))}
        return [Sighting(key_of(number), GONE, at) for number in missing], kept


def _moment(text: object) -> datetime:
    return parse_time(text) or _LOWEST


def _newest(page: Page) -> datetime:
    return max((_moment(issue.get("updated_at")) for issue in page.entries), default=_LOWEST)


def _following(since: datetime, newest: datetime, etag: str) -> Cursor:
    """Where the next poll begins. An ETag belongs to one address: it is kept while that does not move on."""
    onward = max(since, newest - OVERLAP) if newest > _LOWEST else since
    cursor: Cursor = {"since": format_time(onward)}
    if onward == since and etag:
        cursor["etag"] = etag
    return cursor


def _sighting(issue: Issue) -> Sighting:
    return Sighting(key_of(issue["number"]), version_of(issue), _moment(issue.get("updated_at")))


def _is_new(event: Json, last: int, since: datetime) -> bool:
    return int(event["id"]) > last if last else _moment(event.get("created_at")) >= since


def _related(event: Json, holds: _Holds) -> Sighting | None:
    """An issue whose relations changed. The version names the event: the issue's own may not have moved."""
    issue: Issue | None = event.get("issue")
    relates = str(event.get("event") or "").startswith(_RELATING)
    if not relates or issue is None or not is_item(issue) or not holds(issue):
        return None
    return Sighting(key_of(issue["number"]), f"event:{event['id']}", _moment(event.get("created_at")))
