"""The limit on sign-in attempts, counted per address and per account.

Counted in the shared cache, so all web processes count together; when that is gone, each process counts alone: signing
in must neither stop nor become unlimited because Redis is away.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from django.core.cache import BaseCache, caches
from redis.exceptions import RedisError

from tenancy.credentials import digest
from tenancy.errors import TooManyAttempts

log = logging.getLogger(__name__)

WINDOW_SECONDS = 60


@dataclass(frozen=True)
class Limit:
    """At most `attempts` per window for one key."""

    name: str
    attempts: int


PER_ACCOUNT = Limit("account", 10)
PER_ADDRESS = Limit("address", 60)


def count_attempt(*, email: str, address: str) -> None:
    """Count one attempt to sign in. Raises TooManyAttempts above the limits."""
    for limit, subject in ((PER_ACCOUNT, email.strip().lower()), (PER_ADDRESS, address)):
        # Digests as keys: addresses of people have no place in a cache.
        key = f"sign-in:{limit.name}:{digest('sign-in', subject)}"
        if _increase(key) > limit.attempts:
            raise TooManyAttempts(retry_after=WINDOW_SECONDS, limit=limit.attempts)


def forget_attempts(*, email: str) -> None:
    """A successful sign-in clears the account's count."""
    key = f"sign-in:{PER_ACCOUNT.name}:{digest('sign-in', email.strip().lower())}"
    for name in ("default", "local"):
        try:
            caches[name].delete(key)
        except (RedisError, OSError):
            log.warning("The shared cache is unreachable")


def _increase(key: str) -> int:
    try:
        return _increase_in(caches["default"], key)
    except (RedisError, OSError):
        log.warning("The shared cache is unreachable; counting sign-in attempts in this process")
        return _increase_in(caches["local"], key)


def _increase_in(cache: BaseCache, key: str) -> int:
    cache.add(key, 0, WINDOW_SECONDS)
    try:
        return cache.incr(key)
    except ValueError:  # ran out between the two calls
        cache.set(key, 1, WINDOW_SECONDS)
        return 1
