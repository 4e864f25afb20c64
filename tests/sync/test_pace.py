"""When synchronizations are looked at, and by how many at once."""

from __future__ import annotations

import threading
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from sync.engine.config import read_config
from sync.fence import claim
from sync.models import Synchronization, SynchronizationStatus
from sync.services import crew
from sync.services.pace import ACTIVE_EVERY, IDLE_EVERY, next_look, sweep_synchronizations
from tests import recipes
from tests.jobs import RecordedJobs


def due(**fields: Any) -> Synchronization:
    made: Synchronization = recipes.synchronization.make(
        **{"status": SynchronizationStatus.RUNNING, "due_at": timezone.now(), **fields}
    )
    return made


@pytest.mark.django_db
def test_what_is_due_is_ordered_once_the_longest_waiting_first(jobs: RecordedJobs) -> None:
    now = timezone.now()
    late = due(due_at=now - timedelta(seconds=9))
    soon = due(due_at=now - timedelta(seconds=1))
    due(due_at=now + timedelta(seconds=5))
    due(status=SynchronizationStatus.STOPPED)

    assert (sweep_synchronizations(), sweep_synchronizations()) == (2, 0)

    assert [call.args[0] for call in jobs.sent] == [str(late.pk), str(soon.pk)]


@pytest.mark.django_db
def test_an_order_that_was_lost_is_given_again_and_one_under_way_is_not(jobs: RecordedJobs) -> None:
    lost = due(enqueued_at=timezone.now() - timedelta(minutes=5))
    held = due()
    assert claim(held.pk) is not None

    assert sweep_synchronizations() == 1
    assert [call.args[0] for call in jobs.sent] == [str(lost.pk)]


@pytest.mark.parametrize(
    ("active", "configured", "wanted"),
    [(True, None, ACTIVE_EVERY), (False, None, IDLE_EVERY), (True, 30, timedelta(seconds=30))],
)
def test_sides_are_asked_often_while_something_changes(active: bool, configured: int | None, wanted: timedelta) -> None:
    now = timezone.now()
    until = now + timedelta(seconds=1 if active else -1)

    assert next_look(now, active_until=until, config=read_config({"pollSeconds": configured})) == now + wanted


def test_a_crew_serves_everything_that_is_due_once(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.SYNC_PASSES_AT_ONCE = 3
    waiting = {uuid.uuid4() for _ in range(7)}
    served: list[uuid.UUID] = []
    threads: set[str] = set()
    lock, together = threading.Lock(), threading.Barrier(3, timeout=10)

    def advance(pk: uuid.UUID, attempt: int) -> bool:
        with lock:
            if pk not in waiting:
                return False
            waiting.remove(pk)
            served.append(pk)
        if threading.current_thread().name not in threads:
            threads.add(threading.current_thread().name)
            together.wait()  # three passes are under way at this moment
        return True

    def still_due(*, limit: int) -> list[tuple[uuid.UUID, int]]:
        with lock:
            return [(pk, 0) for pk in sorted(waiting)][:limit]

    monkeypatch.setattr(crew, "advance", advance)
    monkeypatch.setattr(crew, "_due", still_due)
    everything = set(waiting)

    crew.advance_due(next(iter(waiting)), 0)

    assert sorted(served) == sorted(everything)
    assert len(threads) == 3
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("sync-pass")]
