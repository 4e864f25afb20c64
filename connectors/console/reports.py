"""What the page of an audit report draws: bars with their tables, findings with their items, people, fields, price."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.console.advice import after_finding
from connectors.domain.audit_findings import FindingCode
from connectors.models import Scan
from connectors.source_links import item_address

MOST_BARS = 12
MOST_ROWS = 200
"""Of a table on the page; the download has them all."""
_NOT_ITEMS = (FindingCode.PEOPLE_WITHOUT_EMAIL, FindingCode.PEOPLE_INACTIVE, FindingCode.FIELD_NOT_DESCRIBED)


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its length as a share of the longest, its count as a share of all. `label` is short, `name` whole."""

    name: str
    label: str
    value: int
    length: float
    percent: float


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars and the table behind them. `part` names the download."""

    part: str
    title: str
    noun: str
    bars: tuple[Bar, ...]
    table: tuple[Bar, ...]
    count: int

    @property
    def hidden_bars(self) -> int:
        return self.count - len(self.bars)

    @property
    def hidden_rows(self) -> int:
        return self.count - len(self.table)


@dataclass(frozen=True, slots=True)
class Sample:
    """An item, person or field that a finding names."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class ShownFinding:
    """A finding with what to do about it."""

    severity: str
    code: str
    message: str
    count: int
    advice: str
    samples: tuple[Sample, ...]

    @property
    def unnamed(self) -> int:
        """How many more there are than are named."""
        return self.count - len(self.samples)


@dataclass(frozen=True, slots=True)
class Listing:
    """The first rows of a long table."""

    rows: list[Mapping[str, Any]]
    count: int

    @property
    def hidden(self) -> int:
        return self.count - len(self.rows)


@dataclass(frozen=True, slots=True)
class ReportView:
    """Everything the report's page needs, cut to what a person reads."""

    report: Mapping[str, Any]
    charts: tuple[Chart, ...]
    findings: tuple[ShownFinding, ...]
    fields: Listing
    people: Listing
    depth: int

    @property
    def warnings(self) -> int:
        return sum(finding.severity == "warning" for finding in self.findings)


def view_of(scan: Scan) -> ReportView:
    """The view of a finished scan's report."""
    report: Mapping[str, Any] = scan.report or {}
    depths = report.get("depthCounts", {})
    return ReportView(
        report=report,
        charts=tuple(chart for chart in _charts(report) if chart.count),
        findings=tuple(_finding(scan, entry) for entry in report.get("findings", [])),
        fields=_listing(report.get("customFields", [])),
        people=_listing(report.get("users", [])),
        depth=max((int(depth) for depth in depths), default=0),
    )


def _charts(report: Mapping[str, Any]) -> Iterable[Chart]:
    depths = {f"Level {depth}": count for depth, count in report.get("depthCounts", {}).items()}
    yield _chart("types", "By type", "Type", report.get("typeCounts", {}))
    yield _chart("states", "By state", "State", report.get("stateCounts", {}))
    yield _chart("areas", "By area", "Area", _filled(report, "areaPaths"), paths=True)
    yield _chart("iterations", "By iteration", "Iteration", _filled(report, "iterationPaths"), paths=True)
    yield _chart("depths", "Hierarchy depth", "Level below the topmost parent", depths)
    yield _chart("relations", "Relations", "Relation", _words(report.get("relationCounts", {})))
    yield _chart("tags", "Tags", "Tag", report.get("tagCounts", {}))


def _filled(report: Mapping[str, Any], key: str) -> dict[str, int]:
    """Paths that hold items, in the order of the tree."""
    return {entry["path"]: entry["itemCount"] for entry in report.get(key, []) if entry["itemCount"]}


def _words(counts: Mapping[str, int]) -> dict[str, int]:
    return {name.replace("_", " ").capitalize(): count for name, count in counts.items()}


def _chart(part: str, title: str, noun: str, counts: Mapping[str, int], *, paths: bool = False) -> Chart:
    """The largest bars, kept in the order of the report."""
    longest, total = max(counts.values(), default=0), sum(counts.values())
    bars = [
        Bar(
            name or "(none)",
            _below_root(name) if paths else name or "(none)",
            count,
            length=round(100 * count / longest, 1) if longest else 0,
            percent=round(100 * count / total, 1) if total else 0,
        )
        for name, count in counts.items()
    ]
    largest = {id(bar) for bar in sorted(bars, key=lambda bar: -bar.value)[:MOST_BARS]}
    return Chart(
        part, title, noun, tuple(bar for bar in bars if id(bar) in largest), tuple(bars[:MOST_ROWS]), len(bars)
    )


def _below_root(path: str) -> str:
    """A path without the project it begins with, readable in a narrow column."""
    return " / ".join(path.split("\\")[1:]) or path or "(none)"


def _finding(scan: Scan, entry: Mapping[str, Any]) -> ShownFinding:
    linked = entry["code"] not in _NOT_ITEMS
    return ShownFinding(
        severity=entry["severity"],
        code=entry["code"],
        message=entry["message"],
        count=entry["count"],
        advice=after_finding(entry["code"]),
        samples=tuple(Sample(each, _address(scan, each) if linked else "") for each in entry.get("sampleIds", [])),
    )


def _address(scan: Scan, item: str) -> str:
    return item_address(scan.system, server=scan.server, owner=scan.owner, project=scan.external_project, item=item)


def _listing(rows: list[Mapping[str, Any]]) -> Listing:
    return Listing(rows[:MOST_ROWS], len(rows))
