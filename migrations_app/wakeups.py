"""Telling streams that a run has news. Losing one costs a second, so nothing here may ever fail or hold up a commit."""

from __future__ import annotations

import logging
import time
from functools import cache
from uuid import UUID

import redis
from django.conf import settings

log = logging.getLogger(__name__)

REST_AFTER_FAILURE = 5.0
"""Seconds without a try once Redis did not answer: a commit must not wait for it again and again."""
_silent_until = 0.0


def channel_of(run_id: UUID) -> str:
    """The channel on which a run's news are announced."""
    return f"run:{run_id}"


def announce(run_id: UUID) -> None:
    """Wake whoever watches the run. Silent when Redis is away: watchers look by themselves as well."""
    global _silent_until
    if time.monotonic() < _silent_until:
        return
    try:
        _connection().publish(channel_of(run_id), "1")
    except (redis.RedisError, OSError) as error:
        _silent_until = time.monotonic() + REST_AFTER_FAILURE
        log.info("Redis does not take wake-ups: %s", type(error).__name__)


@cache
def _connection() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5)
