"""The one way to hand a job to the workers, and the one way for a job to learn that its worker must stop.

A job is a dotted path and ids: plain JSON, so that an old job can be read by new code. The path and the signature are
a stored format; rename them only with a compatibility window.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Protocol

import django_rq
from django.conf import settings
from django.db import transaction
from redis import Redis
from redis.backoff import ConstantBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from tenancy.errors import QueueUnreachable

log = logging.getLogger(__name__)

Argument = str | int | bool | None

# Set when the worker process was asked to end: long jobs look at it between steps, save, and return.
stopping = threading.Event()


def wait_until_stopping(seconds: float) -> bool:
    """Sleep, but not longer than the worker may: what jobs use instead of `time.sleep`. True: save and return."""
    return stopping.wait(seconds)


@dataclass(frozen=True)
class Call:
    """One job as it is handed over."""

    queue: str
    path: str
    args: tuple[Argument, ...]
    job_id: str | None = None


class Transport(Protocol):
    """What carries a call to where it runs."""

    def send(self, call: Call) -> None:
        """Hand the call over. Raises QueueUnreachable."""


def enqueue(queue: str, path: str, *args: Argument, job_id: str | None = None) -> None:
    """Hand a job over once the current transaction is committed; at once when there is none.

    `job_id` keeps a waiting job single: while one with that id waits in the queue, another is not added. One that
    already runs does not count, so that nothing is lost between its last look and its end.

    Raises QueueUnreachable, inside a transaction from the commit that ends it: everything is then stored, and the
    caller decides what becomes of the row that waits for the job.
    """
    if queue not in settings.RQ_QUEUES:
        raise ValueError(f"There is no queue {queue!r}")
    transaction.on_commit(Delivery(Call(queue, path, args, job_id)))


def enqueue_if_possible(queue: str, path: str, *args: Argument, job_id: str | None = None) -> None:
    """As `enqueue`, for work that a sweep finds anyway: a queue that is away is a line in the log, nobody's failure."""
    if queue not in settings.RQ_QUEUES:
        raise ValueError(f"There is no queue {queue!r}")
    transaction.on_commit(QuietDelivery(Call(queue, path, args, job_id)))


@dataclass(frozen=True)
class Delivery:
    """A call waiting for its transaction; a class of its own so that tests find it among other callbacks."""

    call: Call

    def __call__(self) -> None:
        """Hand the call to the transport in use."""
        _transports[-1].send(self.call)


@dataclass(frozen=True)
class QuietDelivery(Delivery):
    """One whose loss the sweep makes good."""

    def __call__(self) -> None:
        """Hand the call over, or say that it waits."""
        try:
            super().__call__()
        except QueueUnreachable as error:
            log.warning("%s waits for the next sweep: %s", self.call.path, error)


class RqTransport:
    """Puts calls into Redis for the workers."""

    def send(self, call: Call) -> None:
        """Raises QueueUnreachable when Redis does not take it."""
        try:
            queue = django_rq.get_queue(call.queue, connection=shared_redis())
            if call.job_id is not None and queue.get_job_position(call.job_id) is not None:
                return
            queue.enqueue_call(call.path, args=call.args, job_id=call.job_id, failure_ttl=86_400)
        except (RedisError, OSError) as error:
            raise QueueUnreachable(f"The job queue is unreachable: {type(error).__name__}") from error


_transports: list[Transport] = [RqTransport()]


@contextmanager
def carried_by(transport: Transport) -> Iterator[None]:
    """Use another transport for a while: tests record calls, or run them at once."""
    _transports.append(transport)
    try:
        yield
    finally:
        _transports.remove(transport)


def shared_redis() -> Redis:
    """This process's connections to Redis, with short time-outs: a silent Redis is treated as gone."""
    return _connect(settings.REDIS_URL)


@cache
def _connect(url: str) -> Redis:
    return Redis.from_url(
        url, socket_timeout=5, socket_connect_timeout=3, retry=Retry(ConstantBackoff(0.1), 2), health_check_interval=30
    )
