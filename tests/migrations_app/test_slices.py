"""One slice: claimed once, ended into the right state, and never twice at a time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import DataError, InterfaceError, OperationalError
from django.utils import timezone

from connectors.domain.errors import AccessLost, Refused, Throttled
from migrations_app.engine.config import SliceEnd
from migrations_app.engine.ports import FenceLost
from migrations_app.engine.state import Control, Outcome, RunStatus, RunType
from migrations_app.models import MigrationRun, ProjectStatus, RunAttempt, RunEvent
from migrations_app.services import advance_run
from migrations_app.services.slices import DEATHS_IN_A_ROW, claim
from migrations_app.statuses import change_status
from tenancy import queueing
from tests.jobs import RecordedJobs
from tests.migrations_app.builders import make_held_run, make_project, make_run
from tests.migrations_app.engines import REQUESTS, ScriptedEngine, closed_doors, ends, moves, obeys, raises

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_platforms(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("migrations_app.services.slices.open_doors", closed_doors)


def play(run: MigrationRun, *scripts: Any, attempt: int | None = None) -> MigrationRun:
    """Advance the run once per script, each time as the job of the attempt it is at."""
    engine = ScriptedEngine(*scripts)
    for _ in scripts:
        at = MigrationRun.objects.values_list("attempt", flat=True).get(pk=run.pk) if attempt is None else attempt
        advance_run(run.pk, at, engine=engine)
    return MigrationRun.objects.get(pk=run.pk)


def told(run: MigrationRun) -> list[tuple[str, Any]]:
    events = RunEvent.objects.filter(run=run).order_by("seq")
    return [(event.kind, event.data.get("status") or event.data.get("stats")) for event in events]


def arguments(jobs: RecordedJobs) -> list[tuple[Any, ...]]:
    return [call.args for call in jobs.sent]


def test_a_run_that_moves_everything_is_completed() -> None:
    run = make_run(make_project(status=ProjectStatus.MIGRATING))

    ended = play(run, moves(Outcome.CREATED, Outcome.SKIPPED))

    assert (ended.status, ended.lease_until, ended.reason_code) == (RunStatus.COMPLETED, None, "")
    assert ended.started_at is not None and ended.finished_at is not None
    assert (ended.source_requests, ended.target_requests) == REQUESTS
    assert told(run)[0] == ("status", "running")
    stats = {"created": 1, "updated": 0, "skipped": 1, "partial": 0, "failed": 0}
    assert told(run)[-2:] == [("status", "completed"), ("done", stats)]
    assert RunEvent.objects.filter(run=run, kind="progress").latest("seq").data["percent"] == 100
    assert ended.event_seq == RunEvent.objects.filter(run=run).count()
    run.project.refresh_from_db()
    assert run.project.status == ProjectStatus.COMPLETED
    assert list(RunAttempt.objects.filter(run=run).values_list("attempt", "how")) == [(1, "finished")]


@pytest.mark.parametrize("bad", [Outcome.PARTIAL, Outcome.FAILED])
def test_a_run_with_a_failure_is_partial(bad: Outcome) -> None:
    ended = play(make_run(), moves(Outcome.CREATED, bad))

    assert ended.status == RunStatus.PARTIAL


def test_an_empty_run_is_completed_at_a_hundred_percent() -> None:
    run = make_run()

    assert play(run, moves()).status == RunStatus.COMPLETED
    assert RunEvent.objects.get(run=run, kind="progress").data["percent"] == 100


@pytest.mark.parametrize(
    ("type_", "options"),
    [(RunType.SAMPLE, {}), (RunType.FULL, {"dry_run": True}), (RunType.INCREMENTAL, {"dry_run": True})],
)
def test_a_rehearsal_leaves_the_project_as_it_was(type_: RunType, options: dict[str, Any]) -> None:
    project = make_project(status=ProjectStatus.MIGRATING)
    run = make_run(
        project,
        type=type_.value,
        config={"source": {"server": "contoso", "project": "Parts"}, "options": options},
        project_status_before=ProjectStatus.READY,
    )

    play(run, moves(Outcome.CREATED))

    project.refresh_from_db()
    assert project.status == ProjectStatus.READY


def test_a_used_budget_gives_the_run_back_and_orders_the_next_slice(jobs: RecordedJobs) -> None:
    run = make_run()

    after = play(run, ends(SliceEnd.CONTINUE))

    assert (after.status, after.lease_until, after.attempt) == (RunStatus.RUNNING, None, 1)
    assert arguments(jobs) == [(str(run.pk), 1)]


def test_a_wait_comes_back_when_the_platform_said(jobs: RecordedJobs) -> None:
    run = make_run()

    after = play(run, ends(SliceEnd.WAIT, resume_in=40, code="throttled"))

    assert after.status == RunStatus.RUNNING and jobs.sent == []
    assert after.resume_at is not None
    assert (after.resume_at - timezone.now()).total_seconds() == pytest.approx(40, abs=2)


def test_fifteen_minutes_without_progress_pause_the_run_with_the_reason() -> None:
    run = make_run(trouble_since=timezone.now() - timedelta(minutes=16))

    after = play(run, ends(SliceEnd.WAIT, resume_in=40, code="PLATFORM_UNREACHABLE", message="No answer"))

    assert (after.status, after.reason_code, after.reason_message) == ("PAUSED", "PLATFORM_UNREACHABLE", "No answer")
    paused = RunEvent.objects.filter(run=run).latest("seq").data
    assert paused == {"status": "paused", "code": "PLATFORM_UNREACHABLE", "message": "No answer"}


def test_a_platform_that_asks_for_hours_is_asked_again_after_fifteen_minutes() -> None:
    after = play(make_run(), ends(SliceEnd.WAIT, resume_in=7200, code="throttled"))

    assert after.resume_at is not None
    assert (after.resume_at - timezone.now()).total_seconds() == pytest.approx(900, abs=2)


def test_progress_ends_the_trouble() -> None:
    run = make_run(trouble_since=timezone.now() - timedelta(minutes=14))

    after = play(run, moves(Outcome.CREATED, end=SliceEnd.CONTINUE))

    assert after.trouble_since is None


def test_waiting_for_an_unclear_effect_is_no_trouble() -> None:
    after = play(make_run(), ends(SliceEnd.WAIT, resume_in=60, code="settling"))

    assert after.trouble_since is None and after.status == RunStatus.RUNNING


def test_access_lost_on_the_way_pauses_and_at_the_start_fails() -> None:
    refusal = {"code": "PLATFORM_ACCESS_LOST", "message": "The token has expired"}

    assert play(make_run(total=5), ends(SliceEnd.PAUSED, **refusal)).status == RunStatus.PAUSED
    failed = play(make_run(), ends(SliceEnd.PAUSED, **refusal))
    assert (failed.status, failed.reason_code) == (RunStatus.FAILED, "PLATFORM_ACCESS_LOST")


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (AccessLost("The token has expired"), RunStatus.FAILED, "PLATFORM_ACCESS_LOST"),
        (Throttled("Slow down", retry_after=60), RunStatus.RUNNING, ""),
        (Refused("No", code="PROJECT_GONE"), RunStatus.FAILED, "PROJECT_GONE"),
        (ValueError("inner words"), RunStatus.FAILED, "INTERNAL_ERROR"),
    ],
)
def test_an_error_that_escapes_the_engine_has_an_end(error: Exception, status: RunStatus, code: str) -> None:
    after = play(make_run(), raises(error))

    assert (after.status, after.reason_code) == (status, code)
    assert "inner words" not in after.reason_message


@pytest.mark.parametrize("error", [OperationalError("disk full"), InterfaceError("connection already closed")])
def test_a_database_that_is_away_leaves_the_run_to_the_sweep(error: Exception) -> None:
    run = make_run()

    with pytest.raises(type(error)):
        play(run, raises(error))

    run.refresh_from_db()
    assert (run.status, run.attempt, run.reason_code) == (RunStatus.RUNNING, 1, "")
    assert run.lease_until is not None


def test_a_value_that_the_database_refuses_ends_the_run() -> None:
    assert play(make_run(), raises(DataError("value too long"))).reason_code == "INTERNAL_ERROR"


def test_a_failed_slice_keeps_the_engine_s_details() -> None:
    blocked = {"findings": [{"code": "TYPE_MISSING"}]}

    after = play(make_run(), ends(SliceEnd.FAILED, code="PREFLIGHT_BLOCKED", message="3 findings", details=blocked))

    assert (after.status, after.reason_code, after.reason_details) == ("FAILED", "PREFLIGHT_BLOCKED", blocked)


def test_the_wish_to_pause_is_obeyed_at_the_next_commit(jobs: RecordedJobs) -> None:
    run = make_run()

    after = play(run, obeys(lambda: want(run, Control.PAUSE)))

    assert (after.status, after.control, after.lease_until) == (RunStatus.PAUSED, Control.GO, None)
    assert jobs.sent == []


def test_the_wish_to_cancel_is_obeyed_at_the_next_commit() -> None:
    run = make_run()

    after = play(run, obeys(lambda: want(run, Control.CANCEL)))

    assert after.status == RunStatus.CANCELLED
    assert told(run)[-1][0] == "done"


@pytest.mark.parametrize("end", [SliceEnd.CONTINUE, SliceEnd.WAIT])
def test_a_wish_that_came_after_the_last_commit_is_obeyed_before_the_next_slice(end: SliceEnd) -> None:
    run = make_run()

    def late(store: Any) -> Any:
        want(run, Control.CANCEL)
        return ends(end, resume_in=60)(store)

    assert play(run, late).status == RunStatus.CANCELLED


def test_a_cancel_that_follows_a_pause_wins() -> None:
    run = make_run()

    def pause_then_cancel(store: Any) -> Any:
        result = obeys(lambda: want(run, Control.PAUSE))(store)
        want(run, Control.CANCEL)
        return result

    assert play(run, pause_then_cancel).status == RunStatus.CANCELLED


def test_a_pause_taken_back_in_time_goes_on(jobs: RecordedJobs) -> None:
    run = make_run()

    def pause_then_go(store: Any) -> Any:
        result = obeys(lambda: want(run, Control.PAUSE))(store)
        want(run, Control.GO)
        return result

    assert play(run, pause_then_go).status == RunStatus.RUNNING
    assert len(jobs.sent) == 1


def test_a_worker_told_to_end_saves_and_hands_the_run_on(jobs: RecordedJobs) -> None:
    run = make_run()
    try:
        after = play(run, obeys(queueing.stopping.set))
    finally:
        queueing.stopping.clear()

    assert (after.status, after.lease_until) == (RunStatus.RUNNING, None)
    assert arguments(jobs) == [(str(run.pk), 1)]


def test_a_job_of_an_older_attempt_finds_nothing_to_do() -> None:
    run = make_run(attempt=4)

    after = play(run, ends(SliceEnd.FINISHED), attempt=3)

    assert (after.status, after.attempt) == (RunStatus.PENDING, 4)


def test_a_held_run_is_not_claimed() -> None:
    run = make_held_run()

    assert claim(run.pk, run.attempt) is None


def test_a_run_whose_lease_ran_out_is_claimed_under_a_new_attempt() -> None:
    run = make_held_run(lease_until=timezone.now() - timedelta(seconds=1))

    claimed = claim(run.pk, run.attempt)

    assert claimed is not None and claimed.attempt == 2


@pytest.mark.parametrize("status", [RunStatus.PAUSED, RunStatus.CANCELLED, RunStatus.COMPLETED])
def test_a_run_that_should_not_go_on_is_not_claimed(status: RunStatus) -> None:
    run = make_run(status=status)

    assert claim(run.pk, run.attempt) is None
    assert claim(UUID(int=0), 0) is None


def test_a_worker_that_lost_the_run_leaves_it_alone() -> None:
    run = make_run()

    def overtaken(store: Any) -> Any:
        MigrationRun.objects.filter(pk=run.pk).update(attempt=7)
        raise FenceLost

    after = play(run, overtaken)

    assert (after.status, after.attempt, after.source_requests) == (RunStatus.RUNNING, 7, 0)


def test_a_worker_that_notices_only_at_the_end_changes_nothing() -> None:
    run = make_run()

    def overtaken(store: Any) -> Any:
        MigrationRun.objects.filter(pk=run.pk).update(attempt=7)
        return ends(SliceEnd.FINISHED)(store)

    after = play(run, overtaken)

    assert (after.status, after.attempt, after.finished_at) == (RunStatus.RUNNING, 7, None)


def want(run: MigrationRun, wish: Control) -> None:
    MigrationRun.objects.filter(pk=run.pk).update(control=wish.value)


def leave_dying_workers(run: MigrationRun, count: int) -> None:
    """Attempts that never came to their end, and left nothing."""
    for _ in range(count):
        at = MigrationRun.objects.values_list("attempt", flat=True).get(pk=run.pk)
        assert claim(run.pk, at) is not None
        MigrationRun.objects.filter(pk=run.pk).update(lease_until=None)


def test_a_run_on_which_every_worker_dies_is_paused_instead_of_ordered_for_ever() -> None:
    run = make_run(total=1)
    leave_dying_workers(run, DEATHS_IN_A_ROW)

    ended = play(run, moves(Outcome.CREATED))

    assert (ended.status, ended.reason_code) == (RunStatus.PAUSED, "WORKER_DIES")


def test_workers_that_died_after_getting_further_are_no_reason_to_stop() -> None:
    run = make_run(total=1)
    leave_dying_workers(run, DEATHS_IN_A_ROW - 1)
    MigrationRun.objects.filter(pk=run.pk).update(event_seq=2)
    RunEvent.objects.create(organization=run.organization, run=run, seq=2, kind="log", data={})
    leave_dying_workers(run, 1)

    assert play(run, moves(Outcome.CREATED)).status == RunStatus.COMPLETED


def test_a_deadly_run_that_is_resumed_is_tried_again() -> None:
    run = make_run(total=1)
    leave_dying_workers(run, DEATHS_IN_A_ROW)
    paused = play(run, moves(Outcome.CREATED))

    change_status(paused.pk, RunStatus.RUNNING)

    assert play(run, moves(Outcome.CREATED)).status == RunStatus.COMPLETED
