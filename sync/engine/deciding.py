"""What a decision is made of: everything known about a pair, and what has been decided so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from connectors.domain.sides import SideComment, SideItem, Value
from sync.engine.actions import Action
from sync.engine.base import Both, PairBase, Part, PartKind
from sync.engine.carry import Carrier
from sync.engine.mappings import Direction, Intrusion, Policy, Position, SyncConfig
from sync.engine.ports import NEITHER, Answer, Force, Matter

SIDES = (Position.FIRST, Position.SECOND)
ORIGIN_KEY = "origin"
"""Where `PairBase.asked` says which side a partner was just made from."""


@dataclass(frozen=True, slots=True)
class View:
    """A pair as it stands now. `comments` is None where they were not read. `partners` by side: keys of its items
    that are paired -> their partners' keys. `scope` names the synchronization in marks."""

    scope: str
    now: datetime
    keys: Both[str]
    base: PairBase
    items: Both[SideItem]
    carrier: Carrier
    comments: Both[tuple[SideComment, ...]] | None = None
    partners: Both[Mapping[str, str]] = field(default_factory=lambda: Both({}, {}))
    ignored: Both[bool] = NEITHER
    answers: Mapping[str, Answer] = field(default_factory=dict)
    force: Force | None = None

    @property
    def config(self) -> SyncConfig:
        return self.carrier.config

    @property
    def origin(self) -> Position | None:
        """The side that the partner was just made from."""
        made = self.base.asked.get(ORIGIN_KEY)
        return Position(int(made)) if made else None

    @property
    def is_first_look(self) -> bool:
        """Whether this pair never agreed on anything yet."""
        return not self.base.versions.first and not self.base.versions.second and self.origin is None

    def is_me(self, position: Position, person: str) -> bool:
        """Whether that is our own account there."""
        me = self.carrier.shapes.at(position).me
        return me is not None and bool(person) and person == me.id


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do now, and the base as it is without doing anything. `again`: part of it waits for these actions."""

    base: PairBase
    actions: tuple[Action, ...] = ()
    matters: tuple[Matter, ...] = ()
    answered: tuple[str, ...] = ()
    again: bool = False


class Deciding:
    """A decision in the making."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.fields = dict(view.base.fields)
        self.asked = dict(view.base.asked)
        self.parts: list[Part] = []
        self.actions: list[Action] = []
        self.matters: list[Matter] = []
        self.answered: list[str] = []
        self.again = False

    def finished(self, kinds: frozenset[PartKind]) -> Decision:
        """The decision; parts of kinds that were not looked at stay as they were."""
        view = self.view
        untouched = [part for part in view.base.parts if part.kind not in kinds]
        base = replace(
            view.base,
            types=Both(view.items.first.type, view.items.second.type),
            versions=Both(view.items.first.version, view.items.second.version),
            fields=self.fields,
            asked=self.asked,
            parts=(*untouched, *self.parts),
        )
        return Decision(base, tuple(self.actions), tuple(self.matters), tuple(self.answered), self.again)

    def carries(self, direction: Direction, source: Position) -> bool:
        """Whether changes of that side are carried at all: by the mapping, and not ignored over there."""
        return direction.carries(source) and not self.view.ignored.at(source.other)

    def answer(self, place: str) -> Answer | None:
        """A person's answer, taken into account from here on."""
        given = self.view.answers.get(place)
        if given is not None:
            self.answered.append(place)
            self.asked.pop(place, None)
        return given

    def ask(self, matter: Matter, fingerprint: str) -> None:
        """Put something before a person, once for the same values."""
        if self.asked.get(matter.field) != fingerprint:
            self.asked[matter.field] = fingerprint
            self.matters.append(self._with_people(matter))

    def is_asked(self, place: str, fingerprint: str) -> bool:
        return self.asked.get(place) == fingerprint

    def _with_people(self, matter: Matter) -> Matter:
        items = self.view.items
        return replace(
            matter,
            changed_by=Both(items.first.changed_by, items.second.changed_by),
            changed_at=Both(items.first.changed, items.second.changed),
        )


def winner_of(
    changed: Both[bool], direction: Direction, policy: Policy, config: SyncConfig, newest: Position
) -> Position | Intrusion | None:
    """Which side's change is carried: one of them, none (`None`), or a person decides (`Intrusion.ASK`).

    One-way mappings: what changes on the sending side overwrites the receiving one; a change on the receiving side
    alone stays there. One side responsible: the other side's changes are reverted, or asked about.
    """
    if direction is not Direction.BOTH:
        source = Position.FIRST if direction is Direction.FIRST_TO_SECOND else Position.SECOND
        return source if changed.at(source) else None
    if policy is Policy.RESPONSIBLE:
        settled = changed.at(config.responsible) or config.intrusion is Intrusion.REVERT
        return config.responsible if settled else Intrusion.ASK
    if changed.first != changed.second:
        return Position.FIRST if changed.first else Position.SECOND
    winners: dict[Policy, Position | Intrusion] = {
        Policy.NEWEST: newest,
        Policy.FIRST: Position.FIRST,
        Policy.SECOND: Position.SECOND,
        Policy.ASK: Intrusion.ASK,
    }
    return winners[policy]


def newest_of(changed: Both[datetime | None], ours: Both[bool]) -> Position:
    """The side that a person changed last. A side that we changed last was changed by a person before that."""
    if ours.first != ours.second:
        return Position.SECOND if ours.first else Position.FIRST
    if changed.first is None or changed.second is None:
        return Position.SECOND if changed.first is None and changed.second is not None else Position.FIRST
    return Position.FIRST if changed.first >= changed.second else Position.SECOND


def raw_equal(one: Value, other: Value) -> bool:
    """Whether two values of one field are the very same."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)
