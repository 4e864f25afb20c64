"""Two hundred listeners of one run over real connections: whoever is cut off and comes back misses nothing."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.process.killing import database
from tests.process.laboratory import Laboratory, laboratory
from tests.process.listening import DONE, Listener, hear_all

pytestmark = [
    pytest.mark.process,
    pytest.mark.serial,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]

LISTENERS = 200
ITEMS = 80
WITHIN = 150.0


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.full)])
def lab(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Laboratory]:
    with (
        database(request.param == "postgresql") as variables,
        laboratory(tmp_path, items=ITEMS, latency_ms=10, variables=variables) as made,
    ):
        yield made


def test_two_hundred_listeners_one_of_whom_is_cut_at_every_event_hear_everything_once(lab: Laboratory) -> None:
    run_id = lab.start_run()
    ticket = lab.order(run_id, "stream-ticket").json()["ticket"]
    url = f"{lab.home.url}/api/migrations/{run_id}/stream?token={ticket}"
    # At every event one of the many is cut, each time another one; and one is cut at every single event.
    many = [Listener(url, cut_at=frozenset(range(number, 10_000, LISTENERS))) for number in range(1, LISTENERS)]
    restless = Listener(url, cut_always=True)

    asyncio.run(hear_all([restless, *many], within=WITHIN))

    told = restless.heard
    assert [event.id for event in told] == list(range(1, len(told) + 1))
    assert [event.kind for event in told].count(DONE) == 1 and told[-1].kind == DONE
    assert sum(event.kind == "log" for event in told) >= ITEMS
    assert all(listener.heard == told for listener in many)
    assert restless.connections == len(told)
    assert sum(listener.connections - 1 for listener in many) >= len(told) - 2
    assert lab.status(run_id)["status"] == "COMPLETED"


def test_listeners_outlive_the_web_server(lab: Laboratory) -> None:
    run_id = lab.start_run()
    ticket = lab.order(run_id, "stream-ticket").json()["ticket"]
    url = f"{lab.home.url}/api/migrations/{run_id}/stream?token={ticket}"
    listeners = [Patient(url) for _ in range(20)]
    killer = threading.Thread(target=kill_web_twice, args=(lab,))
    killer.start()

    asyncio.run(hear_all(list(listeners), within=WITHIN))
    killer.join()

    told = listeners[0].heard
    assert [event.id for event in told] == list(range(1, len(told) + 1))
    assert all(listener.heard == told for listener in listeners)
    assert any(listener.connections > 1 for listener in listeners)


class Patient(Listener):
    """Comes back after a second when the server is away, as a browser does."""

    async def listen(self) -> None:
        while True:
            try:
                return await super().listen()
            except (OSError, asyncio.IncompleteReadError, ValueError):
                await asyncio.sleep(1)


def kill_web_twice(lab: Laboratory) -> None:
    for moment in (120, 250):
        lab.wait_for_requests(moment)
        lab.kill("web")
