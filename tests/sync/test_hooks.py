"""Webhooks of the platforms: proved, bounded, and taken for a wake-up only."""

from __future__ import annotations

import base64
import hashlib
import hmac

import pytest
from django.test import Client
from django.utils import timezone

from sync import hooks
from sync.models import Synchronization, SynchronizationSide, SynchronizationStatus
from tests.builders import Cast
from tests.jobs import RecordedJobs
from tests.sync import builders

pytestmark = pytest.mark.django_db
BODY = b'{"issue": {"key": "DEMO-1"}}'


@pytest.fixture
def running(people: Cast) -> Synchronization:
    made = builders.synchronization(people.owner.principal)
    Synchronization.objects.update(status=SynchronizationStatus.RUNNING, due_at=None)
    return made


def signed(side: SynchronizationSide, body: bytes = BODY) -> str:
    return "sha256=" + hmac.new(hooks.hook_secret(side).encode(), body, hashlib.sha256).hexdigest()


def send(slug: str, body: bytes = BODY, **headers: str) -> int:
    return Client().post(f"/hooks/{slug}", body, content_type="application/json", headers=headers).status_code


def test_a_signed_webhook_of_jira_wakes_the_synchronization(running: Synchronization, jobs: RecordedJobs) -> None:
    side = builders.sides(running)[1]

    assert send(side.hook_slug, **{"X-Hub-Signature": signed(side)}) == 204

    running.refresh_from_db()
    assert running.due_at is not None
    assert running.due_at <= timezone.now()
    assert [call.args[0] for call in jobs.sent] == [str(running.pk)]


def test_a_webhook_of_azure_devops_carries_the_secret_as_password(running: Synchronization) -> None:
    side = builders.sides(running)[0]
    good = base64.b64encode(f"isthmus:{hooks.hook_secret(side)}".encode()).decode()
    bad = base64.b64encode(b"isthmus:guess").decode()

    assert send(side.hook_slug, Authorization=f"Basic {good}") == 204
    assert send(side.hook_slug, Authorization=f"Basic {bad}") == 401
    assert send(side.hook_slug, Authorization="Basic %%%") == 401


@pytest.mark.parametrize("headers", [{}, {"X-Hub-Signature": "sha256=00"}, {"X-Hub-Signature-256": "sha256=00"}])
def test_what_the_platform_did_not_sign_is_refused(
    running: Synchronization, jobs: RecordedJobs, headers: dict[str, str]
) -> None:
    side = builders.sides(running)[1]

    assert send(side.hook_slug, **headers) == 401
    assert jobs.sent == []


def test_an_unknown_address_answers_as_a_wrong_signature_does() -> None:
    assert send("guess", **{"X-Hub-Signature": "sha256=00"}) == 401


def test_a_body_without_end_is_refused(running: Synchronization) -> None:
    side = builders.sides(running)[1]
    body = b"x" * (hooks.LARGEST_BODY + 1)

    assert send(side.hook_slug, body, **{"X-Hub-Signature": signed(side, body)}) == 413


def test_a_stopped_synchronization_stays_asleep(running: Synchronization, jobs: RecordedJobs) -> None:
    Synchronization.objects.update(status=SynchronizationStatus.STOPPED)
    side = builders.sides(running)[1]

    assert send(side.hook_slug, **{"X-Hub-Signature": signed(side)}) == 204
    assert jobs.sent == []
