"""Between the threads that talk to the sides and the one that writes to our database.

Threads hand over what must be stored and wait; the writer takes everything that is waiting, stores it in one
transaction, and lets them go on. So an intent is committed before its call, and many pairs share a commit.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from sync.engine.ports import FenceLost

AT_ONCE = 4
"""Threads of a pass: those of a crew share the 16 pooled connections of a side."""
MOST_TOGETHER = 64
RENEW_EVERY = 5.0
"""Seconds without anything to store after which the lease is extended all the same."""


@dataclass(frozen=True, slots=True)
class _Order:
    """Something to do in the writer's transaction, and who waits for it."""

    work: Callable[[], Any]
    answer: Future[Any]


@dataclass(frozen=True, slots=True)
class Finished:
    """A job that a thread has done: what it came to, or what it failed with."""

    ticket: int
    result: Any = None
    error: BaseException | None = None


class Desk:
    """Runs jobs in threads and does their storing in the caller's thread."""

    def __init__(self, begin: Callable[[], AbstractContextManager[None]]) -> None:
        self._begin = begin
        self._waiting: queue.SimpleQueue[_Order | Finished] = queue.SimpleQueue()
        self._closed = threading.Event()

    def ask(self, work: Callable[[], Any]) -> Any:
        """From a thread: have something done in the writer's transaction and wait for the commit.

        Raises FenceLost when the writer has lost its hold, and whatever the work raises.
        """
        order = _Order(work, Future())
        self._waiting.put(order)
        while True:
            if self._closed.is_set() and not order.answer.done():
                raise FenceLost
            try:
                return order.answer.result(timeout=1.0)
            except TimeoutError:
                continue

    def run(self, jobs: list[Callable[[], Any]], store: Callable[[Finished], None]) -> None:
        """Have the jobs done by at most `AT_ONCE` threads; `store` is called in the writer's transaction for each that
        has finished. Raises FenceLost, after which no thread stores anything any more."""
        if not jobs:
            return
        todo: queue.SimpleQueue[tuple[int, Callable[[], Any]]] = queue.SimpleQueue()
        for ticket, job in enumerate(jobs):
            todo.put((ticket, job))
        for number in range(min(AT_ONCE, len(jobs))):
            threading.Thread(target=self._work, args=(todo,), name=f"sync-io-{number + 1}", daemon=True).start()
        left = len(jobs)
        try:
            while left:
                left -= self._serve(store)
        finally:
            self._closed.set()

    def _serve(self, store: Callable[[Finished], None]) -> int:
        """Store what waits, in one transaction; tells how many jobs that finished."""
        together = self._collect()
        answers: list[tuple[_Order, Any]] = []
        finished = [each for each in together if isinstance(each, Finished)]
        with self._begin():
            for each in together:
                if isinstance(each, _Order):
                    answers.append((each, each.work()))
                else:
                    store(each)
        for order, result in answers:
            order.answer.set_result(result)
        return len(finished)

    def _collect(self) -> list[_Order | Finished]:
        found: list[_Order | Finished] = []
        try:
            found.append(self._waiting.get(timeout=RENEW_EVERY))
            while len(found) < MOST_TOGETHER:
                found.append(self._waiting.get_nowait())
        except queue.Empty:
            pass
        return found

    def _work(self, todo: queue.SimpleQueue[tuple[int, Callable[[], Any]]]) -> None:
        while not self._closed.is_set():
            try:
                ticket, job = todo.get_nowait()
            except queue.Empty:
                return
            try:
                self._waiting.put(Finished(ticket, result=job()))
            except BaseException as error:
                self._waiting.put(Finished(ticket, error=error))  # whatever it is, the writer waits for this job
