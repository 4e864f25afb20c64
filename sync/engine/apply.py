"""One pair at a time: look, decide, carry out, read back.

`carry_pair` does everything but the reading back, which a caller may do for many pairs at once (`confirm_pair`);
`run_pair` does both. A refused action becomes a matter and holds the pair back; every other error goes on to the
caller, and whatever was done before is found again by the next pass: effects by their intents, everything else
because doing it again changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from connectors.domain.sides import SideComment, SideItem
from sync.engine.base import Both, PairBase, PartKind
from sync.engine.carry import Carrier
from sync.engine.decide import decide, keys_named
from sync.engine.deciding import ORIGIN_KEY, SIDES, View
from sync.engine.echo import confirm_comments, confirm_fields
from sync.engine.mappings import Position
from sync.engine.perform import Performing
from sync.engine.ports import NONE_YET, Effect, Matter, PairOutcome, PairState
from sync.engine.presence import look_for
from sync.engine.setting import Setting
from sync.engine.settle import settle_effects

MAX_ROUNDS = 4
SOON = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Carried:
    """A pair after its actions; the items of `touched` sides are to be read back."""

    state: PairState
    base: PairBase
    ignored: Both[bool]
    touched: frozenset[Position] = frozenset()
    matters: tuple[Matter, ...] = ()
    answered: tuple[str, ...] = ()
    carried: Both[int] = NONE_YET
    held: bool = False
    later: datetime | None = None
    effects: tuple[Effect, ...] = ()
    performing: Performing | None = None


def run_pair(state: PairState, setting: Setting) -> PairOutcome:
    """Everything for one pair."""
    carried = carry_pair(state, setting)
    items = Both(*(setting.read(s, state.keys.at(s)) if s in carried.touched else None for s in SIDES))
    return confirm_pair(carried, items, setting)


def carry_pair(state: PairState, setting: Setting) -> Carried:
    """Carry what changed. Raises FenceLost and what the sides raise, but Refused."""
    items = state.items or _read(state, setting)
    present = Both(items.first is not None, items.second is not None)
    settled = settle_effects(state.name, state.keys, state.base, present, setting)
    if settled.later is not None:
        return Carried(state, settled.base, state.ignored, later=settled.later)
    presence = look_for(state, settled.base, items, setting)
    if not presence.is_whole or items.first is None or items.second is None:
        touched = frozenset({presence.acted} if presence.acted else ())
        return Carried(
            state,
            presence.base,
            presence.ignored,
            touched,
            matters=presence.matters,
            later=presence.later,
            effects=settled.effects,
        )
    performing = Performing(setting, state.name, state.keys, presence.base, effects=list(settled.effects))
    rounds = _Rounds(replace(state, ignored=presence.ignored), setting, performing)
    return rounds.run(Both(items.first, items.second))


def confirm_pair(carried: Carried, items: Both[SideItem | None], setting: Setting) -> PairOutcome:
    """The outcome after the touched sides were read back (None: not read, or not visible yet)."""
    base, performing = carried.base, carried.performing
    if performing is not None:
        for side in SIDES:
            item = items.at(side)
            if item is not None and side in carried.touched:
                written = performing.written.at(side)
                base = confirm_fields(base, side, item, written, performing.last.get(side), setting)
        if not carried.held and carried.later is None:
            base = _grown_up(base)
    return PairOutcome(
        base,
        carried.ignored,
        carried.matters,
        carried.answered,
        carried.carried,
        carried.held,
        carried.later,
        carried.effects,
    )


def _grown_up(base: PairBase) -> PairBase:
    """A base whose pair was made alike: where it came from does not count any more."""
    asked = {key: value for key, value in base.asked.items() if key != ORIGIN_KEY and not key.startswith("vanished:")}
    return replace(base, asked=asked)


def _read(state: PairState, setting: Setting) -> Both[SideItem | None]:
    return Both(*(setting.read(side, state.keys.at(side)) for side in SIDES))


class _Rounds:
    """Decides and carries out until nothing is left to do now."""

    def __init__(self, state: PairState, setting: Setting, performing: Performing) -> None:
        self._state = state
        self._setting = setting
        self._performing = performing
        self._matters: list[Matter] = []
        self._answered: tuple[str, ...] = ()
        self._touched: set[Position] = set()

    def run(self, items: Both[SideItem]) -> Carried:
        performing = self._performing
        again = False
        for number in range(MAX_ROUNDS):
            decision = decide(self._view(items, is_first=number == 0))
            performing.base = decision.base
            self._matters.extend(decision.matters)
            self._answered += decision.answered
            performing.run(decision.actions)
            self._touched.update(action.position for action in decision.actions)
            again = decision.again or performing.again
            if performing.held or performing.again or not decision.again or not decision.actions:
                break
            fresh = _read(self._state, self._setting)
            if fresh.first is None or fresh.second is None:
                break
            items = Both(fresh.first, fresh.second)
            self._confirm(items)
        self._read_comments_back()
        later = self._setting.now + SOON if again and not performing.held else None
        return Carried(
            self._state,
            performing.base,
            self._state.ignored,
            frozenset(self._touched),
            matters=(*self._matters, *performing.matters),
            answered=self._answered,
            carried=performing.carried,
            held=performing.held,
            later=later,
            effects=tuple(performing.effects),
            performing=performing,
        )

    def _view(self, items: Both[SideItem], *, is_first: bool) -> View:
        setting, base = self._setting, self._performing.base
        people = setting.directory.people(base, items)
        return View(
            setting.scope,
            setting.now,
            self._state.keys,
            base,
            items,
            Carrier(setting.config, setting.shapes, people),
            comments=self._comments(items),
            partners=self._partners(items),
            ignored=self._state.ignored,
            answers=self._state.answers if is_first else {},
            force=self._state.force,
        )

    def _partners(self, items: Both[SideItem]) -> Both[Mapping[str, str]]:
        named = keys_named(Both(items.first, items.second))
        store = self._setting.store
        first = store.partners(Position.FIRST, named.first) if named.first else {}
        second = store.partners(Position.SECOND, named.second) if named.second else {}
        return Both(first, second)

    def _comments(self, items: Both[SideItem]) -> Both[tuple[SideComment, ...]] | None:
        """Comments of both items; they are asked for unless both are known to have none."""
        if self._setting.config.comments is None or self._state.force is not None:
            return None
        known = self._performing.base.of_kind(PartKind.COMMENT)
        return Both(*(self._comments_of(side, items.at(side), has_parts=bool(known)) for side in SIDES))

    def _comments_of(self, side: Position, item: SideItem, *, has_parts: bool) -> tuple[SideComment, ...]:
        if item.comments is not None:
            return item.comments
        if item.comment_count == 0 and not has_parts:
            return ()
        return tuple(self._setting.sides.at(side).comments(item.key))

    def _confirm(self, items: Both[SideItem]) -> None:
        """What the last round wrote, as it stands now."""
        performing = self._performing
        for side in SIDES:
            written = performing.written.at(side)
            last = performing.last.get(side)
            performing.base = confirm_fields(performing.base, side, items.at(side), written, last, self._setting)
            written.clear()

    def _read_comments_back(self) -> None:
        performing = self._performing
        for side in sorted({position for position, _ in performing.texts}):
            comments = self._setting.sides.at(side).comments(self._state.keys.at(side))
            performing.base = confirm_comments(performing.base, side, comments, performing.texts)
