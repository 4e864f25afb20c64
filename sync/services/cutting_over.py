"""The end of a synchronization: a last pass, the items of one side marked when that was asked for, and it is over."""

from __future__ import annotations

import hashlib
import time
from functools import partial
from html import escape

from django.utils import timezone

from connectors.domain.errors import DomainError, Refused
from connectors.domain.sides import LABELS, SideItem
from sync.desk import Finished
from sync.engine.base import Both
from sync.engine.mappings import Position
from sync.engine.ports import Effect, EffectKind, Matter, MatterKind
from sync.engine.setting import Setting
from sync.matter_rows import open_matter
from sync.models import AsyncTask, Pair, SynchronizationStatus
from sync.services.around import Around, open_around
from sync.services.counting import Tally
from sync.services.gathering import Job, desk_of, gather, read_all
from sync.services.passes import run_pass
from sync.services.resync_slices import Held, Superseded, give_back, hold
from sync.services.tasks import SLICE, Step
from sync.statuses import change_status
from sync.store import DeskStore, read_effects
from tenancy.queueing import stopping

AT_ONCE = 100


def carry_out_cut_over(task: AsyncTask) -> Step:
    """One slice. Raises FenceLost while a pass is under way, PlatformError, DomainError."""
    row, fence = hold(task)
    tally = Tally()
    try:
        held = Held(task, open_around(row, fence))
        if "after" not in task.cursor:
            if not _last_pass(held, tally):
                return Step(False, 0, "Carrying over what changed last")
            task.cursor = {"after": 0}
        if task.parameters and not _mark(held):
            return Step(False, 50, "Marking items", cursor=task.cursor, result=task.result)
        if change_status(row.pk, SynchronizationStatus.CUT_OVER, cut_over_at=timezone.now()) is None:
            raise DomainError("SYNCHRONIZATION_NOT_RUNNING", f"{row.key} is not running")
        return Step(True, 100, f"{row.key} was cut over", result={"marked": 0, "failed": 0, **task.result})
    except Superseded:
        return Step(True)
    finally:
        give_back(fence, tally)


def _last_pass(held: Held, tally: Tally) -> bool:
    """Carry over until nothing is left; False when there is more than a slice of it."""
    deadline = time.monotonic() + SLICE.total_seconds()
    while time.monotonic() < deadline and not stopping.is_set():
        before = tally.carried
        left = run_pass(held.around, tally)
        held.keep(Step(False, 0, "Carrying over what changed last"))
        if not left and tally.carried == before:
            return True
    return False


def _mark(held: Held) -> bool:
    """Mark the items of a side, in the order of their pairs; False when there are more than a slice of them."""
    task, around = held.task, held.around
    position = Position(int(task.parameters["side"]))
    deadline = time.monotonic() + SLICE.total_seconds()
    counts: dict[str, int] = {"marked": 0, "failed": 0, **task.result}
    while time.monotonic() < deadline and not stopping.is_set():
        rows = Pair.objects.filter(synchronization=around.row, deleted_at__isnull=True, pk__gt=task.cursor["after"])
        pairs = list(rows.order_by("pk")[:AT_ONCE])
        if not pairs:
            return True
        marked = _mark_pairs(around, position, pairs, how=task.parameters["how"], text=task.parameters["text"])
        counts["marked"] += marked
        counts["failed"] += len(pairs) - marked
        task.cursor, task.result = {"after": pairs[-1].pk}, counts
        held.keep(Step(False, 50, f"{counts['marked']} items marked", task.cursor, counts))
    return False


def _mark_pairs(around: Around, position: Position, pairs: list[Pair], *, how: str, text: str) -> int:
    keys = {Both(pair.first_key, pair.second_key).at(position): pair for pair in pairs}
    (items,) = read_all(around.fence, [partial(around.lives.at(position).read, list(keys))])
    desk = desk_of(around.fence)
    names = {key: f"cut:{position.value}:{key}" for key in keys}
    setting = around.setting(DeskStore(around.fence, desk, read_effects(around.fence, list(names.values()))))
    act = _label if how == "label" else _comment
    jobs: list[Job] = [partial(act, setting, position, item, text, names[item.key]) for item in items]
    failed = 0

    def store(finished: Finished) -> None:
        nonlocal failed
        error = finished.error
        if isinstance(error, Refused):
            failed += 1
            item = items[finished.ticket]
            matter = Matter(MatterKind.ERROR, error.code, error.message, "cut-over")
            open_matter(around.row, matter, position=int(position), item=item.key, pair=keys[item.key])
        elif error is not None:
            raise error

    gather(around.fence, jobs, store, desk)
    return len(items) - failed


def _label(setting: Setting, position: Position, item: SideItem, text: str, _name: str) -> None:
    labels = item.values.get(LABELS)
    kept = [str(each) for each in labels] if isinstance(labels, list) else []
    if text not in kept:
        setting.store.before_call()
        setting.sides.at(position).write(item.key, {LABELS: sorted([*kept, text])})


def _comment(setting: Setting, position: Position, item: SideItem, text: str, name: str) -> None:
    side = setting.sides.at(position)
    mark = hashlib.sha256(f"{setting.scope}/{name}".encode()).hexdigest()[:40]
    for effect in setting.store.effects(name):
        if effect.done or mark in side.comment_marks(item.key, frozenset()):
            return
    effect = Effect(f"comment:{mark}", EffectKind.COMMENT, name, mark, {"position": position.value})
    setting.once(effect, lambda: side.add_comment(item.key, _words(setting, position, text), mark=mark))


def _words(setting: Setting, position: Position, text: str) -> dict[str, object]:
    """A plain sentence in the side's own markup."""
    if setting.shapes.at(position).markup == "adf":
        paragraph = {"type": "paragraph", "content": [{"type": "text", "text": text}]}
        return {"markup": "adf", "document": {"type": "doc", "version": 1, "content": [paragraph]}}
    markup = setting.shapes.at(position).markup
    return {"markup": markup, "text": f"<p>{escape(text)}</p>" if markup == "html" else text}
