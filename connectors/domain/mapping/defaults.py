"""The default maps, by name. Names are compared without case; what no row covers goes by level or category.

The rows follow the field's common practice (User Story -> Story, Feature -> Epic, Active -> In Progress); the
documented defaults of the founding product are kept and the Scrum, CMMI and Basic processes completed.
"""

from __future__ import annotations

from collections.abc import Mapping

from connectors.domain.shapes import StateCategory, StatusCategory
from connectors.domain.work_items import LinkKind

TYPES: Mapping[str, tuple[str, ...]] = {
    "epic": ("Epic",),
    "feature": ("Epic",),
    "user story": ("Story",),
    "story": ("Story",),
    "experience": ("Story",),
    "product backlog item": ("Story",),
    "requirement": ("Story",),
    "task": ("Task",),
    "bug": ("Bug",),
    "sub-task": ("Sub-task", "Subtask"),
    "test case": ("Task",),
    "test plan": ("Task",),
    "test suite": ("Task",),
    "shared steps": ("Task",),
    "shared parameter": ("Task",),
    "change request": ("Task",),
    "risk": ("Task",),
    "impediment": ("Task",),
    "issue": ("Task",),
    "review": ("Task",),
    "code review request": ("Task",),
    "code review response": ("Task",),
    "feedback request": ("Task",),
    "feedback response": ("Task",),
}
"""Source type -> target types, the first that the project offers is taken."""

STATES: Mapping[str, tuple[str, ...]] = {
    "new": ("To Do",),
    "approved": ("To Do",),
    "proposed": ("To Do",),
    "ready": ("To Do",),
    "to do": ("To Do",),
    "requested": ("To Do",),
    "design": ("To Do",),
    "backlog": ("Backlog", "To Do"),
    "active": ("In Progress",),
    "in progress": ("In Progress",),
    "doing": ("In Progress",),
    "committed": ("In Progress",),
    "investigating": ("In Progress",),
    "in planning": ("In Progress",),
    "accepted": ("In Progress",),
    "in review": ("In Review",),
    "testing": ("In Review",),
    "resolved": ("Done",),
    "closed": ("Done",),
    "done": ("Done",),
    "completed": ("Done",),
    "removed": ("Cancelled", "Canceled"),
    "cancelled": ("Cancelled", "Canceled"),
    "canceled": ("Cancelled", "Canceled"),
    "inactive": ("Done",),
    "on hold": ("Blocked",),
    "blocked": ("Blocked",),
}
"""Source state -> target statuses by name; without one of them the state's category decides."""

CATEGORIES: Mapping[StateCategory, tuple[StatusCategory, ...]] = {
    StateCategory.PROPOSED: (StatusCategory.TO_DO,),
    StateCategory.IN_PROGRESS: (StatusCategory.IN_PROGRESS, StatusCategory.TO_DO),
    StateCategory.RESOLVED: (StatusCategory.DONE, StatusCategory.IN_PROGRESS),
    StateCategory.COMPLETED: (StatusCategory.DONE,),
    StateCategory.REMOVED: (StatusCategory.DONE,),
}

STATE_CATEGORIES: Mapping[str, StateCategory] = {
    "new": StateCategory.PROPOSED,
    "to do": StateCategory.PROPOSED,
    "proposed": StateCategory.PROPOSED,
    "requested": StateCategory.PROPOSED,
    "design": StateCategory.PROPOSED,
    "approved": StateCategory.PROPOSED,
    "ready": StateCategory.IN_PROGRESS,
    "active": StateCategory.IN_PROGRESS,
    "in progress": StateCategory.IN_PROGRESS,
    "doing": StateCategory.IN_PROGRESS,
    "committed": StateCategory.IN_PROGRESS,
    "resolved": StateCategory.RESOLVED,
    "closed": StateCategory.COMPLETED,
    "done": StateCategory.COMPLETED,
    "completed": StateCategory.COMPLETED,
    "inactive": StateCategory.COMPLETED,
    "removed": StateCategory.REMOVED,
}
"""For states that items still carry although their type no longer lists them."""

PRIORITIES: Mapping[int, tuple[str, ...]] = {
    1: ("Highest", "Critical", "Blocker"),
    2: ("High", "Major"),
    3: ("Medium", "Normal"),
    4: ("Low", "Minor"),
}
UNSET_PRIORITY = ("Medium", "Normal")

RESOLUTIONS_DONE = ("Done", "Fixed", "Resolved")
RESOLUTIONS_REMOVED = ("Won't Do", "Won't Fix", "Declined", "Cancelled", "Done")

LINK_TYPES: Mapping[LinkKind, tuple[str, ...]] = {
    LinkKind.RELATES: ("Relates",),
    LinkKind.PARENT: ("Parent", "Hierarchy", "Relates"),
    LinkKind.BLOCKS: ("Blocks", "Relates"),
    LinkKind.DUPLICATES: ("Duplicate", "Relates"),
    LinkKind.TESTS: ("Test", "Tests", "Relates"),
    LinkKind.AFFECTS: ("Affects", "Relates"),
    LinkKind.REFERENCES: ("References", "Relates"),
    LinkKind.OTHER: ("Relates",),
}
"""Link kinds by their forward reading -> link types by name, the first that the site offers is taken."""

TASK_TYPES = frozenset({"task", "sub-task"})
"""Source types that become a sub-task under an item of the standard level."""
