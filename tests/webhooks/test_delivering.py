"""Deliveries over real sockets: signed, logged, repeated for a day, never to where they may not go."""

import hashlib
import hmac
import json
from datetime import timedelta

import pytest
from django.utils import timezone

from connectors.domain.systems import Access, SystemId
from connectors.models import Scan
from connectors.scanning import ScanRequest, start_scan
from migrations_app.engine.state import RunStatus
from migrations_app.statuses import Reason, change_status
from tests.builders import cast
from tests.connectors.sources import MemorySource
from tests.migrations_app.builders import make_project, make_run
from webhooks import delivering
from webhooks.emitting import emit
from webhooks.events import EVENTS, PATTERNS, is_subscribed
from webhooks.models import Webhook, WebhookDelivery
from webhooks.services import WebhookChanges, create_webhook

pytestmark = pytest.mark.django_db

SECRET = "distinctive-signing-secret"


@pytest.fixture
def people():
    return cast()


@pytest.fixture
def webhook(people, receiver):
    values = WebhookChanges(url=receiver.url, events=["run.*", "scan.*"], secret=SECRET)
    return create_webhook(values, by=people.owner.principal).row


def only():
    return WebhookDelivery.objects.get()


def due():
    """Let the time of the next try come."""
    WebhookDelivery.objects.update(next_attempt_at=timezone.now() - timedelta(seconds=1))


def test_a_delivery_is_signed_over_its_raw_body(people, webhook, receiver, jobs):
    emit(people.organization.pk, "run.completed", {"runId": "r-1", "text": "grün"})
    jobs.run_all()

    headers, body = receiver.seen[0]
    expected = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    assert headers["x-isthmus-signature-256"] == expected
    assert headers["x-isthmus-delivery"] == str(only().pk)
    assert (headers["x-isthmus-event"], headers["content-type"]) == ("run.completed", "application/json")
    assert "authorization" not in headers
    parsed = json.loads(body)
    assert (parsed["id"], parsed["event"], parsed["organizationId"], parsed["data"]) == (
        str(only().pk),
        "run.completed",
        str(people.organization.pk),
        {"runId": "r-1", "text": "grün"},
    )
    assert (only().status, only().attempts, only().response_status) == ("DELIVERED", 1, 200)


def test_only_those_who_subscribed_are_told(people, webhook, receiver, jobs):
    create_webhook(WebhookChanges(url=receiver.url, events=["scan.failed"]), by=people.owner.principal)
    inactive = create_webhook(WebhookChanges(url=receiver.url, events=["run.*"]), by=people.owner.principal).row
    Webhook.objects.filter(pk=inactive.pk).update(active=False)
    create_webhook(WebhookChanges(url=receiver.url, events=["run.*"]), by=people.outsider.principal)

    assert emit(people.organization.pk, "run.failed", {}) == 1
    assert emit(people.organization.pk, "scan.failed", {}) == 2
    assert emit(people.organization.pk, "synchronization.started", {}) == 0


def test_every_event_has_its_pattern():
    assert all(is_subscribed([f"{event.partition('.')[0]}.*"], event) for event in EVENTS)
    assert set(PATTERNS) == {"run.*", "scan.*", "synchronization.*"}
    assert not is_subscribed(["scan.*", "run.failed"], "run.completed")


def test_an_event_that_does_not_exist_is_a_mistake(people):
    with pytest.raises(ValueError, match="There is no event"):
        emit(people.organization.pk, "run.exploded", {})


def test_a_failure_is_repeated_with_growing_waits_until_it_works(people, webhook, receiver, jobs):
    receiver.answers = [500, 404, 429]
    emit(people.organization.pk, "run.completed", {})
    waits = []
    for _ in range(3):
        delivering.deliver(only().pk)
        waits.append((only().next_attempt_at - only().attempted_at).total_seconds())
        assert only().status == "PENDING"
        due()
    delivering.deliver(only().pk)

    assert [round(wait) for wait in waits] == [10, 30, 120]
    assert (only().status, only().attempts, len(receiver.seen)) == ("DELIVERED", 4, 4)
    assert len({(headers["x-isthmus-delivery"], body) for headers, body in receiver.seen}) == 1
    assert (only().error_code, only().error_message) == ("", "")


def test_a_try_that_is_not_due_is_not_made(people, webhook, receiver, jobs):
    receiver.answers = [500]
    emit(people.organization.pk, "run.completed", {})
    for _ in range(3):
        delivering.deliver(only().pk)

    assert len(receiver.seen) == 1


def test_after_a_day_it_is_given_up(people, webhook, receiver):
    receiver.answers = [500]
    emit(people.organization.pk, "run.completed", {})
    WebhookDelivery.objects.update(give_up_at=timezone.now() + timedelta(seconds=5))

    delivering.deliver(only().pk)

    assert (only().status, only().next_attempt_at, only().error_code) == ("FAILED", None, "RECEIVER_REFUSED")


def test_the_waits_fill_a_day():
    total, tries = timedelta(), 0
    while total + delivering.wait_after(tries + 1) <= timedelta(days=1):
        tries += 1
        total += delivering.wait_after(tries)

    assert tries >= 10
    assert total > timedelta(hours=18)


def test_a_receiver_that_is_gone_is_not_asked_again(people, webhook, receiver):
    receiver.answers = [410]
    emit(people.organization.pk, "run.completed", {})

    delivering.deliver(only().pk)

    assert (only().status, only().response_status) == ("FAILED", 410)


