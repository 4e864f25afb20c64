"""The search syntax for issues: qualifiers, their negation, and words.

https://docs.github.com/search-github/searching-on-github/searching-issues-and-pull-requests
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.github.models import Issue
from sandbox.github.payload import read_moment

_TERM = re.compile(r'(-?)(?:([A-Za-z-]+):)?("[^"]*"|\S+)')
_RANGE = re.compile(r"(>=|<=|>|<)?([^.]\S*?)(?:\.\.(\S+))?")
DAY = 86_400.0
Test = Callable[[Issue], bool]


class QueryFault(ValueError):
    """A query that cannot be read; the text says why."""


@dataclass
class SearchQuery:
    """A read query. `text` is what counts towards the length limit: qualifiers do not."""

    text: str = ""
    repositories: set[str] = field(default_factory=set)
    owners: set[str] = field(default_factory=set)
    sort: str = ""
    order: str = "desc"
    _tests: list[Test] = field(default_factory=list)
    _places: tuple[str, ...] = ("title", "body", "comments")

    @staticmethod
    def parse(text: str) -> SearchQuery:
        """Read a query. Raises QueryFault."""
        query = SearchQuery()
        words: list[tuple[bool, str]] = []
        for minus, name, raw in _TERM.findall(text):
            value = raw.strip('"')
            if not name:
                words.append((bool(minus), value.lower()))
            elif not query._scope(name.lower(), value.lower()):
                test = _qualifier(name.lower(), value)
                query._tests.append(_negated(test) if minus else test)
        query.text = " ".join(word for _, word in words)
        query._tests += [query._word(word, wanted=not minus) for minus, word in words]
        return query

    def takes(self, issue: Issue) -> bool:
        """Whether an issue matches."""
        if self.owners and issue.repository.owner.login.lower() not in self.owners:
            return False
        return all(test(issue) for test in self._tests)

    def _scope(self, name: str, value: str) -> bool:
        """Take in what says where to search and in which order."""
        match name:
            case "repo":
                self.repositories.add(value)
            case "org" | "user":
                self.owners.add(value)
            case "in":
                self._places = tuple(value.split(","))
            case "sort":
                self.sort, _, order = value.partition("-")
                self.order = order or "desc"
            case _:
                return False
        return True

    def _word(self, word: str, *, wanted: bool) -> Test:
        def test(issue: Issue) -> bool:
            texts = [issue.title] if "title" in self._places else []
            if "body" in self._places:
                texts.append(issue.body or "")
            if "comments" in self._places:
                texts += [comment.body for comment in issue.comments]
            return any(word in text.lower() for text in texts) == wanted

        return test


def _negated(test: Test) -> Test:
    return lambda issue: not test(issue)


def _qualifier(name: str, value: str) -> Test:
    lowered = value.lower()
    match name:
        case "is" | "state" | "type" if lowered in _KINDS:
            return _KINDS[lowered]
        case "is":
            raise QueryFault(f"{value} is not a value of is")
        case "type":
            return lambda issue: issue.type is not None and issue.type.name.lower() == lowered
        case "reason":
            return lambda issue: (issue.reason or "").replace("_", " ") == lowered.replace("_", " ")
        case "label":
            wanted = {part.strip('"') for part in lowered.split(",")}
            return lambda issue: any(label.name.lower() in wanted for label in issue.labels)
        case "author":
            return lambda issue: issue.user is not None and issue.user.login.lower() == lowered
        case "assignee":
            return lambda issue: any(user.login.lower() == lowered for user in issue.assignees)
        case "mentions":
            return lambda issue: f"@{lowered}" in (issue.body or "").lower()
        case "commenter":
            return lambda issue: any(c.user is not None and c.user.login.lower() == lowered for c in issue.comments)
        case "milestone":
            return lambda issue: issue.milestone is not None and issue.milestone.title.lower() == lowered
        case "no":
            return _missing(lowered)
        case "created" | "updated" | "closed":
            return _in_range(value, lambda issue: getattr(issue, name))
        case "comments":
            return _number_in_range(value, lambda issue: len(issue.comments))
        case _:
            raise QueryFault(f"{name} is not a qualifier of issues")


_KINDS: dict[str, Test] = {
    "issue": lambda issue: issue.pull is None,
    "pr": lambda issue: issue.pull is not None,
    "pull-request": lambda issue: issue.pull is not None,
    "open": lambda issue: issue.state == "open",
    "closed": lambda issue: issue.state == "closed",
    "locked": lambda issue: issue.locked,
    "unlocked": lambda issue: not issue.locked,
    "public": lambda issue: not issue.repository.private,
    "private": lambda issue: issue.repository.private,
    "merged": lambda issue: issue.pull is not None and issue.pull.merged is not None,
}
_MISSING: dict[str, Test] = {
    "label": lambda issue: not issue.labels,
    "milestone": lambda issue: issue.milestone is None,
    "assignee": lambda issue: not issue.assignees,
    "type": lambda issue: issue.type is None,
    "parent-issue": lambda issue: issue.parent is None,
}


def _missing(name: str) -> Test:
    if name not in _MISSING:
        raise QueryFault(f"{name} is not a value of no")
    return _MISSING[name]


def _in_range(text: str, of: Callable[[Issue], float | None]) -> Test:
    low, high = _bounds(text, _span)

    def test(issue: Issue) -> bool:
        moment = of(issue)
        return moment is not None and low <= moment < high

    return test


def _number_in_range(text: str, of: Callable[[Issue], int]) -> Test:
    low, high = _bounds(text, lambda part: (float(part), float(part) + 1))
    return lambda issue: low <= of(issue) < high


def _span(text: str) -> tuple[float, float]:
    """A day is all of it, a moment one second."""
    start = read_moment(text)
    return start, start + (DAY if len(text) <= len("2026-01-01") else 1)


def _bounds(text: str, span: Callable[[str], tuple[float, float]]) -> tuple[float, float]:
    far = float("inf")
    found = _RANGE.fullmatch(text)
    if found is None:
        raise QueryFault(f"{text} is not a range")
    sign, first, last = found.groups()
    try:
        start, end = span(first) if first != "*" else (-far, -far)
        if last is not None:
            return start, far if last == "*" else span(last)[1]
    except ValueError as error:
        raise QueryFault(f"{text} is not a range") from error
    return {None: (start, end), ">=": (start, far), ">": (end, far), "<=": (-far, end), "<": (-far, start)}[sign]
