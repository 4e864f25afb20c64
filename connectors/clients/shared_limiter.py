"""One budget for all workers, kept in Redis.

A worker leases a small bundle of tokens at a time, so that most requests cost no round trip; the bundle's life is
short, so that unused tokens are lost rather than spent in a later burst. Holds (the platform asked for a pause) are
seen by the others with their next lease. When Redis is gone every worker takes its share of the documented limit.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from typing import Protocol

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from connectors.clients.limiter import PATIENCE, WINDOW_MARGIN, LocalLimiter, too_long
from connectors.clients.limits import Rate, Scope, Ticket
from connectors.clients.timing import Clock, SystemClock

LEASE_LIFE = 0.25
"""Seconds a bundle may be used, and after which another worker's hold is noticed at the latest."""
_BUNDLES_PER_SECOND = 20
_REDIS_PAUSE = 5.0
"""Seconds without asking Redis again after it failed."""
_KEY_LIFE_MS = 120_000

# KEYS: bucket, host hold, route hold. ARGV: tokens, microseconds per token, burst, patience in microseconds, key life.
# Answers the microseconds until the whole bundle may be used, negative when nothing was leased because it is too far.
_LEASE = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local wait = 0
for index = 2, 3 do
  local until_ = tonumber(redis.call('GET', KEYS[index]) or '0')
  if until_ - now > wait then wait = until_ - now end
end
local step = tonumber(ARGV[2])
if step > 0 then
  local due = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now) + step * tonumber(ARGV[1])
  local pace = due - step * tonumber(ARGV[3]) - now
  if pace > wait then wait = pace end
  if wait > tonumber(ARGV[4]) then return -wait end
  redis.call('SET', KEYS[1], string.format('%.0f', due), 'PX', ARGV[5])
elseif wait > tonumber(ARGV[4]) then
  return -wait
end
return math.floor(wait)
"""

# KEYS: the issue's log, its hold. ARGV: patience in microseconds, key life, then pairs of writes and microseconds.
_WRITE = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local wait = math.max(0, tonumber(redis.call('GET', KEYS[2]) or '0') - now)
local most = 0
for index = 3, #ARGV, 2 do
  local writes = tonumber(ARGV[index])
  if writes > most then most = writes end
  local earlier = tonumber(redis.call('LINDEX', KEYS[1], writes - 1) or '0')
  local free = earlier + tonumber(ARGV[index + 1]) - now
  if earlier > 0 and free > wait then wait = free end
end
if wait > tonumber(ARGV[1]) then return -wait end
redis.call('LPUSH', KEYS[1], string.format('%.0f', now + wait))
redis.call('LTRIM', KEYS[1], 0, most - 1)
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return math.floor(wait)
"""

# KEYS: the hold. ARGV: microseconds. The longer of two holds wins.
_HOLD = """
local time = redis.call('TIME')
local until_ = time[1] * 1000000 + time[2] + tonumber(ARGV[1])
if until_ > tonumber(redis.call('GET', KEYS[1]) or '0') then
  redis.call('SET', KEYS[1], string.format('%.0f', until_), 'PX', math.ceil(tonumber(ARGV[1]) / 1000) + 1)
end
return 0
"""


class Script(Protocol):
    """A registered Lua script of the redis library."""

    def __call__(self, keys: Sequence[str], args: Sequence[str | int | float]) -> object: ...


class RedisServer(Protocol):
    """The part of `redis.Redis` that is used."""

    def register_script(self, script: str) -> Script: ...


def impatient_redis(url: str) -> Redis:
    """A connection for the limiter: it answers within half a second or counts as gone. The library's own retries
    would stop every request for seconds while Redis is away."""
    return Redis.from_url(url, socket_timeout=0.5, socket_connect_timeout=0.5, retry=Retry(NoBackoff(), 0))


class _Lease:
    """Tokens of one bucket in this process. `left` is None for buckets without a rate."""

    __slots__ = ("expires", "left", "lock", "rate", "ready")

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.left: int | None = 0
        self.ready = 0.0
        self.expires = 0.0
        self.rate: Rate | None = None


