"""Filters of a GitHub side, in the words of GitHub's own search: `is:open label:bug (milestone:"v 1" OR no:milestone)`.

They are decided here and not by search, whose index lags, ends at 1,000 results and takes 30 questions a minute: lists
tell everything that these words ask for. What stands side by side must all hold, as with AND.
https://docs.github.com/issues/tracking-your-work-with-issues/using-issues/filtering-and-searching-issues-and-pull-requests
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from connectors.clients.github.wire.payloads import Issue
from connectors.clients.github.wire.values import label_names, login_of, parse_time
from connectors.domain.errors import Refused
from connectors.trackers.github.marks import split_body
from connectors.trackers.github.vocabulary import type_of

QUERY_REFUSED = "QUERY_REFUSED"
Test = Callable[[Issue], bool]
_TOKEN = re.compile(r'\s*(\(|\)|(?:[^\s()"]|"[^"]*")+)')
_COMPARISON = re.compile(r"(>=|<=|>|<)?(.+)")
_DEEPEST = 50
_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "": operator.eq,
}


def read_filter(query: str) -> Test:
    """The test of a filter; an empty one takes everything. Raises Refused (QUERY_REFUSED)."""
    tokens = _tokens(query)
    if not tokens:
        return lambda issue: True
    reader = _Reader(tokens)
    test = reader.alternatives()
    if reader.word:
        raise _refused(f"{reader.word!r} has no opening bracket")
    return test


def _tokens(query: str) -> list[str]:
    text = query.strip()
    if text.count('"') % 2:
        raise _refused("A quotation mark is not closed")
    return _TOKEN.findall(text)


def _refused(words: str) -> Refused:
    return Refused(f"The filter cannot be read: {words}.", code=QUERY_REFUSED, status=400)


class _Reader:
    """Recursive descent: OR binds least, NOT most."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    @property
    def word(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def alternatives(self) -> Test:
        parts = [self._all()]
        while self.word == "OR":
            self._at += 1
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else lambda issue: any(part(issue) for part in parts)

    def _all(self) -> Test:
        parts = [self._one()]
        while self.word not in ("", "OR", ")"):
            if self.word == "AND":
                self._at += 1
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else lambda issue: all(part(issue) for part in parts)

    def _one(self) -> Test:
        word = self.word
        if word in ("", "OR", "AND", ")"):
            raise _refused(f"something is missing before {word!r}" if word else "it ends too early")
        self._at += 1
        if word == "NOT":
            return _but(self._deeper(self._one))
        if word == "(":
            inner = self._deeper(self.alternatives)
            if self.word != ")":
                raise _refused("a bracket is not closed")
            self._at += 1
            return inner
        return _but(_term(word[1:])) if word.startswith("-") and len(word) > 1 else _term(word)

    def _deeper(self, read: Callable[[], Test]) -> Test:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _refused("it has too many levels")
        test = read()
        self._depth -= 1
        return test


def _but(test: Test) -> Test:
    return lambda issue: not test(issue)


def _term(term: str) -> Test:
    name, colon, rest = term.partition(":")
    if not colon or '"' in name:
        return _words(term.replace('"', ""))
    make = _QUALIFIERS.get(name.lower())
    if make is None:
        raise _refused(f"{name}: is not known here, but {', '.join(f'{known}:' for known in _QUALIFIERS)}")
    values = [value.strip('"') for value in re.findall(r'"[^"]*"|[^,"]+', rest)]
    if not values:
        raise _refused(f"{name}: names nothing")
    tests = [make(value) for value in values]
    return lambda issue: any(test(issue) for test in tests)


def _words(words: str) -> Test:
    wanted = words.casefold()
    return lambda issue: (
        wanted in (issue.get("title") or "").casefold() or wanted in split_body(issue.get("body")).text.casefold()
    )


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


def _is(value: str) -> Test:
    if value.lower() == "issue":
        return lambda issue: True
    return _state(value)


def _state(value: str) -> Test:
    state = value.lower()
    if state not in ("open", "closed"):
        raise _refused(f"an issue is open or closed, not {value}")
    return lambda issue: issue.get("state") == state


def _reason(value: str) -> Test:
    wanted = value.lower().replace(" ", "_")
    return lambda issue: issue.get("state") == "closed" and (issue.get("state_reason") or "completed") == wanted


def _label(value: str) -> Test:
    return lambda issue: any(_same(name, value) for name in label_names(issue.get("labels") or ()))


def _milestone(value: str) -> Test:
    return lambda issue: _same((issue.get("milestone") or {}).get("title") or "", value)


def _assignee(value: str) -> Test:
    login = _login(value)
    return lambda issue: any(_same(login_of(user), login) for user in issue.get("assignees") or ())


def _author(value: str) -> Test:
    login = _login(value)
    return lambda issue: _same(login_of(issue.get("user")), login)


def _login(value: str) -> str:
    """Raises Refused for `@me`: who that is would depend on the token of the day."""
    if value.lower() == "@me":
        raise _refused("write a login instead of @me")
    return value.removeprefix("@")


def _type(value: str) -> Test:
    return lambda issue: _same(type_of(issue), value)


def _no(value: str) -> Test:
    tests: Mapping[str, Test] = {
        "label": lambda issue: not issue.get("labels"),
        "milestone": lambda issue: not issue.get("milestone"),
        "assignee": lambda issue: not issue.get("assignees"),
        "type": lambda issue: not issue.get("type"),
    }
    if value.lower() not in tests:
        raise _refused(f"no: takes {', '.join(tests)}, not {value}")
    return tests[value.lower()]


def _comments(value: str) -> Test:
    sign, number = _split(value)
    if not number.isascii() or not number.isdigit():
        raise _refused(f"{value} is no number of comments")
    compare, wanted = _COMPARE[sign], float(number)
    return lambda issue: compare(float(issue.get("comments") or 0), wanted)


def _split(value: str) -> tuple[str, str]:
    match = _COMPARISON.fullmatch(value)
    return (match.group(1) or "", match.group(2)) if match else ("", value)


def _date(member: Callable[[Issue], object]) -> Callable[[str], Test]:
    def make(value: str) -> Test:
        first, last = _span(value)

        def test(issue: Issue) -> bool:
            at = parse_time(member(issue))
            return at is not None and (first is None or at >= first) and (last is None or at < last)

        return test

    return make


def _span(value: str) -> tuple[datetime | None, datetime | None]:
    """From when on, and before when."""
    if ".." in value:
        begin, _, end = value.partition("..")
        return (None if begin == "*" else _moment(begin)[0]), (None if end == "*" else _moment(end)[1])
    sign, text = _split(value)
    first, behind = _moment(text)
    return {
        "": (first, behind),
        ">=": (first, None),
        ">": (behind, None),
        "<": (None, first),
        "<=": (None, behind),
    }[sign]


def _moment(text: str) -> tuple[datetime, datetime]:
    """A day or a second: its beginning, and the beginning of the next one. Raises Refused."""
    moment = parse_time(text)
    if moment is None:
        raise _refused(f"{text} is no date such as 2026-02-28")
    return moment, moment + (timedelta(days=1) if len(text) == len("2026-02-28") else timedelta(seconds=1))


_QUALIFIERS: Mapping[str, Callable[[str], Test]] = {
    "is": _is,
    "state": _state,
    "reason": _reason,
    "label": _label,
    "milestone": _milestone,
    "assignee": _assignee,
    "author": _author,
    "type": _type,
    "no": _no,
    "comments": _comments,
    "created": _date(lambda issue: issue.get("created_at")),
    "updated": _date(lambda issue: issue.get("updated_at")),
    "closed": _date(lambda issue: issue.get("closed_at")),
}
