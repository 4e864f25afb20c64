"""Time as an argument: the real clock, and the protocol that tests replace."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Wall time for what platforms say, monotonic time for intervals, and sleeping."""

    def now(self) -> float: ...

    def monotonic(self) -> float: ...

    def sleep(self, seconds: float) -> None: ...


class SystemClock:
    """The machine's own time."""

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)
