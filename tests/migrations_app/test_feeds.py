"""Feeds: every listener gets every event once and in order, however often it goes and comes back."""

from __future__ import annotations

import asyncio
import gc
import random
import weakref
from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

import pytest

from migrations_app import feeds as feeds_module
from migrations_app.api.stream import Listening, listen
from migrations_app.feeds import Entry, Feeds

RUN = uuid4()


class Journal:
    """A run's events in memory, with the alarm that a commit rings and a count of what was read."""

    def __init__(self, *, rings: bool = True) -> None:
        self.entries: list[Entry] = []
        self.reads = 0
        self.broken = False
        self.alarms: list[Callable[[], None]] = []
        self.closed = 0
        self._rings = rings

    def add(self, kind: str = "log") -> None:
        seq = len(self.entries) + 1
        self.entries.append(Entry(seq, kind, f"id: {seq}\nevent: {kind}\ndata: {{}}\n\n".encode()))
        for ring in self.alarms:
            ring()

    async def read(self, run_id: UUID, after: int, limit: int) -> list[Entry]:
        self.reads += 1
        if self.broken:
            raise ConnectionError("the database is away")
        await asyncio.sleep(0)
        return self.entries[after : after + limit]

    async def set_alarm(self, run_id: UUID, ring: Callable[[], None]) -> Journal:
        if self._rings:
            self.alarms.append(ring)
        return self

    async def close(self) -> None:
        self.closed += 1

    def feeds(self) -> Feeds:
        return Feeds(read=self.read, set_alarm=self.set_alarm)


def run(story: Callable[[], Awaitable[None]], *, within: float = 20) -> None:
    async def bounded() -> None:
        await asyncio.wait_for(story(), within)

    asyncio.run(bounded())


def ids(chunk: bytes) -> list[int]:
    return [int(line[4:]) for line in chunk.decode().splitlines() if line.startswith("id: ")]


async def collect(journal: Journal, feeds: Feeds, *, after: int = 0) -> list[int]:
    """Listen until `done`."""
    seen: list[int] = []
    place = Listening(RUN, after=after, at=len(journal.entries))
    async for chunk in listen(place, feeds=feeds):
        seen += ids(chunk)
    return seen


def test_a_listener_from_the_start_gets_all_and_the_stream_ends_after_done() -> None:
    async def story() -> None:
        journal = Journal()
        feeds = journal.feeds()
        for _ in range(3):
            journal.add()
        listening = asyncio.create_task(collect(journal, feeds))
        await asyncio.sleep(0.01)
        journal.add()
        journal.add("done")

        assert await listening == [1, 2, 3, 4, 5]
        assert feeds.open_count == 0

    run(story)


def test_the_first_words_tell_how_soon_to_come_back() -> None:
    async def story() -> None:
        journal = Journal()
        journal.add("done")
        chunks = [chunk async for chunk in listen(Listening(RUN, after=0, at=1), feeds=journal.feeds())]

        assert chunks == [b"retry: 2000\n\n", b"id: 1\nevent: done\ndata: {}\n\n"]

    run(story)


def test_silence_is_filled_with_comments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("migrations_app.api.stream.HEARTBEAT_SECONDS", 0.01)

    async def story() -> None:
        stream = listen(Listening(RUN, after=0, at=0), feeds=Journal().feeds())
        chunks = [await anext(stream) for _ in range(3)]
        await stream.aclose()  # type: ignore[attr-defined]

        assert chunks[1:] == [b": still here\n\n", b": still here\n\n"]

    run(story)


def test_the_last_listener_to_go_ends_the_reader() -> None:
    async def story() -> None:
        journal = Journal()
        feeds = journal.feeds()
        streams = [listen(Listening(RUN, after=0, at=0), feeds=feeds) for _ in range(2)]
        for stream in streams:
            await anext(stream)
        await asyncio.sleep(0.01)
        assert (feeds.open_count, len(journal.alarms)) == (1, 1)

        for stream in streams:
            await stream.aclose()  # type: ignore[attr-defined]
        await asyncio.sleep(0.01)

        assert (feeds.open_count, journal.closed) == (0, 1)

    run(story)


