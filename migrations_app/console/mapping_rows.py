"""The mapping as the editor draws it: tabs, and rows with what may be chosen in each."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2s

from connectors.domain.mapping.decisions import SEVERITY
from connectors.domain.mapping.fields import DESCRIPTION, NONE
from connectors.domain.mapping.places import AreasAs, IterationsAs
from connectors.domain.mapping.resolve import UNSET
from connectors.domain.systems import invalid
from migrations_app.engine.choices import Choice, Choices
from migrations_app.engine.deciding import (
    AREAS,
    FIELDS,
    ITERATIONS,
    LINK_TYPES,
    PARTS,
    PEOPLE,
    PRIORITIES,
    SEVERITIES,
    STATES,
    TYPES,
    VALUES,
    Subject,
)
from migrations_app.engine.entries import Entry, Proposals, as_decided
from migrations_app.services.mapping import MappingView

TYPED = frozenset({ITERATIONS, AREAS, PEOPLE})
"""Parts whose targets are typed: new names, or accounts of whom there are too many to list."""

OPEN, UNMAPPED, SUGGESTED, DECIDED = "open", "unmapped", "suggested", "decided"
"""Must be decided before a run; has no place of its own; has one that nobody confirmed; was decided by a person."""

SHOWS = {"": "All", OPEN: "To decide", UNMAPPED: "Not mapped", SUGGESTED: "Suggested", DECIDED: "Decided"}
_ORDER = {OPEN: 0, UNMAPPED: 1, SUGGESTED: 2, DECIDED: 3}


@dataclass(frozen=True, slots=True)
class Row:
    """A name of the source and what becomes of it. `key` names it in requests, `id` on the page."""

    subject: Subject
    key: str
    id: str
    title: str
    detail: str
    count: int
    counts: bool
    target: str
    shown: str
    choices: tuple[Choice, ...]
    typed: bool
    percent: int
    reason: str
    state: str
    was_decided: bool = False
    proposal: str = ""
    proposal_shown: str = ""
    values: tuple[Row, ...] = ()

    @property
    def can_be_confirmed(self) -> bool:
        """Whether what is suggested can be decided as it stands."""
        offered = self.typed or any(choice.value == self.target for choice in self.choices)
        return self.state != DECIDED and bool(self.target) and offered

    @property
    def is_foreign(self) -> bool:
        """Whether the target is none of the choices."""
        return not self.typed and all(choice.value != self.target for choice in self.choices)

    @property
    def open_values(self) -> int:
        """How many of the field's values the target does not offer."""
        return sum(1 for row in self.values if row.state == UNMAPPED)


@dataclass(frozen=True, slots=True)
class Tab:
    """One part of the mapping. `source` and `target` head the columns; `open` counts what must be decided, `unmapped`
    what has no place of its own."""

    key: str
    title: str
    source: str
    target: str
    help: str
    rows: tuple[Row, ...] = ()
    open: int = 0
    unmapped: int = 0
    as_choices: tuple[Choice, ...] = field(default=())
    as_value: str = ""


@dataclass(frozen=True, slots=True)
class _Part:
    key: str
    title: str
    source: str
    target: str
    help: str


_PARTS = (
    _Part(TYPES, "Types", "Type", "Issue type", "What each type of item becomes, unless its parent asks for another."),
    _Part(STATES, "States", "State", "Status", "The status that items of a type get, by the state they are in."),
    _Part(PRIORITIES, "Priorities", "Priority", "Priority", "The priority of items, by their priority in the source."),
    _Part(SEVERITIES, "Severities", "Severity", "Option", "The option of the field that severity is led to."),
    _Part(FIELDS, "Fields", "Field", "Goes to", "Where the values of filled fields go. Nothing is lost by itself."),
    _Part(LINK_TYPES, "Links", "Kind of link", "Link type", "The link type that links of a kind get."),
    _Part(ITERATIONS, "Iterations", "Iteration", "Name", "What iterations become. Type a name, or none to leave out."),
    _Part(AREAS, "Areas", "Area", "Component", "What areas become. Type a component, or none to give them none."),
    _Part(PEOPLE, "People", "Person", "Account", "Who somebody is in the target. Type an e-mail, name or account id."),
)

_AS = {
    ITERATIONS: (
        Choice(IterationsAs.SPRINT.value, "Sprints"),
        Choice(IterationsAs.VERSION.value, "Versions"),
        Choice(IterationsAs.NONE.value, "Nothing"),
    ),
    AREAS: (
        Choice(AreasAs.LEAF.value, "Components named by the last part"),
        Choice(AreasAs.PATH.value, "Components named by the whole path"),
        Choice(AreasAs.COLLAPSED.value, "Components of the uppermost areas"),
        Choice(AreasAs.NONE.value, "Nothing"),
    ),
}


def tabs_of(view: MappingView) -> list[Tab]:
    """All parts, each with its rows, what must be decided first."""
    shown = view.proposals or as_decided(view.decisions)
    checked = view.proposals is not None
    return [_tab(part, shown, view.choices, checked=checked) for part in _PARTS]


def find_row(tabs: Iterable[Tab], subject: Subject) -> Row | None:
    """The row about a subject."""
    for tab in tabs:
        for row in tab.rows:
            for each in (row, *row.values):
                if _same(each.subject, subject):
                    return each
    return None


