"""Carrying out a resync: pairs in batches, one write each, with ordinary passes in between.

The first slice finds out which pairs are meant and keeps their numbers in the task; every other one goes on from the
task's cursor.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from sync.bulk import chunks
from sync.engine.mappings import Position
from sync.engine.ports import FenceLost, Force
from sync.fence import Fence, claim
from sync.models import AsyncTask, Pair, Synchronization
from sync.services.around import Around, open_around
from sync.services.batches import Batch, read_pairs
from sync.services.control import require_running
from sync.services.counting import Tally, keep
from sync.services.gathering import read_all
from sync.services.passes import run_pass
from sync.services.tasks import SLICE, Step, keep_progress
from sync.services.working import work_through
from sync.store import pairs_with
from tenancy.queueing import stopping, wait_until_stopping

AT_ONCE = 100
CLAIMED_WITHIN = 8.0
"""Seconds to wait for a pass that is under way: it ends its slice before that."""
PASS_EVERY = 2.0
PAIRS = "pairs"


class Superseded(Exception):
    """The task was cancelled, or another worker has it."""


@dataclass(frozen=True, slots=True)
class Held:
    """A task's slice that holds its synchronization."""

    task: AsyncTask
    around: Around

    def keep(self, step: Step) -> None:
        """Store how far it is. Raises Superseded."""
        if not keep_progress(self.task, step):
            raise Superseded


def carry_out_resync(task: AsyncTask) -> Step:
    """One slice of a resync. Raises FenceLost while a pass is under way, PlatformError, DomainError."""
    row, fence = hold(task)
    tally = Tally()
    try:
        held = Held(task, open_around(row, fence))
        if PAIRS not in task.parameters:
            _find_pairs(held)
        return _work(held, tally)
    except Superseded:
        return Step(True)
    finally:
        give_back(fence, tally)


def hold(task: AsyncTask) -> tuple[Synchronization, Fence]:
    """The synchronization, once no pass holds it. Raises FenceLost when that takes too long, DomainError
    SYNCHRONIZATION_NOT_RUNNING when it was stopped meanwhile."""
    assert task.synchronization_id is not None
    deadline = time.monotonic() + CLAIMED_WITHIN
    while (claimed := claim(task.synchronization_id)) is None:
        require_running(Synchronization.objects.get(pk=task.synchronization_id))
        if time.monotonic() > deadline or wait_until_stopping(0.05):
            raise FenceLost
    return claimed


def give_back(fence: Fence, tally: Tally) -> None:
    """Let others have the synchronization, and count what was done."""
    with transaction.atomic():
        if fence.release(due_at=timezone.now()):
            keep(fence, tally)


def _find_pairs(held: Held) -> None:
    """Which pairs the query means: those of its items that the side's own filter holds as well."""
    task, around = held.task, held.around
    position = Position(task.position or 1)
    live, query = around.lives.at(position), around.sides.at(position).query
    jql = str(task.parameters.get("jql", ""))
    pages = live.select(jql or query)
    found: list[int] = []
    matched = 0
    while True:
        (page,) = read_all(around.fence, [lambda: _next(pages)])
        if page is None:
            break
        for some in chunks(page, 100):
            keys: Sequence[str] = some
            if jql and query:
                (within,) = read_all(around.fence, [lambda some=some: live.within(query, some)])  # type: ignore[misc]
                keys = [key for key in some if key in within]
            matched += len(keys)
            found += [pair.pk for pair in pairs_with(around.fence, position, keys)]
        held.keep(Step(False, 0, f"{matched} items found"))
    task.parameters = {**task.parameters, PAIRS: sorted(found), "matched": matched}
    AsyncTask.objects.filter(pk=task.pk, attempt=task.attempt).update(parameters=task.parameters)


def _next(pages: Iterator[list[str]]) -> list[str] | None:
    return next(pages, None)


def _work(held: Held, tally: Tally) -> Step:
    task, around = held.task, held.around
    force = _force(task)
    numbers: list[int] = task.parameters[PAIRS]
    at = int(task.cursor.get("at", 0))
    counts: dict[str, int] = {"sent": 0, "failed": 0, **task.result}
    deadline, next_pass = time.monotonic() + SLICE.total_seconds(), time.monotonic() + PASS_EVERY
    while at < len(numbers):
        some = numbers[at : at + AT_ONCE]
        mine = Tally()
        pairs = list(Pair.objects.filter(pk__in=some, deleted_at__isnull=True).order_by("pk"))
        work_through(around, Batch(read_pairs(around, pairs, force=force)), mine)
        at += len(some)
        counts["sent"] += mine.changes[force.source]
        counts["failed"] += sum(mine.errors.values())
        _add(tally, mine)
        step = Step(False, at * 100 // len(numbers), f"{at} of {len(numbers)} pairs", {"at": at}, counts)
        held.keep(step)
        if time.monotonic() > deadline or stopping.is_set():
            return step
        if time.monotonic() > next_pass:
            run_pass(around, tally)
            next_pass = time.monotonic() + PASS_EVERY
    result = {"matched": task.parameters["matched"], "pairs": len(numbers), **counts}
    words = f"{counts['sent']} of {len(numbers)} pairs sent, {counts['failed']} failed"
    return Step(True, 100, words, result=result)


def _force(task: AsyncTask) -> Force:
    parameters: dict[str, Any] = task.parameters
    return Force(
        Position(task.position or 1),
        frozenset(parameters["fieldMappings"]),
        state=bool(parameters["sendStatusField"]),
        responsibility=bool(parameters["responsibility"]),
    )


def _add(tally: Tally, other: Tally) -> None:
    for position in Position:
        tally.changes[position] += other.changes[position]
        tally.errors[position] += other.errors[position]
    tally.looked_at += other.looked_at
