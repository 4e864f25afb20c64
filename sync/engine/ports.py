"""What carrying a pair's changes needs of a store, what it is given, and what it answers.

The engine asks no clock: `now` is passed in. Everything of one pair is done by one worker at a time, which holds the
synchronization's lease; the store refuses (`FenceLost`) when another took over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from connectors.domain.sides import SideItem, Value
from sync.engine.base import NOTHING, Both, PairBase
from sync.engine.mappings import Position

UNCLEAR_WAIT = timedelta(seconds=120)
"""How long an effect without an answer is left alone before it is settled: longer than a client's timeout and a
lease, so that a call still under way in a stopped worker cannot land after it was looked for."""

NEITHER = Both(first=False, second=False)
BOTH = Both(first=True, second=True)
NONE_YET = Both(0, 0)
NEVER: Both[datetime | None] = Both(None, None)


class FenceLost(Exception):
    """Another worker has this synchronization now. Nothing more was sent or stored."""


class EffectKind(StrEnum):
    """Effects that must not happen twice. All others can be repeated and are decided anew after a crash."""

    ITEM = "item"
    COMMENT = "comment"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Effect:
    """An effect intended, or done. `key` is unique in its synchronization, `mark` is left in what is made. `item` is
    the pair (`PairState.name`) it belongs to, for a new item the sending item (`item_name`).

    `detail` holds what settling needs (position, source id, name, size) and, once done, `result`: the id made.
    """

    key: str
    kind: EffectKind
    item: str
    mark: str
    detail: Mapping[str, Any] = field(default_factory=dict)
    at: datetime | None = None
    done: bool = False


class PairStore(Protocol):
    """Remembers effects. Every method commits before it returns and raises `FenceLost`."""

    def effects(self, item: str) -> list[Effect]:
        """All effects of a pair or item that were not forgotten yet, intended and done."""
        ...

    def intend(self, effect: Effect) -> None:
        """Store an intent, right before its call."""
        ...

    def done(self, effect: Effect) -> None:
        """Store that it happened, right after."""
        ...

    def withdraw(self, effect: Effect) -> None:
        """Forget an intent that certainly had no effect."""
        ...

    def before_call(self) -> None:
        """Called before every write: raises `FenceLost` when the lease may have gone."""
        ...

    def partners(self, position: Position, keys: Sequence[str]) -> dict[str, str]:
        """Key on that side -> its partner's key, for those of the keys that are paired."""
        ...


class MatterKind(StrEnum):
    CONFLICT = "conflict"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Matter:
    """Something a person has to decide or to repair. `field` is the id of a field mapping, `state`, `parent`, `type`,
    `comment:<id>`, `file:<id>`, `link:<id>` or empty. At most one matter is open per pair and field."""

    kind: MatterKind
    code: str
    message: str
    field: str = ""
    base: Both[Value] | None = None
    values: Both[Value] | None = None
    changed_by: Both[str] = NOTHING
    changed_at: Both[datetime | None] = NEVER


class Take(StrEnum):
    """A person's answer to a conflict. `VALUE`: what was edited, in the terms of `Answer.position`; `AGREE`: leave
    both as they are; `RETRY`: decide again as if nobody had been asked."""

    FIRST = "first"
    SECOND = "second"
    VALUE = "value"
    AGREE = "agree"
    RETRY = "retry"


@dataclass(frozen=True, slots=True)
class Answer:
    take: Take
    value: Value = None
    position: Position = Position.FIRST


@dataclass(frozen=True, slots=True)
class Force:
    """A resync: what one side has is carried whatever changed. `fields` are ids of mappings."""

    source: Position
    fields: frozenset[str]
    state: bool = False
    responsibility: bool = False


@dataclass(frozen=True, slots=True)
class PairState:
    """A pair to be looked at. `ignored` says per side whether incoming changes are ignored there. `name` is unique in
    the synchronization (the row's id as text)."""

    name: str
    keys: Both[str]
    base: PairBase
    ignored: Both[bool] = NEITHER
    items: Both[SideItem | None] | None = None
    """Both items as they were just read, None in place of one that is gone; absent: they are read."""
    within: Both[bool] = BOTH
    answers: Mapping[str, Answer] = field(default_factory=dict)
    """By `Matter.field`."""
    force: Force | None = None


@dataclass(frozen=True, slots=True)
class PairOutcome:
    """What became of a pair. Stored in one transaction: the base, its parts, the matters, and the effects forgotten.

    `carried` counts actions by the side they came from. `held`: nothing more is done for this pair until a person
    has answered or repaired. `later`: an effect without an answer must age before it is settled; look again at
    `later` at the earliest. `ignored` as in `PairState`, changed when an item is gone.
    """

    base: PairBase
    ignored: Both[bool]
    matters: tuple[Matter, ...] = ()
    answered: tuple[str, ...] = ()
    carried: Both[int] = NONE_YET
    held: bool = False
    later: datetime | None = None
    forgotten: tuple[Effect, ...] = ()
