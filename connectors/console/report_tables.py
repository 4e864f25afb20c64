"""An audit report as tables, one for each part: what the page draws and what a download holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Row = tuple[Any, ...]
Report = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """One table of a report. `rows` reads it from the stored form; a report that lacks the key has none."""

    key: str
    title: str
    header: tuple[str, ...]
    rows: Callable[[Report], Iterable[Row]]


def _counts(key: str) -> Callable[[Report], Iterable[Row]]:
    return lambda report: report.get(key, {}).items()


def _entries(key: str, *names: str) -> Callable[[Report], Iterable[Row]]:
    return lambda report: [tuple(entry.get(name) for name in names) for entry in report.get(key, [])]


def _findings(report: Report) -> Iterable[Row]:
    return [
        (each["severity"], each["code"], each["message"], each["count"], " ".join(each.get("sampleIds", [])))
        for each in report.get("findings", [])
    ]


PARTS: Mapping[str, Part] = {
    part.key: part
    for part in (
        Part("types", "Types", ("type", "items"), _counts("typeCounts")),
        Part("states", "States", ("state", "items"), _counts("stateCounts")),
        Part("areas", "Areas", ("path", "depth", "items"), _entries("areaPaths", "path", "depth", "itemCount")),
        Part(
            "iterations",
            "Iterations",
            ("path", "start", "end", "items"),
            _entries("iterationPaths", "path", "startDate", "endDate", "itemCount"),
        ),
        Part("depths", "Hierarchy", ("depth", "items"), _counts("depthCounts")),
        Part("relations", "Relations", ("relation", "count"), _counts("relationCounts")),
        Part("tags", "Tags", ("tag", "items"), _counts("tagCounts")),
        Part(
            "fields",
            "Custom fields",
            ("reference", "name", "type", "items"),
            _entries("customFields", "referenceName", "name", "type", "itemCount"),
        ),
        Part(
            "people",
            "People",
            ("id", "name", "email", "active", "created", "assigned"),
            _entries("users", "id", "name", "email", "active", "created", "assigned"),
        ),
        Part("findings", "Findings", ("severity", "code", "message", "count", "sample"), _findings),
    )
}
"""Every table of a report by the name it has in addresses."""
