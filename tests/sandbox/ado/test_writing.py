import pytest

from sandbox.ado.service import AdoService
from tests.sandbox.ado.client import Caller, add_item, field, link, small_service

TITLE = field("System.Title", "New")


def test_create_answers_200_with_defaults(caller: Caller) -> None:
    answer = caller.create("User Story", TITLE, field("System.Tags", "b; A, b"))

    shown = answer.json()
    assert answer.status_code == 200
    assert (shown["id"], shown["rev"]) == (1, 1)
    fields = shown["fields"]
    assert (fields["System.State"], fields["System.Reason"], fields["System.Tags"]) == ("New", "New", "A; b")
    assert fields["Microsoft.VSTS.Common.Priority"] == 2
    assert fields["System.CreatedBy"]["displayName"] == "Sandbox Migrator"
    assert fields["System.AreaPath"] == "P"


def test_every_change_of_a_field_is_a_revision_and_no_change_is_none(service: AdoService, caller: Caller) -> None:
    item = add_item(service)
    path = f"_apis/wit/workitems/{item.id}"

    changed = caller.patch(path, field("System.Title", "Two"))
    again = caller.patch(path, field("System.Title", "Two"))

    assert (changed.json()["rev"], again.json()["rev"]) == (2, 2)


@pytest.mark.parametrize(
    ("operations", "status", "part"),
    [
        ([], 400, "valid patch document"),
        ([{"op": "move", "path": "/fields/System.Title"}], 400, "not supported"),
        ([{"op": "add", "path": "/elsewhere", "value": 1}], 400, "not valid"),
        ([field("No.Such", 1)], 400, "TF51535"),
        ([field("System.Title", "")], 400, "TF401320"),
        ([field("System.Title", "x" * 256)], 400, "InvalidTooLong"),
        ([field("System.State", "Nonsense")], 400, "InvalidListValue"),
        ([field("Microsoft.VSTS.Common.Priority", 9)], 400, "Rule Error for field Priority"),
        ([field("Microsoft.VSTS.Common.Priority", "high")], 400, "InvalidType"),
        ([field("System.AreaPath", "P\\Nowhere")], 400, "TF401347"),
        ([field("System.IterationPath", "Other")], 400, "TF401346"),
        ([field("System.AssignedTo", "Nobody Known")], 400, "unknown identity"),
        ([field("System.CreatedDate", "2020-01-01")], 400, "ReadOnly"),
        ([field("System.Id", 7)], 400, "ReadOnly"),
        ([field("System.Description", "x" * 1_048_577)], 400, "InvalidTooLong"),
        ([{"op": "test", "path": "/rev", "value": 7}], 412, "VS403351"),
        ([{"op": "test", "path": "/fields/System.Title", "value": "Other"}], 412, "VS403351"),
        ([{"op": "remove", "path": "/relations/0"}], 400, "out of range"),
    ],
)  # fmt: skip
def test_bad_changes_are_refused_and_change_nothing(
    service: AdoService, caller: Caller, operations: list[dict[str, object]], status: int, part: str
) -> None:
    item = add_item(service)

    answer = caller.patch(f"_apis/wit/workitems/{item.id}", *operations)

    assert answer.status_code == status
    assert part in answer.text
    assert len(item.revisions) == 1
    assert not service.log.entries()[-1].applied


def test_a_broken_rule_lists_the_field(service: AdoService, caller: Caller) -> None:
    item = add_item(service)

    body = caller.patch(f"_apis/wit/workitems/{item.id}", field("System.State", "Nonsense")).json()

    assert (body["typeKey"], body["eventId"]) == ("RuleValidationException", 3200)
    (rule,) = body["customProperties"]["RuleValidationErrors"]
    assert rule["fieldReferenceName"] == "System.State"


@pytest.mark.parametrize("content_type", ["application/json", "", "text/plain"])
def test_only_json_patch_is_accepted(service: AdoService, caller: Caller, content_type: str) -> None:
    item = add_item(service)

    answer = caller.send("PATCH", f"_apis/wit/workitems/{item.id}", data="[]", headers={"Content-Type": content_type})

    assert answer.status_code == 415


