"""The pool: calls in threads, answers by ticket, errors as answers."""

from __future__ import annotations

import threading
import time

from migrations_app.pool import ThreadPool


def collect(pool: ThreadPool, count: int) -> dict[int, object]:
    found: dict[int, object] = {}
    deadline = time.monotonic() + 5
    while len(found) < count and time.monotonic() < deadline:
        found |= {ticket: error or answer for ticket, answer, error in pool.completed(0.2)}
    return found


def test_every_call_is_answered_under_its_ticket() -> None:
    with ThreadPool(4) as pool:
        for ticket in range(20):
            pool.submit(ticket, lambda ticket=ticket: ticket * ticket)  # type: ignore[misc]

        assert collect(pool, 20) == {ticket: ticket * ticket for ticket in range(20)}


def test_an_error_is_an_answer() -> None:
    error = ValueError("no")

    def fail() -> None:
        raise error

    with ThreadPool(1) as pool:
        pool.submit(1, fail)
        pool.submit(2, lambda: "still working")

        assert collect(pool, 2) == {1: error, 2: "still working"}


def test_no_more_calls_run_at_once_than_there_is_room_for() -> None:
    running, most, lock = [0], [0], threading.Lock()

    def call() -> None:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        time.sleep(0.01)
        with lock:
            running[0] -= 1

    with ThreadPool(3) as pool:
        for ticket in range(12):
            pool.submit(ticket, call)
        collect(pool, 12)

    assert most[0] == 3


def test_waiting_ends_with_the_first_answer_or_the_time() -> None:
    with ThreadPool(2) as pool:
        began = time.monotonic()
        assert pool.completed(0.05) == []
        assert time.monotonic() - began >= 0.05
        assert pool.completed(0) == []

        pool.submit(1, lambda: None)
        began = time.monotonic()
        assert pool.completed(5) == [(1, None, None)]
        assert time.monotonic() - began < 1


def test_threads_start_when_needed_and_end_with_the_slice() -> None:
    others = set(threading.enumerate())

    def own() -> list[threading.Thread]:
        return [thread for thread in threading.enumerate() if thread not in others]

    with ThreadPool(8) as pool:
        assert own() == []
        pool.submit(1, lambda: None)
        collect(pool, 1)
        pool.submit(2, lambda: None)
        collect(pool, 1)
        assert len(own()) == 1
    deadline = time.monotonic() + 5
    while own() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert own() == []
