"""Pause, resume and cancel: one of several at once wins, the others get their documented error."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from connectors.credentials import seal_values, unseal_values
from connectors.domain.errors import DomainError
from migrations_app.engine.state import Control, RunStatus
from migrations_app.models import MigrationRun, Project, RunEvent
from migrations_app.services import NewCredentials, cancel_run, pause_run, resume_run
from tenancy.models import AuditEntry
from tests.builders import Cast, cast
from tests.jobs import RecordedJobs
from tests.migrations_app.builders import TARGET, make_held_run, make_project, make_run

pytestmark = pytest.mark.django_db

ENDED = [RunStatus.COMPLETED, RunStatus.PARTIAL, RunStatus.FAILED, RunStatus.CANCELLED]


@pytest.fixture
def people() -> Cast:
    return cast()


@pytest.fixture
def project(people: Cast) -> Project:
    return make_project(people.organization)


@pytest.fixture(autouse=True)
def _short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("migrations_app.services.control.OBEDIENCE_SECONDS", 0.2)


def code_of(call: Callable[[], Any]) -> str:
    with pytest.raises(DomainError) as refused:
        call()
    return refused.value.code


def stalled(project: Project) -> MigrationRun:
    return make_held_run(project, lease_until=timezone.now() - timedelta(seconds=1))


@pytest.mark.parametrize("status", [RunStatus.PENDING, RunStatus.RUNNING])
def test_a_run_that_no_worker_holds_pauses_at_once(people: Cast, project: Project, status: RunStatus) -> None:
    run = make_run(project, status=status, attempt=3)

    paused = pause_run(run.pk, by=people.member.principal)

    assert (paused.status, paused.attempt) == (RunStatus.PAUSED, 4)
    assert RunEvent.objects.get(run=run).data == {"status": "paused"}
    assert AuditEntry.objects.get(action="run.pause").actor == people.member.user


def test_a_stalled_run_pauses_at_once_and_its_worker_is_fenced_off(people: Cast, project: Project) -> None:
    run = stalled(project)

    paused = pause_run(run.pk, by=people.member.principal)

    assert (paused.status, paused.attempt) == (RunStatus.PAUSED, run.attempt + 1)


def test_a_held_run_gets_the_wish_and_answers_as_it_is_when_the_worker_takes_long(
    people: Cast, project: Project
) -> None:
    run = make_held_run(project)

    answered = pause_run(run.pk, by=people.member.principal)

    assert (answered.status, answered.control, answered.attempt) == (RunStatus.RUNNING, Control.PAUSE, run.attempt)


def test_the_answer_waits_until_the_worker_has_obeyed(
    people: Cast, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_held_run(project)

    def worker_obeys(seconds: float) -> None:
        MigrationRun.objects.filter(pk=run.pk).update(status=RunStatus.PAUSED.value, lease_until=None)

    monkeypatch.setattr("migrations_app.services.control.time.sleep", worker_obeys)

    assert pause_run(run.pk, by=people.member.principal).status == RunStatus.PAUSED


def test_pausing_twice_is_one_wish(people: Cast, project: Project) -> None:
    run = make_held_run(project)

    pause_run(run.pk, by=people.member.principal)
    again = pause_run(run.pk, by=people.admin.principal)

    assert again.control == Control.PAUSE
    assert AuditEntry.objects.filter(action="run.pause").count() == 1


def test_what_is_paused_cannot_be_paused(people: Cast, project: Project) -> None:
    run = make_run(project, status=RunStatus.PAUSED)

    assert code_of(lambda: pause_run(run.pk, by=people.member.principal)) == "MIGRATION_NOT_RUNNING"


def test_a_cancel_outdoes_a_pause_and_not_the_other_way_round(people: Cast, project: Project) -> None:
    run = make_held_run(project)
    pause_run(run.pk, by=people.member.principal)

    assert cancel_run(run.pk, by=people.member.principal).control == Control.CANCEL
    assert code_of(lambda: pause_run(run.pk, by=people.member.principal)) == "MIGRATION_NOT_RUNNING"
    assert MigrationRun.objects.get(pk=run.pk).control == Control.CANCEL


@pytest.mark.parametrize("status", [RunStatus.PENDING, RunStatus.RUNNING, RunStatus.PAUSED])
def test_a_run_that_no_worker_holds_is_cancelled_at_once(people: Cast, project: Project, status: RunStatus) -> None:
    run = make_run(project, status=status)

    cancelled = cancel_run(run.pk, by=people.member.principal)

    assert cancelled.status == RunStatus.CANCELLED and cancelled.finished_at is not None
    assert list(RunEvent.objects.filter(run=run).values_list("kind", flat=True)) == ["progress", "status", "done"]


@pytest.mark.parametrize("status", ENDED)
@pytest.mark.parametrize("order", [pause_run, resume_run, cancel_run])
def test_an_ended_run_takes_no_orders(
    people: Cast, project: Project, status: RunStatus, order: Callable[..., Any]
) -> None:
    run = make_run(project, status=status)

    assert code_of(lambda: order(run.pk, by=people.owner.principal)) == "MIGRATION_ENDED"


@pytest.mark.parametrize("order", [pause_run, resume_run, cancel_run])
def test_another_organization_s_run_does_not_exist(people: Cast, project: Project, order: Callable[..., Any]) -> None:
    run = make_run(project, status=RunStatus.PAUSED)

    assert code_of(lambda: order(run.pk, by=people.outsider.principal)) == "MIGRATION_NOT_FOUND"
    assert MigrationRun.objects.get(pk=run.pk).status == RunStatus.PAUSED


def test_a_paused_run_goes_on_once_however_often_it_is_resumed(
    people: Cast, project: Project, jobs: RecordedJobs
) -> None:
    run = make_run(project, status=RunStatus.PAUSED, attempt=4, reason_code="PLATFORM_ACCESS_LOST", reason_message="x")

    resumed = resume_run(run.pk, by=people.member.principal)

    assert (resumed.status, resumed.reason_code) == (RunStatus.RUNNING, "")
    assert [call.args for call in jobs.sent] == [(str(run.pk), 4)]
    assert code_of(lambda: resume_run(run.pk, by=people.admin.principal)) == "MIGRATION_NOT_PAUSED"
    assert len(jobs.sent) == 1


def test_a_pause_that_is_not_obeyed_yet_is_taken_back(people: Cast, project: Project, jobs: RecordedJobs) -> None:
    run = make_held_run(project, control=Control.PAUSE.value)

    resumed = resume_run(run.pk, by=people.member.principal)

    assert (resumed.status, resumed.control) == (RunStatus.RUNNING, Control.GO)
    assert jobs.sent == []


def test_new_credentials_replace_the_ones_the_run_was_started_with(people: Cast, project: Project) -> None:
    run = make_run(project, status=RunStatus.PAUSED)
    run.sealed_credentials = seal_values(run, {"source": "old-pat", "target": "old-token"})
    run.save()

    resume_run(
        run.pk, by=people.member.principal, credentials=NewCredentials(api_token="new-token", email="n@ew.example")
    )

    run.refresh_from_db()
    assert unseal_values(run, run.sealed_credentials) == {"source": "old-pat", "target": "new-token"}
    assert run.config["target"] == {**TARGET, "account": "n@ew.example"}


@pytest.mark.django_db(transaction=True)
def test_without_a_queue_a_resumed_run_stays_paused(people: Cast, project: Project, jobs: RecordedJobs) -> None:
    run = make_run(project, status=RunStatus.PAUSED)
    jobs.unreachable = True

    assert code_of(lambda: resume_run(run.pk, by=people.member.principal)) == "ENGINE_DISPATCH_FAILED"
    run.refresh_from_db()
    assert (run.status, run.reason_code) == (RunStatus.PAUSED, "ENGINE_DISPATCH_FAILED")
