"""Where the feeds of this process get their events from, and what wakes them."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from uuid import UUID

from django.conf import settings
from django.db import close_old_connections, connection
from redis.asyncio import Redis
from redis.exceptions import RedisError

from migrations_app.feeds import Entry
from migrations_app.models import RunEvent
from migrations_app.queries import events_after
from migrations_app.wakeups import channel_of

log = logging.getLogger(__name__)

RECONNECT_SECONDS = 5.0
_READER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="run-events")
"""The one thread that reads events, for all runs and all listeners of this process."""


def entry_of(event: RunEvent) -> Entry:
    """An event as the documents show it: its data repeats its kind."""
    data = json.dumps({"type": event.kind, **event.data}, ensure_ascii=False, separators=(",", ":"))
    wire = f"id: {event.seq}\nevent: {event.kind}\ndata: {data}\n\n"
    return Entry(event.seq, event.kind, wire.encode())


async def read_events(run_id: UUID, after: int, limit: int) -> list[Entry]:
    """The next events, read in the reader's thread."""
    return await asyncio.get_running_loop().run_in_executor(_READER, _read, run_id, after, limit)


def _read(run_id: UUID, after: int, limit: int) -> list[Entry]:
    close_old_connections()
    try:
        return [entry_of(event) for event in events_after(run_id, after, limit=limit)]
    finally:
        connection.close()


class RedisAlarm:
    """Listens on the run's channel until it is closed. Redis being away only makes the feed slower."""

    def __init__(self, run_id: UUID, ring: Callable[[], None]) -> None:
        self._channel = channel_of(run_id)
        self._ring = ring
        self._task = asyncio.create_task(self._listen(), name=f"alarm-{run_id}")

    async def close(self) -> None:
        """Stop listening and close the connection."""
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    async def _listen(self) -> None:
        while True:
            try:
                await self._follow_channel()
            except (RedisError, OSError) as error:
                log.info("No wake-ups from Redis now: %s", type(error).__name__)
                await asyncio.sleep(RECONNECT_SECONDS)

    async def _follow_channel(self) -> None:
        async with Redis.from_url(settings.REDIS_URL, health_check_interval=30) as redis, redis.pubsub() as channel:
            await channel.subscribe(self._channel)
            self._ring()  # what was announced before we listened
            async for _ in channel.listen():
                self._ring()


async def set_redis_alarm(run_id: UUID, ring: Callable[[], None]) -> RedisAlarm:
    """An alarm that rings when a worker announces news of the run."""
    return RedisAlarm(run_id, ring)
