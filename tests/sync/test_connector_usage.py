"""A connector that a synchronization uses says so, and stays."""

from __future__ import annotations

import pytest
from django.urls import reverse

from connectors.models import Connector
from connectors.usage import count_uses
from sync.models import Synchronization
from tests.builders import Cast
from tests.sync import builders

pytestmark = pytest.mark.django_db


def used_connector(made: Synchronization) -> Connector:
    side, _ = builders.sides(made)
    return side.connector_project.connector


def test_synchronizations_are_counted_and_shown_with_their_connector(people: Cast) -> None:
    made = builders.synchronization(people.owner.principal)
    connector = used_connector(made)

    shown = people.member.browser.get(reverse("connectors_console:connector", kwargs={"connector": connector.pk}))

    assert count_uses(people.organization, [connector.pk])[connector.pk] == {"synchronization": 1}
    assert reverse("sync_console:synchronization", kwargs={"key": made.key}) in shown.content.decode()


def test_a_connector_in_use_is_not_deleted_and_the_page_says_why(people: Cast) -> None:
    connector = used_connector(builders.synchronization(people.owner.principal))
    address = reverse("connectors_console:connector_delete", kwargs={"connector": connector.pk})

    answer = people.owner.browser.post(address)

    assert answer.status_code == 409
    assert "Not deleted. A synchronization uses this connector: delete the synchronization first." in (
        answer.content.decode()
    )
    assert Connector.objects.filter(pk=connector.pk).exists()


def test_the_api_refuses_in_the_same_words(people: Cast) -> None:
    connector = used_connector(builders.synchronization(people.owner.principal))

    answer = people.owner.client.delete(f"/api/connectors/{connector.pk}")

    assert (answer.status_code, answer.json()["code"]) == (409, "CONNECTOR_IN_USE")
