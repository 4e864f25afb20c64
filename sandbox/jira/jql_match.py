"""What a JQL query finds.

As the service does for a query it cannot make sense of: an unknown field, project, value or key, or a date
that cannot be read, is no error but finds nothing. An empty result proves nothing about existence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from sandbox.jira import adf
from sandbox.jira.jql_dates import moment
from sandbox.jira.jql_parser import All, AnyOf, Clause, Function, Node, Not, Operand, Query
from sandbox.jira.models import Category, Component, Option, Priority, Resolution, Sprint, User, Version
from sandbox.jira.records import Issue
from sandbox.jira.state import SiteState
from sandbox.jira.wire import CATEGORY_DETAILS

Test = Callable[[Issue], bool]


class NothingFound(Exception):
    """The query names something that does not exist: the result is empty, whatever the rest says."""


@dataclass(frozen=True)
class Scope:
    """The site at the moment of asking, and who asks."""

    state: SiteState
    caller: User | None

    @property
    def zone_name(self) -> str:
        """Dates are read in the caller's own time zone."""
        return self.caller.time_zone if self.caller else self.state.spec.time_zone


def build_test(scope: Scope, node: Node) -> Test:
    """A test of one issue. Raises NothingFound when the query cannot match at all."""
    if isinstance(node, Not):
        inner = build_test(scope, node.inner)
        return lambda issue: not inner(issue)
    if isinstance(node, All):
        every = [build_test(scope, part) for part in node.parts]
        return lambda issue: all(test(issue) for test in every)
    if isinstance(node, AnyOf):
        some = [build_test(scope, part) for part in node.parts]
        return lambda issue: any(test(issue) for test in some)
    return _clause_test(scope, node)


def _clause_test(scope: Scope, clause: Clause) -> Test:
    name = clause.field.lower()
    name = _ALIASES.get(name, name)
    if name in _DATES:
        return _date_test(scope, clause, _DATES[name])
    if name in _WRITTEN:
        return _text_test(clause, name)
    if name in ("key", "id"):
        return _key_test(scope, clause)
    if name == "duedate":
        return _due_test(scope, clause)
    read = _SETS.get(name) or _custom(scope, clause.field)
    if isinstance(read, str):
        return _number_test(clause, read)
    return _set_test(scope, clause, name, read)


def unknown_fields(state: SiteState, query: Query) -> list[str]:
    """Names in a query that no field has."""
    return [name for name in dict.fromkeys(_named(query.where)) if not _is_known(state, name)]


def _named(node: Node | None) -> Iterator[str]:
    if isinstance(node, Clause):
        yield node.field
    elif isinstance(node, Not):
        yield from _named(node.inner)
    elif isinstance(node, All | AnyOf):
        for part in node.parts:
            yield from _named(part)


def _is_known(state: SiteState, name: str) -> bool:
    plain = _ALIASES.get(name.lower(), name.lower())
    if plain in _DATES or plain in _SETS or plain in _WRITTEN or plain in ("key", "id", "duedate"):
        return True
    try:
        return bool(_custom(Scope(state, None), name))
    except NothingFound:
        return False


_WRITTEN = ("summary", "description", "environment", "text", "comment")
_ALIASES = {
    "type": "issuetype",
    "issuekey": "key",
    "issue": "key",
    "label": "labels",
    "createddate": "created",
    "updateddate": "updated",
    "resolved": "resolutiondate",
    "due": "duedate",
    "components": "component",
    "fixversions": "fixversion",
    "affectsversion": "affectedversion",
    "versions": "affectedversion",
}
_DATES: dict[str, Callable[[Issue], float | None]] = {
    "created": lambda issue: issue.created,
    "updated": lambda issue: issue.updated,
    "resolutiondate": lambda issue: issue.resolved,
    "statuscategorychangeddate": lambda issue: issue.category_changed,
}


def _negated(test: Test, operator: str) -> Test:
    return (lambda issue: not test(issue)) if operator in ("!=", "not in", "is not", "!~") else test


def _compare(operator: str, left: float, right: float) -> bool:
    match operator:
        case "<":
            return left < right
        case "<=":
            return left <= right
        case ">":
            return left > right
        case ">=":
            return left >= right
        case _:
            return left == right


