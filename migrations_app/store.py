"""One run's memory in the database: the engine's `Store`.

Every commit is one transaction that begins with a conditional update of the run's row. That update is the fence (a
worker whose attempt was superseded changes no row and gets `FenceLost`), takes the row's lock, renews the lease, moves
the counters and reserves the numbers of the events, so that numbers follow the order of commits.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from connectors.domain.systems import SystemId
from migrations_app import rows
from migrations_app.engine.ports import Batch, Effect, EffectKey, Event, FenceLost, PlanItem
from migrations_app.engine.state import Control, EffectKind, EffectState, Outcome, RunStatus
from migrations_app.models import LedgerEntry, LedgerScope, MigrationRun, RunEvent, RunItem
from migrations_app.progress import PROGRESS_EVERY, SPEED_WINDOW, Counters, Speedometer, progress_data
from migrations_app.scopes import sites_of
from migrations_app.wakeups import announce

IN_ONE_QUERY = 400
"""Ids per IN list: below SQLite's limit of parameters, and what PostgreSQL still plans as an index scan."""
READ_WINDOW = 2000
PROGRESS = "progress"
COUNTED = {
    Outcome.CREATED: "created",
    Outcome.UPDATED: "updated",
    Outcome.SKIPPED: "skipped",
    Outcome.PARTIAL: "partial",
    Outcome.FAILED: "failed",
}
COUNTER_FIELDS = ("total", *COUNTED.values())


