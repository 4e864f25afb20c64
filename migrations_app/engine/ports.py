"""The engine's doors: the store that remembers, the pool that does I/O, the clock. Trackers are the fourth,
see `connectors.domain.ports`.

The engine is single-threaded and pure: it decides, hands calls to the pool, and commits what it learned in
batches. Every commit is fenced: a worker whose attempt was superseded gets `FenceLost` and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from migrations_app.engine.state import Control, EffectKind, EffectState, ItemStage, Outcome, Phase


class FenceLost(Exception):
    """Another worker owns the run now. Nothing of the refused batch was stored."""


class LeaseExpired(Exception):
    """The lease ran out before a call could be sent; the call was not sent."""


class EffectKey(NamedTuple):
    """Identity of an effect inside its scope (organization, source project, target project), whatever run makes it.

    `source` is the source item id with, below an item, the part: ("comment", "17/c/3"), ("file", "17/f/<guid>"),
    ("link", "17/blocks/21"), ("sprint", "<iteration path>"). `item` is the part before the first slash.
    """

    kind: EffectKind
    source: str


@dataclass(frozen=True, slots=True)
class Effect:
    """A ledger row as the engine sees it.

    `floor` is the highest item number of the target known when an item's create was intended. `extra` holds small
    facts needed later (SHA-256 and size of a file, media id, revision moved).
    """

    key: EffectKey
    state: EffectState
    item: str = ""
    target_id: str = ""
    target_key: str = ""
    floor: int = 0
    intended_at: float = 0.0
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class PlanItem:
    """One item of the run: compact, all of them are in memory during a slice (a few hundred bytes each).

    `parent` is the parent that the target's hierarchy carries, `parent_link` the one kept as a link instead.
    `position` is the place in creation order: by level from the top, then backlog order.
    `problems` are (code, words) collected by the phases; any of them makes a created item partial.
    """

    source: str
    position: int
    rev: int
    type: str
    title: str
    state: str = ""
    level: int = 0
    target_type: str = ""
    parent: str | None = None
    parent_link: str | None = None
    links: tuple[tuple[str, str], ...] = ()
    comment_count: int | None = None
    stage: ItemStage = ItemStage.PLANNED
    outcome: Outcome = Outcome.PENDING
    target_id: str = ""
    target_key: str = ""
    moved_before: bool = False
    verified: bool = False
    problems: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """A line of the run's log or a state change; the store numbers it. `data` holds what the stream sends."""

    kind: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that verification found: which item, which field, both values, in words for people."""

    item: str
    target_key: str
    field: str
    code: str
    source_value: str
    target_value: str


@dataclass(frozen=True, slots=True)
class Removal:
    """What a rollback did with one item: `outcome` is deleted, gone or kept, the code and words say why. With an
    `effect` it is no item but a sprint or a component that was deleted."""

    item: str
    target_key: str
    outcome: str
    code: str = ""
    words: str = ""
    effect: EffectKey | None = None


@dataclass(slots=True)
class Batch:
    """What one commit stores, in this order, in one fenced transaction.

    `new_items` and changed `items` are whole rows. `effects` are upserts by key; an `INTENDED` effect whose key
    is already DONE is refused by the store (`AssertionError`: the engine looked first). `withdrawn` deletes
    intents that certainly had no effect. `previews` are a dry run's payloads by source id, kept for 14 days.
    `removals` are a rollback's alone: the ledger forgets what was deleted, so that a later run may make it again.
    `checkpoint` replaces the run's checkpoint when given.
    """

    new_items: list[PlanItem] = field(default_factory=list)
    items: dict[str, PlanItem] = field(default_factory=dict)
    effects: dict[EffectKey, Effect] = field(default_factory=dict)
    withdrawn: list[EffectKey] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    previews: dict[str, dict[str, Any]] = field(default_factory=dict)
    removals: list[Removal] = field(default_factory=list)
    phase: Phase | None = None
    checkpoint: dict[str, Any] | None = None

    def is_empty(self) -> bool:
        return not (
            self.new_items
            or self.items
            or self.effects
            or self.withdrawn
            or self.events
            or self.differences
            or self.previews
            or self.removals
            or self.phase is not None
            or self.checkpoint is not None
        )


class Store(Protocol):
    """One run's memory. All methods are called from the slice's own thread."""

    def commit(self, batch: Batch) -> Control:
        """Store the batch, renew the lease, and tell what the user wants now. Raises `FenceLost`.

        Counters (created, updated, skipped, partial, failed, total) are kept by the store from the items' outcomes
        in the same transaction, so that they add up at every moment.
        """
        ...

    def items(self) -> Iterable[PlanItem]:
        """All items of the run by position."""
        ...

    def checkpoint(self) -> dict[str, Any]: ...

    def open_effects(self) -> list[Effect]:
        """Every INTENDED effect of the scope: left over by a dead or cut slice, of this run or of one that ended with
        calls unanswered. A scope has one active run, so none of them is under way in another run."""
        ...

    def effects_of(self, items: Sequence[str]) -> list[Effect]:
        """All ledger rows of these source items in the scope, whatever run wrote them."""
        ...

    def moved(self, items: Sequence[str]) -> dict[str, Effect]:
        """Source id -> its DONE item effect in the scope (this run's or an earlier one's)."""
        ...

    def neighbours(self, items: Sequence[str]) -> dict[str, Effect]:
        """Like `moved`, but also over other projects of the same source organization that went to the same target
        site, where ids are one organization's: the other ends of links and what texts name."""
        ...

    def waiting_links(self) -> list[Effect]:
        """Every WAITING link of the scope, and of those other projects: one end was not moved yet."""
        ...

    def shared_effects(self, kind: EffectKind) -> list[Effect]:
        """All rows of a kind that belongs to no item: components, sprints, sprint states."""
        ...

    def link_effects(self) -> set[str]:
        """`source` of every DONE or REFUSED link effect of the scope."""
        ...

    def lease_left(self) -> float:
        """Seconds until the lease ends. Thread-safe; asked right before every send."""
        ...


Call = Callable[[], Any]


class Pool(Protocol):
    """Does the I/O. `submit` never blocks; the engine keeps at most `capacity` calls in flight."""

    capacity: int

    def submit(self, ticket: int, call: Call) -> None: ...

    def completed(self, timeout: float) -> list[tuple[int, Any, Exception | None]]:
        """(ticket, result, error) of finished calls; waits up to `timeout` seconds for the first."""
        ...


class Clock(Protocol):
    """Seconds. `now` is the wall clock (epoch), used for intents' age and budgets."""

    def now(self) -> float: ...
