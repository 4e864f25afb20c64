"""Which periodic service is due, and calling it so that one failure does not stop the rest."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence

from django.db import close_old_connections

from config.periodic import Periodic

log = logging.getLogger(__name__)

LONGEST_WAIT = 1.0


class Schedule:
    """Everything is due at the start: after an outage the sweep is what is needed first."""

    def __init__(self, services: Sequence[Periodic], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._due = dict.fromkeys(services, clock())

    def run_due(self) -> float:
        """Call what is due and return how many seconds to wait before the next look."""
        for service, due in self._due.items():
            if self._clock() >= due:
                _call(service)
                self._due[service] = self._clock() + service.seconds
        nearest = min(self._due.values(), default=self._clock() + LONGEST_WAIT)
        return max(0.0, min(LONGEST_WAIT, nearest - self._clock()))


def _call(service: Periodic) -> None:
    close_old_connections()
    try:
        service.service()
    except Exception:
        # The edge of the job: the database or Redis may be away, and the next round must still come.
        log.exception("The periodic service %s failed", service.name)
    finally:
        close_old_connections()
