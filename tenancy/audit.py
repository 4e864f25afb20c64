"""The audit trail: who changed what, written in the same transaction as the change."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from django.db.models import Model

from tenancy.models import AuditEntry, Organization, User

MASK = "********"
_SECRET_WORDS = ("password", "passwd", "secret", "token", "apikey", "api_key", "credential", "digest", "alm_pass")


def record(
    *,
    organization: Organization,
    actor: User | None,
    action: str,
    target: Model,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Add one entry. Values under names that sound secret are masked, at any depth; only the change is visible."""
    return AuditEntry.objects.create(
        organization=organization,
        actor=actor,
        actor_email=actor.email if actor else "",
        action=action,
        target_type=target._meta.label_lower,
        target_id=str(target.pk),
        target_name=str(target)[:200],
        before=without_secrets(dict(before or {})),
        after=without_secrets(dict(after or {})),
    )


def without_secrets(value: Any, *, name: str = "") -> Any:
    """The value as plain JSON, with secrets masked by the name they stand under."""
    if _sounds_secret(name) and value not in (None, ""):
        return MASK
    if isinstance(value, Mapping):
        return {str(key): without_secrets(inner, name=str(key)) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [without_secrets(inner) for inner in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Enum):
        return without_secrets(value.value)
    if isinstance(value, UUID | Decimal):
        return str(value)
    if isinstance(value, str | int | float | bool) or value is None:
        return value
    return str(value)


def _sounds_secret(name: str) -> bool:
    lowered = name.lower()
    # "pat" counts only as a whole name: "path" and "pattern" are harmless.
    return lowered == "pat" or any(word in lowered for word in _SECRET_WORDS)
