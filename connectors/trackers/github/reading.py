"""Issues by number, in as few requests as GitHub's lists allow.

There is no request for many issues by number. A list in the order of numbers is walked once, and what is asked for
along the way is answered from it; few numbers, and those far from where the walk is, are asked for one by one.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence

from connectors.clients.github.client import GitHubClient
from connectors.clients.github.wire.paging import PAGE
from connectors.clients.github.wire.payloads import Issue
from connectors.domain.errors import Missing, PlatformError

FEW = 6
"""Up to so many numbers are asked for one by one."""
_MOST_KEPT = 2_000
_FRESH_SECONDS = 60.0


class IssueReader:
    """Shared by all threads of a tracker. Pull requests are returned as well: the caller knows what it wants."""

    def __init__(self, client: GitHubClient) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._restart()

    def read(self, numbers: Sequence[int]) -> dict[int, Issue]:
        """The issues with these numbers that exist, at most a minute old. For walks through a repository."""
        wanted = sorted(set(numbers))
        if len(wanted) <= FEW:
            return self._one_by_one(wanted)
        with self._lock:
            found = self._take(wanted)
            missing = [number for number in wanted if number not in found]
            again = [number for number in missing if number in self._given]
            if again and len(again) > again[-1] // PAGE + 1:
                self._restart()
                again = []
            found |= self._one_by_one(again)
            ahead = [number for number in missing if number > self._reached]
            if ahead:
                found |= self._walk_or_restart(ahead)
            return found

    def read_now(self, numbers: Sequence[int]) -> dict[int, Issue]:
        """The same as they are at this moment: new issues are at the head of the list, others are asked for."""
        wanted = set(numbers)
        if len(wanted) <= FEW:
            return self._one_by_one(sorted(wanted))
        found: dict[int, Issue] = {}
        pages_left = max(1, len(wanted) // 4)
        lowest = min(wanted)
        for page in self._client.list_issues(newest_first=True):
            found |= {issue["number"]: issue for issue in page if issue["number"] in wanted}
            pages_left -= 1
            if len(found) == len(wanted) or not page or page[-1]["number"] <= lowest:
                return found
            if not pages_left:
                break
        else:
            return found
        return found | self._one_by_one(sorted(wanted - found.keys()))

    def newest(self) -> int:
        """The highest number in use, 0 in an empty repository."""
        page = next(self._client.list_issues(newest_first=True), [])
        return page[0]["number"] if page else 0

    def forget(self) -> None:
        """After a write nothing that was read along the way is true any more."""
        with self._lock:
            self._given |= self._kept.keys()
            self._kept.clear()

    # the walk; called with the lock held

    def _restart(self) -> None:
        self._pages: Iterator[list[Issue]] | None = None
        self._reached = 0
        self._ended = False
        self._kept: OrderedDict[int, tuple[float, Issue]] = OrderedDict()
        self._given: set[int] = set()
        """Numbers that the walk has passed and whose issues it holds no more. A passed number that is neither here nor
        kept has no issue."""

    def _take(self, wanted: Sequence[int]) -> dict[int, Issue]:
        oldest = self._client.clock.monotonic() - _FRESH_SECONDS
        found = {}
        for number in wanted:
            read = self._kept.pop(number, None)
            if read is not None:
                self._given.add(number)
                if read[0] >= oldest:
                    found[number] = read[1]
        return found

    def _walk_or_restart(self, ahead: Sequence[int]) -> dict[int, Issue]:
        """A walk that broke off has no next page: the next one begins anew."""
        try:
            return self._walk(ahead)
        except PlatformError:
            self._restart()
            raise

    def _walk(self, ahead: Sequence[int]) -> dict[int, Issue]:
        """Go on until the last of these numbers is passed."""
        if (ahead[-1] - self._reached) // PAGE > len(ahead):
            return self._one_by_one(ahead)
        if self._ended:
            return self._behind_the_end(ahead)
        if self._pages is None:
            self._pages = self._client.list_issues()
        wanted, found = set(ahead), {}
        now = self._client.clock.monotonic()
        while self._reached < ahead[-1]:
            page = next(self._pages, None)
            if page is None:
                self._ended = True
                break
            for issue in page:
                number = issue["number"]
                self._reached = max(self._reached, number)
                if number in wanted:
                    found[number] = issue
                    self._given.add(number)
                else:
                    self._keep(number, now, issue)
        return found

    def _behind_the_end(self, ahead: Sequence[int]) -> dict[int, Issue]:
        """Issues made since the list ended."""
        found: dict[int, Issue] = {}
        wanted = set(ahead)
        for page in self._client.list_issues(newest_first=True):
            found |= {issue["number"]: issue for issue in page if issue["number"] in wanted}
            if not page or page[-1]["number"] <= max(ahead[0], self._reached):
                break
        return found

    def _keep(self, number: int, now: float, issue: Issue) -> None:
        self._kept[number] = (now, issue)
        if len(self._kept) > _MOST_KEPT:
            dropped, _ = self._kept.popitem(last=False)
            self._given.add(dropped)

    def _one_by_one(self, numbers: Sequence[int]) -> dict[int, Issue]:
        found = {}
        for number in numbers:
            try:
                issue = self._client.get_issue(number)
            except Missing:
                continue
            if issue.get("number") == number:
                found[number] = issue
        return found