@pytest.mark.parametrize(
    ("process", "kind", "old", "new", "status"),
    [
        ("Agile", "Task", "New", "Closed", 200),
        ("Agile", "Bug", "New", "Removed", 400),
        ("CMMI", "Requirement", "Proposed", "Active", 200),
        ("CMMI", "Requirement", "Proposed", "Resolved", 400),
        ("CMMI", "Requirement", "Resolved", "Proposed", 400),
        ("Scrum", "Product Backlog Item", "New", "Done", 200),
        ("Basic", "Issue", "To Do", "Doing", 200),
        ("Basic", "Issue", "To Do", "Active", 400),
    ],
)
def test_states_change_as_the_process_allows(process: str, kind: str, old: str, new: str, status: int) -> None:
    service = small_service(process)
    item = add_item(service, kind=kind, **{"System.State": old})

    answer = Caller(service).patch(f"_apis/wit/workitems/{item.id}", field("System.State", new))

    assert answer.status_code == status


def test_a_change_of_state_sets_reason_dates_and_people(service: AdoService, caller: Caller) -> None:
    item = add_item(service)

    fields = caller.patch(f"_apis/wit/workitems/{item.id}", field("System.State", "closed")).json()["fields"]

    assert (fields["System.State"], fields["System.Reason"]) == ("Closed", "Completed")
    assert fields["Microsoft.VSTS.Common.ClosedDate"] == fields["System.ChangedDate"]
    assert fields["Microsoft.VSTS.Common.ClosedBy"]["displayName"] == "Sandbox Migrator"


def test_a_new_item_starts_in_the_first_state(caller: Caller) -> None:
    assert caller.create("Task", TITLE, field("System.State", "Closed")).status_code == 400
    bypassed = caller.create("Task", TITLE, field("System.State", "Closed"), query="?bypassRules=true")
    assert bypassed.status_code == 200


def test_bypassing_rules_allows_dates_and_authors(service: AdoService, caller: Caller) -> None:
    other = service.org.people.add("Ann Other", "ann@contoso.example")
    operations = (
        TITLE,
        field("System.CreatedBy", other.unique_name),
        field("System.CreatedDate", "2020-01-01T00:00:00Z"),
        field("System.ChangedBy", other.text),
        field("System.ChangedDate", "2020-01-02T00:00:00Z"),
    )

    fields = caller.create("Task", *operations, query="?bypassRules=true").json()["fields"]

    assert (fields["System.CreatedDate"], fields["System.ChangedDate"]) == (
        "2020-01-01T00:00:00Z", "2020-01-02T00:00:00Z",
    )  # fmt: skip
    assert fields["System.ChangedBy"]["displayName"] == "Ann Other"


def test_changed_dates_must_grow_even_when_rules_are_bypassed(service: AdoService, caller: Caller) -> None:
    item = add_item(service, created="2024-03-01T10:00:00Z")

    answer = caller.patch(
        f"_apis/wit/workitems/{item.id}?bypassRules=true", field("System.ChangedDate", "2024-02-01T00:00:00Z")
    )

    assert answer.status_code == 400
    assert "VS402625" in answer.text


def test_validate_only_shows_and_keeps_nothing(service: AdoService, caller: Caller) -> None:
    answer = caller.create("Task", TITLE, query="?validateOnly=true")

    assert answer.status_code == 200
    assert answer.json()["fields"]["System.Title"] == "New"
    assert service.org.items == {}
    assert not service.log.entries()[-1].applied


def test_tags_are_joined_by_add_and_set_by_replace(service: AdoService, caller: Caller) -> None:
    item = add_item(service, **{"System.Tags": "old"})
    path = f"_apis/wit/workitems/{item.id}"

    added = caller.patch(path, field("System.Tags", "New")).json()["fields"]["System.Tags"]
    replaced = caller.patch(path, field("System.Tags", "only", "replace")).json()["fields"]["System.Tags"]

    assert (added, replaced) == ("New; old", "only")


def test_markdown_is_kept_by_field(service: AdoService, caller: Caller) -> None:
    item = add_item(service)
    path = f"_apis/wit/workitems/{item.id}"
    as_markdown = {"op": "add", "path": "/multilineFieldsFormat/System.Description", "value": "Markdown"}

    alone = caller.patch(path, as_markdown)
    together = caller.patch(path, field("System.Description", "**x**"), as_markdown)
    back = caller.patch(path, field("System.Description", "x"), {**as_markdown, "value": "Html"})

    assert (alone.status_code, together.status_code, back.status_code) == (400, 200, 400)
    assert together.json()["multilineFieldsFormat"] == {"System.Description": "markdown"}


