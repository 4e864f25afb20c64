"""Tickets for one run's stream: signed, read-only, checked against the membership each time they are used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core import signing
from django.utils import timezone
from rest_framework import serializers

from migrations_app.api.moments import moment
from migrations_app.models import MigrationRun
from tenancy.errors import NotSignedIn
from tenancy.principal import Principal

PREFIX = "isth_ticket_"
"""Beginnings like this are masked in logs, and nobody takes it for an access token."""
LIFETIME = timedelta(hours=12)
_SALT = "migrations_app.stream-ticket"


class MigrationsStreamTicket(serializers.Serializer[None]):
    """To be sent as `?token=`."""

    ticket = serializers.CharField()
    expiresAt = serializers.DateTimeField()


@dataclass(frozen=True, slots=True)
class Ticket:
    """Who may read which run's stream."""

    run_id: UUID
    user_id: UUID
    organization_id: UUID


def issue_ticket(run: MigrationRun, holder: Principal) -> dict[str, Any]:
    """The body of the answer."""
    claims = {"run": str(run.pk), "user": str(holder.user.pk), "organization": str(holder.organization.pk)}
    text = PREFIX + signing.dumps(claims, salt=_SALT)
    return {"ticket": text, "expiresAt": moment(timezone.now() + LIFETIME)}


def read_ticket(text: str) -> Ticket:
    """Raises NotSignedIn, with TOKEN_EXPIRED for one that was good once."""
    try:
        claims = signing.loads(text.removeprefix(PREFIX), salt=_SALT, max_age=LIFETIME)
    except signing.SignatureExpired as error:
        raise NotSignedIn(code="TOKEN_EXPIRED") from error
    except signing.BadSignature as error:
        raise NotSignedIn from error
    return Ticket(UUID(claims["run"]), UUID(claims["user"]), UUID(claims["organization"]))
