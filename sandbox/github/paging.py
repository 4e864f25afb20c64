"""Lists in pages: by number where sets are small, by cursor where they are large; always with Link headers.

https://docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlencode

from sandbox.github.errors import LARGE_PAGES, Refusal, invalid_request
from sandbox.http import Request

ItemT = TypeVar("ItemT")
SortKey = tuple[float, int]
USUAL_SIZE = 30
LARGEST_SIZE = 100


@dataclass(frozen=True)
class Page:
    """Which page was asked for, and where the links to others lead."""

    size: int
    number: int
    address: str
    query: Mapping[str, tuple[str, ...]]

    @staticmethod
    def of(request: Request, address: str) -> Page:
        """The page a request asks for; sizes are clamped and unreadable numbers count as absent."""
        size = _whole(request.param("per_page"), USUAL_SIZE)
        size = USUAL_SIZE if size < 1 else min(size, LARGEST_SIZE)
        return Page(size, max(_whole(request.param("page"), 1), 1), address, request.query)

    @property
    def numbered(self) -> bool:
        """Whether the request named a page beyond the first."""
        return self.number > 1

    def cut(self, items: Sequence[ItemT]) -> tuple[Sequence[ItemT], dict[str, str]]:
        """The items of the page and the headers that lead to the others."""
        start = (self.number - 1) * self.size
        return items[start : start + self.size], self.links(len(items))

    def links(self, total: int) -> dict[str, str]:
        """The Link header of a numbered page; none when everything fits on the first."""
        last = max((total + self.size - 1) // self.size, 1)
        wanted: list[tuple[str, int]] = []
        if self.number > 1:
            wanted.append(("prev", min(self.number - 1, last)))
        if self.number < last:
            wanted += [("next", self.number + 1), ("last", last)]
        if self.number > 1:
            wanted.append(("first", 1))
        return _header([(name, self._address(page=str(number))) for name, number in wanted])

    def cut_by_cursor(
        self, items: Sequence[ItemT], key: Callable[[ItemT], SortKey], *, descending: bool
    ) -> tuple[Sequence[ItemT], dict[str, str]]:
        """The items after (or before) the cursor of the request. Raises Refusal 422 for `page` or a bad cursor."""
        if "page" in self.query:
            raise Refusal(422, LARGE_PAGES)
        keys = [_turned(key(item), descending) for item in items]
        start, end = 0, min(self.size, len(items))
        if "after" in self.query:
            after = _turned(_decoded(self.query["after"][0]), descending)
            start = sum(1 for held in keys if held <= after)
            end = min(start + self.size, len(items))
        elif "before" in self.query:
            before = _turned(_decoded(self.query["before"][0]), descending)
            end = sum(1 for held in keys if held < before)
            start = max(end - self.size, 0)
        wanted: list[tuple[str, str]] = []
        if end < len(items) and end > start:
            wanted.append(("next", self._address(after=_encoded(key(items[end - 1])))))
        if start > 0 and end > start:
            wanted.append(("prev", self._address(before=_encoded(key(items[start])))))
        return items[start:end], _header(wanted)

    def _address(self, **place: str) -> str:
        kept = [(name, value) for name, values in self.query.items() for value in values]
        kept = [(name, value) for name, value in kept if name not in ("page", "after", "before")]
        return f"{self.address}?{urlencode([*kept, *place.items()])}"


def _header(links: Sequence[tuple[str, str]]) -> dict[str, str]:
    text = ", ".join(f'<{address}>; rel="{name}"' for name, address in links)
    return {"Link": text} if text else {}


def _whole(text: str | None, usual: int) -> int:
    try:
        return int(text) if text else usual
    except ValueError:
        return usual


def _turned(key: SortKey, descending: bool) -> SortKey:
    return (-key[0], -key[1]) if descending else key


def _encoded(key: SortKey) -> str:
    return base64.urlsafe_b64encode(f"cursor:v2:{json.dumps(key)}".encode()).decode()


def _decoded(cursor: str) -> SortKey:
    try:
        moment, number = json.loads(base64.urlsafe_b64decode(cursor).decode().removeprefix("cursor:v2:"))
        return float(moment), int(number)
    except (ValueError, TypeError) as error:
        raise invalid_request("The cursor is not valid.") from error
