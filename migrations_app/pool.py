"""Threads that do a slice's I/O: the engine's `Pool`."""

from __future__ import annotations

import queue
import threading
from types import TracebackType
from typing import Any, Self

from migrations_app.engine.ports import Call

Done = tuple[int, Any, Exception | None]


class ThreadPool:
    """At most `capacity` calls at a time, each in a thread of its own kind: started when needed, kept for the slice.

    Threads are daemons: a call that hangs cannot keep a worker alive that was told to end. What such a call did is
    unclear, and settled by the next slice from its intent.
    """

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self._calls: queue.SimpleQueue[tuple[int, Call] | None] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[Done] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._in_flight = 0

    def submit(self, ticket: int, call: Call) -> None:
        """Have the call made; never blocks. For the slice's own thread, like `completed`."""
        self._in_flight += 1
        if self._in_flight > len(self._threads) and len(self._threads) < self.capacity:
            name = f"run-io-{len(self._threads) + 1}"
            thread = threading.Thread(target=self._work, name=name, daemon=True)
            self._threads.append(thread)
            thread.start()
        self._calls.put((ticket, call))

    def completed(self, timeout: float) -> list[Done]:
        """Everything that has finished; waits up to `timeout` seconds for the first."""
        found: list[Done] = []
        try:
            found.append(self._done.get(timeout=timeout) if timeout > 0 else self._done.get_nowait())
            while True:
                found.append(self._done.get_nowait())
        except queue.Empty:
            pass
        self._in_flight -= len(found)
        return found

    def close(self) -> None:
        """Let idle threads end; those in a call end with it."""
        for _ in self._threads:
            self._calls.put(None)
        self._threads.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _work(self) -> None:
        while (order := self._calls.get()) is not None:
            ticket, call = order
            try:
                self._done.put((ticket, call(), None))
            except Exception as error:
                self._done.put((ticket, None, error))  # whatever it is, it is this ticket's answer
