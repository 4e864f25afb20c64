"""Finding a new issue by its mark, without search: search learns of it late."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from connectors.clients.jira.client import JiraClient
from connectors.clients.jira.wire.payloads import Issue
from connectors.clients.jira.wire.values import key_number, parse_time, quote_jql
from connectors.trackers.sides.jira_items import MARK, read_mark

_WINDOW = 100
_MARGIN = timedelta(minutes=2)
READ_LATE = timedelta(seconds=35)
"""A loaded site may deny a new issue for half a minute."""
_PAUSE = 5.0


def find_mark(client: JiraClient, key: str, mark: str, *, since: datetime) -> str | None:
    """The key of the issue with this mark among those made at or after that moment by our clock.

    Issues are read by the numbers around the newest one that search knows: upwards until a hundred numbers in a row
    are free, downwards until they are older than asked. Waits until a new issue would be readable for certain.
    """
    now = datetime.fromtimestamp(client.clock.now(), UTC)
    ahead = (client.get_server_time() or now) - now
    oldest = since + ahead - _MARGIN
    readable = min(since, now) + READ_LATE
    while True:
        found = _look(client, key, mark, oldest)
        if found is not None or datetime.fromtimestamp(client.clock.now(), UTC) >= readable:
            return found
        client.clock.sleep(_PAUSE)


def _look(client: JiraClient, key: str, mark: str, oldest: datetime) -> str | None:
    newest = newest_number(client, key)
    first = newest + 1
    while issues := _window(client, key, first):
        found = _marked(issues, mark)
        if found is not None:
            return found
        first += _WINDOW
    last = newest
    while last > 0:
        issues = _window(client, key, max(last - _WINDOW + 1, 1), last)
        found = _marked(issues, mark)
        if found is not None or _any_older(issues, oldest):
            return found
        last -= _WINDOW
    return None


def newest_number(client: JiraClient, key: str) -> int:
    """The highest number that search knows, 0 in an empty project."""
    jql = f"project = {quote_jql(key)} ORDER BY key DESC"
    page = client.search_page(jql, fields=("key",), page_size=1)
    return max((key_number(issue["key"], key) or 0 for issue in page.get("issues") or ()), default=0)


def _window(client: JiraClient, key: str, first: int, last: int | None = None) -> list[Issue]:
    numbers = range(first, (last or first + _WINDOW - 1) + 1)
    keys = [f"{key}-{number}" for number in numbers]
    return client.bulk_fetch_issues(keys, fields=("created",), properties=(MARK,))


def _marked(issues: Sequence[Issue], mark: str) -> str | None:
    carrying = (each["key"] for each in issues if read_mark((each.get("properties") or {}).get(MARK)) == mark)
    return next(carrying, None)


def _any_older(issues: Sequence[Issue], oldest: datetime) -> bool:
    moments = [parse_time((issue.get("fields") or {}).get("created")) for issue in issues]
    return any(moment is not None and moment < oldest for moment in moments)
