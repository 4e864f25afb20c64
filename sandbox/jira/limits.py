"""The documented rate limits of API-token callers: burst per endpoint, and writes per issue.

Vendor page: https://developer.atlassian.com/cloud/jira/platform/rate-limiting/
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

RATES = {"GET": 100, "POST": 100, "PUT": 50, "DELETE": 50}
ISSUE_WINDOWS = ((2.0, 20), (30.0, 100))
BURST_REASON = "jira-burst-based"
ISSUE_REASON = "jira-per-issue-on-write"


@dataclass(frozen=True)
class Throttled:
    """Why and for how long a caller has to wait."""

    reason: str
    wait: float
    limit: int
    reset: float

    def headers(self) -> dict[str, str]:
        """The vendor's headers of a 429."""
        return {
            "Retry-After": str(max(1, math.ceil(self.wait))),
            "RateLimit-Reason": self.reason,
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": "0",
            "X-RateLimit-Reset": reset_stamp(self.reset),
        }


def reset_stamp(moment: float) -> str:
    """ISO 8601 in UTC, with seconds."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class _Bucket:
    tokens: float
    filled: float


@dataclass
class RateLimits:
    """Token buckets per endpoint and method, sliding windows per issue."""

    _buckets: dict[tuple[str, str], _Bucket] = field(default_factory=dict)
    _writes: dict[str, deque[float]] = field(default_factory=dict)

    def take(self, method: str, route: str, issues: Iterable[str], *, now: float) -> Throttled | None:
        """Count a request, or say that it comes too early."""
        rate = RATES.get(method, 100)
        bucket = self._buckets.setdefault((method, route), _Bucket(rate, now))
        bucket.tokens = min(rate, bucket.tokens + (now - bucket.filled) * rate)
        bucket.filled = now
        if bucket.tokens < 1:
            wait = (1 - bucket.tokens) / rate
            return Throttled(BURST_REASON, wait, rate, now + wait)
        for issue in issues:
            refused = self._count_write(issue, now)
            if refused is not None:
                return refused
        bucket.tokens -= 1
        return None

    def headers(self, method: str, route: str, *, now: float) -> dict[str, str]:
        """The headers of an answer that was within the limits."""
        rate = RATES.get(method, 100)
        bucket = self._buckets.get((method, route))
        left = int(bucket.tokens) if bucket else rate
        made = {
            "X-RateLimit-Limit": str(rate),
            "X-RateLimit-Remaining": str(left),
            "X-RateLimit-Reset": reset_stamp(now + 1),
        }
        if left < rate * 0.2:
            made["X-RateLimit-NearLimit"] = "true"
        return made

    def _count_write(self, issue: str, now: float) -> Throttled | None:
        moments = self._writes.setdefault(issue, deque())
        while moments and moments[0] <= now - ISSUE_WINDOWS[-1][0]:
            moments.popleft()
        for length, most in ISSUE_WINDOWS:
            recent = [moment for moment in moments if moment > now - length]
            if len(recent) >= most:
                wait = recent[len(recent) - most] + length - now
                return Throttled(ISSUE_REASON, wait, most, now + wait)
        moments.append(now)
        return None
