"""A repository as a target: what its types, statuses, milestones and labels are in canonical terms. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, time

from connectors.clients.github.wire.payloads import IssueType, Label, Milestone, Permissions
from connectors.clients.github.wire.values import parse_time
from connectors.domain.shapes import (
    Named,
    Sprint,
    TargetLinkType,
    TargetType,
    Transition,
    Workflow,
)
from connectors.trackers.github.vocabulary import AREA_PREFIX, STATUSES, Status, priority_label

BOARD = Named("milestones", "Milestones")
"""An issue is in one milestone at most, which has an end and is closed when it is over: what a sprint is elsewhere."""
VERSIONS = "fixVersions"
BLOCKS, RELATES, DUPLICATE = "Blocks", "Relates", "Duplicate"
LINK_TYPES = (
    TargetLinkType(RELATES, RELATES, "relates to", "relates to"),
    TargetLinkType(BLOCKS, BLOCKS, "is blocked by", "blocks"),
    TargetLinkType(DUPLICATE, DUPLICATE, "is duplicated by", "duplicates"),
)
PRIORITIES = tuple(Named(priority_label(name), name) for name in ("Highest", "High", "Medium", "Low"))
_LABELLED_TYPES = ("Epic", "Story", "Task", "Bug", "Sub-task")
_LEVELS = {"epic": 1, "initiative": 2, "sub-task": -1, "subtask": -1}
_STARTS = re.compile(r"^Starts on (\d{4}-\d{2}-\d{2})\.$", re.MULTILINE)
_NOON = time(12, tzinfo=UTC)

WORKFLOW = Workflow(
    statuses=STATUSES,
    transitions=tuple(Transition(status.id, status.name, status.id) for status in STATUSES),
    initial=Status.OPEN,
)
"""Every status can be reached from every other; issues are created open."""


def read_types(types: Sequence[IssueType]) -> tuple[TargetType, ...]:
    """The organisation's issue types, and what they lack of the usual ones as labels. Any issue may have sub-issues:
    the levels are what the names promise."""
    own = [str(kind["name"]) for kind in types]
    named = {name.casefold() for name in own}
    labelled = [name for name in _LABELLED_TYPES if name.casefold() not in named]
    return tuple(
        TargetType(kind_id, name, _LEVELS.get(name.casefold(), 0), workflow=WORKFLOW)
        for kind_id, name in [
            *((f"type/{name}", name) for name in own),
            *((f"label/{name}", name) for name in labelled),
        ]
    )


def read_components(labels: Iterable[Label]) -> tuple[Named, ...]:
    """Areas, which stand in labels."""
    names = [str(label.get("name") or "") for label in labels]
    return tuple(
        Named(name, name[len(AREA_PREFIX) :].strip()) for name in names if name.casefold().startswith(AREA_PREFIX)
    )


def read_permissions(permissions: Permissions, *, archived: bool) -> frozenset[str]:
    """What these credentials may do, by the names that runs ask for. Without push access labels, milestones and
    assignees are dropped without a word, so that nothing less will do.
    https://docs.github.com/rest/issues/issues#create-an-issue"""
    if archived:
        return frozenset({"BROWSE_PROJECTS"})
    names = {"BROWSE_PROJECTS", "ADD_COMMENTS"} if permissions.get("pull", True) else set()
    if any(permissions.get(name) for name in ("push", "maintain", "admin")):
        names |= {"CREATE_ISSUES", "EDIT_ISSUES", "TRANSITION_ISSUES", "LINK_ISSUES"}
    return frozenset(names)


def sprint_from(milestone: Milestone) -> Sprint:
    """A milestone. GitHub keeps no beginning: it stands in the description where we made the milestone."""
    start = _STARTS.search(milestone.get("description") or "")
    return Sprint(
        id=str(milestone["number"]),
        name=milestone.get("title") or "",
        state="closed" if milestone.get("state") == "closed" else "future",
        start=parse_time(start.group(1)) if start else None,
        finish=parse_time(milestone.get("due_on")),
        board=BOARD.id,
    )


def milestone_description(start: datetime | None) -> str:
    """The text that keeps a milestone's beginning."""
    return f"Starts on {start.astimezone(UTC):%Y-%m-%d}." if start else ""


def due_day(finish: datetime | None) -> datetime | None:
    """Noon of the day: GitHub keeps the day that it is then on the Pacific coast, and midnight there is the day before.
    https://docs.github.com/rest/issues/milestones#create-a-milestone"""
    return datetime.combine(finish.astimezone(UTC).date(), _NOON) if finish else None


def versions_of(milestone: Milestone | None) -> list[Mapping[str, str]]:
    """A milestone as the versions of an item."""
    return [{"id": str(milestone["number"]), "name": milestone.get("title") or ""}] if milestone else []
