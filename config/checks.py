"""Deployments that would work and should not: reported by id, with the remedy, before anything starts."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning

# A call in flight ends after the client's own time-out; only then may an unclear effect be settled.
LONGEST_CALL_SECONDS = 20
SHORTEST_SECRET = 40


def check_deployment(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """All findings for the settings in use."""
    return [*_check_timing(), *(_check_production() if settings.PRODUCTION else ())]


def _check_timing() -> Iterator[CheckMessage]:
    if settings.UNCLEAR_WAIT <= settings.LEASE_SECONDS:
        yield Error(
            "UNCLEAR_WAIT must be longer than LEASE_SECONDS: a worker that lost its run may still be sending.",
            hint=f"Set UNCLEAR_WAIT above {settings.LEASE_SECONDS}.",
            id="isthmus.E001",
        )
    elif settings.UNCLEAR_WAIT < settings.LEASE_SECONDS + LONGEST_CALL_SECONDS:
        yield Warning(
            "UNCLEAR_WAIT is shorter than LEASE_SECONDS and the longest call together; an effect could be repeated.",
            hint=f"Set UNCLEAR_WAIT to {settings.LEASE_SECONDS + LONGEST_CALL_SECONDS} or more.",
            id="isthmus.W001",
        )


def _check_production() -> Iterator[CheckMessage]:
    if settings.DEBUG:
        yield Error(
            "DEBUG is on in production: error pages would show settings and data to everybody.",
            hint="Unset DEBUG.",
            id="isthmus.E002",
        )
    if "*" in settings.ALLOWED_HOSTS:
        yield Error(
            "ALLOWED_HOSTS accepts every host name in production.",
            hint="List the names under which this installation is reached.",
            id="isthmus.E003",
        )
    if len(settings.SECRET_KEY) < SHORTEST_SECRET or len(set(settings.SECRET_KEY)) < 8:
        yield Error(
            "SECRET_KEY is short or monotonous: access tokens could be forged.",
            hint="Set it to the output of: openssl rand -base64 50",
            id="isthmus.E004",
        )
    for name in ("AZURE_DEVOPS_URL", "GITHUB_API_URL"):
        if getattr(settings, name).startswith("http://"):
            yield Error(
                f"{name} is not HTTPS: credentials would cross the network in the clear.",
                hint=f"Set {name} to an https:// address.",
                id="isthmus.E005",
            )
    if settings.SQLITE:
        yield Warning(
            "SQLite serves one machine and one writer at a time.",
            hint="Set DATABASE_URL to a PostgreSQL database for several machines or heavy use.",
            id="isthmus.W002",
        )