def test_a_reader_that_closes_slowly_is_not_lost_to_the_garbage_collector() -> None:
    class SlowJournal(Journal):
        answer: weakref.ref[asyncio.Future[None]]

        async def close(self) -> None:
            answer = asyncio.get_running_loop().create_future()
            self.answer = weakref.ref(answer)
            await answer
            await super().close()

    async def story() -> None:
        journal = SlowJournal()
        stream = listen(Listening(RUN, after=0, at=0), feeds=journal.feeds())
        await anext(stream)
        await asyncio.sleep(0.01)
        await stream.aclose()  # type: ignore[attr-defined]
        await asyncio.sleep(0.01)

        gc.collect()
        answer = journal.answer()
        assert answer is not None, "nobody holds the closing reader"
        answer.set_result(None)
        await asyncio.sleep(0.01)

        assert journal.closed == 1

    run(story)


@pytest.mark.parametrize("rings", [True, False])
def test_two_hundred_listeners_of_whom_one_is_cut_at_every_event_miss_nothing(
    rings: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds_module, "LOOK_EVERY", 0.02)
    monkeypatch.setattr(feeds_module, "REMEMBERED", 40)  # so that some come back behind what is remembered
    monkeypatch.setattr(feeds_module, "PAGE", 16)
    chance = random.Random(7)

    async def story() -> None:
        journal = Journal(rings=rings)
        feeds = journal.feeds()
        seen: list[list[int]] = [[] for _ in range(200)]

        async def follow(number: int) -> None:
            last = seen[number][-1] if seen[number] else 0
            async for chunk in listen(Listening(RUN, after=last, at=len(journal.entries)), feeds=feeds):
                seen[number] += ids(chunk)

        tasks = {number: asyncio.create_task(follow(number)) for number in range(200)}
        away: list[int] = []
        for _ in range(300):
            journal.add()
            await asyncio.sleep(0)
            if away and chance.random() < 0.5:
                back = away.pop(0)
                tasks[back] = asyncio.create_task(follow(back))
            victim = chance.choice([number for number in tasks if number not in away])
            tasks[victim].cancel()
            await asyncio.gather(tasks[victim], return_exceptions=True)
            away.append(victim)
        journal.add("done")
        for number in away:
            tasks[number] = asyncio.create_task(follow(number))
        await asyncio.gather(*tasks.values())

        assert all(each == list(range(1, 302)) for each in seen)
        assert feeds.open_count == 0

    run(story)


def test_events_are_read_once_however_many_listen() -> None:
    async def story() -> None:
        journal = Journal()
        feeds = journal.feeds()
        listeners = [asyncio.create_task(collect(journal, feeds)) for _ in range(200)]
        await asyncio.sleep(0.01)
        before = journal.reads
        for _ in range(20):
            journal.add()
            await asyncio.sleep(0.001)
        journal.add("done")
        await asyncio.gather(*listeners)

        assert journal.reads - before < 60  # at most two looks per ring, not 200

    run(story)


def test_a_listener_who_does_not_read_holds_up_nobody() -> None:
    async def story() -> None:
        journal = Journal()
        feeds = journal.feeds()
        slow = listen(Listening(RUN, after=0, at=0), feeds=feeds)
        await anext(slow)
        quick = asyncio.create_task(collect(journal, feeds))
        for _ in range(50):
            journal.add()
            await asyncio.sleep(0)
        journal.add("done")
        assert await quick == list(range(1, 52))

        late = [number async for chunk in slow for number in ids(chunk)]

        assert late == list(range(1, 52))

    run(story)


def test_a_database_that_was_away_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds_module, "LOOK_EVERY", 0.01)

    async def story() -> None:
        journal = Journal()
        feeds = Feeds(read=journal.read, set_alarm=journal.set_alarm)
        listening = asyncio.create_task(collect(journal, feeds))
        await asyncio.sleep(0.01)
        journal.broken = True
        journal.add()
        await asyncio.sleep(0.05)
        journal.broken = False
        journal.add("done")

        assert await listening == [1, 2]

    run(story)
