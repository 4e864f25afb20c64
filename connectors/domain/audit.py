"""The audit: folds a stream of work items into the report, keeping aggregates only, never an item.

Invariant:
`sum(report["typeCounts"].values()) == report["totalWorkItems"]`.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from connectors.domain.audit_estimate import Workload, estimate
from connectors.domain.audit_findings import FindingCode, FindingCollector
from connectors.domain.audit_hierarchy import HierarchyCensus
from connectors.domain.audit_report import (
    AreaEntry,
    AuditReport,
    CustomFieldEntry,
    IterationEntry,
    PricingEntry,
    UserEntry,
)
from connectors.domain.pricing import CURRENCY, PriceRules, price_of
from connectors.domain.shapes import SourceShape
from connectors.domain.work_items import LinkKind, Markup, Person, Text, WorkItem

_BYTES_PER_GB = Decimal(10**9)
_MARKUP_TAG = re.compile(r"<[^>]*>")
ATTACHED_FILE = "attached_file"
"""How `relationCounts` names files; the other names are `LinkKind` values and the kinds of remote links."""


@dataclass(frozen=True, slots=True)
class AuditLimits:
    """What the target takes: Jira Cloud's defaults unless a site tells its own.

    https://support.atlassian.com/jira-cloud-administration/docs/configure-file-attachments/
    """

    attachment_bytes: int = 1_000_000_000
    text_characters: int = 32_767
    title_characters: int = 255
    comments: int = 5_000
    links: int = 2_000


@dataclass(slots=True)
class _Presence:
    """How often one person is named."""

    person: Person
    created: int = 0
    assigned: int = 0


class Audit:
    """Takes items one by one and gives the report at the end. Memory grows with distinct names (types, paths,
    tags, people) and by 17 bytes per item for the hierarchy, never with texts."""

    def __init__(self, shape: SourceShape, limits: AuditLimits | None = None) -> None:
        self._shape = shape
        self._limits = limits or AuditLimits()
        self._levels = {each.name: each.level for each in shape.types}
        self._described = {each.reference for each in shape.fields}
        self._custom = {each.reference for each in shape.fields if each.custom}
        self._types: Counter[str] = Counter()
        self._states: Counter[str] = Counter()
        self._iterations: Counter[str] = Counter()
        self._areas: Counter[str] = Counter()
        self._fields: Counter[str] = Counter()
        self._relations: Counter[str] = Counter()
        self._tags: Counter[str] = Counter()
        self._tag_spelling: dict[str, str] = {}
        self._people: dict[str, _Presence] = {}
        self._hierarchy = HierarchyCensus()
        self._findings = FindingCollector()
        self._undescribed: set[str] = set()
        self._comments = self._commented = self._files = self._file_bytes = self._images = 0

    def add(self, item: WorkItem) -> None:
        """Fold one readable item in."""
        self._types[item.type] += 1
        self._states[item.state] += 1
        self._iterations[item.iteration] += 1
        self._areas[item.area] += 1
        self._hierarchy.add(item.id, level=self._levels.get(item.type), parent=item.parent)
        self._add_texts(item)
        self._add_fields(item)
        self._add_tags(item)
        self._add_people(item)
        self._add_relations(item)
        self._add_files(item)
        self._add_comments(item)

    def add_unreadable(self, ids: Iterable[str]) -> None:
        """Note items that are listed but not given to these credentials; their type is unknown, so they are
        reported and not counted."""
        for each in ids:
            self._findings.add(FindingCode.ITEM_UNREADABLE, each)

    def report(self, rules: PriceRules) -> AuditReport:
        """The report over everything added, priced by `rules`. Call it once, at the end."""
        self._judge_hierarchy()
        self._judge_people()
        total = self._types.total()
        gigabytes = (Decimal(self._file_bytes) / _BYTES_PER_GB).quantize(Decimal("0.001"), rounding=ROUND_HALF_UP)
        return AuditReport(
            totalWorkItems=total,
            typeCounts=self._type_counts(),
            iterationPaths=self._iteration_paths(),
            areaPaths=self._area_paths(),
            customFields=self._custom_fields(),
            attachmentTotalGb=float(gigabytes),
            attachmentCount=self._files,
            commentCount=self._comments,
            pricing=_pricing(rules, items=total, gigabytes=gigabytes),
            stateCounts=_by_frequency(self._states),
            relationCounts=_by_frequency(self._relations),
            depthCounts={str(depth): count for depth, count in self._hierarchy.depths().items()},
            tagCounts={self._tag_spelling[tag]: count for tag, count in _by_frequency(self._tags).items()},
            users=self._users(),
            estimate=estimate(self._workload(total)),
            findings=self._findings.entries(),
        )

    def _add_texts(self, item: WorkItem) -> None:
        if len(item.title) > self._limits.title_characters:
            self._findings.add(FindingCode.TITLE_TOO_LONG, item.id)
        self._images += sum(_images_in(text) for text in item.texts.values())
        if any(self._is_too_long(text) for text in item.texts.values()):
            self._findings.add(FindingCode.TEXT_TOO_LONG, item.id)

    def _is_too_long(self, text: Text) -> bool:
        """Whether the words alone pass the limit; markup does not count, and is only removed when it may matter."""
        limit = self._limits.text_characters
        if len(text.value) <= limit or text.markup in (Markup.PLAIN, Markup.MARKDOWN):
            return len(text.value) > limit
        return len(html.unescape(_MARKUP_TAG.sub("", text.value))) > limit

    def _add_fields(self, item: WorkItem) -> None:
        for reference, value in item.fields.items():
            self._add_field(item, reference, present=value not in (None, ""))
        for reference, text in item.texts.items():
            if reference in self._custom:
                self._add_field(item, reference, present=bool(text.value))

    def _add_field(self, item: WorkItem, reference: str, *, present: bool) -> None:
        if not present:
            return
        if reference in self._custom:
            self._fields[reference] += 1
        elif self._described and reference not in self._described and reference not in self._undescribed:
            self._undescribed.add(reference)
            self._findings.add(FindingCode.FIELD_NOT_DESCRIBED, reference)

    def _add_tags(self, item: WorkItem) -> None:
        """Tags are compared without case, as Azure DevOps does; the first spelling seen is shown."""
        for tag in item.tags:
            folded = tag.casefold()
            self._tag_spelling.setdefault(folded, tag)
            self._tags[folded] += 1
        if any(" " in tag for tag in item.tags):
            self._findings.add(FindingCode.TAG_CHANGES, item.id)

    def _add_people(self, item: WorkItem) -> None:
        if item.author is not None:
            self._presence(item.author).created += 1
        if item.assignee is not None:
            self._presence(item.assignee).assigned += 1
        for value in item.fields.values():
            if isinstance(value, Person):
                self._presence(value)

    def _presence(self, person: Person) -> _Presence:
        return self._people.setdefault(person.id or person.email or person.name, _Presence(person))

    def _add_relations(self, item: WorkItem) -> None:
        self._relations.update(link.kind.value for link in item.links)
        if item.parent is not None and not any(link.kind is LinkKind.PARENT for link in item.links):
            self._relations[LinkKind.PARENT.value] += 1
        self._relations.update(link.kind for link in item.remote_links)
        if len(item.links) > self._limits.links:
            self._findings.add(FindingCode.TOO_MANY_LINKS, item.id)

    def _add_files(self, item: WorkItem) -> None:
        sizes = [file.size for file in item.attachments]
        self._files += len(sizes)
        self._file_bytes += sum(size or 0 for size in sizes)
        if sizes:
            self._relations[ATTACHED_FILE] += len(sizes)
        if any(size is not None and size > self._limits.attachment_bytes for size in sizes):
            self._findings.add(FindingCode.ATTACHMENT_TOO_LARGE, item.id)
        if any(size is None for size in sizes):
            self._findings.add(FindingCode.ATTACHMENT_SIZE_UNKNOWN, item.id)

    def _add_comments(self, item: WorkItem) -> None:
        if item.comment_count is None:
            self._findings.add(FindingCode.COMMENT_COUNT_UNKNOWN, item.id)
            return
        self._comments += item.comment_count
        self._commented += item.comment_count > 0
        if item.comment_count > self._limits.comments:
            self._findings.add(FindingCode.TOO_MANY_COMMENTS, item.id)

    def _judge_hierarchy(self) -> None:
        for problem in self._hierarchy.problems():
            self._findings.add(problem.code, problem.item)

    def _judge_people(self) -> None:
        for presence in self._people.values():
            if not presence.person.email:
                self._findings.add(FindingCode.PEOPLE_WITHOUT_EMAIL, presence.person.name or presence.person.id)
            if not presence.person.active:
                self._findings.add(FindingCode.PEOPLE_INACTIVE, presence.person.name or presence.person.id)

    def _type_counts(self) -> dict[str, int]:
        """Higher backlog levels first, types without a level last, then the more frequent."""

        def rank(name: str) -> tuple[bool, int, int, str]:
            level = self._levels.get(name)
            return (level is None, -(level or 0), -self._types[name], name)

        return {name: self._types[name] for name in sorted(self._types, key=rank)}

    def _iteration_paths(self) -> list[IterationEntry]:
        """The whole tree in its own order, then paths that items still name although the tree lost them."""
        known = {each.path for each in self._shape.iterations}
        entries = [
            IterationEntry(
                path=each.path,
                startDate=_day(each.start),
                endDate=_day(each.finish),
                itemCount=self._iterations[each.path],
            )
            for each in self._shape.iterations
        ]
        lost = sorted(path for path in self._iterations if path and path not in known)
        return entries + [
            IterationEntry(path=path, startDate=None, endDate=None, itemCount=self._iterations[path]) for path in lost
        ]

    def _area_paths(self) -> list[AreaEntry]:
        known = set(self._shape.areas)
        lost = sorted(path for path in self._areas if path and path not in known)
        return [
            AreaEntry(path=path, depth=path.count("\\") + 1, itemCount=self._areas[path])
            for path in [*self._shape.areas, *lost]
        ]

    def _custom_fields(self) -> list[CustomFieldEntry]:
        """Custom fields that at least one item fills; an organization describes many that a project never uses."""
        return [
            CustomFieldEntry(
                referenceName=each.reference,
                name=each.name,
                # The service writes `string`, the documented answer `String`.
                type=each.type[:1].upper() + each.type[1:],
                itemCount=self._fields[each.reference],
            )
            for each in self._shape.fields
            if self._fields[each.reference]
        ]

    def _users(self) -> list[UserEntry]:
        entries = [
            UserEntry(
                id=key,
                name=presence.person.name,
                email=presence.person.email,
                active=presence.person.active,
                created=presence.created,
                assigned=presence.assigned,
            )
            for key, presence in self._people.items()
        ]
        return sorted(entries, key=lambda entry: (-entry["created"] - entry["assigned"], entry["name"], entry["id"]))

    def _workload(self, total: int) -> Workload:
        kinds = {kind.value for kind in LinkKind}
        hierarchy = {LinkKind.PARENT.value, LinkKind.CHILD.value}
        ends = sum(count for name, count in self._relations.items() if name in kinds - hierarchy)
        return Workload(
            items=total,
            commented_items=self._commented,
            comments=self._comments,
            files=self._files,
            file_bytes=self._file_bytes,
            images=self._images,
            links=(ends + 1) // 2,
        )


def _pricing(rules: PriceRules, *, items: int, gigabytes: Decimal) -> PricingEntry:
    price = price_of(rules, items=items, gigabytes=gigabytes)
    percent = float(price.discount_percent)
    return PricingEntry(
        totalItems=items,
        attachmentGb=float(gigabytes),
        basePrice=float(price.base),
        discountPercent=int(percent) if percent.is_integer() else percent,
        finalPriceGbp=float(price.final),
        currency=CURRENCY,
    )


def _images_in(text: Text) -> int:
    return text.value.count("![") if text.markup is Markup.MARKDOWN else text.value.lower().count("<img")


def _by_frequency(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda entry: (-entry[1], entry[0])))


def _day(moment: datetime | None) -> str | None:
    return None if moment is None else moment.date().isoformat()
