"""Several at once: one wins, the others get their documented error. Real threads, so on PostgreSQL only."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from connectors.domain.errors import DomainError
from connectors.domain.systems import Access, SystemId
from migrations_app.engine.config import SliceEnd, SliceResult
from migrations_app.engine.ports import Batch, Store
from migrations_app.engine.state import Control, RunStatus, RunType
from migrations_app.models import LedgerScope, MigrationRun, RunEvent
from migrations_app.run_config import StartRequest
from migrations_app.services import Idempotency, advance_run, cancel_run, pause_run, resume_run, start_run
from migrations_app.services.slices import claim
from tests.builders import Cast, cast
from tests.migrations_app.builders import make_project, make_run
from tests.migrations_app.engines import ScriptedEngine, closed_doors

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        "connection.vendor != 'postgresql'", reason="SQLite's test database is one connection; make test-full has both"
    ),
]

MANY = 6
SOURCE = Access(SystemId.AZURE_DEVOPS, "contoso", "Parts", secret="p")
TARGET = Access(SystemId.JIRA, "https://contoso.atlassian.net", "PARTS", account="a@b.example", secret="t")
REQUEST = StartRequest(RunType.FULL, source=SOURCE, target=TARGET)


@pytest.fixture
def people() -> Cast:
    return cast()


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """What each call answered, or the code of its refusal, when all begin at the same moment."""
    gate = threading.Barrier(len(calls))
    answers: list[Any] = [None] * len(calls)

    def work(place: int) -> None:
        gate.wait(10)
        try:
            answers[place] = calls[place]()
        except DomainError as error:
            answers[place] = error.code
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(place,)) for place in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return answers


def test_of_several_starts_one_wins(people: Cast) -> None:
    project = make_project(people.organization)

    answers = at_once(*[lambda: start_run(project.pk, request=REQUEST, by=people.owner.principal).status] * MANY)

    assert Counter(answers) == {"PENDING": 1, "MIGRATION_ALREADY_RUNNING": MANY - 1}
    assert MigrationRun.objects.count() == LedgerScope.objects.count() == 1


def test_of_several_projects_with_one_source_and_target_one_wins(people: Cast) -> None:
    projects = [make_project(people.organization) for _ in range(MANY)]

    answers = at_once(
        *[lambda each=each: start_run(each.pk, request=REQUEST, by=people.owner.principal).status for each in projects]
    )

    assert Counter(answers) == {"PENDING": 1, "MIGRATION_ALREADY_RUNNING": MANY - 1}


def test_the_same_start_repeated_at_once_is_one_run(people: Cast) -> None:
    project = make_project(people.organization)
    same = Idempotency(key="k", digest="d")

    answers = at_once(
        *[lambda: start_run(project.pk, request=REQUEST, by=people.owner.principal, idempotency=same).pk] * MANY
    )

    assert set(answers) == {MigrationRun.objects.get().pk}


def test_of_several_resumes_one_wins(people: Cast) -> None:
    run = make_run(make_project(people.organization), status=RunStatus.PAUSED)

    answers = at_once(*[lambda: resume_run(run.pk, by=people.owner.principal).status] * MANY)

    assert Counter(answers) == {"RUNNING": 1, "MIGRATION_NOT_PAUSED": MANY - 1}
    assert RunEvent.objects.count() == 1


def test_of_several_workers_one_claims() -> None:
    run = make_run()

    answers = at_once(*[lambda: claim(run.pk, 0) is not None] * MANY)

    assert Counter(answers) == {True: 1, False: MANY - 1}
    assert MigrationRun.objects.get().attempt == 1


def test_a_cancel_wins_over_pauses_that_race_it(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("migrations_app.services.slices.open_doors", closed_doors)
    run = make_run(make_project(people.organization))
    working, by = threading.Event(), people.owner.principal

    def work(store: Store) -> SliceResult:
        working.set()
        for _ in range(2000):
            wanted = store.commit(Batch())
            if wanted is not Control.GO:
                return SliceResult(SliceEnd.PAUSED if wanted is Control.PAUSE else SliceEnd.CANCELLED)
        raise AssertionError("nobody wanted anything")

    def steer(order: Callable[..., MigrationRun]) -> Callable[[], str]:
        def call() -> str:
            working.wait(10)
            return order(run.pk, by=by).status

        return call

    worker: Callable[[], Any] = lambda: advance_run(run.pk, 0, engine=ScriptedEngine(work))  # noqa: E731
    answers = at_once(worker, steer(pause_run), steer(cancel_run), steer(pause_run))

    run.refresh_from_db()
    assert run.status == RunStatus.CANCELLED
    assert answers[2] == "CANCELLED"
    assert set(answers[1::2]) <= {"PAUSED", "CANCELLED", "MIGRATION_NOT_RUNNING", "MIGRATION_ENDED"}
    kinds = list(RunEvent.objects.order_by("seq").values_list("seq", "kind"))
    assert [seq for seq, _ in kinds] == list(range(1, len(kinds) + 1))
    assert [kind for _, kind in kinds].count("done") == 1
