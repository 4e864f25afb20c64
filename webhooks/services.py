"""Writes: webhooks, and delivering again. Every change leaves an audit entry in its transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from connectors.clients.guard import AddressGuard
from connectors.credentials import seal_values
from connectors.domain.errors import AddressRefused, DomainError
from tenancy import audit
from tenancy.permissions import Action, require
from tenancy.principal import Principal
from webhooks.delivering import SECRET
from webhooks.emitting import TRIED_FOR, hand_over
from webhooks.events import EVENTS, PATTERNS, unknown_subscriptions
from webhooks.models import DeliveryStatus, Webhook, WebhookDelivery
from webhooks.signing import SHORTEST_SECRET, new_secret

LONGEST_URL = 2_000
LONGEST_SECRET = 255
MOST_WEBHOOKS = 50


@dataclass(frozen=True, slots=True)
class WebhookChanges:
    """New values; None leaves a part alone. `secret` is what deliveries are signed with from now on."""

    name: str | None = None
    url: str | None = None
    events: Sequence[str] | None = None
    active: bool | None = None
    secret: str | None = None


@dataclass(frozen=True, slots=True)
class NewWebhook:
    """A stored webhook and its secret, which is told this once."""

    row: Webhook
    secret: str


@transaction.atomic
def create_webhook(values: WebhookChanges, *, by: Principal) -> NewWebhook:
    """A new webhook; without a secret it gets a fresh one.

    Raises NotPermitted, DomainError VALIDATION_FAILED, ADDRESS_NOT_ALLOWED, LIMIT_REACHED.
    """
    require(by, Action.MANAGE_WEBHOOKS)
    if Webhook.objects.for_organization(by.organization).count() >= MOST_WEBHOOKS:
        raise DomainError("LIMIT_REACHED", f"An organization has at most {MOST_WEBHOOKS} webhooks", status=409)
    webhook = Webhook(organization=by.organization, created_by=by.user)
    secret = values.secret or new_secret()
    _apply(webhook, values)
    _seal(webhook, secret)
    webhook.save(force_insert=True)
    audit.record(
        organization=by.organization, actor=by.user, action="webhook.created", target=webhook, after=_facts(webhook)
    )
    return NewWebhook(webhook, secret)


@transaction.atomic
def update_webhook(webhook: Webhook, values: WebhookChanges, *, by: Principal) -> Webhook:
    """Change what is given. Raises NotPermitted, DomainError VALIDATION_FAILED, ADDRESS_NOT_ALLOWED."""
    require(by, Action.MANAGE_WEBHOOKS)
    locked = Webhook.objects.for_organization(by.organization).select_for_update().get(pk=webhook.pk)
    before = _facts(locked)
    _apply(locked, values)
    if values.secret is not None:
        _seal(locked, values.secret)
    locked.save()
    audit.record(
        organization=by.organization,
        actor=by.user,
        action="webhook.updated",
        target=locked,
        before=before,
        after=_facts(locked) | ({"secret": "changed"} if values.secret is not None else {}),
    )
    return locked


@transaction.atomic
def delete_webhook(webhook: Webhook, *, by: Principal) -> None:
    """Remove a webhook with the log of its deliveries. Raises NotPermitted."""
    require(by, Action.MANAGE_WEBHOOKS)
    audit.record(
        organization=by.organization, actor=by.user, action="webhook.deleted", target=webhook, before=_facts(webhook)
    )
    webhook.delete()


@transaction.atomic
def redeliver(delivery: WebhookDelivery, *, by: Principal) -> WebhookDelivery:
    """Try a delivery again from the beginning, for another day: the same body under the same id, so that the receiver
    can tell that it knows it. Raises NotPermitted."""
    require(by, Action.MANAGE_WEBHOOKS)
    now = timezone.now()
    WebhookDelivery.objects.filter(pk=delivery.pk).update(
        status=DeliveryStatus.PENDING,
        attempts=0,
        next_attempt_at=now,
        give_up_at=now + TRIED_FOR,
        delivered_at=None,
        error_code="",
        error_message="",
    )
    audit.record(organization=by.organization, actor=by.user, action="webhook.redelivered", target=delivery)
    hand_over(delivery)
    delivery.refresh_from_db()
    return delivery


def _apply(webhook: Webhook, values: WebhookChanges) -> None:
    errors: dict[str, list[str]] = {}
    if values.url is not None and (wrong := wrong_address(values.url)):
        errors["url"] = [wrong]
    if values.events is not None and (wrong := _wrong_events(values.events)):
        errors["events"] = [wrong]
    if values.secret is not None and (wrong := _wrong_secret(values.secret)):
        errors["secret"] = [wrong]
    if errors:
        raise DomainError("VALIDATION_FAILED", "The request is not valid", errors=errors)
    if values.url is not None and values.url != webhook.url:
        _require_public(values.url)
        webhook.url = values.url
    if values.name is not None:
        webhook.name = values.name
    if values.events is not None:
        webhook.events = list(dict.fromkeys(values.events))
    if values.active is not None:
        webhook.active = values.active


def wrong_address(url: str) -> str:
    """What is wrong with the address of a receiver; empty when nothing is."""
    if len(url) > LONGEST_URL:
        return f"Ensure this field has no more than {LONGEST_URL} characters."
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "Enter a valid address."
    if parts.scheme != "https":
        return "Only https addresses are told anything."
    if not host or port == 0 or not url.isascii() or not url.isprintable() or any(c in url for c in ' \\<>"^`{|}'):
        return "Enter a valid address."
    if parts.username is not None or parts.password is not None:
        return "An address must not contain credentials."
    return "An address must not have a fragment." if parts.fragment else ""


def _require_public(url: str) -> None:
    """Refuse a private address at once; a name that does not resolve now is judged when it is called."""
    parts = urlsplit(url)
    try:
        AddressGuard(settings.ALLOW_PRIVATE_TARGETS).check(parts.hostname or "", parts.port or 443)
    except AddressRefused as error:
        raise DomainError(error.code, error.message, errors={"url": [error.message]}) from error
    except (OSError, UnicodeError):
        return


def _wrong_events(events: Sequence[str]) -> str:
    if not events:
        return "Name at least one event."
    unknown = unknown_subscriptions(events)
    if not unknown:
        return ""
    return f"Unknown: {', '.join(each[:60] for each in unknown[:5])}. Use {', '.join((*PATTERNS, *EVENTS))}."


def _wrong_secret(secret: str) -> str:
    if not SHORTEST_SECRET <= len(secret) <= LONGEST_SECRET:
        return f"Use {SHORTEST_SECRET} to {LONGEST_SECRET} characters."
    return "" if secret.isascii() and secret.isprintable() else "Use printable ASCII characters."


def _seal(webhook: Webhook, secret: str) -> None:
    webhook.sealed_secret = seal_values(webhook, {SECRET: secret})


def _facts(webhook: Webhook) -> dict[str, object]:
    return {"name": webhook.name, "url": webhook.url, "events": list(webhook.events), "active": webhook.active}
