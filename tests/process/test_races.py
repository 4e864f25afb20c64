"""Orders that really arrive at the same time: one wins, the others get their documented answer."""

from __future__ import annotations

import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import requests

from tests.process.killing import database
from tests.process.laboratory import Laboratory, laboratory

pytestmark = [pytest.mark.process, pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")]

ROUNDS = 6
Order = Callable[[], requests.Response]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.full)], scope="module")
def lab(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    folder = tmp_path_factory.mktemp("races")
    with (
        database(request.param == "postgresql") as variables,
        laboratory(folder, items=40, variables=variables) as made,
    ):
        yield made


def at_once(*orders: Order) -> list[requests.Response]:
    """All orders by threads that wait for each other."""
    gate = threading.Barrier(len(orders))

    def give(order: Order) -> requests.Response:
        gate.wait()
        return order()

    with ThreadPoolExecutor(len(orders)) as pool:
        return list(pool.map(give, orders))


def told(answers: list[requests.Response]) -> Counter[str]:
    """What was answered, by status or code."""
    return Counter(answer.json().get("status") if answer.ok else answer.json()["code"] for answer in answers)


def waiting_run(lab: Laboratory) -> str:
    """A run that no worker takes during the test."""
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    return lab.start_run(start_at=later)


def test_of_several_starts_one_wins(lab: Laboratory) -> None:
    for _ in range(ROUNDS):
        project, other = lab.make_project(), lab.make_project()
        body = lab.start_body(start_at=(datetime.now(UTC) + timedelta(hours=1)).isoformat())

        def start(which: str, body: object = body) -> Order:
            return lambda: lab.call("POST", f"/api/migrations/project/{which}/start", body)  # type: ignore[arg-type]

        answers = at_once(start(project), start(project), start(other), start(project))

        assert told(answers) == {"PENDING": 1, "MIGRATION_ALREADY_RUNNING": 3}
        (first,) = [answer.json()["id"] for answer in answers if answer.ok]
        assert lab.order(first, "cancel").json()["status"] == "CANCELLED"


def test_of_several_resumes_one_wins(lab: Laboratory) -> None:
    for _ in range(ROUNDS):
        run_id = waiting_run(lab)
        assert lab.order(run_id, "pause").json()["status"] == "PAUSED"

        answers = at_once(*[lambda run_id=run_id: lab.order(run_id, "resume")] * 3)

        assert told(answers)["MIGRATION_NOT_PAUSED"] + told(answers)["MIGRATION_ENDED"] == 2, told(answers)
        assert lab.wait_for_end(run_id)["status"] in ("COMPLETED", "CANCELLED")


def test_a_pause_that_races_a_cancel_never_keeps_the_run_alive(lab: Laboratory) -> None:
    for _ in range(ROUNDS):
        run_id = waiting_run(lab)

        paused, cancelled = at_once(lambda: lab.order(run_id, "pause"), lambda: lab.order(run_id, "cancel"))  # noqa: B023

        assert cancelled.json()["status"] == "CANCELLED"
        assert paused.json().get("code") in (None, "MIGRATION_ENDED", "MIGRATION_NOT_RUNNING"), paused.text
        assert lab.status(run_id)["status"] == "CANCELLED"


def test_pause_and_cancel_race_a_run_at_work(lab: Laboratory) -> None:
    run_id = lab.start_run()
    lab.wait_for_status(run_id, "RUNNING", "COMPLETED", within=30)

    answers = at_once(*[lambda: lab.order(run_id, "pause"), lambda: lab.order(run_id, "cancel")] * 2)

    assert not [answer for answer in answers if answer.status_code >= 500], [answer.text for answer in answers]
    assert lab.wait_for_end(run_id)["status"] in ("CANCELLED", "COMPLETED")
