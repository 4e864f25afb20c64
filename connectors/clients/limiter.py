"""Keeping below the platforms' limits: one budget per site host, route and method, and per issue.

`LocalLimiter` is one process's own; `connectors.clients.shared_limiter.RedisLimiter` shares the budgets of all
workers. Short waits are slept here; a wait over `patience` raises `Throttled`, so that the slice of work ends.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Iterable
from typing import Protocol

from connectors.clients.limits import Rate, Scope, Ticket
from connectors.clients.timing import Clock, SystemClock
from connectors.domain.errors import Throttled

PATIENCE = 5.0
WINDOW_MARGIN = 1.03
"""Per-issue windows are stretched a little: the platform counts arrivals, we count departures."""
_ISSUES_REMEMBERED = 4096


class Limiter(Protocol):
    """What the transport asks."""

    def acquire(self, ticket: Ticket) -> None:
        """Return when the request may leave. Raises Throttled when that is further away than the patience."""
        ...

    def hold(self, ticket: Ticket, *, scope: Scope, seconds: float) -> None:
        """Nothing of this scope leaves for so long."""
        ...

    def learn(self, ticket: Ticket, rate: Rate) -> None:
        """The platform told its real limit for this route and method."""
        ...


class Pacer:
    """A token bucket as one number, the theoretical arrival time (GCRA). Not locked: its owner is."""

    __slots__ = ("_due", "rate")

    def __init__(self, rate: Rate) -> None:
        self.rate = rate
        self._due = 0.0

    def wait(self, now: float) -> float:
        """How long a request would have to wait."""
        saved = (self.rate.burst - 1) / self.rate.per_second
        return max(0.0, max(self._due, now) - saved - now)

    def take(self, now: float) -> None:
        """Reserve one token, also one that is due later."""
        self._due = max(self._due, now) + 1 / self.rate.per_second


def too_long(ticket: Ticket, wait: float, *, one_issue: bool) -> Throttled:
    """The refusal to wait that long; the reason tells whether other issues may go on meanwhile."""
    reason = "limiter-per-issue" if one_issue else "limiter"
    return Throttled(f"{ticket.host} asks for a pause of {wait:.0f} s", retry_after=wait, reason=reason)


class LocalLimiter:
    """Budgets of this process alone. `share` divides documented rates among several workers."""

    def __init__(self, *, clock: Clock | None = None, patience: float = PATIENCE, share: int = 1) -> None:
        self._clock = clock or SystemClock()
        self._patience = patience
        self._share = max(1, share)
        self._lock = threading.Lock()
        self._pacers: dict[str, Pacer] = {}
        self._learned: dict[str, Rate] = {}
        self._holds: dict[str, float] = {}
        self._writes: OrderedDict[str, deque[float]] = OrderedDict()

    def acquire(self, ticket: Ticket) -> None:
        """See Limiter. The place in the queue is taken before sleeping, so waiting callers leave in order."""
        now = self._clock.monotonic()
        with self._lock:
            wait = self._wait(ticket, now)
            if wait > self._patience:
                raise too_long(ticket, wait, one_issue=self._route_wait(ticket, now) <= self._patience)
            self._take(ticket, now, wait)
        if wait > 0:
            self._clock.sleep(wait)

    def hold(self, ticket: Ticket, *, scope: Scope, seconds: float) -> None:
        """See Limiter. The longer of two holds wins."""
        key = ticket.key(scope)
        with self._lock:
            until = self._clock.monotonic() + seconds
            self._holds[key] = max(until, self._holds.get(key, 0.0))

    def learn(self, ticket: Ticket, rate: Rate) -> None:
        """See Limiter."""
        key = ticket.key(Scope.ROUTE)
        mine = Rate(rate.per_second / self._share, max(1.0, rate.burst / self._share))
        with self._lock:
            self._learned[key] = mine
            if key in self._pacers:
                self._pacers[key].rate = mine

    def _route_wait(self, ticket: Ticket, now: float) -> float:
        wait = self._held(ticket, now, scopes=(Scope.HOST, Scope.ROUTE))
        if ticket.rate is not None:
            wait = max(wait, self._pacer(ticket).wait(now))
        return wait

    def _wait(self, ticket: Ticket, now: float) -> float:
        wait = max(self._held(ticket, now), self._route_wait(ticket, now))
        if ticket.issue is not None:
            wait = max(wait, self._issue_wait(ticket, now))
        return wait

    def _held(self, ticket: Ticket, now: float, *, scopes: Iterable[Scope] = Scope) -> float:
        if not self._holds:
            return 0.0
        longest = 0.0
        for scope in scopes:
            key = ticket.key(scope)
            until = self._holds.get(key)
            if until is None:
                continue
            if until <= now:
                del self._holds[key]
            else:
                longest = max(longest, until - now)
        return longest

    def _pacer(self, ticket: Ticket) -> Pacer:
        key = ticket.key(Scope.ROUTE)
        pacer = self._pacers.get(key)
        if pacer is None:
            rate = self._learned.get(key)
            if rate is None:
                documented = ticket.rate or Rate(1, 1)
                rate = Rate(documented.per_second / self._share, max(1.0, documented.burst / self._share))
            pacer = self._pacers[key] = Pacer(rate)
        return pacer

    def _issue_wait(self, ticket: Ticket, now: float) -> float:
        times = self._writes.get(ticket.key(Scope.ISSUE))
        if not times:
            return 0.0
        wait = 0.0
        for window in ticket.windows:
            if len(times) >= window.writes:
                wait = max(wait, times[-window.writes] + window.seconds * WINDOW_MARGIN - now)
        return wait

    def _take(self, ticket: Ticket, now: float, wait: float) -> None:
        if ticket.rate is not None:
            self._pacer(ticket).take(now)
        if ticket.issue is None or not ticket.windows:
            return
        key = ticket.key(Scope.ISSUE)
        times = self._writes.get(key)
        if times is None:
            times = self._writes[key] = deque(maxlen=max(window.writes for window in ticket.windows))
            if len(self._writes) > _ISSUES_REMEMBERED:
                self._writes.popitem(last=False)
        self._writes.move_to_end(key)
        times.append(now + wait)


class NoLimiter:
    """For tests and tools that talk to nobody who counts."""

    def acquire(self, ticket: Ticket) -> None:
        """Never waits."""

    def hold(self, ticket: Ticket, *, scope: Scope, seconds: float) -> None:
        """Forgets it."""

    def learn(self, ticket: Ticket, rate: Rate) -> None:
        """Forgets it."""
