"""Pause, shutdown and restart at random moments of a run with slow answers: nothing is sent any more, and afterwards
nothing is extra and nothing missing. What was sent and when is read from the stand-ins' log, whose clock is ours."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.process.audit import Record
from tests.process.installation import promised
from tests.process.killing import ITEMS, database, write_site
from tests.process.laboratory import Laboratory, laboratory

pytestmark = [
    pytest.mark.process,
    pytest.mark.serial,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]

GRACE = 2.0
"""Within which a pause is obeyed, apart from requests in flight."""
SLOWEST = 1.5
"""How long the slowest answer takes."""
SLOW_ANSWERS = [{"kind": "late", "rate": 0.05, "delay_ms": SLOWEST * 1000}]
QUIET = 2.0


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.full)])
def variables(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """The environment for the database."""
    with database(request.param == "postgresql") as made:
        yield made


@pytest.fixture
def lab(tmp_path: Path, variables: dict[str, str]) -> Iterator[Laboratory]:
    """With answers that are now and then slow."""
    site = ("--site", str(write_site(tmp_path)))
    with laboratory(tmp_path, items=ITEMS, latency_ms=10, arguments=site, variables=variables) as made:
        made.stand_ins.set_faults(SLOW_ANSWERS, seed=1)
        yield made


def moments(seed: int, count: int) -> Sequence[int]:
    return sorted(random.Random(seed).sample(range(60, 1600), count))


def sent_after(log: Sequence[Record], moment: float) -> list[Record]:
    return [entry for entry in log if float(entry["time"]) > moment]


def test_a_pause_is_honoured_whenever_it_comes(lab: Laboratory) -> None:
    run_id = lab.start_run()
    for moment in moments(1, 5):
        lab.wait_for_requests(moment)

        ordered = time.time()
        answer = lab.order(run_id, "pause")
        took = time.time() - ordered
        asked = lab.stand_ins.requests()
        time.sleep(QUIET)

        assert answer.json() == {"id": run_id, "status": "PAUSED"}, answer.text
        assert took < promised(GRACE + SLOWEST)
        assert lab.stand_ins.requests() == asked, "a paused run asks nothing"
        assert sent_after(lab.stand_ins.log(), ordered + promised(GRACE + SLOWEST)) == []
        assert lab.order(run_id, "resume").json()["status"] == "RUNNING"

    lab.check_whole(run_id)


@pytest.mark.full
def test_the_installation_is_stopped_and_started_whenever_it_comes(lab: Laboratory) -> None:
    run_id = lab.start_run()
    for moment in moments(2, 3):
        lab.wait_for_requests(moment)

        code, took = lab.home.stop()
        asked = lab.stand_ins.requests()

        assert (code, took < promised(10)) == (0, True)
        time.sleep(1)
        assert lab.stand_ins.requests() == asked
        lab.home.start()
        lab.home.wait_until_ready(within=60)

    lab.check_whole(run_id)
