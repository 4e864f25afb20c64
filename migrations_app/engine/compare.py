"""Compares what an item should show in the target with what stands there: values, places, links.

Pure. Every deviation becomes a `Difference` that names the item and the field. What the run already reported as the
item's problem is excused, and so is what people are known to have edited in the target.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from connectors.domain.mapping.values import same_value
from connectors.domain.ports import DraftItem, TargetItem, TargetRemoteLink
from connectors.domain.shapes import StatusCategory, TargetType
from migrations_app.engine.expectation import Expectation
from migrations_app.engine.ports import Difference, PlanItem

SHOWN = 200
"""Characters of a value shown in a difference."""


class Report:
    """Collects the differences of one item."""

    def __init__(self, plan: PlanItem, key: str, *, excused: Collection[str] = ()) -> None:
        self._plan = plan
        self._key = key
        self._excused = excused
        self.differences: list[Difference] = []

    def excuses(self, name: str) -> bool:
        """Whether deviations of this field are known already."""
        return name in self._excused

    def check(self, name: str, code: str, source: str, target: str) -> None:
        if source != target:
            self.add(name, code, source, target)

    def add(self, name: str, code: str, source: str, target: str) -> None:
        if name not in self._excused:
            found = Difference(self._plan.source, self._key, name, code, source[:SHOWN], target[:SHOWN])
            self.differences.append(found)


def compare_values(
    report: Report, draft: DraftItem, found: TargetItem, expected: Expectation, *, target_type: TargetType
) -> None:
    """Everything an item holds itself, but its texts, comments and files."""
    report.check("type", "TYPE_DIFFERS", draft.type_id, found.type)
    report.check("title", "TITLE_DIFFERS", draft.title, found.title)
    if expected.status:
        report.check("status", "STATUS_DIFFERS", expected.status, found.status_id)
    _compare_resolution(report, found, expected, target_type)
    parent, standing = expected.parent_key or "", found.parent_key or ""
    report.check("parent", "PARENT_DIFFERS" if standing else "PARENT_MISSING", parent, standing)
    missing = sorted(set(draft.labels) - set(found.labels))
    if missing:
        report.add("labels", "LABEL_MISSING", ", ".join(missing), ", ".join(found.labels))
    _compare_places(report, draft, found, expected)
    _compare_people(report, draft, found)
    for name, value in draft.fields.items():
        if not same_value(value or None, found.fields.get(name) or None):
            report.add(name, "FIELD_DIFFERS", str(value), str(found.fields.get(name)))


def _compare_resolution(report: Report, found: TargetItem, expected: Expectation, target_type: TargetType) -> None:
    if expected.needs_resolution and not found.resolution:
        report.add("resolution", "RESOLUTION_MISSING", "set", "unset")
    open_ = {s.id for s in target_type.workflow.statuses if s.category is not StatusCategory.DONE}
    if found.resolution and found.status_id in open_ and expected.status in open_:
        report.add("resolution", "RESOLUTION_UNEXPECTED", "unset", found.resolution)


def _compare_places(report: Report, draft: DraftItem, found: TargetItem, expected: Expectation) -> None:
    sprint = expected.sprint
    if sprint and sprint not in found.sprints:
        report.add("sprint", "SPRINT_MISSING", sprint, ", ".join(found.sprints))
    missing = [component for component in draft.components if component not in found.components]
    if missing:
        report.add("components", "COMPONENT_MISSING", ", ".join(missing), ", ".join(found.components))


def _compare_people(report: Report, draft: DraftItem, found: TargetItem) -> None:
    if draft.priority_id:
        report.check("priority", "PRIORITY_DIFFERS", draft.priority_id, found.priority or "")
    if draft.assignee_id:
        report.check("assignee", "ASSIGNEE_DIFFERS", draft.assignee_id, found.assignee or "")
    if draft.reporter_id:
        report.check("reporter", "REPORTER_DIFFERS", draft.reporter_id, found.reporter or "")


# links


@dataclass(frozen=True, slots=True)
class ExpectedLink:
    """`outward` is true when the item is the link type's source end; `is_parent` when the link stands for a parent
    that the hierarchy cannot hold."""

    type: str
    other: str
    outward: bool
    is_parent: bool = False

    @property
    def words(self) -> str:
        return f"{self.type} {'→' if self.outward else '←'} {self.other}"


def compare_links(
    report: Report, found: TargetItem, expected: Iterable[ExpectedLink], *, undirected: Collection[str]
) -> None:
    """Each expected link stands once, with its type and direction. `undirected` are types that read alike from both
    ends. Links that people added do not count."""
    present = Counter((link.type, link.other_key, link.outward) for link in found.links)
    for link in sorted(set(expected), key=lambda each: each.words):
        field = "parent" if link.is_parent else "links"
        same, turned = (link.type, link.other, link.outward), (link.type, link.other, not link.outward)
        count = present[same] + (present[turned] if link.type in undirected else 0)
        if count > 1:
            report.add(field, "LINK_DOUBLED", link.words, f"{count} times")
        if count:
            continue
        if present[turned]:
            report.add(field, "LINK_REVERSED", link.words, ExpectedLink(link.type, link.other, not link.outward).words)
        else:
            others = sorted({kind for kind, other, _ in present if other == link.other})
            code = "PARENT_LINK_MISSING" if link.is_parent else "LINK_MISSING"
            report.add(field, code, link.words, ", ".join(others) or "missing")


def compare_remote_links(
    report: Report, expected: Iterable[TargetRemoteLink], present: Iterable[TargetRemoteLink]
) -> None:
    """Remote links by their mark; those of people have none of ours."""
    standing = {link.mark: link for link in present}
    for link in expected:
        found = standing.get(link.mark)
        if found is None:
            report.add(f"remote link {link.title}", "REMOTE_LINK_MISSING", link.url, "missing")
        elif (found.url, found.title) != (link.url, link.title):
            report.add(f"remote link {link.title}", "REMOTE_LINK_DIFFERS", link.url, f"{found.title} {found.url}")
