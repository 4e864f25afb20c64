"""What the parameters of a connector change: how its project is read and written, and whose change wins.

`wishes_of` reads a connector's stored settings; a parameter that is not there wishes nothing. The trackers' wrappers
(`connectors.trackers.wished`) and the synchronization act on the result.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from string import Template

from connectors.domain.forms.fields import split_list
from connectors.domain.forms.rules import parse_fields, parse_priority_map, parse_tasks
from connectors.domain.shapes import StateCategory
from connectors.domain.work_items import WorkItem

TODO, DONE, REMOVED = "TODO", "DONE", "NA"
_LABELS = ("alm_issue_label", "github_issue_label", "alm_group_label")
_SCALE: Mapping[int | None, int] = {1: 10, 2: 8, 3: 5, 4: 2, None: 5}
"""The priorities of work items, 1 the most urgent, on the scale of 1 to 10 where 10 is."""


class ConflictPolicy(StrEnum):
    """Whose change is kept when both sides changed the same."""

    TRACKER = "alm"
    OTHER = "sde"
    NEWER = "timestamp"


@dataclass(frozen=True, slots=True)
class Naming:
    """What the names of a title format and of custom fields stand for, besides the item's own."""

    application: str = ""
    project: str = ""
    context: str = ""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which items of the other side are created on this tracker. `only` overrides the rest."""

    statuses: frozenset[str] = frozenset()
    min_priority: int = 0
    tags: frozenset[str] = frozenset()
    only: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.statuses or self.min_priority or self.tags or self.only)

    def takes(self, item: WorkItem, category: StateCategory) -> bool:
        """Whether an item is in scope; tags are compared without case."""
        if self.only:
            return item.id in self.only
        if self.statuses and status_of(category) not in self.statuses:
            return False
        if self.min_priority and priority_on_scale(item.priority) < self.min_priority:
            return False
        return self.tags <= {tag.casefold() for tag in item.tags}


@dataclass(frozen=True, slots=True)
class Wishes:
    """`ignored_label` marks items of this tracker that are left out when it is read."""

    selection: Selection = Selection()
    title_format: str = ""
    context: str = ""
    labels: tuple[str, ...] = ()
    priorities: tuple[tuple[int, str], ...] = ()
    custom_fields: tuple[tuple[str, str], ...] = ()
    version: str = ""
    ignored_label: str = ""
    conflict_policy: ConflictPolicy = ConflictPolicy.TRACKER

    @property
    def concerns_writing(self) -> bool:
        return bool(self.title_format or self.labels or self.priorities or self.custom_fields or self.version)

    def title(self, title: str, *, item: str, naming: Naming) -> str:
        """The title as the format writes it."""
        if not self.title_format:
            return title
        return Template(self.title_format).safe_substitute(
            task_id=item,
            title=title,
            context=self.context,
            application=naming.application,
            project=naming.project,
        )

    def plain_title(self, written: str, *, item: str, naming: Naming) -> str:
        """The title inside a written one; a text that the format did not write is returned as it is."""
        before, marker, after = self.title("\0", item=item, naming=naming).partition("\0")
        if not marker or "\0" in after or not (written.startswith(before) and written.endswith(after)):
            return written
        return written[len(before) : len(written) - len(after)]

    def priority_name(self, priority: int | None) -> str:
        """The tracker's name for a work item's priority; empty without a wish."""
        return dict(self.priorities).get(priority_on_scale(priority), "")

    def field_values(self, naming: Naming) -> dict[str, str]:
        """The custom fields with their macros replaced."""
        words = {"application": naming.application, "project": naming.project, "context": self.context}
        return {name: Template(value).safe_substitute(words) for name, value in self.custom_fields}


def wishes_of(settings: Mapping[str, str]) -> Wishes:
    """The wishes in checked settings."""
    labels = (settings.get(name, "") for name in _LABELS)
    priorities = settings.get("alm_priority_map", "")
    fields = settings.get("alm_custom_fields", "")
    return Wishes(
        selection=Selection(
            statuses=frozenset(split_list(settings.get("sde_statuses_in_scope", ""))),
            min_priority=int(settings.get("sde_min_priority") or 0),
            tags=frozenset(tag.casefold() for tag in split_list(settings.get("sde_tags_filter", ""))),
            only=parse_tasks(settings.get("selected_tasks", "")),
        ),
        title_format=settings.get("alm_title_format") or settings.get("title_format", ""),
        context=settings.get("alm_context", ""),
        labels=tuple(dict.fromkeys(label.strip().replace(" ", "-") for label in labels if label.strip())),
        priorities=tuple(parse_priority_map(priorities).items()) if priorities else (),
        custom_fields=tuple(parse_fields(fields).items()) if fields else (),
        version=settings.get("alm_project_version", ""),
        ignored_label=settings.get("github_duplicate_label", "").casefold(),
        conflict_policy=ConflictPolicy(settings.get("conflict_policy") or ConflictPolicy.TRACKER),
    )


def priority_on_scale(priority: int | None) -> int:
    """A work item's priority as 1 to 10; numbers that no process uses count as none."""
    return _SCALE.get(priority, _SCALE[None])


def status_of(category: StateCategory) -> str:
    """The status in whose terms the parameters speak."""
    if category is StateCategory.REMOVED:
        return REMOVED
    return DONE if category.is_done or category is StateCategory.RESOLVED else TODO