def test_a_redirect_is_not_followed(people, webhook, receiver):
    receiver.answers, receiver.location = [302], "https://127.0.0.1:9/elsewhere"
    emit(people.organization.pk, "run.completed", {})

    delivering.deliver(only().pk)

    assert (only().status, only().response_status, only().error_code) == ("PENDING", 302, "RECEIVER_REFUSED")


def test_a_receiver_that_does_not_answer_is_unreachable(people, webhook, receiver, settings):
    Webhook.objects.update(url="https://127.0.0.1:9/hook")
    settings.ALLOW_PRIVATE_TARGETS = ("127.0.0.1:9",)
    emit(people.organization.pk, "run.completed", {})

    delivering.deliver(only().pk)

    assert (only().status, only().error_code) == ("PENDING", "RECEIVER_UNREACHABLE")


def test_an_address_that_became_private_is_not_reached(people, webhook, receiver, settings):
    settings.ALLOW_PRIVATE_TARGETS = ()
    emit(people.organization.pk, "run.completed", {})

    delivering.deliver(only().pk)

    assert (only().error_code, receiver.seen) == ("ADDRESS_NOT_ALLOWED", [])


def test_an_unknown_certificate_is_refused(people, webhook, receiver, settings):
    settings.CA_BUNDLE = None
    emit(people.organization.pk, "run.completed", {})

    delivering.deliver(only().pk)

    assert (only().status, only().error_code, receiver.seen) == ("PENDING", "RECEIVER_UNREACHABLE", [])


def test_a_webhook_that_was_switched_off_is_told_nothing(people, webhook, receiver):
    emit(people.organization.pk, "run.completed", {})
    Webhook.objects.update(active=False)

    delivering.deliver(only().pk)

    assert (only().status, only().error_code, receiver.seen) == ("FAILED", "WEBHOOK_INACTIVE", [])


def test_a_secret_that_no_key_opens_is_said(people, webhook, receiver):
    emit(people.organization.pk, "run.completed", {})
    Webhook.objects.update(sealed_secret="1.00000000.AAAA")

    delivering.deliver(only().pk)

    assert (only().status, only().error_code) == ("FAILED", "CREDENTIALS_UNREADABLE")


def test_the_sweep_orders_what_is_due_and_the_queue_may_be_away(people, webhook, receiver, jobs):
    jobs.unreachable = True
    emit(people.organization.pk, "run.completed", {})
    assert jobs.sent == []
    jobs.unreachable = False

    assert delivering.sweep_deliveries() == 1
    jobs.run_all()

    assert (only().status, delivering.sweep_deliveries()) == ("DELIVERED", 0)


def test_old_deliveries_are_forgotten(people, webhook):
    for status in ("DELIVERED", "FAILED", "PENDING"):
        emit(people.organization.pk, "run.completed", {})
        WebhookDelivery.objects.filter(created_at__gt=timezone.now() - timedelta(days=1)).update(
            status=status, created_at=timezone.now() - timedelta(days=31)
        )

    assert (delivering.forget_old_deliveries(), WebhookDelivery.objects.get().status) == (2, "PENDING")


def test_a_delivery_is_made_again_on_demand_under_its_id(people, webhook, receiver, jobs):
    receiver.answers = [410]
    emit(people.organization.pk, "run.completed", {})
    delivering.deliver(only().pk)
    jobs.run_all()

    answer = people.owner.client.post(f"/api/webhooks/{webhook.pk}/deliveries/{only().pk}/redeliver")
    waiting = answer.json()
    jobs.run_all()

    assert (answer.status_code, waiting["status"], waiting["attempts"]) == (202, "PENDING", 0)
    assert only().status == "DELIVERED"
    assert receiver.seen[0][1] == receiver.seen[1][1]


# --- What is told ----------------------------------------------------------------------------------------------------


def told():
    return [(each.event, json.loads(each.payload)["data"]) for each in WebhookDelivery.objects.order_by("created_at")]


def test_scans_tell_their_statuses(people, webhook, monkeypatch, jobs):
    MemorySource(size=3).install(monkeypatch)
    access = Access(SystemId.AZURE_DEVOPS, server="contoso", project="Shop", secret="hidden-pat-of-the-scan")

    start_scan(ScanRequest(access), by=people.owner.principal)
    start_scan(ScanRequest(access, respond_async=True), by=people.owner.principal)
    jobs_of_scans = [call for call in jobs.sent if call.queue == "scans"]
    assert len(jobs_of_scans) == 1
    monkeypatch.setattr(delivering, "_send", lambda _delivery: delivering.Ending(delivered=True))
    jobs.run_all()

    assert [event for event, _ in told()] == ["scan.pending", "scan.running", "scan.completed"] * 2
    assert told()[2][1]["scanId"] == str(Scan.objects.order_by("created_at").first().pk)
    assert "hidden-pat" not in str(told())


def test_runs_tell_their_statuses(people, webhook):
    run = make_run(make_project(people.organization))
    change_status(run.pk, RunStatus.FAILED, reason=Reason("CREDENTIALS_REFUSED", "The token is wrong"))

    event, data = told()[-1]
    assert (event, data["runId"], data["status"], data["reasonCode"]) == (
        "run.failed",
        str(run.pk),
        "FAILED",
        "CREDENTIALS_REFUSED",
    )


def test_every_status_of_runs_and_scans_is_an_event():
    runs = {f"run.{status.value.lower()}" for status in RunStatus}
    scans = {f"scan.{status.lower()}" for status in ("PENDING", "RUNNING", "COMPLETED", "FAILED")}

    assert runs | scans <= set(EVENTS)
