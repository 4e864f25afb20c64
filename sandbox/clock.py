"""The time a stand-in lives in."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime


class Clock:
    """Wall time with an offset, or a frozen time that only moves when told to.

    With `start` the clock is frozen: `sleep` then advances it instead of waiting, so that a test of a
    minute-long limit takes no minute. Without it the clock runs, and `set` and `advance` shift it.
    """

    def __init__(self, start: float | None = None) -> None:
        self._lock = threading.Lock()
        self._frozen = start
        self._offset = 0.0

    def now(self) -> float:
        """Seconds since the epoch."""
        with self._lock:
            return time.time() + self._offset if self._frozen is None else self._frozen

    def today(self) -> datetime:
        """The same moment as an aware datetime in UTC."""
        return datetime.fromtimestamp(self.now(), UTC)

    def set(self, moment: float) -> None:
        """Jump to a moment; a running clock goes on from there."""
        with self._lock:
            if self._frozen is None:
                self._offset = moment - time.time()
            else:
                self._frozen = moment

    def advance(self, seconds: float) -> None:
        """Jump ahead."""
        self.set(self.now() + seconds)

    def sleep(self, seconds: float) -> None:
        """Let time pass: really, or by moving a frozen clock."""
        if seconds <= 0:
            return
        if self._frozen is None:
            time.sleep(seconds)
        else:
            self.advance(seconds)

    def reset(self) -> None:
        """Take back every shift of a running clock; a frozen one stays where it is."""
        with self._lock:
            self._offset = 0.0
