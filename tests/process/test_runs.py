"""Runs with real workers: watched by many, paused, killed, stopped; the stand-ins are audited afterwards."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests
from psycopg import sql

from tests.process.installation import installation, promised, wait_for
from tests.process.world import World, world
from tests.servers import postgresql

pytestmark = [
    pytest.mark.process,
    pytest.mark.serial,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a migrated database, to copy."""
    var = tmp_path_factory.mktemp("migrated")
    with installation(var) as first:
        ended = first.manage("migrate", "--verbosity", "0")
    assert ended.returncode == 0, ended.stderr
    return var


@pytest.fixture
def var(migrated: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(migrated, tmp_path / "var"))


def events_of(here: World, run_id: str, *, ticket: str, cut_after: int | None = None) -> list[dict[str, Any]]:
    """All events as one listener sees them; with `cut_after` it hangs up after each so many and comes back."""
    seen: list[dict[str, Any]] = []
    while not seen or seen[-1]["event"] != "done":
        parameters = {"token": ticket, "lastEventId": str(seen[-1]["id"] if seen else 0)}
        address = f"{here.home.url}/api/migrations/{run_id}/stream"
        with requests.get(address, params=parameters, stream=True, timeout=(5, 30)) as answer:
            assert answer.status_code == 200, answer.text
            event: dict[str, Any] = {}
            until = len(seen) + cut_after if cut_after else None
            for line in answer.iter_lines(chunk_size=1):
                name, _, value = line.decode().partition(": ")
                if name in ("id", "event", "data"):
                    event[name] = int(value) if name == "id" else value
                if not line and "event" in event:
                    seen.append(event)
                    event = {}
                    if seen[-1]["event"] == "done" or len(seen) == until:
                        break
    return seen


@pytest.mark.full
def test_a_run_arrives_whole_while_many_listen(var: Path) -> None:
    with world(var, latency_ms=5) as here:
        run_id = here.start_run()
        ticket = here.call("POST", f"/api/migrations/{run_id}/stream-ticket").json()["ticket"]
        seen: dict[int, list[dict[str, Any]]] = {}

        def listen(number: int) -> None:
            seen[number] = events_of(here, run_id, ticket=ticket, cut_after=7 if number % 5 == 0 else None)

        listeners = [threading.Thread(target=listen, args=(number,), daemon=True) for number in range(40)]
        for listener in listeners:
            listener.start()
        ended = here.wait_for_end(run_id)
        for listener in listeners:
            listener.join(30)

        assert (ended["status"], ended["failureCount"], ended["progressPercent"]) == ("COMPLETED", 0, 100)
        assert here.complaints() == []
        assert len(seen) == 40 and all(each == seen[0] for each in seen.values())
        assert [event["id"] for event in seen[0]] == list(range(1, len(seen[0]) + 1))
        stats = json.loads(seen[0][-1]["data"])["stats"]
        assert stats["created"] == ended["totalItems"]
        assert ticket not in here.home.log()


@pytest.mark.full
def test_after_a_pause_nothing_is_written_and_after_the_resume_nothing_is_missing(var: Path) -> None:
    with world(var, latency_ms=20) as here:
        run_id = here.start_run()
        here.wait_for_items(run_id, 60)

        began = time.monotonic()
        paused = here.call("POST", f"/api/migrations/{run_id}/pause").json()
        took = time.monotonic() - began
        before = len(_log(here))
        time.sleep(1.5)

        assert paused == {"id": run_id, "status": "PAUSED"}
        assert took < promised(4)
        assert len(_log(here)) == before
        assert here.call("POST", f"/api/migrations/{run_id}/resume").json()["status"] == "RUNNING"
        here.check_whole(run_id)


def _log(here: World) -> list[Any]:
    return list(requests.get(f"{here.jira_url}/_sandbox/log", timeout=10).json()["entries"])


@pytest.mark.full
def test_killed_workers_cost_time_and_nothing_else(var: Path) -> None:
    with world(var, latency_ms=20) as here:
        run_id = here.start_run()
        for enough in (20, 120, 220):
            here.wait_for_items(run_id, enough)
            for name, pid in here.home.children().items():
                if name.startswith("rqworker"):
                    os.kill(pid, signal.SIGKILL)

        here.check_whole(run_id)


def test_a_deploy_in_the_middle_of_a_run_is_ordinary(var: Path) -> None:
    with world(var, latency_ms=20) as here:
        run_id = here.start_run()
        here.wait_for_items(run_id, 60)

        code, took = here.home.stop(signal.SIGTERM)
        moved = len(here.jira.content.issues)
        here.home.start()
        here.home.wait_until_ready()
        began = time.monotonic()
        wait_for(lambda: len(here.jira.content.issues) > moved, within=20, what=lambda: here.home.log()[-3000:])

        assert (code, took < promised(10)) == (0, True)
        assert time.monotonic() - began < promised(4)  # handed on, not waited for until its lease ran out
        here.check_whole(run_id)


@pytest.fixture
def database() -> Iterator[str]:
    """The URL of an empty PostgreSQL database."""
    name = f"isthmus_{secrets.token_hex(4)}"
    with postgresql() as url:
        server = url.rpartition("/")[0]
        with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
            try:
                yield f"{server}/{name}"
            finally:
                connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.mark.full
@pytest.mark.parametrize("moment", [40, 100, 160])
def test_a_worker_that_slept_past_its_lease_changes_nothing(tmp_path: Path, database: str, moment: int) -> None:
    """On PostgreSQL: a writer stopped in the middle of a transaction keeps SQLite's one lock for ever."""
    with world(tmp_path, latency_ms=20, DATABASE_URL=database) as here:
        run_id = here.start_run()
        here.wait_for_items(run_id, moment)
        workers = [pid for name, pid in here.home.children().items() if name.startswith("rqworker")]
        stopped = next(pid for pid in workers if _holds(pid))
        os.kill(stopped, signal.SIGSTOP)
        try:
            attempts = here.attempt(run_id)
            wait_for(lambda: here.attempt(run_id) > attempts, within=90, what=lambda: here.home.log()[-3000:])
            time.sleep(3)
        finally:
            os.kill(stopped, signal.SIGCONT)

        here.check_whole(run_id)


def _holds(pid: int) -> bool:
    """Whether this worker's threads do a run's I/O: an idle one has few."""
    return len(list(Path(f"/proc/{pid}/task").iterdir())) > 5


@pytest.mark.full
def test_new_credentials_take_a_paused_run_to_its_end(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with world(var, latency_ms=20) as here:
        run_id = here.start_run()
        here.wait_for_items(run_id, 60)
        monkeypatch.setattr("sandbox.jira.service.TOKEN", "rotated-token")
        wait_for(
            lambda: here.status(run_id).get("status") == "PAUSED", within=60, what=lambda: str(here.status(run_id))
        )
        assert here.status(run_id)["reason"]["code"] == "PLATFORM_ACCESS_LOST"

        credentials = {"enginePayload": {"target": {"api_token": "rotated-token"}}}
        here.call("POST", f"/api/migrations/{run_id}/resume", credentials)

        here.check_whole(run_id)


def test_the_demo_runs_against_an_installation_that_serves_the_stand_ins(var: Path) -> None:
    with installation(var) as home:
        home.start("--sandbox")
        home.wait_until_ready()

        for _ in range(2):  # the second one starts afresh on both sides
            told = home.manage("demo", "--url", home.url)
            assert told.returncode == 0, told.stderr + told.stdout
            assert "Nothing was lost" in told.stdout
    assert len(list((var / "demo").glob("*/verification.html"))) == 2
