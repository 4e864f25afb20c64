from typing import Any

import pytest

from sandbox.ado.model import Relation
from sandbox.ado.service import AdoService
from tests.sandbox.ado.client import HOST, Caller, add_item, builder_of, link


def batch(caller: Caller, **body: object) -> Any:
    answer = caller.send("POST", "_apis/wit/workitemsbatch", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_an_item_has_its_usual_fields_and_no_empty_ones(service: AdoService, caller: Caller) -> None:
    item = add_item(service, "A title")

    shown = caller.get(f"_apis/wit/workitems/{item.id}")

    assert (shown["id"], shown["rev"]) == (item.id, 1)
    assert shown["fields"]["System.Title"] == "A title"
    assert "System.Description" not in shown["fields"]
    assert "System.Id" not in shown["fields"]
    assert "relations" not in shown
    assert shown["multilineFieldsFormat"] == {}
    assert shown["_links"]["html"]["href"].endswith(f"/_workitems/edit/{item.id}")


def test_relations_are_absent_unless_asked_for_and_unless_there_are_any(service: AdoService, caller: Caller) -> None:
    first, second, alone = (add_item(service, title) for title in ("a", "b", "c"))
    builder_of(service).link(first, "System.LinkTypes.Related", second.id)

    shown = batch(caller, ids=[first.id, alone.id], **{"$expand": "relations"})["value"]
    plain = batch(caller, ids=[first.id])["value"]

    assert [("relations" in entry) for entry in shown] == [True, False]
    assert shown[0]["relations"] == [
        {
            "rel": "System.LinkTypes.Related",
            "url": f"{HOST}/contoso/_apis/wit/workItems/{second.id}",
            "attributes": {"isLocked": False, "name": "Related"},
        }
    ]
    assert "relations" not in plain[0]


@pytest.mark.parametrize(
    ("expand", "has_id", "has_relations", "has_links"),
    [("none", False, False, False), ("fields", True, False, False), ("relations", False, True, False),
     ("links", False, False, True), ("all", True, True, True)],
)  # fmt: skip
def test_expand_decides_what_is_added(
    service: AdoService, caller: Caller, expand: str, has_id: bool, has_relations: bool, has_links: bool
) -> None:
    first, second = add_item(service), add_item(service)
    builder_of(service).link(first, "System.LinkTypes.Related", second.id)

    (shown,) = batch(caller, ids=[first.id], **{"$expand": expand})["value"]

    assert ("System.Id" in shown["fields"], "relations" in shown, "_links" in shown) == (
        has_id, has_relations, has_links,
    )  # fmt: skip


def test_only_the_fields_asked_for_come_back(service: AdoService, caller: Caller) -> None:
    item = add_item(service)

    (shown,) = batch(caller, ids=[item.id], fields=["System.Id", "System.Title", "System.Description"])["value"]

    assert shown["fields"] == {"System.Id": item.id, "System.Title": "One"}
    assert "multilineFieldsFormat" not in shown


@pytest.mark.parametrize(
    ("body", "status", "part"),
    [
        ({"ids": list(range(1, 202))}, 400, "VS403474"),
        ({"ids": [1], "fields": ["System.Id"], "$expand": "all"}, 400, "ConflictingParametersException"),
        ({"ids": [1], "fields": ["No.Such"]}, 400, "TF51535"),
        ({"ids": [1], "$expand": "everything"}, 400, "$expand"),
        ({"ids": [1, 999]}, 404, "TF401232"),
        ({"ids": []}, 400, "ids"),
        ({}, 400, "ids"),
    ],
)
def test_batches_are_refused_with_the_services_codes(
    service: AdoService, caller: Caller, body: dict[str, object], status: int, part: str
) -> None:
    add_item(service)

    answer = caller.send("POST", "_apis/wit/workitemsbatch", json=body)

    assert answer.status_code == status
    assert part in answer.text


def test_omit_leaves_nulls_that_still_count(service: AdoService, caller: Caller) -> None:
    readable, secret, deleted = (add_item(service, title) for title in ("a", "b", "c"))
    secret.unreadable = True
    service.org.delete_item(deleted, by=service.org.owner, when="2024-03-02T00:00:00Z")

    shown = batch(caller, ids=[secret.id, readable.id, deleted.id, 999], errorPolicy="omit")

    assert shown["count"] == 4
    assert [entry and entry["id"] for entry in shown["value"]] == [None, readable.id, None, None]


def test_items_may_be_made_unreadable_through_the_control_endpoint(service: AdoService, caller: Caller) -> None:
    item = add_item(service)
    query = f"SELECT [System.Id] FROM WorkItems WHERE [System.Id] = {item.id}"

    caller.session.post(f"{HOST}/_sandbox/unreadable", json={"ids": [item.id]})

    assert caller.send("GET", f"_apis/wit/workitems/{item.id}").status_code == 404
    assert caller.found(query) == [item.id]


def test_a_project_in_the_path_scopes_the_answer(service: AdoService, caller: Caller) -> None:
    item = add_item(service)
    service.org.add_project("Other", service.org.processes["Agile"])

    assert caller.send("GET", f"P/_apis/wit/workitems/{item.id}").status_code == 200
    assert caller.send("GET", f"{service.org.projects['P'].id}/_apis/wit/workItems/{item.id}").status_code == 200
    assert caller.send("GET", f"Other/_apis/wit/workitems/{item.id}").status_code == 404


@pytest.mark.parametrize(("version", "form"), [("4.1", "str"), ("5.0", "dict"), ("7.1", "dict")])
def test_people_are_strings_before_version_five(service: AdoService, caller: Caller, version: str, form: str) -> None:
    left = service.org.people.add("Dana Left", "dana@contoso.example", active=False)
    fields: dict[str, Any] = {"System.AssignedTo": left}
    item = add_item(service, **fields)

    shown: Any = caller.get(f"_apis/wit/workitems/{item.id}", version=version)["fields"]["System.AssignedTo"]

    assert type(shown).__name__ == form
    text = shown if isinstance(shown, str) else f"{shown['displayName']} <{shown['uniqueName']}>"
    assert text == "Dana Left <dana@contoso.example>"
    assert isinstance(shown, str) or shown["inactive"] is True


def test_as_of_shows_the_past(service: AdoService, caller: Caller) -> None:
    item = add_item(service, "final", revisions=2, created="2024-03-01T10:00:00Z", changed="2024-03-05T10:00:00Z")
    item.revisions[0].fields["System.Title"] = "first"

    def title(moment: str) -> str:
        shown = caller.get(f"_apis/wit/workitems/{item.id}?asOf={moment}")
        return str(shown["fields"]["System.Title"])

    assert [title("2024-03-01T10:00:00Z"), title("2024-03-05T09:59:59Z")] == ["first", "first"]
    assert title("2024-03-05T10:00:00Z") == "final"
    assert caller.send("GET", f"_apis/wit/workitems/{item.id}?asOf=2024-02-01").status_code == 404


def test_a_parent_is_a_field_as_well(service: AdoService, caller: Caller) -> None:
    parent, child = add_item(service, kind="User Story"), add_item(service)

    caller.patch(f"_apis/wit/workitems/{child.id}", link("System.LinkTypes.Hierarchy-Reverse", parent.id))

    assert caller.get(f"_apis/wit/workitems/{child.id}")["fields"]["System.Parent"] == parent.id


def test_addresses_in_seeded_texts_lead_back_to_the_stand_in(service: AdoService, caller: Caller) -> None:
    text = '<img src="https://dev.azure.com/contoso/p/_apis/wit/attachments/x">and https://dev.azure.com/other/y'
    item = add_item(service, **{"System.Description": text})

    shown = caller.get(f"_apis/wit/workitems/{item.id}")["fields"]["System.Description"]

    assert shown == f'<img src="{HOST}/contoso/p/_apis/wit/attachments/x">and https://dev.azure.com/other/y'


def test_file_relations_may_lack_their_size(service: AdoService, caller: Caller) -> None:
    item = add_item(service)
    stored = service.org.add_file("a.txt", content=b"abc")
    relation: Relation = service.org.file_relation(stored, when="2024-03-01T10:00:00Z", sized=False)
    builder_of(service).relation(item, relation)

    (shown,) = caller.get(f"_apis/wit/workitems/{item.id}?$expand=relations")["relations"]

    assert shown["url"] == f"{HOST}/contoso/_apis/wit/attachments/{stored.id}"
    assert "resourceSize" not in shown["attributes"]
