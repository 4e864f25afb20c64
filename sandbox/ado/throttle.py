"""Usage in throughput units over a sliding window, with its headers.

https://learn.microsoft.com/azure/devops/integrate/concepts/rate-limits
"""

from __future__ import annotations

from collections import deque

LIMIT = 200.0
WINDOW = 300.0
REFUSED_FROM = 1.5 * LIMIT
WARN_FROM = 0.8 * LIMIT
LONGEST_DELAY = 30.0

_COSTS = (("wiql", 0.2), ("reporting", 0.05), ("workitemsbatch", 0.1))
_READ_COST, _WRITE_COST = 0.02, 0.1


class Usage:
    """What the one identity of the stand-in has used."""

    def __init__(self) -> None:
        self._spent: deque[tuple[float, float]] = deque()
        self._total = 0.0

    def charge(self, route: str, writes: bool, now: float) -> float:
        """Count a request and answer the usage with it."""
        while self._spent and self._spent[0][0] <= now - WINDOW:
            self._total -= self._spent.popleft()[1]
        cost = next((cost for part, cost in _COSTS if part in route), _WRITE_COST if writes else _READ_COST)
        self._spent.append((now, cost))
        self._total += cost
        return self._total

    @staticmethod
    def delay(used: float) -> float:
        """Seconds a request over the limit is held back."""
        return 0.0 if used <= LIMIT else min(LONGEST_DELAY, (used - LIMIT) / LIMIT * LONGEST_DELAY)


def limit_headers(used: float, delay: float, now: float) -> dict[str, str]:
    """Sent before any delay, on delayed 200s, and on refusals."""
    headers = {
        "X-RateLimit-Resource": "Concurrency",
        "X-RateLimit-Delay": f"{delay:.3f}",
        "X-RateLimit-Limit": f"{LIMIT:.0f}",
        "X-RateLimit-Remaining": f"{max(0.0, LIMIT - used):.0f}",
        "X-RateLimit-Reset": f"{now + WINDOW:.0f}",
    }
    return {"Retry-After": f"{max(1.0, delay):.0f}", **headers} if delay else headers
