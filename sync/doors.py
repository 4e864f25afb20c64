"""Opening the sides of a synchronization, and keeping them open from pass to pass.

A pass is short and there are many: a side that was opened keeps its connections and what it learned about its project
for a while. Whether a request may still be sent is asked of the thread that sends it (`guarded_by`), so one open side
serves every pass of this process.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from connectors.clients.calls import Call
from connectors.domain.sides import Side
from connectors.opening import access_to, open_side
from sync.models import SynchronizationSide

KEPT_SECONDS = 600.0
MOST_KEPT = 64

Check = Callable[[], None]
_threads = threading.local()


@contextmanager
def guarded_by(check: Check) -> Iterator[None]:
    """Ask `check` before each piece of every request that this thread sends to a side meanwhile; what it raises ends
    the request."""
    before: Check | None = getattr(_threads, "check", None)
    _threads.check = check
    try:
        yield
    finally:
        _threads.check = before


@contextmanager
def opened(side: SynchronizationSide) -> Iterator[Side]:
    """A side for one occasion; closed at the end.

    Raises DomainError CREDENTIALS_UNREADABLE, CONNECTOR_INACCESSIBLE, SYSTEM_NOT_RUNNABLE, SYSTEM_NOT_AVAILABLE.
    """
    with _open(side) as live:
        yield live


def kept_open(side: SynchronizationSide) -> Side:
    """A side as this process keeps it open; opened anew when its connector changed. Raises as `opened`."""
    return _kept.get(side)


def close_all() -> None:
    """Close every side that is kept open."""
    _kept.clear()


@dataclass(slots=True)
class _Kept:
    live: Side
    door: AbstractContextManager[Side]
    until: float


class _KeptSides:
    """The sides in use lately. One that is dropped while another thread uses it finishes there: closing a pool only
    closes connections that are idle."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._sides: OrderedDict[Hashable, _Kept] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, side: SynchronizationSide) -> Side:
        project = side.connector_project
        key = (project.connector_id, project.connector.updated_at, project.key)
        with self._lock:
            kept = self._sides.get(key)
            if kept is not None and kept.until > self._clock():
                self._sides.move_to_end(key)
                return kept.live
            self._drop(key)
            door = _open(side)
            self._sides[key] = kept = _Kept(door.__enter__(), door, self._clock() + KEPT_SECONDS)
            while len(self._sides) > MOST_KEPT:
                self._drop(next(iter(self._sides)))
            return kept.live

    def clear(self) -> None:
        with self._lock:
            for key in list(self._sides):
                self._drop(key)

    def _drop(self, key: Hashable) -> None:
        kept = self._sides.pop(key, None)
        if kept is not None:
            kept.door.__exit__(None, None, None)


_kept = _KeptSides()


def _open(side: SynchronizationSide) -> AbstractContextManager[Side]:
    project = side.connector_project
    return open_side(access_to(project.connector, project=project.key), before_send=_ask)


def _ask(_call: Call) -> None:
    check: Check | None = getattr(_threads, "check", None)
    if check is not None:
        check()