def test_writing_history_adds_a_comment(service: AdoService, caller: Caller) -> None:
    item = add_item(service)

    shown = caller.patch(f"_apis/wit/workitems/{item.id}", field("System.History", "hello")).json()

    assert (shown["rev"], shown["fields"]["System.CommentCount"]) == (2, 1)
    assert caller.comments(item.id)["comments"][0]["text"] == "hello"


def test_links_show_on_both_ends_and_move_neither_revision_nor_date(service: AdoService, caller: Caller) -> None:
    parent, child = add_item(service, kind="User Story"), add_item(service)
    before = caller.get(f"_apis/wit/workitems/{child.id}")

    caller.patch(f"_apis/wit/workitems/{parent.id}", link("System.LinkTypes.Hierarchy-Forward", child.id))

    after = caller.get(f"_apis/wit/workitems/{child.id}?$expand=relations")
    assert after["rev"] == before["rev"] == 1
    assert after["fields"]["System.ChangedDate"] == before["fields"]["System.ChangedDate"]
    assert [r["rel"] for r in after["relations"]] == ["System.LinkTypes.Hierarchy-Reverse"]
    updates = caller.get(f"_apis/wit/workitems/{child.id}/updates")["value"]
    assert [(u["id"], u["rev"], "fields" in u) for u in updates] == [(1, 1, True), (2, 1, False)]
    assert updates[1]["relations"]["added"][0]["rel"] == "System.LinkTypes.Hierarchy-Reverse"


def test_removing_by_index_takes_the_link_off_both_ends(service: AdoService, caller: Caller) -> None:
    first, second, third = (add_item(service) for _ in range(3))
    path = f"_apis/wit/workitems/{first.id}"
    caller.patch(path, link("System.LinkTypes.Related", second.id), link("System.LinkTypes.Related", third.id))
    shown = caller.get(f"{path}?$expand=relations")["relations"]
    place = next(n for n, r in enumerate(shown) if r["url"].endswith(f"/{second.id}"))

    answer = caller.patch(path, {"op": "remove", "path": f"/relations/{place}"})

    assert [r["url"].rpartition("/")[2] for r in answer.json()["relations"]] == [str(third.id)]
    assert "relations" not in caller.get(f"_apis/wit/workitems/{second.id}?$expand=relations")
    assert answer.json()["rev"] == 1


@pytest.mark.parametrize(
    ("rel", "to_self", "part"),
    [
        ("System.LinkTypes.Hierarchy-Reverse", False, "TF201036"),
        ("System.LinkTypes.Related", True, "TF201035"),
        ("Some.Unknown", False, "VS402318"),
    ],
)
def test_links_that_cannot_be_are_refused(
    service: AdoService, caller: Caller, rel: str, to_self: bool, part: str
) -> None:
    child, parent, other = (add_item(service) for _ in range(3))
    path = f"_apis/wit/workitems/{child.id}"
    caller.patch(path, link("System.LinkTypes.Hierarchy-Reverse", parent.id))

    answer = caller.patch(path, link(rel, child.id if to_self else other.id))

    assert answer.status_code == 400
    assert part in answer.text


def test_repeated_circular_and_missing_links_are_refused(service: AdoService, caller: Caller) -> None:
    top, middle, low = (add_item(service) for _ in range(3))
    for below, above in ((middle, top), (low, middle)):
        caller.patch(f"_apis/wit/workitems/{below.id}", link("System.LinkTypes.Hierarchy-Reverse", above.id))

    again = caller.patch(f"_apis/wit/workitems/{top.id}", link("System.LinkTypes.Hierarchy-Forward", middle.id))
    circle = caller.patch(f"_apis/wit/workitems/{top.id}", link("System.LinkTypes.Hierarchy-Reverse", low.id))
    missing = caller.patch(f"_apis/wit/workitems/{top.id}", link("System.LinkTypes.Related", 999))

    assert ("RelationAlreadyExistsException" in again.text, again.status_code) == (True, 400)
    assert ("TF201035" in circle.text, circle.status_code) == (True, 400)
    assert ("TF401232" in missing.text, missing.status_code) == (True, 404)


def test_hyperlinks_make_a_revision(service: AdoService, caller: Caller) -> None:
    item = add_item(service)
    hyperlink = {"rel": "Hyperlink", "url": "https://example.org/x", "attributes": {"comment": "see"}}

    shown = caller.patch(
        f"_apis/wit/workitems/{item.id}", {"op": "add", "path": "/relations/-", "value": hyperlink}
    ).json()

    assert shown["rev"] == 2
    assert shown["relations"][0]["attributes"]["comment"] == "see"