class DjangoStore:
    """Implements `engine.ports.Store` for one attempt at one run. Not for two threads, except `lease_left`.

    `is_stopping` tells that this process should end: `commit` then answers PAUSE, so that the engine leaves nothing
    open, and `stopped` says afterwards that it was the process and not the user who wanted it.
    """

    def __init__(
        self,
        run: MigrationRun,
        *,
        lease_seconds: float,
        leased_at: float | None = None,
        is_stopping: Callable[[], bool] = lambda: False,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._run_id = run.pk
        self._organization_id = run.organization_id
        self._scope_id = run.scope_id
        self._attempt = run.attempt
        self._checkpoint: dict[str, Any] = run.checkpoint
        self._phase = run.phase
        self._lease_seconds = lease_seconds
        self._monotonic = monotonic
        self._lease_ends = (monotonic() if leased_at is None else leased_at) + lease_seconds
        self._is_stopping = is_stopping
        self._speedometer = Speedometer()
        self._next_progress = 0.0
        self._untold = False
        self.stopped = False
        ends = [run.config.get(side, {}).get("system") for side in ("source", "target")]
        self._one_site = ends == [SystemId.AZURE_DEVOPS.value, SystemId.JIRA.value]
        self._sibling_ids: list[int] | None = None
        self._seed_speed()

    # --- Writing ---

    def commit(self, batch: Batch) -> Control:
        """Store the batch and tell what is wanted now. Raises `FenceLost`, and then nothing of it was stored.

        Raises `AssertionError` when the batch contradicts what is stored: an effect intended though it is done, or a
        changed item that the run does not have.
        """
        began = self._monotonic()
        moves = self._counter_moves(batch)
        phase = self._phase if batch.phase is None else int(batch.phase)
        self._untold = self._untold or bool(moves) or phase != self._phase
        tells = self._untold and began >= self._next_progress
        with transaction.atomic():
            last = self._pass_fence(batch, moves=moves, phase=phase, events=len(batch.events) + tells)
            events = list(batch.events)
            if tells:
                events.append(self._progress(last, phase=phase, now=began))
            self._write(batch)
            write_events(last, events)
        self._lease_ends = began + self._lease_seconds
        self._phase = phase
        if batch.checkpoint is not None:
            self._checkpoint = batch.checkpoint
        if tells:
            self._next_progress = began + PROGRESS_EVERY
            self._untold = False
        if events:
            announce(self._run_id)
        return self._wanted(Control(last.control))

    def _wanted(self, control: Control) -> Control:
        if control is Control.GO and self._is_stopping():
            self.stopped = True
            return Control.PAUSE
        return control

    def _pass_fence(self, batch: Batch, *, moves: Counter[str], phase: int, events: int) -> MigrationRun:
        """The conditional update, and the row as it is after it."""
        changes: dict[str, Any] = {name: F(name) + move for name, move in moves.items() if move}
        if batch.checkpoint is not None:
            changes["checkpoint"] = batch.checkpoint
        if events:
            changes["event_seq"] = F("event_seq") + events
        if moves:
            changes["trouble_since"] = None  # something got done, so the platforms answer
        mine = MigrationRun.objects.filter(pk=self._run_id, attempt=self._attempt, status=RunStatus.RUNNING.value)
        found = mine.update(lease_until=timezone.now() + timedelta(seconds=self._lease_seconds), phase=phase, **changes)
        if not found:
            raise FenceLost
        columns = ("organization_id", "control", "event_seq", *COUNTER_FIELDS)
        return MigrationRun.objects.only(*columns).get(pk=self._run_id)

    def _counter_moves(self, batch: Batch) -> Counter[str]:
        """How the counters change. Read before the transaction: nobody else writes this run's items, and if somebody
        does by now, the fence refuses the batch."""
        before = {item.source: item.outcome for item in batch.new_items}
        known = [source for source in batch.items if source not in before]
        for some in _chunks(known):
            found = RunItem.objects.filter(run_id=self._run_id, source__in=some).values_list("source", "outcome")
            before.update((source, Outcome(outcome)) for source, outcome in found)
        moves: Counter[str] = Counter()
        moves["total"] = len(batch.new_items)
        moves.update(COUNTED[item.outcome] for item in batch.new_items if item.outcome in COUNTED)
        for source, item in batch.items.items():
            old = before.get(source, Outcome.PENDING)
            if old is not item.outcome:
                moves.update([COUNTED[item.outcome]] if item.outcome in COUNTED else [])
                moves.subtract([COUNTED[old]] if old in COUNTED else [])
        return Counter({name: move for name, move in moves.items() if move})

    def _write(self, batch: Batch) -> None:
        owner = self._organization_id
        rows.insert(
            RunItem,
            ("organization", "run", "source", *rows.ITEM_COLUMNS),
            [(owner, self._run_id, item.source, *rows.item_values(item)) for item in batch.new_items],
        )
        found = rows.update_items(self._run_id, list(batch.items.values()))
        if found != len(batch.items):
            raise AssertionError(f"{len(batch.items) - found} changed items are not items of the run")
        self._write_effects(batch)
        rows.insert_differences([(owner, self._run_id, *rows.difference_values(found)) for found in batch.differences])
        now = timezone.now()
        rows.upsert_previews(
            [(owner, self._run_id, source, rows.storable(payload), now) for source, payload in batch.previews.items()]
        )

    def _write_effects(self, batch: Batch) -> None:
        place = (self._organization_id, self._scope_id)
        written = rows.upsert_effects(
            [
                (*place, key.kind.value, key.source, self._run_id, *rows.effect_values(effect))
                for key, effect in batch.effects.items()
            ]
        )
        if written != len(batch.effects):
            raise AssertionError(f"{len(batch.effects) - written} effects were intended though they are done")
        for kind, keys in _by_kind(batch.withdrawn).items():
            for some in _chunks([key.source for key in keys]):
                self._effects(kind=kind.value, source__in=some, state=EffectState.INTENDED.value).delete()

    def _progress(self, last: MigrationRun, *, phase: int, now: float) -> Event:
        counters = counters_of(last)
        self._speedometer.add(now, counters.finished)
        data = progress_data(counters, phase=phase, speed=self._speedometer.speed, status=RunStatus.RUNNING)
        return Event(PROGRESS, data)

    def _seed_speed(self) -> None:
        """Take over what an earlier slice measured in the last seconds, so that the speed does not fall to zero."""
        now, clock = timezone.now(), self._monotonic()
        recent = RunEvent.objects.filter(
            run_id=self._run_id, kind=PROGRESS, created_at__gte=now - timedelta(seconds=SPEED_WINDOW)
        ).order_by("-seq")[: int(SPEED_WINDOW / PROGRESS_EVERY)]
        for event in reversed(recent):
            age = max(0.0, (now - event.created_at).total_seconds())
            self._speedometer.add(clock - age, int(event.data.get("current", 0)))

    # --- Reading ---

    def items(self) -> Iterator[PlanItem]:
        """All items of the run by position, a window at a time."""
        ordered = RunItem.objects.filter(run_id=self._run_id).order_by("position", "pk")
        columns = ("pk", "source", *rows.ITEM_COLUMNS)
        window = list(ordered.values_list(*columns)[:READ_WINDOW])
        while window:
            for _, source, *row in window:
                yield rows.read_item(source, tuple(row))
            pk, _, position, *_ = window[-1]
            # The first condition says nothing new, but tells the database where in the index to begin.
            behind = ordered.filter(position__gte=position).filter(Q(position__gt=position) | Q(pk__gt=pk))
            window = list(behind.values_list(*columns)[:READ_WINDOW])

    def checkpoint(self) -> dict[str, Any]:
        return dict(self._checkpoint)

    def open_effects(self) -> list[Effect]:
        return self._read(self._effects(state=EffectState.INTENDED.value))

    def effects_of(self, items: Sequence[str]) -> list[Effect]:
        return [effect for some in _chunks(items) for effect in self._read(self._effects(item__in=some))]

    def moved(self, items: Sequence[str]) -> dict[str, Effect]:
        done = {"kind": EffectKind.ITEM.value, "state": EffectState.DONE.value}
        return {
            effect.key.source: effect
            for some in _chunks(items)
            for effect in self._read(self._effects(source__in=some, **done))
        }

    def neighbours(self, items: Sequence[str]) -> dict[str, Effect]:
        found = self.moved(items)
        siblings = self._siblings()
        missing = [item for item in items if item not in found] if siblings else []
        for some in _chunks(missing):
            elsewhere = LedgerEntry.objects.filter(
                scope_id__in=siblings,
                kind=EffectKind.ITEM.value,
                state=EffectState.DONE.value,
                source__in=some,
            )
            found |= {effect.key.source: effect for effect in self._read(elsewhere)}
        return found

    def waiting_links(self) -> list[Effect]:
        waiting = LedgerEntry.objects.filter(
            scope_id__in=[self._scope_id, *self._siblings()],
            kind=EffectKind.LINK.value,
            state=EffectState.WAITING.value,
        )
        return self._read(waiting)

    def _siblings(self) -> list[int]:
        """Scopes between the same two sites, where an id means the same item and a key the same issue."""
        if self._sibling_ids is None:
            own = LedgerScope.objects.get(pk=self._scope_id)
            between = sites_of(own) if self._one_site else None
            others = LedgerScope.objects.filter(organization_id=self._organization_id).exclude(pk=own.pk)
            self._sibling_ids = [scope.pk for scope in others if between is not None and sites_of(scope) == between]
        return self._sibling_ids

    def shared_effects(self, kind: EffectKind) -> list[Effect]:
        return self._read(self._effects(kind=kind.value))

    def link_effects(self) -> set[str]:
        settled = (EffectState.DONE.value, EffectState.REFUSED.value)
        links = self._effects(kind=EffectKind.LINK.value, state__in=settled)
        return set(links.values_list("source", flat=True).iterator(chunk_size=5000))

    def lease_left(self) -> float:
        """Counted on the monotonic clock from before the commit was sent: never more than the row says."""
        return self._lease_ends - self._monotonic()

    def _effects(self, **conditions: Any) -> QuerySet[LedgerEntry]:
        return LedgerEntry.objects.filter(scope_id=self._scope_id, **conditions)

    def _read(self, effects: QuerySet[LedgerEntry]) -> list[Effect]:
        found = effects.order_by("pk").values_list("kind", "source", *rows.EFFECT_COLUMNS)
        return [rows.read_effect(kind, source, tuple(row)) for kind, source, *row in found]


def counters_of(run: MigrationRun) -> Counters:
    """The counters of a row."""
    return Counters(**{name: getattr(run, name) for name in COUNTER_FIELDS})


def write_events(run: MigrationRun, events: Sequence[Event]) -> None:
    """Write events under the numbers that the caller has just reserved by raising `event_seq` of this row, in the same
    transaction: the last of them gets the row's number."""
    first = run.event_seq - len(events) + 1
    now = timezone.now()
    rows.insert(
        RunEvent,
        ("organization", "run", "seq", "kind", "data", "created_at"),
        [
            (run.organization_id, run.pk, first + offset, event.kind, rows.storable(event.data), now)
            for offset, event in enumerate(events)
        ],
    )


def _chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), IN_ONE_QUERY):
        yield values[start : start + IN_ONE_QUERY]


def _by_kind(keys: Iterable[EffectKey]) -> dict[EffectKind, list[EffectKey]]:
    found: dict[EffectKind, list[EffectKey]] = {}
    for key in keys:
        found.setdefault(key.kind, []).append(key)
    return found