def _date_test(scope: Scope, clause: Clause, read: Callable[[Issue], float | None]) -> Test:
    if clause.operator in ("is", "is not"):
        return _negated(lambda issue: read(issue) is None, clause.operator)
    bounds = [moment(v, now=scope.state.now(), zone_name=scope.zone_name) for v in clause.values]
    known = [bound for bound in bounds if bound is not None]
    if len(known) != len(bounds):
        raise NothingFound
    operator = clause.operator

    def test(issue: Issue) -> bool:
        at = read(issue)
        return at is not None and any(_compare(operator, at, bound) for bound in known)

    if operator not in ("!=", "not in"):
        return test
    return lambda issue: read(issue) is not None and not test(issue)


def _due_test(scope: Scope, clause: Clause) -> Test:
    if clause.operator in ("is", "is not"):
        return _negated(lambda issue: not issue.values.get("duedate"), clause.operator)

    def read(issue: Issue) -> float | None:
        due = issue.values.get("duedate")
        if not isinstance(due, str):
            return None
        return moment(due, now=scope.state.now(), zone_name=scope.zone_name)

    return _date_test(scope, clause, read)


_WORD = re.compile(r"\w+\*?", re.UNICODE)


def _text_test(clause: Clause, name: str) -> Test:
    if clause.operator in ("is", "is not"):
        return _negated(lambda issue: not issue.values.get(name), clause.operator)
    if clause.operator not in ("~", "!~"):
        raise NothingFound
    words = [word.lower() for value in clause.values if isinstance(value, str) for word in _WORD.findall(value)]

    def test(issue: Issue) -> bool:
        found = set(_WORD.findall(_text_of(issue, name).lower()))
        return all(
            any(have.startswith(word[:-1]) for have in found) if word.endswith("*") else word in found for word in words
        )

    return _negated(test, clause.operator)


def _text_of(issue: Issue, name: str) -> str:
    if name == "summary":
        return issue.summary
    parts = []
    if name == "text":
        parts.append(issue.summary)
    if name in ("text", "comment"):
        parts += [adf.plain_text(comment.body) for comment in issue.comments]
    for field_id in ("description", "environment"):
        if name in ("text", field_id):
            parts.append(adf.plain_text(issue.values.get(field_id)))
    return "\n".join(parts)


def _key_test(scope: Scope, clause: Clause) -> Test:
    found = [scope.state.issue(value) for value in clause.values if isinstance(value, str)]
    issues = [issue for issue in found if issue is not None]
    operator = clause.operator
    if operator in ("=", "!=", "in", "not in"):
        if not issues and operator in ("=", "in"):
            raise NothingFound
        ids = {issue.id for issue in issues}
        return _negated(lambda issue: issue.id in ids, operator)
    if not issues or operator in ("~", "!~", "is", "is not"):
        raise NothingFound
    limit = issues[0]
    return lambda issue: issue.project is limit.project and _compare(operator, issue.number, limit.number)


Read = Callable[[Issue], Iterable[object]]


def _values(field_id: str) -> Read:
    def read(issue: Issue) -> Iterable[object]:
        value = issue.values.get(field_id)
        if isinstance(value, list | tuple):
            return [item for item in value if item is not None]
        return () if value is None else (value,)

    return read


def _sprints(issue: Issue) -> Iterable[object]:
    return issue.parent.sprints if issue.type.level < 0 and issue.parent else issue.sprints


_SETS: dict[str, Read] = {
    "project": lambda issue: (issue.project,),
    "issuetype": lambda issue: (issue.type,),
    "status": lambda issue: (issue.status,),
    "statuscategory": lambda issue: (issue.status.category,),
    "parent": lambda issue: (issue.parent,) if issue.parent else (),
    "epic link": lambda issue: (issue.parent,) if issue.parent and issue.parent.type.level == 1 else (),
    "creator": lambda issue: (issue.creator,),
    "sprint": _sprints,
    "labels": _values("labels"),
    "assignee": _values("assignee"),
    "reporter": _values("reporter"),
    "component": _values("components"),
    "fixversion": _values("fixVersions"),
    "affectedversion": _values("versions"),
    "priority": _values("priority"),
    "resolution": _values("resolution"),
    "watcher": lambda issue: issue.watchers,
}


