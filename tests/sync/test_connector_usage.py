"""A connector that a synchronization uses says so, and stays."""

from __future__ import annotations

import html

import pytest
from django.test import Client
from django.urls import reverse

from connectors import project_metadata
from connectors.domain.modules import ProjectModules
from connectors.models import Connector, ConnectorProject
from connectors.usage import count_uses
from sync.models import Synchronization
from tenancy.models import User
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


def words_about(made: Synchronization) -> str:
    return f"This connector is used by synchronization {made}: delete what uses it first"


def test_a_connector_in_use_is_not_deleted_and_the_page_says_why(people: Cast) -> None:
    made = builders.synchronization(people.owner.principal)
    connector = used_connector(made)
    address = reverse("connectors_console:connector_delete", kwargs={"connector": connector.pk})

    answer = people.owner.browser.post(address)

    assert answer.status_code == 409
    assert f"Not deleted. {words_about(made)}." in html.unescape(answer.content.decode())
    assert Connector.objects.filter(pk=connector.pk).exists()


@pytest.mark.parametrize(
    "door", ["/api/connectors/{}", "/api/v2/connectors/alm/{}/", "/api/v2/connectors/issue-tracker/{}/"]
)
def test_every_api_refuses_in_the_same_words(people: Cast, door: str) -> None:
    made = builders.synchronization(people.owner.principal)
    connector = used_connector(made)

    answer = people.owner.client.delete(door.format(connector.pk))

    assert answer.status_code == 409
    assert words_about(made) in answer.content.decode()
    assert Connector.objects.filter(pk=connector.pk).exists()


@pytest.mark.parametrize("selected", [False, True])
def test_the_admin_names_what_uses_it_and_deletes_nothing(people: Cast, client: Client, selected: bool) -> None:
    connector = used_connector(builders.synchronization(people.owner.principal))
    client.force_login(User.objects.create_superuser("staff@example.com", "a long password"))
    if selected:
        address = reverse("admin:connectors_connector_changelist")
        body = {"action": "delete_selected", "_selected_action": [connector.pk], "post": "yes"}
    else:
        address, body = reverse("admin:connectors_connector_delete", args=[connector.pk]), {"post": "yes"}

    answer = client.post(address, body)

    assert answer.status_code in (200, 403)
    assert Connector.objects.filter(pk=connector.pk).exists()


def test_a_project_known_by_two_names_stays_that_of_its_synchronization(people: Cast) -> None:
    side, _ = builders.sides(builders.synchronization(people.owner.principal))
    used = side.connector_project
    other = ConnectorProject.objects.create(
        organization=people.organization, connector=used.connector, external_id="10001", key="other", name="other"
    )

    project_metadata._keep(used, ProjectModules("10001", "KEY", "Name"))

    used.refresh_from_db()
    assert (used.external_id, used.key, used.name) == ("10001", "KEY", "Name")
    assert not ConnectorProject.objects.filter(pk=other.pk).exists()
