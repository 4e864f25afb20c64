"""The documented limits of each platform, and what an answer's headers say about them. Pure.

Jira: https://developer.atlassian.com/cloud/jira/platform/rate-limiting/
Azure DevOps: https://learn.microsoft.com/azure/devops/integrate/concepts/rate-limits
GitHub: https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from connectors.clients.retry import Event, asked_wait, wait_hint


class Scope(StrEnum):
    """What a pause asked for by the platform concerns."""

    HOST = "host"
    ROUTE = "route"
    ISSUE = "issue"


class Rate(NamedTuple):
    """A token bucket: `per_second` tokens, at most `burst` saved up."""

    per_second: float
    burst: float


class Window(NamedTuple):
    """At most `writes` in any `seconds`."""

    writes: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Limits:
    """What a platform documents. `throttled_scope` is what a 429 without a reason concerns there; `live_rates` says
    that X-RateLimit-Limit tells a second's requests of a route, `quota` that X-RateLimit-Remaining tells what is left
    of everything until X-RateLimit-Reset."""

    rates: Mapping[str, Rate] = field(default_factory=dict)
    issue_windows: tuple[Window, ...] = ()
    throttled_scope: Scope = Scope.ROUTE
    live_rates: bool = True
    quota: bool = False


JIRA_LIMITS = Limits(
    rates={"GET": Rate(100, 100), "POST": Rate(100, 100), "PUT": Rate(50, 50), "DELETE": Rate(50, 50)},
    issue_windows=(Window(20, 2.0), Window(100, 30.0)),
)
AZURE_DEVOPS_LIMITS = Limits(throttled_scope=Scope.HOST)
"""Throughput units cannot be counted from outside: the headers, sent before any delay, steer."""
GITHUB_LIMITS = Limits(
    rates={"GET": Rate(15, 60), "POST": Rate(3, 10), "PATCH": Rate(3, 10), "PUT": Rate(3, 10), "DELETE": Rate(3, 10)},
    # What makes content (issues, comments): 80 a minute, which is one every 750 ms, and 500 an hour, per account.
    issue_windows=(Window(1, 0.75), Window(80, 60.0), Window(500, 3600.0)),
    throttled_scope=Scope.HOST,
    live_rates=False,
    quota=True,
)
"""900 points a minute on a route, where reading costs 1 and writing 5. The hour's quota depends on the account and is
read from the headers."""
NO_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Ticket:
    """What one request asks of the limiter. Buckets belong to a site's host, never to one of our tenants."""

    host: str
    route: str
    method: str
    rate: Rate | None = None
    issue: str | None = None
    windows: tuple[Window, ...] = ()

    def key(self, scope: Scope) -> str:
        """The name of what `scope` stands for."""
        if scope is Scope.HOST:
            return self.host
        if scope is Scope.ISSUE and self.issue is not None:
            return f"{self.host}|issue|{self.issue}"
        return f"{self.host}|{self.method}|{self.route}"


@dataclass(frozen=True, slots=True)
class Feedback:
    """What an answer asks of later requests: `hold` seconds of silence on `scope`, or the real `rate`."""

    hold: float = 0.0
    scope: Scope = Scope.ROUTE
    rate: Rate | None = None


_SCOPES = {
    Event.BURST: Scope.ROUTE,
    Event.PER_ISSUE: Scope.ISSUE,
    Event.QUOTA_GLOBAL: Scope.HOST,
    Event.QUOTA_TENANT: Scope.HOST,
    Event.PRIMARY_LIMIT: Scope.HOST,
    Event.SECONDARY_LIMIT: Scope.HOST,
    Event.S503_WAIT: Scope.HOST,
}
_BARE_PAUSE = 1.0
_NEAR_SLOWDOWN = 0.5
_HIGHEST_RATE = 1000.0
"""Larger numbers in X-RateLimit-Limit are an hour's points, not a second's requests."""


def read_feedback(
    headers: Mapping[str, str], event: Event | None, *, rate: Rate | None, limits: Limits, now: float
) -> Feedback | None:
    """What to tell the limiter about an answer; None (the usual case) when it says nothing about limits."""
    if event is not None and (event in _SCOPES or event is Event.THROTTLED):
        hint = asked_wait(event, headers, now=now)
        scope = _SCOPES.get(event, limits.throttled_scope)
        return Feedback(_BARE_PAUSE if hint is None else hint, scope)
    if event is None and "retry-after" in headers:
        # Azure DevOps: a good answer that asks to slow down, not to retry.
        return Feedback(wait_hint(headers, now=now) or 0.0, Scope.HOST)
    if limits.quota and headers.get("x-ratelimit-remaining", "").strip() == "0":
        return Feedback(wait_hint(headers, now=now) or 0.0, Scope.HOST)
    return _learned(headers, rate) if limits.live_rates else None


def _learned(headers: Mapping[str, str], rate: Rate | None) -> Feedback | None:
    """Jira's live burst limit, halved while the platform says that it is nearly used up."""
    if rate is None or "x-ratelimit-limit" not in headers:
        return None
    near = headers.get("x-ratelimit-nearlimit", "").lower() == "true"
    try:
        live = float(headers["x-ratelimit-limit"])
    except ValueError:
        return None
    if not 0 < live <= _HIGHEST_RATE:
        return None
    pace = live * _NEAR_SLOWDOWN if near else live
    return Feedback(rate=Rate(pace, pace))
