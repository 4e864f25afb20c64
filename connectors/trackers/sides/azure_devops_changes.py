"""Finding what changed in an Azure DevOps project, and what a filter holds.

A filter is the condition of a WIQL query, what stands behind WHERE; dates in it count with their time. Queries answer
ids only: a poll that finds any asks for their revisions in a second request.
https://learn.microsoft.com/azure/devops/boards/queries/wiql-syntax
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from connectors.clients.azure_devops.change_verbs import PAGE
from connectors.clients.azure_devops.client import ItemQuery
from connectors.clients.azure_devops.values import Json, as_int, as_object, as_text, read_moment
from connectors.clients.azure_devops.wire.following import filter_problem
from connectors.clients.azure_devops.wire.reading import moment_text
from connectors.domain.errors import Refused
from connectors.domain.sides import Cursor, Sighting, Sightings
from connectors.trackers.sides.azure_devops_project import AzureDevOpsProject

OVERLAP = timedelta(seconds=60)
"""How far behind the newest change a poll looks again: a change that another replica commits late is dated earlier."""
MOST_SEEN = 400
"""So many revisions are named in a query; a longer list would come near the 32,000 characters that a query may have."""
QUERY_REFUSED = "QUERY_REFUSED"
_WITHIN_AT_ONCE = 200
_NOT_READABLE = 0


class ChangeReading(AzureDevOpsProject):
    """See `connectors.domain.sides.Side` for what each verb promises."""

    # filters

    def check_query(self, query: str) -> None:
        where = _condition(query)
        if not where:
            return
        try:
            self.client.check_conditions(self.project, where)
        except Refused as refused:
            raise Refused(refused.message, code=QUERY_REFUSED, status=refused.status) from None

    def select(self, query: str) -> Iterator[list[str]]:
        for page in self.client.item_ids(self.project, ItemQuery(where=_condition(query))):
            yield [str(number) for number in page]

    def within(self, query: str, keys: Sequence[str]) -> frozenset[str]:
        numbers = sorted({int(key) for key in keys if key.isascii() and key.isdigit()})
        where = _condition(query)
        found: set[str] = set()
        for start in range(0, len(numbers), _WITHIN_AT_ONCE):
            part = numbers[start : start + _WITHIN_AT_ONCE]
            found |= {str(number) for number in self.client.items_among(self.project, where, part)}
        return frozenset(found)

    # fields

    def start_cursor(self, since: datetime) -> Cursor:
        return {"since": moment_text(since)}

    def changes(self, query: str, cursor: Cursor) -> Sightings:
        """The query leaves out what still is at the revision that was seen, so that a poll without news is one request
        in spite of the overlap."""
        floor = _moment(cursor["since"])
        seen = {int(item): (rev, _moment(at)) for item, (rev, at) in cursor.get("seen", {}).items()}
        start = _moment(cursor["walk"]) if "walk" in cursor else floor
        standing = {item: rev for item, (rev, at) in seen.items() if rev == _NOT_READABLE or at >= start}
        found = self.client.changed_items(self.project, _condition(query), start, standing)
        if not found:
            return Sightings((), _cursor(floor, seen), more=False)
        versions = self._versions(found)
        seen |= {item: versions.get(item, (_NOT_READABLE, start)) for item in found}
        order = sorted(versions, key=lambda item: (versions[item][1], item))
        sightings = tuple(Sighting(str(item), str(versions[item][0]), versions[item][1]) for item in order)
        if len(found) < PAGE:
            return Sightings(sightings, _cursor(floor, seen), more=False)
        reached = min((versions[item][1] for item in found[-1:] if item in versions), default=start)
        return Sightings(sightings, _walking(floor, seen, max(start, reached)), more=True)

    def _versions(self, items: Sequence[int]) -> dict[int, tuple[int, datetime]]:
        """Revision and date by id; what was deleted meanwhile or may not be read is left out."""
        found: dict[int, tuple[int, datetime]] = {}
        for raw in self.client.read_versions(self.project, items):
            fields = as_object(raw.get("fields"))
            number, rev, at = (
                as_int(raw.get("id")),
                as_int(raw.get("rev")),
                read_moment(fields.get("System.ChangedDate")),
            )
            if number is not None and rev is not None and at is not None:
                found[number] = (rev, at)
        return found

    # links and deletions

    def quiet_changes(self, query: str, cursor: Cursor) -> Sightings:
        """Two requests: the stream of link changes, and the one of revisions, which also tells of deleted items. Edits
        of comments make revisions: `changes` shows them."""
        since = str(cursor["since"])
        links = self.client.link_changes(self.project, token=str(cursor.get("links", "")), since=since)
        revisions = self.client.revision_changes(self.project, token=str(cursor.get("revisions", "")), since=since)
        linked = _linked(links.values)
        inside = self.within(query, [each.key for each in linked])
        seen = [each for each in linked if each.key in inside] + _deleted(revisions.values)
        following: Cursor = {"since": since, "links": links.token, "revisions": revisions.token}
        more = not (links.last and revisions.last)
        return Sightings(tuple(sorted(seen, key=lambda each: each.at)), following, more)


def _condition(query: str) -> str:
    """A filter as one condition among ours. Raises Refused (QUERY_REFUSED) for one that would end its brackets."""
    if not query.strip():
        return ""
    problem = filter_problem(query)
    if problem:
        raise Refused(problem, code=QUERY_REFUSED, status=400)
    return f"({query.strip()})"


def _moment(text: object) -> datetime:
    return datetime.fromisoformat(str(text))


_Seen = dict[int, tuple[int, datetime]]


def _cursor(floor: datetime, seen: _Seen) -> Cursor:
    """Where the next poll begins: behind the newest change by the overlap, or by as much of it as can be named."""
    dated = sorted((at for rev, at in seen.values() if rev != _NOT_READABLE), reverse=True)
    if not dated:
        return _stored(floor, seen)
    since = max(floor, dated[0] - OVERLAP)
    if len(dated) > MOST_SEEN:
        since = max(since, dated[MOST_SEEN - 1])
    return _stored(since, {item: each for item, each in seen.items() if each[1] >= since})


def _walking(floor: datetime, seen: _Seen, reached: datetime) -> Cursor:
    """On the way through many changes: the next page begins where this one ended."""
    kept = {item: each for item, each in seen.items() if each[1] >= reached - OVERLAP}
    newest = dict(sorted(kept.items(), key=lambda entry: entry[1][1])[-MOST_SEEN:])
    return {**_stored(floor, newest), "walk": moment_text(reached)}


def _stored(since: datetime, seen: _Seen) -> Cursor:
    kept = {str(item): [rev, at.astimezone(UTC).isoformat()] for item, (rev, at) in seen.items()}
    return {"since": moment_text(since), **({"seen": kept} if kept else {})}


def _linked(entries: Iterable[Json]) -> list[Sighting]:
    """Both ends of every link that was made or removed. The version names the change: revisions do not move."""
    found: list[Sighting] = []
    for entry in entries:
        at = read_moment(entry.get("changedDate"))
        ends = [as_int(entry.get("sourceId")), as_int(entry.get("targetId"))]
        if at is None or None in ends:
            continue
        what = f"{as_text(entry.get('rel'))}:{ends[0]}:{ends[1]}:{entry.get('isActive') is True}"
        found += [Sighting(str(end), f"link:{what}:{moment_text(at)}", at) for end in ends]
    return found


def _deleted(entries: Iterable[Json]) -> list[Sighting]:
    latest: dict[str, Sighting] = {}
    for entry in entries:
        fields = as_object(entry.get("fields"))
        at = read_moment(fields.get("System.ChangedDate"))
        if at is None or as_text(fields.get("System.IsDeleted")).lower() != "true":
            continue
        key = as_text(entry.get("id"))
        latest[key] = Sighting(key, f"deleted:{as_text(entry.get('rev'))}", at)
    return list(latest.values())
