"""Webhooks in the console: who may what, the secret told once, deliveries and sending again."""

from __future__ import annotations

import re

import pytest
from pytest_django import DjangoAssertNumQueries

from tests.builders import Cast
from tests.jobs import RecordedJobs
from webhooks import services
from webhooks.emitting import emit
from webhooks.models import DeliveryStatus, Webhook, WebhookDelivery
from webhooks.services import WebhookChanges

URL = "https://93.184.216.34/hook"  # a literal address: nothing is looked up
BODY = {"url": URL, "name": "CI", "events": ["run.*", "scan.failed"], "active": "on", "secret": ""}


def text_of(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined]


@pytest.fixture
def webhook(people: Cast) -> Webhook:
    changes = WebhookChanges(name="CI", url=URL, events=["run.*"])
    return services.create_webhook(changes, by=people.owner.principal).row


@pytest.fixture
def delivery(people: Cast, webhook: Webhook) -> WebhookDelivery:
    emit(people.organization.pk, "run.failed", {"runId": "distinctive-run"})
    return WebhookDelivery.objects.get()


def test_an_empty_list_says_what_webhooks_are_for(people: Cast) -> None:
    assert "Add a webhook" in text_of(people.admin.browser.get("/console/webhooks/"))
    of_member = text_of(people.member.browser.get("/console/webhooks/"))
    assert "Administrators and owners add them." in of_member
    assert "/console/webhooks/new/" not in of_member


def test_a_webhook_is_made_and_its_secret_shown_once(people: Cast) -> None:
    made = people.admin.browser.post("/console/webhooks/new/", BODY)

    secret = re.search(r'value="(isth_webhook_[^"]+)"', text_of(made))
    row = Webhook.objects.get()
    assert secret
    assert made.headers["Cache-Control"] == "no-store"
    assert (row.url, row.name, row.events, row.active) == (URL, "CI", ["run.*", "scan.failed"], True)
    for path in ("", f"{row.pk}/", f"{row.pk}/edit/"):
        shown = text_of(people.admin.browser.get(f"/console/webhooks/{path}"))
        assert URL in shown
        assert secret[1] not in shown


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"url": ""}, "This field is required."),
        ({"url": "http://93.184.216.34/hook"}, "Only https addresses are told anything."),
        ({"url": "https://user:pass@93.184.216.34/"}, "An address must not contain credentials."),
        ({"url": "https://127.0.0.1/hook"}, "127.0.0.1"),
        ({"events": []}, "Choose at least one event."),
        ({"events": ["run.exploded"]}, "Select a valid choice."),
        ({"secret": "short"}, "Use 16 to 255 characters."),
    ],
)
def test_wrong_input_is_said_and_the_rest_kept(people: Cast, changes: dict[str, object], says: str) -> None:
    body = BODY | changes
    response = people.owner.browser.post("/console/webhooks/new/", body)

    page = text_of(response)
    assert response.status_code == 422
    assert says in page
    assert 'value="CI"' in page
    assert f'value="{body["url"]}"' in page or not body["url"]
    assert not Webhook.objects.exists()


def test_a_webhook_is_changed_and_keeps_its_secret(people: Cast, webhook: Webhook) -> None:
    sealed = webhook.sealed_secret
    browser = people.owner.browser
    form = text_of(browser.get(f"/console/webhooks/{webhook.pk}/edit/"))
    assert re.search(r'value="run\.\*"[^>]* checked', form)

    response = browser.post(
        f"/console/webhooks/{webhook.pk}/edit/", {"url": URL, "name": "Renamed", "events": ["scan.*"]}, follow=True
    )

    webhook.refresh_from_db()
    assert (webhook.name, webhook.events, webhook.active) == ("Renamed", ["scan.*"], False)
    assert webhook.sealed_secret == sealed
    assert "The webhook was saved." in text_of(response)


def test_a_webhook_is_deleted(people: Cast, webhook: Webhook) -> None:
    page = text_of(people.owner.browser.post(f"/console/webhooks/{webhook.pk}/delete/", follow=True))

    assert "The webhook CI was deleted." in page
    assert not Webhook.objects.exists()


def test_members_look_and_do_not_touch(people: Cast, webhook: Webhook, delivery: WebhookDelivery) -> None:
    browser = people.member.browser
    here = f"/console/webhooks/{webhook.pk}/"

    assert "/edit/" not in text_of(browser.get(here))
    assert "Send again" not in text_of(browser.get(f"{here}deliveries/{delivery.pk}/"))
    assert browser.get("/console/webhooks/new/").status_code == 403
    assert browser.get(f"{here}edit/").status_code == 403
    for path in ("edit/", "delete/", f"deliveries/{delivery.pk}/"):
        assert browser.post(here + path, BODY).status_code == 403
    webhook.refresh_from_db()
    assert webhook.name == "CI"


def test_an_outsider_sees_nothing(people: Cast, webhook: Webhook, delivery: WebhookDelivery) -> None:
    browser = people.outsider.browser
    here = f"/console/webhooks/{webhook.pk}/"

    assert URL not in text_of(browser.get("/console/webhooks/"))
    for path in ("", "edit/", f"deliveries/{delivery.pk}/"):
        response = browser.get(here + path)
        assert response.status_code == 404
        assert URL not in text_of(response)
    for path in ("edit/", "delete/", f"deliveries/{delivery.pk}/"):
        assert browser.post(here + path, BODY).status_code == 404
    assert Webhook.objects.get().name == "CI"


def test_a_failed_delivery_says_why_and_is_sent_again(
    people: Cast, webhook: Webhook, delivery: WebhookDelivery, jobs: RecordedJobs
) -> None:
    WebhookDelivery.objects.update(
        status=DeliveryStatus.FAILED, attempts=9, error_code="WEBHOOK_REFUSED", error_message="The receiver said 410"
    )
    browser = people.admin.browser
    assert "The receiver said 410" in text_of(browser.get("/console/webhooks/"))
    assert "The receiver said 410" in text_of(browser.get(f"/console/webhooks/{webhook.pk}/?status=FAILED"))
    here = f"/console/webhooks/{webhook.pk}/deliveries/{delivery.pk}/"
    page = text_of(browser.get(here))
    assert "distinctive-run" in page
    assert "Mend the receiver or its address, then send it again." in page

    said = text_of(browser.post(here, follow=True))

    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts) == (DeliveryStatus.PENDING, 0)
    assert "The event is being sent again." in said


def test_deliveries_are_filtered_by_status(people: Cast, webhook: Webhook, delivery: WebhookDelivery) -> None:
    browser = people.member.browser
    here = f"/console/webhooks/{webhook.pk}/"

    assert "run.failed" in text_of(browser.get(f"{here}?status=PENDING"))
    assert "No delivery has this status." in text_of(browser.get(f"{here}?status=DELIVERED"))
    assert "run.failed" in text_of(browser.get(f"{here}?status=nonsense"))


def test_the_pages_cost_the_same_with_more_rows(
    people: Cast, webhook: Webhook, delivery: WebhookDelivery, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    browser = people.owner.browser
    here = f"/console/webhooks/{webhook.pk}/"
    with django_assert_num_queries(4):
        browser.get("/console/webhooks/")
    with django_assert_num_queries(6):
        browser.get(here)
    for _ in range(2):
        services.create_webhook(WebhookChanges(url=URL, events=["run.*"]), by=people.owner.principal)
        emit(people.organization.pk, "run.failed", {})

    with django_assert_num_queries(4):
        browser.get("/console/webhooks/")
    with django_assert_num_queries(6):
        browser.get(here)
