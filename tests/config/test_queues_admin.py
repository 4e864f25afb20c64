"""Queues and failed jobs are for superusers: they name runs of every organization."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django_rq import stats_views
from redis.exceptions import ConnectionError as RedisAway

from tenancy.models import User
from tests.builders import Cast

pytestmark = pytest.mark.django_db

PAGES = (
    "/admin/django_rq/dashboard/",
    "/admin/django_rq/dashboard/queues/0/failed/",
    "/admin/django_rq/dashboard/stats.json",
)


@pytest.fixture
def superuser() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("root@example.com", "x"))
    return client


@pytest.fixture
def staff(people: Cast) -> Client:
    people.admin.user.is_staff = True
    people.admin.user.save()
    people.admin.user.user_permissions.set(Permission.objects.all())
    client = Client()
    client.force_login(people.admin.user)
    return client


@pytest.mark.parametrize("page", PAGES)
def test_other_staff_is_refused(staff: Client, page: str) -> None:
    assert staff.get(page).status_code == 403
    assert staff.post(page).status_code == 403


@pytest.mark.parametrize("page", PAGES)
def test_strangers_sign_in_first(db: None, page: str) -> None:
    answer = Client().get(page)

    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, reverse("admin:login"))


def test_only_superusers_are_led_there(staff: Client, superuser: Client) -> None:
    assert PAGES[0] in superuser.get(reverse("admin:index")).content.decode()
    assert "/django_rq/" not in staff.get(reverse("admin:index")).content.decode()


def test_a_redis_that_is_away_is_said(superuser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(**_: object) -> dict[str, object]:
        raise RedisAway

    monkeypatch.setattr(stats_views, "get_statistics", away)

    answer = superuser.get(PAGES[0], follow=True)

    assert "The queues cannot be shown: Redis does not answer" in answer.content.decode()
