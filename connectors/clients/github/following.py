"""Verbs that tell what changed in a repository, each one page. The caller keeps the ETag: an answer that has not
changed costs nothing of the quota, whoever asked last.

https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api#use-conditional-requests
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from connectors.clients.calls import Call
from connectors.clients.github.session import GitHubSession
from connectors.clients.github.wire import calls
from connectors.clients.github.wire.paging import next_page
from connectors.clients.github.wire.payloads import Json


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list, with the address of the next one."""

    entries: tuple[Json, ...]
    etag: str = ""
    next: str | None = None


class FollowingVerbs(GitHubSession):
    """A page is None where nothing has changed since the ETag."""

    def updated_issues(
        self, since: datetime, *, newest_first: bool, etag: str = "", address: str | None = None
    ) -> Page | None:
        """Issues and pull requests changed at or after a moment, by the time of their change."""
        first = calls.updated_issues(self.repo, since=since, newest_first=newest_first)
        return self._page(first, etag=etag, address=address)

    def issue_events(self, *, etag: str = "", address: str | None = None) -> Page | None:
        """What happened to the issues, the latest first."""
        return self._page(calls.issue_events(self.repo), etag=etag, address=address)

    def issues_by_number(self, *, address: str | None = None) -> Page:
        """Every issue and pull request, the oldest first."""
        return self._page(calls.issues(self.repo), address=address) or Page(())

    def _page(self, first: Call, *, etag: str = "", address: str | None = None) -> Page | None:
        call = self._next(first, address) if address else first
        if etag:
            call = replace(call, headers={**call.headers, "If-None-Match": etag})
        answer = self._sent(call)
        if answer.status == 304:
            return None
        entries = self._answered(answer) or []
        return Page(tuple(entries), answer.headers.get("etag", ""), next_page(answer.headers, url=answer.url))
