"""The kill loop: a run during which every process of the tree is killed at random moments, all drawn from a seed.

A moment is a number of requests that the stand-ins have been asked, so that the same seed hits the same stretch of the
run on any machine. A kill counts when the stand-ins were asked something after it: then the run was under way.
"""

from __future__ import annotations

import itertools
import json
import random
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from tests.process.audit import Record
from tests.process.installation import wait_for
from tests.process.laboratory import ENDED, PROJECT, Laboratory, laboratory
from tests.servers import postgresql

ITEMS = 400
KILLS_THAT_COUNT = 5
FIRST, LAST = 20, 1700
"""Between which requests somebody is killed; a run without a fault makes 1,800."""
VICTIMS = ("up", "redis", "web", "scheduler", "rqworker", "rqworker+")
BACK_WITHIN = 60.0
DETOURS = {
    "workflows": [
        {
            "name": "Bugs",
            "types": ["Bug"],
            "initial": "To Do",
            "transitions": [
                {"name": "Start", "from": ["To Do"], "to": "In Progress"},
                {"name": "Review", "from": ["In Progress"], "to": "In Review"},
                {"name": "Finish", "from": ["In Review"], "to": "Done"},
            ],
        },
        {"name": "Others", "initial": "To Do"},
    ]
}
"""A site where bugs have a way to go, so that transitions are part of the run."""


@dataclass(frozen=True)
class Survived:
    """What came of a run under kills."""

    seed: int
    killed: tuple[str, ...]
    counted: int
    status: str
    counters: tuple[int, int, int, int]
    """Items in all, successes, failures, skipped."""
    complaints: tuple[str, ...]
    seconds: float

    @property
    def faithful(self) -> bool:
        """Nothing extra, nothing missing, and the run says so itself."""
        return not self.complaints and self.status == "COMPLETED" and self.counters == (ITEMS, ITEMS, 0, 0)


def run_under_kills(folder: Path, *, seed: int, on_postgresql: bool = False, latency_ms: float = 10) -> Survived:
    """One seed of the kill loop in a folder of its own."""
    began = time.monotonic()
    dice = random.Random(seed)
    site = write_site(folder)
    with database(on_postgresql) as variables:
        arguments = ("--site", str(site))
        here = laboratory(
            folder, items=ITEMS, latency_ms=latency_ms, seed=seed, arguments=arguments, variables={**WAITS, **variables}
        )
        with here as lab:
            run_id = lab.start_run()
            kills = list(_kill(lab, run_id, dice))
            ended = lab.wait_for_end(run_id, within=180)
            log, found = lab.stand_ins.log(), lab.stand_ins.complaints(PROJECT)
    return Survived(
        seed=seed,
        killed=tuple(name for name, _ in kills),
        counted=_counted(kills, log),
        status=ended["status"],
        counters=tuple(ended[name] for name in ("totalItems", "successCount", "failureCount", "skippedCount")),
        complaints=tuple(found),
        seconds=round(time.monotonic() - began, 1),
    )


WAITS = {"LEASE_SECONDS": "2", "SWEEP_SECONDS": "1", "UNCLEAR_WAIT": "3"}


def _kill(lab: Laboratory, run_id: str, dice: random.Random) -> Iterator[tuple[str, float]]:
    """Every process once and a worker once more; who and when, by the clock that the stand-ins have too."""
    victims = [*VICTIMS, dice.choice(("rqworker", "rqworker+"))]
    dice.shuffle(victims)
    moments = sorted(dice.sample(range(FIRST, LAST), len(victims)))
    for victim, moment in zip(victims, moments, strict=True):
        _await_moment(lab, run_id, moment)
        wait_for(lambda victim=victim: lab.kill(victim), within=BACK_WITHIN, what=lab.describe)  # type: ignore[misc]
        yield victim, time.time()


def _await_moment(lab: Laboratory, run_id: str, moment: int) -> None:
    """Until the stand-ins were asked so often, or the run is over."""
    looks = itertools.count(1)

    def come() -> bool:
        if lab.stand_ins.requests() >= moment:
            return True
        return next(looks) % 50 == 0 and lab.status(run_id).get("status") in ENDED

    wait_for(come, within=120, what=lab.describe)


def _counted(kills: list[tuple[str, float]], log: list[Record]) -> int:
    last = max(float(entry["time"]) for entry in log)
    return sum(1 for _, moment in kills if moment < last)


def write_site(folder: Path, **more: Any) -> Path:
    """The site's description as a file."""
    path = folder / "site.json"
    path.write_text(json.dumps({**DETOURS, **more}), encoding="utf-8")
    return path


@contextmanager
def database(on_postgresql: bool) -> Iterator[dict[str, str]]:
    """The environment for SQLite, or for a PostgreSQL database that lives as long."""
    if not on_postgresql:
        yield {}
        return
    name = f"isthmus_{uuid.uuid4().hex[:12]}"
    with postgresql() as url:
        server = url.rpartition("/")[0]
        with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
            try:
                yield {"DATABASE_URL": f"{server}/{name}"}
            finally:
                connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
