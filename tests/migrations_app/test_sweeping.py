"""The sweep finds every run that should be worked on, and no other."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from migrations_app.engine.state import RunStatus
from migrations_app.models import MigrationRun, RunPreview
from migrations_app.services import forget_old_previews, sweep_runs
from tests.jobs import RecordedJobs
from tests.migrations_app.builders import make_held_run, make_run

pytestmark = pytest.mark.django_db

PAST, FUTURE = timedelta(seconds=-60), timedelta(seconds=60)


def at(**offsets: timedelta) -> dict[str, Any]:
    return {name: timezone.now() + offset for name, offset in offsets.items()}


def ordered(jobs: RecordedJobs) -> set[str]:
    return {str(call.args[0]) for call in jobs.sent}


def test_due_runs_are_ordered_and_others_are_not(jobs: RecordedJobs) -> None:
    due = [
        make_run(),  # its job was lost
        make_run(**at(resume_at=PAST)),  # planned for a time that has come
        make_held_run(**at(lease_until=PAST)),  # its worker died
        make_run(status=RunStatus.RUNNING),  # between slices, the queue was away
        make_run(status=RunStatus.RUNNING, **at(resume_at=PAST)),  # the platform's pause is over
        make_run(**at(enqueued_at=PAST)),  # ordered long ago, never claimed
    ]
    make_held_run()
    make_run(**at(resume_at=FUTURE))
    make_run(status=RunStatus.RUNNING, **at(resume_at=FUTURE))
    make_run(**at(enqueued_at=timedelta(seconds=-1)))
    for status in (RunStatus.PAUSED, RunStatus.COMPLETED, RunStatus.CANCELLED):
        make_run(status=status)

    assert sweep_runs() == len(due)
    assert ordered(jobs) == {str(run.pk) for run in due}


def test_a_second_sweep_right_after_orders_nothing(jobs: RecordedJobs) -> None:
    make_run()
    sweep_runs()

    assert sweep_runs() == 0
    assert len(jobs.sent) == 1


@pytest.mark.django_db(transaction=True)
def test_a_queue_that_is_away_is_tried_again_at_the_next_sweep(jobs: RecordedJobs) -> None:
    run = make_run()
    jobs.unreachable = True
    assert sweep_runs() == 0

    jobs.unreachable = False

    assert sweep_runs() == 1
    assert MigrationRun.objects.get(pk=run.pk).enqueued_at is not None


def test_previews_go_after_fourteen_days() -> None:
    run = make_run()
    for source, age in (("1", 13), ("2", 15)):
        made = timezone.now() - timedelta(days=age)
        RunPreview.objects.create(organization=run.organization, run=run, source=source, payload={}, created_at=made)

    assert forget_old_previews() == 1
    assert RunPreview.objects.get().source == "1"
