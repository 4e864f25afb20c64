"""Fanning a run's events out to all who listen in this process: one reader per run, however many listeners.

A listener is a number: the last event it has. It asks for what came after, and sleeps until there is something. The
newest events are shared from memory; older ones are read for it a page at a time by the one reading thread. So a slow
listener, or one that is gone, costs nothing, and no listener holds a thread or a database connection.

The reader is woken through Redis and looks by itself as well, in case a wake-up was lost or Redis is away.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import ClassVar, Protocol
from uuid import UUID
from weakref import WeakKeyDictionary

log = logging.getLogger(__name__)

REMEMBERED = 2000
PAGE = 500
LOOK_EVERY = 1.0
"""Seconds between looks without a wake-up."""
_ending: set[asyncio.Task[None]] = set()
"""Readers that still close their connection: an event loop holds its tasks only weakly."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An event as it goes over the wire; the same bytes for everybody."""

    seq: int
    kind: str
    wire: bytes


Read = Callable[[UUID, int, int], Awaitable[list[Entry]]]
"""(run, after, limit) -> the next events in order."""


class Alarm(Protocol):
    """Calls `ring` when a run has news, until it is closed."""

    async def close(self) -> None: ...


SetAlarm = Callable[[UUID, Callable[[], None]], Awaitable[Alarm]]


class Feed:
    """One run's events in this process. Lives while somebody listens."""

    def __init__(self, run_id: UUID, *, read: Read, set_alarm: SetAlarm) -> None:
        self._run_id = run_id
        self._read = read
        self._set_alarm = set_alarm
        self._recent: deque[Entry] = deque(maxlen=REMEMBERED)
        self._last = 0
        self._news = asyncio.Event()
        self._rung = asyncio.Event()
        self._reading = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self.listeners = 0

    def start(self, at: int) -> None:
        """Begin to follow the run from an event that is there."""
        self._last = at
        self._task = asyncio.create_task(self._follow(), name=f"feed-{self._run_id}")

    def stop(self) -> None:
        """End with the last listener."""
        if self._task is not None:
            _ending.add(self._task)
            self._task.add_done_callback(_ending.discard)
            self._task.cancel()

    async def after(self, seq: int) -> list[Entry]:
        """Events behind `seq`, at most a page; empty when there is none yet."""
        if seq >= self._last:
            return []
        if self._recent and seq >= self._recent[0].seq - 1:
            start = seq - (self._recent[0].seq - 1)  # numbers have no gaps
            return list(islice(self._recent, start, start + PAGE))
        async with self._reading:
            return await self._read(self._run_id, seq, PAGE)

    async def news(self, seq: int, *, timeout: float) -> bool:
        """Wait until there is an event behind `seq`; False when the time is over first."""
        waiting = self._news
        if seq < self._last:
            return True
        try:
            # Not wait_for: in Python 3.11 it loses a cancellation that comes together with the news.
            async with asyncio.timeout(timeout):
                await waiting.wait()
        except TimeoutError:
            return False
        return True

    async def _follow(self) -> None:
        alarm = await self._set_alarm(self._run_id, self._rung.set)
        try:
            while True:
                await self._look()
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_EVERY):
                        await self._rung.wait()
                self._rung.clear()
        finally:
            await alarm.close()

    async def _look(self) -> None:
        """Take in what is new. A database that is away is asked again at the next look."""
        try:
            while True:
                async with self._reading:
                    found = await self._read(self._run_id, self._last, PAGE)
                if not found:
                    return
                self._recent.extend(found)
                self._last = found[-1].seq
                self._news.set()
                self._news = asyncio.Event()
        except Exception:
            # The edge of a task that must outlive an outage; listeners simply see nothing meanwhile.
            log.warning("Events of run %s cannot be read now", self._run_id, exc_info=True)


class Feeds:
    """The feeds of one event loop."""

    _of_loop: ClassVar[WeakKeyDictionary[asyncio.AbstractEventLoop, Feeds]] = WeakKeyDictionary()

    def __init__(self, *, read: Read, set_alarm: SetAlarm) -> None:
        self._read = read
        self._set_alarm = set_alarm
        self._open: dict[UUID, Feed] = {}

    @classmethod
    def of_this_loop(cls, *, read: Read, set_alarm: SetAlarm) -> Feeds:
        """Shared by everything that runs on the current loop."""
        loop = asyncio.get_running_loop()
        found = cls._of_loop.get(loop)
        if found is None:
            found = cls._of_loop[loop] = cls(read=read, set_alarm=set_alarm)
        return found

    def join(self, run_id: UUID, *, at: int) -> Feed:
        """The feed of a run for one more listener; `at` is the run's last event, where a new feed begins."""
        feed = self._open.get(run_id)
        if feed is None:
            feed = self._open[run_id] = Feed(run_id, read=self._read, set_alarm=self._set_alarm)
            feed.start(at)
        feed.listeners += 1
        return feed

    def leave(self, run_id: UUID) -> None:
        """One listener less; the last one ends the feed."""
        feed = self._open[run_id]
        feed.listeners -= 1
        if not feed.listeners:
            feed.stop()
            del self._open[run_id]

    @property
    def open_count(self) -> int:
        """How many runs are followed."""
        return len(self._open)
