"""Drafts of mappings: edited without disturbing what runs, published as a whole."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from connectors.domain.sides import SideField, SideShape, SideType, ValueKind
from sync.models import Synchronization
from sync.queries import sides_of
from sync.shapes import keep_shape
from tests.builders import Cast
from tests.sync.api.builders import two_jiras
from tests.sync.builders import TITLE_ID

pytestmark = pytest.mark.django_db

DRAFT = "/integrations/INT-1/draft"


@pytest.fixture
def client(people: Cast) -> APIClient:
    made = two_jiras(people.admin.principal)
    fields = tuple(SideField(name, name.title(), ValueKind.TEXT) for name in ("title", "description", "team"))
    states = ("To Do", "Done")
    ids = frozenset(field.id for field in fields)
    types = (SideType("Task", states, ids), SideType("Bug", states, ids))
    for side in sides_of(made):
        keep_shape(side, SideShape("jira", side.connector_project.key, types, fields, ("Blocks",)))
    return people.admin.client


def configuration(client: APIClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/integrations/INT-1").json()
    return found


def test_there_is_no_draft_until_one_is_begun(client: APIClient) -> None:
    before = client.get(DRAFT).status_code
    begun = client.post(DRAFT)

    assert (before, begun.status_code) == (404, 200)
    assert client.get(DRAFT).json()["configuration"]["fieldMappings"] == configuration(client)["fieldMappings"]
    assert configuration(client)["draftStatus"] == "DRAFT"


def test_what_is_edited_in_a_draft_is_in_force_once_it_is_published(client: APIClient) -> None:
    client.post(DRAFT)
    mapping = {"firstField": "team", "secondField": "team", "direction": "FIRST_TO_SECOND"}

    made = client.post(f"{DRAFT}/fieldMappings", mapping, format="json").json()
    before = [each["id"] for each in configuration(client)["fieldMappings"]]
    published = client.post(f"{DRAFT}/publish")

    assert published.status_code == 200, published.content
    assert made["id"] not in before
    after = configuration(client)
    assert made in after["fieldMappings"]
    assert (after["version"], after["draftStatus"]) == (2, "DRAFT PUBLISHED")
    assert client.get(DRAFT).status_code == 404


def test_a_draft_that_asks_for_what_a_side_does_not_have_is_not_published(client: APIClient) -> None:
    client.post(DRAFT)
    client.post(f"{DRAFT}/fieldMappings", {"firstField": "colour", "secondField": "team"}, format="json")

    conflicts = client.get(f"{DRAFT}/conflicts").json()
    answer = client.post(f"{DRAFT}/publish")

    assert [conflict["where"] for conflict in conflicts] == ["fieldMappings[2].firstField"]
    assert (answer.status_code, list(answer.json()["errors"])) == (409, ["fieldMappings[2].firstField"])
    assert configuration(client)["version"] == 1


def test_mappings_come_in_bulk_all_or_none(client: APIClient) -> None:
    client.post(DRAFT)
    good = {"firstType": "Bug", "secondType": "Bug"}

    refused = client.post(f"{DRAFT}/issueTypeMappings/bulk", [good, {"firstType": "Bug"}], format="json")
    left = client.get(DRAFT).json()["configuration"]["issueTypeMappings"]
    taken = client.post(f"{DRAFT}/issueTypeMappings/bulk", [good], format="json")

    assert (refused.status_code, len(left)) == (400, 1)
    assert [each["firstType"] for each in taken.json()] == ["Bug"]
    assert len(client.get(DRAFT).json()["configuration"]["issueTypeMappings"]) == 2


def test_a_mapping_is_replaced_and_removed_by_its_id(client: APIClient) -> None:
    client.post(DRAFT)
    changed = {"id": TITLE_ID, "firstField": "title", "secondField": "title", "direction": "SECOND_TO_FIRST"}

    replaced = client.put(f"{DRAFT}/fieldMappings", changed, format="json").json()
    removed = client.delete(f"{DRAFT}/fieldMappings?id={TITLE_ID}")

    assert (replaced["id"], replaced["direction"]) == (TITLE_ID, "SECOND_TO_FIRST")
    assert removed.status_code == 200
    assert len(client.get(DRAFT).json()["configuration"]["fieldMappings"]) == 1
    assert client.delete(f"{DRAFT}/fieldMappings", {"id": TITLE_ID}, format="json").status_code == 404


@pytest.mark.parametrize("body", [[], "x", {"id": 5, "firstField": "a"}, {"firstField": "title"}])
def test_a_replacement_without_a_known_id_is_refused(client: APIClient, body: Any) -> None:
    client.post(DRAFT)

    assert client.put(f"{DRAFT}/fieldMappings", body, format="json").status_code in (400, 404)


@pytest.mark.parametrize("kind", ["issueTypeMappings", "fieldMappings", "valueMappings", "linkMappings"])
def test_without_a_draft_no_mapping_is_edited(client: APIClient, kind: str) -> None:
    body = {"firstType": "a", "secondType": "b", "firstField": "a", "secondField": "b"}

    assert client.post(f"{DRAFT}/{kind}", body, format="json").status_code == 404


def test_defaults_of_a_side_are_edited_by_connector_key(client: APIClient) -> None:
    client.post(DRAFT)
    address = f"{DRAFT}/fieldDefaults/PB-1"

    made = client.post(address, {"field": "team", "value": "Red"}, format="json").json()
    changed = client.put(f"{address}/{made['id']}", {"field": "team", "value": "Blue"}, format="json").json()
    elsewhere = client.post(f"{DRAFT}/fieldDefaults/PX-1", {"field": "team", "value": "Red"}, format="json")

    assert (changed["id"], changed["value"]) == (made["id"], "Blue")
    assert elsewhere.status_code == 400
    assert client.get(DRAFT).json()["configuration"]["fieldDefaults"]["second"] == [changed]
    assert client.delete(f"{address}/{made['id']}").status_code == 200
    assert client.get(DRAFT).json()["configuration"]["fieldDefaults"]["second"] == []


def test_a_draft_is_replaced_whole_and_discarded(client: APIClient, people: Cast) -> None:
    client.post(DRAFT)
    document = client.get(DRAFT).json()["configuration"]

    replaced = client.put(DRAFT, {**document, "policy": "ask"}, format="json")
    wrong = client.put(DRAFT, {**document, "policy": "ask", "colour": 1}, format="json")
    discarded = client.delete(DRAFT)

    assert replaced.json()["configuration"]["policy"] == "ask"
    assert (wrong.status_code, list(wrong.json()["errors"])) == (400, ["colour"])
    assert (discarded.status_code, client.get(DRAFT).status_code) == (200, 404)
    assert Synchronization.objects.get().configuration["policy"] == "newest"
