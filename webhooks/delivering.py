"""One try of a delivery, and what follows from how it ended. Runs in workers; safe to call twice, safe to kill."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from connectors.clients.calls import Answer, Call, Effect
from connectors.clients.guard import AddressGuard
from connectors.clients.retry import Backoff
from connectors.clients.settings import TransportSettings
from connectors.clients.transport import Surroundings, Transport
from connectors.credentials import unseal_values
from connectors.domain.errors import AddressRefused, DomainError, NotSent, PlatformError
from webhooks.emitting import hand_over
from webhooks.models import DeliveryStatus, Webhook, WebhookDelivery
from webhooks.signing import DELIVERY_HEADER, EVENT_HEADER, SIGNATURE_HEADER, signature

log = logging.getLogger(__name__)

SECRET = "secret"  # noqa: S105 - the name under which it is sealed
WAITS = tuple(timedelta(seconds=seconds) for seconds in (10, 30, 120, 600, 1_800, 3_600, 7_200, 14_400))
"""Between one try and the next; the last one repeats until the day is over."""
CLAIMED_FOR = timedelta(seconds=90)
KEPT_FOR = timedelta(days=30)
GONE = 410
_MOST_AT_ONCE = 200
_TIMEOUT = 10.0
_LONGEST_ERROR = 500
_ONCE = TransportSettings(
    connect_timeout=5.0,
    read_timeout=_TIMEOUT,
    write_timeout=_TIMEOUT,
    max_answer_bytes=64 * 1024,
    backoff=Backoff(patience=0.0),  # the delivery itself waits, not the worker
    user_agent="Isthmus-Webhooks/0.1",
)


@dataclass(frozen=True, slots=True)
class Ending:
    """How a try ended. `final` failures are not tried again."""

    delivered: bool = False
    final: bool = False
    response_status: int | None = None
    code: str = ""
    message: str = ""


def deliver(delivery_id: UUID) -> None:
    """Try a delivery that is due. Ends quietly when it is not, or when somebody else has it."""
    delivery = _claim(delivery_id)
    if delivery is None:
        return
    try:
        ending = _send(delivery)
    except DomainError as error:
        ending = Ending(final=True, code=error.code, message=error.message)
    except Exception:
        # The edge of the job: an unforeseen answer must not leave the delivery without an entry in its log.
        log.exception("Webhook delivery %s failed", delivery_id)
        ending = Ending(code="DELIVERY_FAILED", message="The delivery ended with an internal error")
    _settle(delivery, ending)


def sweep_deliveries() -> int:
    """Order every delivery that is due. Returns how many; called by the scheduler."""
    due = WebhookDelivery.objects.filter(status=DeliveryStatus.PENDING, next_attempt_at__lte=timezone.now())
    found = list(due.order_by("next_attempt_at")[:_MOST_AT_ONCE])
    for delivery in found:
        hand_over(delivery)
    return len(found)


def forget_old_deliveries() -> int:
    """Delete deliveries that are over and older than 30 days; tells how many."""
    old = WebhookDelivery.objects.filter(created_at__lt=timezone.now() - KEPT_FOR)
    deleted, _ = old.exclude(status=DeliveryStatus.PENDING).delete()
    return deleted


def wait_after(attempts: int) -> timedelta:
    """How long after that many tries the next one comes."""
    return WAITS[min(attempts, len(WAITS)) - 1]


def _claim(delivery_id: UUID) -> WebhookDelivery | None:
    now = timezone.now()
    due = WebhookDelivery.objects.filter(pk=delivery_id, status=DeliveryStatus.PENDING, next_attempt_at__lte=now)
    if not due.update(attempts=F("attempts") + 1, attempted_at=now, next_attempt_at=now + CLAIMED_FOR):
        return None
    return WebhookDelivery.objects.select_related("webhook").get(pk=delivery_id)


def _send(delivery: WebhookDelivery) -> Ending:
    webhook = delivery.webhook
    if not webhook.active:
        return Ending(final=True, code="WEBHOOK_INACTIVE", message="The webhook was switched off")
    body = delivery.payload.encode()
    secret = unseal_values(webhook, webhook.sealed_secret).get(SECRET, "")
    call = Call(
        "POST",
        webhook.url,
        "webhook",
        effect=Effect.CREATE,
        body=body,
        accept="*/*",
        headers={
            EVENT_HEADER: delivery.event,
            DELIVERY_HEADER: str(delivery.pk),
            SIGNATURE_HEADER: signature(secret, body),
        },
    )
    try:
        answer = _answer(webhook, call)
    except PlatformError as error:
        return Ending(response_status=error.status, code=_code(error), message=error.message)
    if answer.ok:
        return Ending(delivered=True, response_status=answer.status)
    words = f"The receiver answered with HTTP status {answer.status}"
    return Ending(final=answer.status == GONE, response_status=answer.status, code="RECEIVER_REFUSED", message=words)


def _answer(webhook: Webhook, call: Call) -> Answer:
    """The receiver's answer; a redirect is one, and is not followed. Raises PlatformError."""
    around = Surroundings(settings=_settings(), guard=AddressGuard(settings.ALLOW_PRIVATE_TARGETS))
    transport = Transport(webhook.url, surroundings=around)
    try:
        return transport.send(call)
    finally:
        transport.close()


def _settings() -> TransportSettings:
    return replace(_ONCE, proxy=settings.OUTBOUND_PROXY, ca_bundle=str(settings.CA_BUNDLE or ""))


def _code(error: PlatformError) -> str:
    """Receivers are no trackers: only what is true of any address keeps its own code."""
    if isinstance(error, AddressRefused):
        return error.code
    return "RECEIVER_UNREACHABLE" if isinstance(error, NotSent) else "RECEIVER_REFUSED"


def _settle(delivery: WebhookDelivery, ending: Ending) -> None:
    """Note the ending, unless the delivery was taken over meanwhile."""
    now = timezone.now()
    following = _following(delivery, ending, now=now)
    mine = WebhookDelivery.objects.filter(pk=delivery.pk, status=DeliveryStatus.PENDING, attempts=delivery.attempts)
    mine.update(
        status=DeliveryStatus.DELIVERED if ending.delivered else _status(following),
        next_attempt_at=None if ending.delivered else following,
        delivered_at=now if ending.delivered else None,
        response_status=ending.response_status,
        error_code=ending.code,
        error_message=ending.message[:_LONGEST_ERROR],
    )


def _status(following: datetime | None) -> DeliveryStatus:
    return DeliveryStatus.FAILED if following is None else DeliveryStatus.PENDING


def _following(delivery: WebhookDelivery, ending: Ending, *, now: datetime) -> datetime | None:
    """When the next try comes; None when there is none any more."""
    following = now + wait_after(delivery.attempts)
    return None if ending.final or following > delivery.give_up_at else following
