"""What GitHub has no field for, as labels: types, priorities and areas; and what open and closed mean. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from connectors.clients.github.wire.payloads import Issue
from connectors.clients.github.wire.values import label_names
from connectors.domain.shapes import SourceState, StateCategory, StatusCategory, TargetStatus

LABEL_LIMIT = 50
TYPE_PREFIX = "type: "
PRIORITY_PREFIX = "priority: "
AREA_PREFIX = "area: "
_OURS = (TYPE_PREFIX, PRIORITY_PREFIX, AREA_PREFIX)

DEFAULT_TYPE = "Issue"
TYPES_BY_LABEL: Mapping[str, str] = {
    "bug": "Bug",
    "defect": "Bug",
    "enhancement": "Enhancement",
    "epic": "Epic",
    "feature": "Feature",
    "story": "Story",
    "user story": "User Story",
    "task": "Task",
}
"""Labels that say what an issue is, without a prefix such as `type:`, `type/` or `kind/`."""
_PREFIXES = ("type:", "type/", "kind:", "kind/")


class Status:
    """Ids of the four states an issue can be in: open, or closed for one of three reasons."""

    OPEN = "open"
    COMPLETED = "completed"
    NOT_PLANNED = "not_planned"
    DUPLICATE = "duplicate"


STATUSES = (
    TargetStatus(Status.OPEN, "Open", StatusCategory.TO_DO),
    TargetStatus(Status.COMPLETED, "Closed", StatusCategory.DONE),
    TargetStatus(Status.NOT_PLANNED, "Not planned", StatusCategory.DONE),
    TargetStatus(Status.DUPLICATE, "Duplicate", StatusCategory.DONE),
)
STATES = (
    SourceState("Open", StateCategory.PROPOSED),
    SourceState("Closed", StateCategory.COMPLETED),
    SourceState("Not planned", StateCategory.REMOVED),
    SourceState("Duplicate", StateCategory.REMOVED),
)
_NAMES = {status.id: status.name for status in STATUSES}


def status_of(issue: Issue) -> str:
    """The id of an issue's status; closed without a reason, as before 2022, counts as completed."""
    if issue.get("state") != "closed":
        return Status.OPEN
    reason = issue.get("state_reason")
    return reason if reason in (Status.NOT_PLANNED, Status.DUPLICATE) else Status.COMPLETED


def state_of(issue: Issue) -> str:
    """The name of an issue's state."""
    return _NAMES[status_of(issue)]


def type_of(issue: Issue) -> str:
    """What an issue is: its issue type, else what its labels say, else just an issue."""
    kind = (issue.get("type") or {}).get("name")
    if kind:
        return kind
    for label in label_names(issue.get("labels") or ()):
        named = _unprefixed(label)
        known = TYPES_BY_LABEL.get(named.casefold())
        if known is not None:
            return known
        if named != label and label.casefold().startswith(TYPE_PREFIX):
            return named
    return DEFAULT_TYPE


def _unprefixed(label: str) -> str:
    folded = label.casefold()
    return next((label[len(prefix) :].strip() for prefix in _PREFIXES if folded.startswith(prefix)), label)


# labels that we write


def type_label(name: str) -> str:
    return _label(TYPE_PREFIX, name)


def priority_label(name: str) -> str:
    return _label(PRIORITY_PREFIX, name)


def area_label(name: str) -> str:
    return _label(AREA_PREFIX, name)


def _label(prefix: str, name: str) -> str:
    """The label within the limit; a cut one ends in a digest, so that names that begin alike stay apart."""
    whole = prefix + " ".join(name.split())
    if len(whole) <= LABEL_LIMIT:
        return whole
    return f"{whole[: LABEL_LIMIT - 7]}~{hashlib.sha256(name.encode()).hexdigest()[:6]}"


@dataclass(frozen=True, slots=True)
class Sorted:
    """An issue's labels by what they mean to us; `others` are everybody's."""

    types: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


def sort_labels(names: Iterable[str]) -> Sorted:
    found: dict[str, list[str]] = {prefix: [] for prefix in (*_OURS, "")}
    for name in names:
        found[next((prefix for prefix in _OURS if name.casefold().startswith(prefix)), "")].append(name)
    types, priorities, areas, others = (tuple(found[prefix]) for prefix in (*_OURS, ""))
    return Sorted(types, priorities, areas, others)


def distinct(names: Sequence[str]) -> list[str]:
    """Each label once: GitHub does not tell names apart by case."""
    return list({name.casefold(): name for name in reversed(names)}.values())[::-1]