def test_an_item_moves_to_another_project_with_its_id(service: AdoService, caller: Caller) -> None:
    item = add_item(service)
    service.org.add_project("Q", service.org.processes["Agile"])

    answer = caller.patch(
        f"_apis/wit/workitems/{item.id}",
        field("System.TeamProject", "Q"), field("System.AreaPath", "Q"), field("System.IterationPath", "Q"),
    )  # fmt: skip

    assert answer.status_code == 200
    assert caller.send("GET", f"P/_apis/wit/workitems/{item.id}").status_code == 404
    assert caller.get(f"Q/_apis/wit/workitems/{item.id}")["id"] == item.id


def test_a_type_can_change(service: AdoService, caller: Caller) -> None:
    item = add_item(service)

    shown = caller.patch(f"_apis/wit/workitems/{item.id}", field("System.WorkItemType", "Bug")).json()

    assert (shown["fields"]["System.WorkItemType"], shown["rev"]) == ("Bug", 2)


def test_an_unknown_type_or_project_is_404(caller: Caller) -> None:
    assert "VS402323" in caller.create("Nonsense", TITLE).text
    assert caller.create("Task", TITLE, project="Nowhere").status_code == 404


def test_a_batch_answers_each_by_itself(service: AdoService, caller: Caller) -> None:
    item = add_item(service)
    patch = {"Content-Type": "application/json-patch+json"}
    body = [
        {"method": "PATCH", "uri": f"/_apis/wit/workitems/{item.id}?api-version=7.1", "headers": patch,
         "body": [field("System.Title", "Changed")]},
        {"method": "POST", "uri": "/P/_apis/wit/workitems/$Task?api-version=7.1", "headers": patch, "body": [TITLE]},
        {"method": "PATCH", "uri": "/_apis/wit/workitems/999?api-version=7.1", "headers": patch, "body": [TITLE]},
    ]  # fmt: skip

    shown = caller.send("POST", "_apis/wit/$batch", json=body).json()

    assert [entry["code"] for entry in shown["value"]] == [200, 200, 404]
    assert service.org.items[item.id].fields["System.Title"] == "Changed"
    assert service.log.entries()[-1].applied
    assert caller.send("POST", "_apis/wit/$batch", json=[body[0]] * 201).status_code == 400


def test_deleting_fills_the_bin_and_restoring_empties_it(service: AdoService, caller: Caller) -> None:
    item, doomed = add_item(service, "kept"), add_item(service, "gone")
    path = f"P/_apis/wit/recyclebin/{item.id}"

    deleted = caller.send("DELETE", f"_apis/wit/workitems/{item.id}").json()
    caller.send("DELETE", f"_apis/wit/workitems/{doomed.id}?destroy=true")

    assert (deleted["id"], deleted["name"]) == (item.id, "kept")
    assert caller.get("P/_apis/wit/recyclebin") == [
        {"id": str(item.id), "url": f"http://ado.test/contoso/_apis/wit/recyclebin/{item.id}"}
    ]
    assert caller.get(path)["resource"]["fields"]["System.Title"] == "kept"
    assert caller.send("GET", f"_apis/wit/workitems/{item.id}").status_code == 404
    assert caller.found("SELECT [System.Id] FROM WorkItems") == []
    assert caller.send("PATCH", path, json={"isDeleted": False}).status_code == 200
    assert caller.get(f"_apis/wit/workitems/{item.id}")["rev"] == 3
    assert doomed.id not in service.org.items


def test_destroying_from_the_bin_is_final(service: AdoService, caller: Caller) -> None:
    item = add_item(service)
    caller.send("DELETE", f"_apis/wit/workitems/{item.id}")

    assert caller.send("DELETE", f"P/_apis/wit/recyclebin/{item.id}").status_code == 204
    assert caller.send("PATCH", f"P/_apis/wit/recyclebin/{item.id}", json={"isDeleted": False}).status_code == 404


def test_the_log_names_the_item(service: AdoService, caller: Caller) -> None:
    caller.create("Task", TITLE)
    caller.patch("_apis/wit/workitems/1", field("System.Title", "x"))

    entries = service.log.entries()
    assert [(e.method, e.issue, e.applied) for e in entries] == [("POST", "1", True), ("PATCH", "1", True)]


def test_reset_brings_the_first_content_back(caller: Caller, service: AdoService) -> None:
    caller.create("Task", TITLE)

    service.reset()

    assert service.state()["items"] == 0
