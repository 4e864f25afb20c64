"""What a run stands on is away for a while: Redis, PostgreSQL, space on the disk. It goes on and loses nothing."""

from __future__ import annotations

import os
import random
import resource
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from redis import Redis

from config.embedded_redis import default_redis_url
from tests.process.killing import ITEMS, WAITS, write_site
from tests.process.laboratory import PROJECT, Laboratory, laboratory
from tests.servers import own_cluster

pytestmark = [pytest.mark.process, pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")]

LAST_MOMENT = 1600


@pytest.fixture
def dice() -> random.Random:
    return random.Random(4)


def moments(dice: random.Random, count: int) -> list[int]:
    return sorted(dice.sample(range(50, LAST_MOMENT), count))


@contextmanager
def a_run(folder: Path, **variables: str) -> Iterator[tuple[Laboratory, str]]:
    """A laboratory with a run under way that is faithful at the end of the block."""
    site = ("--site", str(write_site(folder)))
    with laboratory(folder, items=ITEMS, latency_ms=10, arguments=site, variables={**WAITS, **variables}) as lab:
        run_id = lab.start_run()
        yield lab, run_id
        ended = lab.wait_for_end(run_id)
        assert (ended["status"], ended["successCount"]) == ("COMPLETED", ITEMS), lab.describe()
        assert lab.stand_ins.complaints(PROJECT) == []


def test_an_emptied_redis_costs_nothing(tmp_path: Path, dice: random.Random) -> None:
    """Queues, locks and counters are gone; with a worker killed each time, so that its job is really needed again."""
    with a_run(tmp_path) as (lab, _):
        for moment in moments(dice, 3):
            lab.wait_for_requests(moment)
            with Redis.from_url(default_redis_url(tmp_path / "var")) as redis:
                redis.flushall()
            for name in ("rqworker", "rqworker+"):
                lab.kill(name)


@pytest.mark.full
def test_a_redis_that_is_silent_for_a_while_costs_nothing(tmp_path: Path) -> None:
    with a_run(tmp_path) as (lab, run_id):
        lab.wait_for_requests(200)
        silent = lab.pids()["redis"]
        os.kill(silent, signal.SIGSTOP)
        try:
            before = lab.stand_ins.requests()
            time.sleep(4)
        finally:
            os.kill(silent, signal.SIGCONT)

        assert lab.stand_ins.requests() > before, "a run does not need Redis to go on"
        assert lab.status(run_id)["status"] != "FAILED"


@pytest.mark.full
def test_a_postgresql_that_crashes_and_comes_back_costs_nothing(tmp_path: Path, dice: random.Random) -> None:
    with own_cluster(safe=True) as cluster:
        with psycopg.connect(cluster.url.rpartition("/")[0] + "/postgres", autocommit=True) as connection:
            connection.execute("CREATE DATABASE isthmus")
        with a_run(tmp_path, DATABASE_URL=cluster.url) as (lab, _):
            for moment in moments(dice, 3):
                lab.wait_for_requests(moment)
                cluster.stop(at_once=True)
                time.sleep(dice.uniform(0, 3))
                cluster.start()


@pytest.mark.full
def test_a_full_disk_costs_nothing_once_there_is_space(tmp_path: Path) -> None:
    """The workers may not lengthen any file for a while, which is what a full disk means to a database."""
    with a_run(tmp_path) as (lab, run_id):
        lab.wait_for_requests(300)
        with no_space_for(lab):
            time.sleep(2)  # what was under way comes to its end
            asked = len([entry for entry in lab.stand_ins.log() if entry["applied"]])
            time.sleep(4)
            written = len([entry for entry in lab.stand_ins.log() if entry["applied"]]) - asked

        assert written == 0, "nothing is written to the target that could not be noted before"
        assert lab.status(run_id)["status"] in ("RUNNING", "PAUSED"), lab.status(run_id)
        if lab.status(run_id)["status"] == "PAUSED":
            assert lab.status(run_id)["reason"]["code"], "a pause has a reason"
            lab.order(run_id, "resume")


@contextmanager
def no_space_for(lab: Laboratory) -> Iterator[None]:
    """Every file that a worker writes has its full length already."""
    limited = [pid for name, pid in lab.pids().items() if name.startswith("rqworker")]
    before = {pid: resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in limited}
    for pid in limited:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (1, before[pid][1]))
    try:
        yield
    finally:
        for pid, limits in before.items():
            if pid in lab.pids().values():
                resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)
