"""The documented limits: requests per hour, points per minute, and content made per minute and hour.

https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

from sandbox.github.errors import LIMITS_DOCS, Refusal

HOUR = 3_600.0
MINUTE = 60.0
SIGNED_IN = {"core": 5_000, "search": 30}
ANONYMOUS = {"core": 60, "search": 10}
WINDOWS = {"core": HOUR, "search": MINUTE}
POINTS_PER_MINUTE = 900
CONTENT_WINDOWS = ((MINUTE, 80), (HOUR, 500))
LOGIN_WINDOW = (300.0, 20)
ADDRESS = "127.0.0.1"
SECONDARY = "You have exceeded a secondary rate limit"
CONTENT = f"{SECONDARY} and have been temporarily blocked from content creation"
WAIT = "Please retry your request again later."
LOGINS = "Maximum number of login attempts exceeded. Please try again later."


@dataclass(frozen=True)
class Quota:
    """What is left of one primary limit."""

    resource: str
    limit: int
    used: int
    reset: float

    @property
    def remaining(self) -> int:
        """How many requests are left."""
        return max(self.limit - self.used, 0)

    def headers(self) -> dict[str, str]:
        """The headers on every answer."""
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Used": str(self.used),
            "X-RateLimit-Reset": str(int(self.reset)),
            "X-RateLimit-Resource": self.resource,
        }


@dataclass
class _Window:
    ends: float
    used: int = 0


@dataclass
class RateLimits:
    """Counters by caller. `hourly` replaces the 5,000 of a signed-in person."""

    hourly: int = SIGNED_IN["core"]
    _windows: dict[tuple[str, str], _Window] = field(default_factory=dict)
    _points: dict[tuple[str, str], deque[tuple[float, int]]] = field(default_factory=dict)
    _content: dict[str, deque[float]] = field(default_factory=dict)
    _bad_logins: deque[float] = field(default_factory=deque)

    def quota(self, principal: str, resource: str, *, now: float) -> Quota:
        """What is left, without counting anything."""
        window = self._window(principal, resource, now)
        limit = (SIGNED_IN if principal else ANONYMOUS)[resource]
        if principal and resource == "core":
            limit = self.hourly
        return Quota(resource, limit, window.used, math.ceil(window.ends))

    def take(self, principal: str, resource: str, *, now: float) -> None:
        """Count a request. Raises Refusal 403 when none is left."""
        quota = self.quota(principal, resource, now=now)
        if quota.remaining == 0:
            raise exhausted(principal)
        self._window(principal, resource, now).used += 1

    def give_back(self, principal: str, resource: str, *, now: float) -> None:
        """An answer that nothing had changed is free."""
        window = self._window(principal, resource, now)
        window.used = max(window.used - 1, 0)

    def take_points(self, principal: str, route: str, points: int, *, now: float) -> None:
        """Count the weight of a request. Raises Refusal 429 with Retry-After when a minute holds too much."""
        spent = self._points.setdefault((principal, route), deque())
        while spent and spent[0][0] <= now - MINUTE:
            spent.popleft()
        if sum(weight for _, weight in spent) + points > POINTS_PER_MINUTE:
            raise secondary(429, retry_after=max(1, math.ceil(spent[0][0] + MINUTE - now)))
        spent.append((now, points))

    def take_content(self, principal: str, *, now: float) -> None:
        """Count something made. Raises Refusal 403 with Retry-After after 80 in a minute or 500 in an hour."""
        made = self._content.setdefault(principal, deque())
        while made and made[0] <= now - HOUR:
            made.popleft()
        for length, most in CONTENT_WINDOWS:
            recent = [moment for moment in made if moment > now - length]
            if len(recent) >= most:
                wait = recent[len(recent) - most] + length - now
                raise secondary(403, retry_after=max(1, math.ceil(wait)), text=CONTENT)
        made.append(now)

    def bad_login(self, *, now: float) -> bool:
        """Count a refused credential; True when there were so many that everything is refused for a while."""
        length, most = LOGIN_WINDOW
        while self._bad_logins and self._bad_logins[0] <= now - length:
            self._bad_logins.popleft()
        self._bad_logins.append(now)
        return len(self._bad_logins) > most

    def blocked(self, *, now: float) -> bool:
        """Whether there were too many refused credentials lately."""
        length, most = LOGIN_WINDOW
        return sum(moment > now - length for moment in self._bad_logins) > most

    def _window(self, principal: str, resource: str, now: float) -> _Window:
        window = self._windows.get((principal, resource))
        if window is None or window.ends <= now:
            window = self._windows[(principal, resource)] = _Window(now + WINDOWS[resource])
        return window


def exhausted(principal: str) -> Refusal:
    """The primary limit is used up."""
    if principal:
        text = f"API rate limit exceeded for user ID {principal}. If you reach out to GitHub Support for help, "
        text += "please include the request ID."
    else:
        text = f"API rate limit exceeded for {ADDRESS}. (But here's the good news: Authenticated requests get a "
        text += "higher rate limit. Check out the documentation for more details.)"
    return Refusal(403, text, documentation_url=LIMITS_DOCS)


def secondary(status: int, *, retry_after: int | None, text: str = SECONDARY) -> Refusal:
    """A secondary limit; the service does not always say for how long."""
    docs = f"{LIMITS_DOCS}#about-secondary-rate-limits"
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return Refusal(status, f"{text}. {WAIT}", headers=headers, documentation_url=docs)
