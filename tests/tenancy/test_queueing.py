"""Jobs leave with the transaction they belong to."""

from __future__ import annotations

import pytest
from django.db import transaction

from tenancy.errors import QueueUnreachable
from tenancy.queueing import Call, enqueue
from tests.jobs import RecordedJobs

RAN: list[tuple[object, ...]] = []


def note(*args: object) -> None:
    """The job of these tests."""
    RAN.append(args)
    if args == ("first",):
        enqueue("default", f"{__name__}.note", "second")


@pytest.mark.django_db(transaction=True)
def test_a_job_waits_for_the_commit(jobs: RecordedJobs) -> None:
    with transaction.atomic():
        enqueue("runs", "a.job", "id", 1, job_id="a-id")
        during = list(jobs._sent)

    assert during == []
    assert jobs.sent == [Call("runs", "a.job", ("id", 1), "a-id")]


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_transaction_takes_its_job_along(jobs: RecordedJobs) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        enqueue("runs", "a.job")
        raise RuntimeError

    assert jobs.sent == []


@pytest.mark.django_db
def test_in_an_ordinary_test_a_rolled_back_savepoint_takes_its_job_along(jobs: RecordedJobs) -> None:
    enqueue("runs", "kept.job")
    with pytest.raises(RuntimeError), transaction.atomic():
        enqueue("runs", "lost.job")
        raise RuntimeError

    assert [call.path for call in jobs.sent] == ["kept.job"]


@pytest.mark.django_db(transaction=True)
def test_an_unreachable_queue_is_reported_to_the_caller(jobs: RecordedJobs) -> None:
    jobs.unreachable = True

    with pytest.raises(QueueUnreachable), transaction.atomic():
        enqueue("runs", "a.job")


@pytest.mark.django_db
def test_recorded_jobs_can_be_run_with_those_they_enqueue(jobs: RecordedJobs) -> None:
    RAN.clear()
    enqueue("default", f"{__name__}.note", "first")

    assert jobs.run_all() == 2
    assert RAN == [("first",), ("second",)]


def test_an_unknown_queue_is_a_programming_error() -> None:
    with pytest.raises(ValueError, match="no queue 'sync'"):
        enqueue("sync", "a.job")