def _custom(scope: Scope, name: str) -> Read | str:
    matched = re.match(r"cf\[(\d+)\]\Z", name)
    entry = scope.state.field_named(f"customfield_{matched.group(1)}" if matched else name)
    if entry is None or not entry.is_custom:
        raise NothingFound
    return entry.id if entry.kind == "number" else _values(entry.id)


def _number_test(clause: Clause, field_id: str) -> Test:
    if clause.operator in ("is", "is not"):
        return _negated(lambda issue: issue.values.get(field_id) is None, clause.operator)
    try:
        bounds = [float(value) for value in clause.values if isinstance(value, str)]
    except ValueError as error:
        raise NothingFound from error

    def test(issue: Issue) -> bool:
        value = issue.values.get(field_id)
        return isinstance(value, float) and any(_compare(clause.operator, value, bound) for bound in bounds)

    return _negated(test, clause.operator)


def _set_test(scope: Scope, clause: Clause, name: str, read: Read) -> Test:
    operator = clause.operator
    if operator in ("is", "is not"):
        return _negated(lambda issue: not list(read(issue)), operator)
    if any(isinstance(v, str) and v.lower() in ("empty", "null") for v in clause.values) and operator in ("=", "!="):
        return _negated(lambda issue: not list(read(issue)), operator)
    if operator not in ("=", "!=", "in", "not in"):
        raise NothingFound
    wanted = _wanted(scope, name, clause.values)

    def test(issue: Issue) -> bool:
        return any(matches(item) for item in read(issue) for matches in wanted)

    if operator in ("=", "in"):
        return test
    # An issue without a value matches neither "=" nor "!=".
    return lambda issue: bool(list(read(issue))) and not test(issue)


def _wanted(scope: Scope, name: str, values: Iterable[Operand]) -> list[Callable[[object], bool]]:
    tests: list[Callable[[object], bool]] = []
    for value in values:
        if isinstance(value, Function):
            tests.append(_function_test(scope, value))
            continue
        if name == "project" and scope.state.project(value) is None and not _project_named(scope, value):
            continue
        tests.append(_name_test(scope, name, value))
    if name == "project" and not tests:
        raise NothingFound
    return tests


def _project_named(scope: Scope, value: str) -> bool:
    return any(project.name.lower() == value.lower() for project in scope.state.projects.values())


def _function_test(scope: Scope, call: Function) -> Callable[[object], bool]:
    states = {"opensprints": ("active",), "futuresprints": ("future",), "closedsprints": ("closed",)}
    if call.name == "currentuser":
        return lambda item: item is scope.caller
    if call.name in states:
        wanted = states[call.name]
        return lambda item: isinstance(item, Sprint) and item.state.value in wanted
    if call.name == "standardissuetypes":
        return lambda item: getattr(item, "level", None) == 0
    if call.name == "subtaskissuetypes":
        return lambda item: getattr(item, "level", 0) == -1
    raise NothingFound


def _name_test(scope: Scope, name: str, value: str) -> Callable[[object], bool]:
    lowered = value.lower()

    def test(item: object) -> bool:
        match item:
            case str() if name == "labels":
                return item == value
            case Category():
                return lowered in (item.value, CATEGORY_DETAILS[item][2].lower(), str(CATEGORY_DETAILS[item][0]))
            case Issue():
                return value == str(item.id) or value.upper() == item.key
            case User():
                return value == item.account_id or lowered in (item.email.lower(), item.name.lower())
            case Sprint():
                return value == str(item.id) or lowered == item.name.lower()
            case Option():
                return value == item.id or lowered == item.value.lower()
            case Priority() | Resolution() | Component() | Version():
                return value == item.id or lowered == item.name.lower()
            case _:
                known = (getattr(item, "id", None), getattr(item, "key", None), getattr(item, "name", None))
                return any(isinstance(part, str) and part.lower() == lowered for part in known) or item == value

    return test
