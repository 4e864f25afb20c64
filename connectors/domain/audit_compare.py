"""What changed between two audit reports of one project: counts that differ, findings that came and went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class CountChange:
    """One name whose count differs; a name that one report lacks counts 0 there."""

    name: str
    before: int
    after: int

    @property
    def difference(self) -> int:
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class FindingChange:
    """A finding that came, went, or changed its count."""

    code: str
    severity: str
    message: str
    before: int
    after: int

    @property
    def difference(self) -> int:
        return self.after - self.before

    @property
    def is_new(self) -> bool:
        return not self.before

    @property
    def is_gone(self) -> bool:
        return not self.after


@dataclass(frozen=True, slots=True)
class Comparison:
    """The differences from one report to a later one; equal parts are empty."""

    totals: tuple[CountChange, ...]
    types: tuple[CountChange, ...]
    states: tuple[CountChange, ...]
    areas: tuple[CountChange, ...]
    iterations: tuple[CountChange, ...]
    tags: tuple[CountChange, ...]
    fields: tuple[CountChange, ...]
    findings: tuple[FindingChange, ...]

    @property
    def is_equal(self) -> bool:
        """Whether nothing that is compared differs."""
        parts = (self.types, self.states, self.areas, self.iterations, self.tags, self.fields, self.findings)
        return not any(parts) and all(not each.difference for each in self.totals)


def compare_reports(before: Mapping[str, Any], after: Mapping[str, Any]) -> Comparison:
    """From the stored form of two reports; a key that an older report lacks counts as empty."""
    return Comparison(
        totals=_totals(before, after),
        types=_changes(before.get("typeCounts", {}), after.get("typeCounts", {})),
        states=_changes(before.get("stateCounts", {}), after.get("stateCounts", {})),
        areas=_changes(_paths(before, "areaPaths"), _paths(after, "areaPaths")),
        iterations=_changes(_paths(before, "iterationPaths"), _paths(after, "iterationPaths")),
        tags=_changes(before.get("tagCounts", {}), after.get("tagCounts", {})),
        fields=_changes(_fields(before), _fields(after)),
        findings=_findings(before, after),
    )


def _totals(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[CountChange, ...]:
    named = {
        "Work items": "totalWorkItems",
        "Comments": "commentCount",
        "Files": "attachmentCount",
        "People": "users",
    }
    return tuple(CountChange(name, _size(before.get(key)), _size(after.get(key))) for name, key in named.items())


def _size(value: Any) -> int:
    return len(value) if isinstance(value, list) else int(value or 0)


def _changes(before: Mapping[str, int], after: Mapping[str, int]) -> tuple[CountChange, ...]:
    """The largest differences first."""
    found = [
        CountChange(name, before.get(name, 0), after.get(name, 0))
        for name in {**before, **after}
        if before.get(name, 0) != after.get(name, 0)
    ]
    return tuple(sorted(found, key=lambda each: (-abs(each.difference), each.name)))


def _paths(report: Mapping[str, Any], key: str) -> dict[str, int]:
    return {entry["path"]: entry["itemCount"] for entry in report.get(key, [])}


def _fields(report: Mapping[str, Any]) -> dict[str, int]:
    return {entry["name"]: entry["itemCount"] for entry in report.get("customFields", [])}


def _findings(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[FindingChange, ...]:
    """New ones first, then those that changed, then those that are gone."""
    old = {entry["code"]: entry for entry in before.get("findings", [])}
    new = {entry["code"]: entry for entry in after.get("findings", [])}
    changes = []
    for code in {**old, **new}:
        counts = tuple(side[code]["count"] if code in side else 0 for side in (old, new))
        entry = new.get(code) or old[code]
        if counts[0] != counts[1]:
            changes.append(FindingChange(code, entry["severity"], entry["message"], *counts))
    return tuple(sorted(changes, key=lambda each: (not each.is_new, each.is_gone, -abs(each.difference), each.code)))
