"""Jobs through a real Redis and our worker, in this process."""

from __future__ import annotations

import json
import signal
import zlib
from typing import Any

import django_rq
import pytest
from redis import Redis
from rq.serializers import JSONSerializer

from config.workers import Worker
from tenancy import queueing
from tenancy.errors import QueueUnreachable
from tenancy.queueing import Call, RqTransport

RAN: list[tuple[object, ...]] = []


def note(*args: object) -> None:
    """The job of these tests."""
    RAN.append(args)


def fail() -> None:
    """A job with a mistake."""
    raise RuntimeError("mistake")


@pytest.fixture
def redis(settings: Any, redis_url: str) -> Redis:
    settings.REDIS_URL = redis_url
    settings.RQ_QUEUES = {name: {**queue, "URL": redis_url} for name, queue in settings.RQ_QUEUES.items()}
    RAN.clear()
    return queueing.shared_redis()


def work(redis: Redis, *names: str) -> None:
    """Until the queues are empty; the worker's signal handlers do not stay behind in the test process."""
    queues = [django_rq.get_queue(name, connection=redis) for name in names]
    worker = Worker(queues, connection=redis, serializer=JSONSerializer)
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)}
    try:
        worker.work(burst=True, logging_level="CRITICAL")
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@pytest.mark.django_db
def test_a_job_runs_with_its_arguments(redis: Redis) -> None:
    RqTransport().send(Call("runs", f"{__name__}.note", ("id", 3, None)))

    work(redis, "default", "runs")

    assert RAN == [("id", 3, None)]


def test_a_job_is_stored_as_json(redis: Redis) -> None:
    RqTransport().send(Call("runs", f"{__name__}.note", ("id", 3), "an-id"))

    stored = redis.hget("rq:job:an-id", "data")

    assert json.loads(zlib.decompress(stored)) == [f"{__name__}.note", None, ["id", 3], {}]  # type: ignore[arg-type]


@pytest.mark.django_db
def test_a_waiting_job_is_not_added_twice_but_a_done_one_is(redis: Redis) -> None:
    transport, call = RqTransport(), Call("runs", f"{__name__}.note", (), "an-id")

    transport.send(call)
    transport.send(call)
    work(redis, "runs")
    transport.send(call)
    work(redis, "runs")

    assert len(RAN) == 2


def test_every_queue_has_its_own_time_out(redis: Redis) -> None:
    found = {}
    for name in ("default", "resyncs", "runs", "scans"):
        RqTransport().send(Call(name, f"{__name__}.note", (), name))
        found[name] = int(redis.hget(f"rq:job:{name}", "timeout"))  # type: ignore[arg-type]

    assert found == {"default": 120, "resyncs": 300, "runs": 300, "scans": 3600}


@pytest.mark.django_db
def test_a_failing_job_does_not_end_the_worker(redis: Redis) -> None:
    RqTransport().send(Call("default", f"{__name__}.fail", ()))
    RqTransport().send(Call("default", f"{__name__}.note", ("after",)))

    work(redis, "default")

    assert RAN == [("after",)]
    assert django_rq.get_queue("default", connection=redis).failed_job_registry.count == 1


def test_an_unreachable_redis_is_reported_in_our_own_words(settings: Any) -> None:
    settings.REDIS_URL = "unix:///nonexistent/redis.sock"

    with pytest.raises(QueueUnreachable, match="ConnectionError"):
        RqTransport().send(Call("runs", f"{__name__}.note", ()))


def test_a_stop_reaches_the_running_job(redis: Redis) -> None:
    worker = Worker([django_rq.get_queue("runs", connection=redis)], connection=redis, serializer=JSONSerializer)
    try:
        worker.handle_warm_shutdown_request()

        assert queueing.wait_until_stopping(5) is True
    finally:
        queueing.stopping.clear()
