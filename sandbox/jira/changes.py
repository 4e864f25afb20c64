"""Putting values into an issue and writing down what changed, as the change history tells it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sandbox.jira import adf
from sandbox.jira.models import (
    KEEP,
    Component,
    Field,
    Option,
    Priority,
    Resolution,
    Sprint,
    Status,
    Transition,
    User,
    Version,
)
from sandbox.jira.records import Change, Issue
from sandbox.jira.state import SiteState


def apply_value(state: SiteState, issue: Issue, entry: Field, value: object) -> list[Change]:
    """Set a field that has been read and checked; returns the history items."""
    if entry.kind == "sprint":
        return _apply_sprint(issue, entry, value)
    if entry.kind == "timetracking":
        return _apply_time_tracking(state, issue, value)
    old = issue.values.get(entry.id)
    if old == value:
        return []
    if value is None:
        issue.values.pop(entry.id, None)
    else:
        issue.values[entry.id] = value
    if entry.kind == "resolution":
        issue.resolved = state.now() if value is not None else None
    return _changes(entry, old, value)


def apply_parent(issue: Issue, parent: Issue | None) -> list[Change]:
    """Move an issue under another parent, or to the top."""
    old = issue.parent
    if old is parent:
        return []
    if old is not None:
        old.children.remove(issue)
    if parent is not None:
        parent.children.append(issue)
    issue.parent = parent
    return [
        Change(
            "IssueParentAssociation",
            None,
            False,
            str(old.id) if old else None,
            old.key if old else None,
            str(parent.id) if parent else None,
            parent.key if parent else None,
        )
    ]


def apply_transition(state: SiteState, issue: Issue, transition: Transition) -> list[Change]:
    """Move to the transition's status and run its post-functions."""
    changes = apply_status(state, issue, transition.target)
    if transition.resolution != KEEP:
        wanted = next((r for r in state.resolutions.values() if r.name == transition.resolution), None)
        if not (wanted is not None and issue.values.get("resolution") is not None):
            changes += apply_value(state, issue, state.fields["resolution"], wanted)
    return changes


def apply_status(state: SiteState, issue: Issue, status: Status) -> list[Change]:
    """Set the status."""
    old = issue.status
    if old is status:
        return []
    issue.status = status
    if old.category is not status.category:
        issue.category_changed = state.now()
    return [Change("status", "status", False, old.id, old.name, status.id, status.name)]


def _apply_sprint(issue: Issue, entry: Field, value: object) -> list[Change]:
    closed = [sprint for sprint in issue.sprints if sprint.state.value == "closed"]
    wanted = [*closed, value] if isinstance(value, Sprint) else closed
    if wanted == issue.sprints:
        return []
    old = issue.sprints
    issue.sprints = wanted
    return [Change(entry.name, entry.id, True, _ids(old), _names(old), _ids(wanted), _names(wanted))]


def _ids(sprints: Sequence[Sprint]) -> str:
    return ", ".join(str(sprint.id) for sprint in sprints)


def _names(sprints: Sequence[Sprint]) -> str:
    return ", ".join(sprint.name for sprint in sprints)


def _apply_time_tracking(state: SiteState, issue: Issue, value: object) -> list[Change]:
    given: Mapping[str, object] = value if isinstance(value, Mapping) else {}
    original, remaining = given.get("originalEstimate"), given.get("remainingEstimate")
    if value is None:
        wanted: dict[str, object] = {"timeoriginalestimate": None, "timeestimate": None}
    else:
        wanted = {}
        if original is not None:
            wanted["timeoriginalestimate"] = original
        if remaining is not None or (original is not None and "timeestimate" not in issue.values):
            wanted["timeestimate"] = original if remaining is None else remaining
    changes: list[Change] = []
    for field_id, seconds in wanted.items():
        changes += apply_value(state, issue, state.fields[field_id], seconds)
    return changes


def _changes(entry: Field, old: object, new: object) -> list[Change]:
    if entry.kind == "labels":
        return [_change(entry, None, _joined(old), None, _joined(new))]
    if entry.kind in ("components", "versions", "multiselect", "users"):
        return _set_changes(entry, old, new)
    return [_change(entry, _id(old), _text(entry, old), _id(new), _text(entry, new))]


def _set_changes(entry: Field, old: object, new: object) -> list[Change]:
    before: list[object] = old if isinstance(old, list) else []
    after: list[object] = new if isinstance(new, list) else []
    gone = [_change(entry, _id(x), _text(entry, x), None, None) for x in before if x not in after]
    come = [_change(entry, None, None, _id(x), _text(entry, x)) for x in after if x not in before]
    return gone + come


def _change(entry: Field, old: str | None, old_text: str | None, new: str | None, new_text: str | None) -> Change:
    name = _HISTORY_NAMES.get(entry.id, entry.name if entry.is_custom else entry.id)
    return Change(name, entry.id, entry.is_custom, old, old_text, new, new_text)


_HISTORY_NAMES = {"components": "Component", "fixVersions": "Fix Version", "versions": "Version"}


def _joined(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else ""


def _id(value: object) -> str | None:
    match value:
        case User():
            return value.account_id
        case Priority() | Resolution() | Option() | Component() | Version():
            return value.id
        case int() | float():
            return f"{value:g}" if isinstance(value, float) else str(value)
        case _:
            return None


def _text(entry: Field, value: object) -> str | None:
    match value:
        case None:
            return None
        case User() | Priority() | Resolution() | Component() | Version():
            return value.name
        case Option():
            return value.value
        case tuple():
            return " - ".join(option.value for option in value if option)
        case dict() if entry.kind == "richtext":
            return adf.plain_text(value)
        case float():
            return f"{value:g}"
        case _:
            return str(value)