class RedisLimiter:
    """See `Limiter`. `workers` is by how many processes the limits are shared while Redis is gone; `server` had
    better be an impatient one (`impatient_redis`)."""

    def __init__(
        self,
        server: RedisServer,
        *,
        workers: int = 1,
        prefix: str = "isthmus:limit:",
        clock: Clock | None = None,
        patience: float = PATIENCE,
    ) -> None:
        self._lease_script = server.register_script(_LEASE)
        self._write_script = server.register_script(_WRITE)
        self._hold_script = server.register_script(_HOLD)
        self._prefix = prefix
        self._clock = clock or SystemClock()
        self._patience = patience
        self._alone = LocalLimiter(clock=self._clock, patience=patience, share=workers)
        self._leases: dict[str, _Lease] = {}
        self._learned: dict[str, Rate] = {}
        self._lock = threading.Lock()
        self._silent_until = 0.0

    def acquire(self, ticket: Ticket) -> None:
        """See Limiter."""
        if self._clock.monotonic() < self._silent_until:
            self._alone.acquire(ticket)
            return
        try:
            wait = self._route_wait(ticket)
            if ticket.issue is not None and ticket.windows:
                wait = max(wait, self._issue_wait(ticket))
        except RedisError as error:
            self._lose_redis(error)
            self._alone.acquire(ticket)
            return
        if wait > 0:
            self._clock.sleep(wait)

    def hold(self, ticket: Ticket, *, scope: Scope, seconds: float) -> None:
        """See Limiter. Kept locally too, for the time without Redis."""
        self._alone.hold(ticket, scope=scope, seconds=seconds)
        self._drop_leases(ticket.host)
        try:
            self._hold_script([self._hold_key(ticket, scope)], [int(seconds * 1_000_000)])
        except RedisError as error:
            self._lose_redis(error)

    def learn(self, ticket: Ticket, rate: Rate) -> None:
        """See Limiter. Every worker learns from its own answers."""
        key = ticket.key(Scope.ROUTE)
        if self._learned.get(key) != rate:
            self._learned[key] = rate
            self._alone.learn(ticket, rate)

    def _route_wait(self, ticket: Ticket) -> float:
        lease = self._lease_of(ticket.key(Scope.ROUTE))
        with lease.lock:
            now = self._clock.monotonic()
            if now >= lease.expires or lease.left == 0:
                self._renew(lease, ticket, now)
            if lease.left is not None:
                lease.left -= 1
            return max(0.0, lease.ready - now)

    def _renew(self, lease: _Lease, ticket: Ticket, now: float) -> None:
        """One round trip for a bundle of tokens. Raises Throttled when it is too far away."""
        key = ticket.key(Scope.ROUTE)
        rate = None if ticket.rate is None else self._learned.get(key, ticket.rate)
        tokens = 1 if rate is None else max(1, int(rate.per_second / _BUNDLES_PER_SECOND))
        step = 0 if rate is None else int(1_000_000 / rate.per_second)
        keys = [self._prefix + key, self._hold_key(ticket, Scope.HOST), self._hold_key(ticket, Scope.ROUTE)]
        burst = 0 if rate is None else max(1, int(rate.burst))
        micros = _whole(self._lease_script(keys, [tokens, step, burst, self._patience_us(), _KEY_LIFE_MS]))
        wait = self._seconds(micros, ticket)
        lease.left = None if rate is None else tokens
        lease.ready = now + wait
        lease.expires = lease.ready + LEASE_LIFE

    def _issue_wait(self, ticket: Ticket) -> float:
        longest = max(window.seconds for window in ticket.windows)
        args: list[str | int | float] = [self._patience_us(), max(_KEY_LIFE_MS, int(longest * WINDOW_MARGIN * 1_000))]
        for window in ticket.windows:
            args += [window.writes, int(window.seconds * WINDOW_MARGIN * 1_000_000)]
        keys = [self._prefix + ticket.key(Scope.ISSUE), self._hold_key(ticket, Scope.ISSUE)]
        return self._seconds(_whole(self._write_script(keys, args)), ticket, one_issue=True)

    def _seconds(self, micros: int, ticket: Ticket, *, one_issue: bool = False) -> float:
        if micros < 0:
            raise too_long(ticket, -micros / 1_000_000, one_issue=one_issue)
        return micros / 1_000_000

    def _lease_of(self, key: str) -> _Lease:
        lease = self._leases.get(key)
        if lease is None:
            with self._lock:
                lease = self._leases.setdefault(key, _Lease())
        return lease

    def _drop_leases(self, host: str) -> None:
        """After a hold the next request asks Redis, whatever it leased before."""
        with self._lock:
            for key, lease in self._leases.items():
                if key.startswith(f"{host}|"):
                    lease.expires = 0.0

    def _hold_key(self, ticket: Ticket, scope: Scope) -> str:
        return f"{self._prefix}hold:{ticket.key(scope)}"

    def _patience_us(self) -> int:
        return int(self._patience * 1_000_000)

    def _lose_redis(self, error: RedisError) -> None:
        self._silent_until = self._clock.monotonic() + _REDIS_PAUSE
        logging.getLogger(__name__).warning("The shared limiter is out of reach: %s", type(error).__name__)


def _whole(value: object) -> int:
    return int(value) if isinstance(value, int) else 0