def matching(rows: Sequence[Row], *, text: str, show: str) -> list[Row]:
    """Rows in whose names the text stands, in the state that is asked for."""
    wanted = text.casefold().strip()
    found = (row for row in rows if not show or row.state == show)
    return [row for row in found if not wanted or wanted in f"{row.title}\n{row.detail}\n{row.shown}".casefold()]


def key_of(subject: Subject) -> str:
    """The subject in a form field."""
    return json.dumps([subject.part, subject.source, subject.type, subject.field])


def subject_of(key: str) -> Subject:
    """The subject of a form field. Raises DomainError VALIDATION_FAILED."""
    try:
        found = json.loads(key)
    except ValueError:
        found = None
    if isinstance(found, list) and len(found) == 4 and all(isinstance(each, str) for each in found):
        part, source, type_name, reference = found
        if part in PARTS and source and all(can_be_stored(each) for each in found):
            return Subject(part, source, type=type_name, field=reference)
    raise invalid({"key": ["This row does not exist any more. Load the page again."]})


def can_be_stored(text: str) -> bool:
    """Whether every database takes the text."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def _same(one: Subject, other: Subject) -> bool:
    return replace(one, also=()) == replace(other, also=())


def _tab(part: _Part, shown: Proposals, choices: Choices, *, checked: bool) -> Tab:
    entries: tuple[Entry, ...] = {
        TYPES: shown.types,
        STATES: shown.states,
        PRIORITIES: shown.priorities,
        SEVERITIES: shown.severities,
        FIELDS: shown.fields,
        LINK_TYPES: shown.link_types,
        ITERATIONS: shown.iterations,
        AREAS: shown.areas,
        PEOPLE: shown.people,
    }[part.key]
    rows = sorted((_row(part.key, entry, choices) for entry in entries), key=_place)
    return Tab(
        part.key,
        part.title,
        part.source,
        part.target,
        part.help,
        rows=tuple(rows),
        open=sum(1 for row in rows if row.state == OPEN) if checked else 0,
        unmapped=sum(1 for row in rows if row.state == UNMAPPED) if checked else 0,
        as_choices=_AS.get(part.key, ()),
        as_value={ITERATIONS: shown.iterations_as, AREAS: shown.areas_as}.get(part.key, ""),
    )


def _place(row: Row) -> tuple[int, bool, int, int, list[tuple[int, str]]]:
    return (_ORDER[row.state], not row.proposal, row.percent, -row.count, _natural(row.title))


def _natural(text: str) -> list[tuple[int, str]]:
    """Sprint 2 stands before Sprint 10."""
    parts = re.findall(r"([0-9]{1,9})|([^0-9]+)", text.casefold())
    return [(int(number or 0), words) for number, words in parts]


def _row(part: str, entry: Entry, choices: Choices, *, reference: str = "") -> Row:
    subject = Subject(part, entry.source, type=entry.type, field=reference, also=(entry.name,) if entry.name else ())
    offers = _offers(part, entry, choices, reference)
    labels = {choice.value: choice.label for choice in offers}
    key = key_of(subject)
    return Row(
        subject=subject,
        key=key,
        id=f"row-{blake2s(key.encode(), digest_size=6).hexdigest()}",
        title=_title(part, entry),
        detail=_detail(part, entry),
        count=entry.count,
        counts=part not in (ITERATIONS, AREAS),
        target=entry.target,
        shown=entry.target_name or labels.get(entry.target, entry.target),
        choices=offers,
        typed=part in TYPED,
        percent=round(entry.confidence * 100),
        reason=entry.reason,
        state=_state(part, entry),
        was_decided=entry.confirmed or bool(entry.asked),
        proposal=entry.proposal,
        proposal_shown=labels.get(entry.proposal, entry.proposal),
        values=tuple(_row(VALUES, each, choices, reference=entry.source) for each in _values(part, entry)),
    )


def _values(part: str, entry: Entry) -> tuple[Entry, ...]:
    """Values of the severity have a tab of their own."""
    return entry.values if part == FIELDS and entry.source != SEVERITY else ()


def _title(part: str, entry: Entry) -> str:
    if part == STATES:
        return entry.source
    if part == PRIORITIES and entry.source == UNSET:
        return "No priority"
    if part == LINK_TYPES:
        return entry.source.replace("_", " ")
    return entry.name or entry.source


def _detail(part: str, entry: Entry) -> str:
    if part == STATES:
        return entry.type or "all types"
    return entry.source if entry.name and entry.name != entry.source else ""


def _state(part: str, entry: Entry) -> str:
    if entry.confirmed:
        return DECIDED
    if part in (TYPES, STATES, PRIORITIES) and entry.is_open:
        return OPEN
    unplaced = part in (SEVERITIES, VALUES) and entry.target == DESCRIPTION
    return UNMAPPED if unplaced or not entry.target else SUGGESTED


def _offers(part: str, entry: Entry, choices: Choices, reference: str) -> tuple[Choice, ...]:
    match part:
        case "types":
            return choices.types
        case "states":
            return choices.statuses.get(entry.type, ())
        case "priorities":
            return choices.priorities
        case "links":
            return choices.link_types
        case "fields":
            return choices.fields.get(entry.source, ())
        case "severities":
            return choices.values.get(SEVERITY, ())
        case "values":
            return choices.values.get(reference, ())
        case "iterations":
            return (*choices.iterations, Choice(NONE, "none"))
        case "areas":
            return (*choices.areas, Choice(NONE, "none"))
    return choices.people
