"""A worker that was stopped past its lease finds, when it goes on, that everything is over: it changes nothing."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.process.killing import ITEMS, WAITS, database, write_site
from tests.process.laboratory import PROJECT, Laboratory, laboratory

pytestmark = [
    pytest.mark.process,
    pytest.mark.full,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]

WATCHED = 4.0
"""Seconds after it goes on in which a worker would have sent and stored what it had in hand."""


@pytest.mark.parametrize("moment", (100, 600, 1100))
def test_what_a_stopped_worker_had_in_hand_is_lost_on_nobody(tmp_path: Path, moment: int) -> None:
    """On PostgreSQL: a writer stopped in a transaction keeps SQLite's only lock for as long as it is stopped."""
    site = ("--site", str(write_site(tmp_path)))
    with (
        database(True) as variables,
        laboratory(tmp_path, items=ITEMS, latency_ms=10, arguments=site, variables={**WAITS, **variables}) as lab,
    ):
        run_id = lab.start_run()
        lab.wait_for_requests(moment)
        sleeper = stop_the_busy_one(lab)
        try:
            ended = lab.wait_for_end(run_id)
            log = lab.stand_ins.log()
        finally:
            os.kill(sleeper, signal.SIGCONT)
        time.sleep(WATCHED)

        assert lab.stand_ins.log() == log
        assert lab.status(run_id) == ended
        assert (ended["status"], ended["successCount"]) == ("COMPLETED", ITEMS)
        assert lab.stand_ins.complaints(PROJECT) == []
        assert sleeper in lab.pids().values()  # it lives, and takes the next job


def stop_the_busy_one(lab: Laboratory) -> int:
    """Stop the worker that has the run: the one with threads for its requests."""
    workers = [pid for name, pid in lab.pids().items() if name.startswith("rqworker")]
    busy = max(workers, key=lambda pid: len(list(Path(f"/proc/{pid}/task").iterdir())))
    os.kill(busy, signal.SIGSTOP)
    return busy
