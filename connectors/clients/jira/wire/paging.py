"""Walking listings to their end, and never around in circles."""

from __future__ import annotations

from connectors.clients.jira.wire.payloads import Json, SearchPage
from connectors.domain.errors import Unclear

EMPTY_PAGES_TOLERATED = 5
"""Search may answer empty pages that are not the last; more than this in a row is no listing any more."""


class TokenWalk:
    """Position in a search by `nextPageToken`.

    `isLast` alone is not trusted: the walk ends when the token is missing or empty. A token seen before, or many
    empty pages in a row, raise Unclear instead of asking for ever (jira.atlassian.com/browse/JRACLOUD-95477).
    """

    def __init__(self) -> None:
        self.token: str | None = None
        self._seen: set[str] = set()
        self._empty = 0

    def advance(self, page: SearchPage) -> bool:
        """Take note of a page; whether there is another one."""
        token = page.get("nextPageToken")
        if not token:
            return False
        if token in self._seen:
            raise Unclear("Jira's search repeats a page token; its listing cannot be trusted.")
        self._empty = 0 if page.get("issues") else self._empty + 1
        if self._empty > EMPTY_PAGES_TOLERATED:
            raise Unclear("Jira's search answers empty pages without an end.")
        self._seen.add(token)
        self.token = token
        return True


class OffsetWalk:
    """Position in a listing by `startAt`. Ends at `isLast`, at `total`, or at an empty page, whichever comes first;
    pages may be shorter than asked (comments: never more than 100)."""

    def __init__(self) -> None:
        self.start = 0

    def advance(self, page: Json, count: int) -> bool:
        """Take note of a page with `count` entries; whether there is another one."""
        self.start += count
        if count == 0 or page.get("isLast") is True:
            return False
        total = page.get("total")
        return self.start < total if isinstance(total, int) else page.get("isLast") is False
