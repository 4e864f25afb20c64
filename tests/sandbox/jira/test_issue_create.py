"""Creating issues is as strict as the service."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.jira.asking import Site, doc

HIERARCHY = "Given parent work item does not belong to appropriate hierarchy."
OFF_SCREEN = "Field '{0}' cannot be set. It is not on the appropriate screen, or unknown."


def test_a_created_issue_has_the_next_key_the_initial_status_and_the_caller_as_reporter(site: Site) -> None:
    key = site.create("Story", "First")

    shown = site.issue(key)
    assert key == "DEMO-1"
    assert shown["status"]["name"] == "To Do"
    assert shown["reporter"]["displayName"] == "Sandbox Caller"
    assert shown["created"].endswith("+0100")
    assert shown["priority"]["name"] == "Medium"


@pytest.mark.parametrize(
    ("fields", "faults"),
    [
        ({"summary": ""}, {"summary": "You must specify a summary of the issue."}),
        ({"summary": None}, {"summary": "You must specify a summary of the issue."}),
        ({"summary": "x" * 256}, {"summary": "Summary must be less than 255 characters."}),
        (
            {"summary": "two\nlines"},
            {"summary": "The summary is invalid because it contains newline characters."},
        ),
        ({"labels": ["a b"]}, {"labels": "The label 'a b' contains spaces which is invalid."}),
        ({"nonsense": 1}, {"nonsense": OFF_SCREEN.format("nonsense")}),
        ({"resolution": {"name": "Done"}}, {"resolution": OFF_SCREEN.format("resolution")}),
        ({"created": "2020-01-01"}, {"created": OFF_SCREEN.format("created")}),
        (
            {"description": "plain"},
            {"description": "Operation value must be an Atlassian Document (see the Atlassian Document Format)"},
        ),
        (
            {"description": doc("")},
            {"description": "Operation value must be an Atlassian Document (see the Atlassian Document Format)"},
        ),
        (
            {"description": doc("x" * 32_768)},
            {"description": "The entered text is too long. It exceeds the allowed limit of 32,767 characters."},
        ),
        ({"duedate": "2026-02-30"}, {"duedate": "Error parsing date string: 2026-02-30"}),
        ({"components": [{"name": "Nope"}]}, {"components": "Component name 'Nope' is not valid"}),
        ({"priority": {"name": "Urgent"}}, {"priority": "Specify a valid 'id' or 'name' for Priority"}),
        ({"parent": {"key": "DEMO-99"}}, {"parentId": HIERARCHY}),
        (
            {"issuetype": {"name": "Sub-task"}},
            {"parent": "Issue type is a sub-task but parent issue key or id not specified."},
        ),
        ({"issuetype": {}}, {"issuetype": "Specify an issue type"}),
        ({"issuetype": {"name": "Feature"}}, {"issuetype": "Specify a valid issue type"}),
        ({"project": {"key": "NOPE"}}, {"project": "Specify a valid project ID or key"}),
    ],
)
def test_a_bad_value_is_refused_under_the_key_of_its_field(
    site: Site, fields: dict[str, Any], faults: dict[str, str]
) -> None:
    body = site.fields(**{"summary": "Good", **{k: v for k, v in fields.items() if k != "summary"}})
    body["fields"].update(fields)

    answer = site.post("issue", body)

    assert (answer.status, answer.faults) == (400, faults)
    assert site.service.state()["issues"] == 0


def test_a_summary_of_255_characters_is_taken(site: Site) -> None:
    assert site.issue(site.create(summary="x" * 255))["summary"] == "x" * 255


def test_the_text_limit_counts_text_and_not_markup(site: Site) -> None:
    marked = {"type": "text", "text": "x" * 100, "marks": [{"type": "strong"}]}
    description = {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [marked] * 327}]}

    assert site.post("issue", site.fields(description=description)).status == 201


@pytest.mark.parametrize(
    ("child", "parent", "allowed"),
    [
        ("Story", "Epic", True),
        ("Sub-task", "Story", True),
        ("Task", "Story", False),
        ("Sub-task", "Epic", False),
        ("Epic", "Story", False),
        ("Epic", "Epic", False),
        ("Sub-task", "Sub-task", False),
    ],
)
def test_a_parent_is_exactly_one_level_up(site: Site, child: str, parent: str, allowed: bool) -> None:
    above = {"parent": {"key": site.create("Story")}} if parent == "Sub-task" else {}
    key = site.create(parent, **above)

    answer = site.post("issue", site.fields(child, parent={"key": key}))

    assert answer.status == (201 if allowed else 400)
    if not allowed:
        assert answer.faults == {"parentId": HIERARCHY}


def test_a_description_off_the_create_screen_is_silently_dropped_and_another_field_is_refused() -> None:
    site = Site({"screens": {"create": {"*": ["summary", "issuetype", "project"]}}})

    dropped = site.post("issue", site.fields(description=doc("gone")))
    refused = site.post("issue", site.fields(labels=["x"]))

    assert site.issue(dropped.json["key"])["description"] is None
    assert refused.faults == {"labels": OFF_SCREEN.format("labels")}


def test_a_required_field_without_a_value_is_refused() -> None:
    site = Site(
        {
            "fields": [{"name": "Team", "type": "select", "options": ["Red", "Blue"]}],
            "required": {"Bug": ["Team"]},
        }
    )
    team = site.field_id("Team")

    assert site.post("issue", site.fields("Bug")).faults == {team: "Team is required."}
    assert site.post("issue", site.fields("Bug", **{team: {"value": "Red"}})).status == 201
    assert site.post("issue", site.fields("Story")).status == 201


def test_a_field_exists_only_where_its_context_says() -> None:
    site = Site({"fields": [{"name": "Team", "type": "select", "options": ["Red"], "types": ["Bug"]}]})
    team = site.field_id("Team")

    answer = site.post("issue", site.fields("Story", **{team: {"value": "Red"}}))

    assert answer.faults == {team: OFF_SCREEN.format(team)}
    assert team not in site.issue(site.create("Story"))


def test_properties_are_stored_with_the_create_and_the_transition_goes_one_step(site: Site) -> None:
    done = next(t for t in _transitions(site) if t["name"] == "Done")
    body = {
        **site.fields(),
        "properties": [{"key": "mark", "value": {"id": 7}}],
        "transition": {"id": done["id"]},
    }

    answer = site.post("issue", body)

    key = answer.json["key"]
    shown = site.get(f"issue/{key}", properties="mark", fields="status,resolution").json
    assert answer.json["transition"]["status"] == 204
    assert shown["properties"] == {"mark": {"id": 7}}
    assert shown["fields"]["status"]["name"] == "Done"
    assert shown["fields"]["resolution"]["name"] == "Done"


def _transitions(site: Site) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = site.get(f"issue/{site.create()}/transitions").json["transitions"]
    return found


def test_an_unknown_transition_in_a_create_is_refused(site: Site) -> None:
    answer = site.post("issue", {**site.fields(), "transition": {"id": "999"}})

    assert (answer.status, answer.messages) == (400, ["Transition id '999' is not valid for this issue."])


def test_members_the_operation_does_not_define_are_refused_without_errors(site: Site) -> None:
    answer = site.post("issue", {**site.fields(), "surprise": 1})

    text = "Invalid request payload. Refer to the REST API documentation and try again."
    assert (answer.status, answer.json) == (400, {"errorMessages": [text]})


def test_a_property_over_32768_characters_is_refused(site: Site) -> None:
    body = {**site.fields(), "properties": [{"key": "big", "value": "x" * 32_768}]}

    assert site.post("issue", body).status == 400
    assert site.service.state()["issues"] == 0


def test_a_field_in_both_fields_and_update_is_refused(site: Site) -> None:
    body = {**site.fields(labels=["a"]), "update": {"labels": [{"add": "b"}]}}

    assert list(site.post("issue", body).faults) == ["labels"]


def test_numbers_are_never_given_twice(site: Site) -> None:
    site.create()
    refused = site.post("issue", site.fields(labels=["a b"]))
    site.delete("issue/DEMO-1")

    assert refused.status == 400
    assert site.create() == "DEMO-3"


def test_a_bulk_create_makes_the_good_ones_and_names_the_bad_by_place(site: Site) -> None:
    updates = [
        site.fields(summary="a"),
        site.fields(labels=["x y"]),
        site.fields(summary="c"),
        {"fields": {}},
    ]

    answer = site.post("issue/bulk", {"issueUpdates": updates})

    assert answer.status == 201
    assert [site.issue(made["key"])["summary"] for made in answer.json["issues"]] == ["a", "c"]
    assert [error["failedElementNumber"] for error in answer.json["errors"]] == [1, 3]
    assert answer.json["errors"][0]["elementErrors"]["errors"] == {
        "labels": "The label 'x y' contains spaces which is invalid."
    }


def test_a_bulk_create_of_which_nothing_succeeds_is_a_400_of_the_same_shape(site: Site) -> None:
    answer = site.post("issue/bulk", {"issueUpdates": [{"fields": {}}]})

    assert (answer.status, answer.json["issues"], len(answer.json["errors"])) == (400, [], 1)


def test_a_bulk_create_takes_fifty(site: Site) -> None:
    fifty = [site.fields() for _ in range(50)]

    assert site.post("issue/bulk", {"issueUpdates": fifty}).status == 201
    assert site.post("issue/bulk", {"issueUpdates": [*fifty, site.fields()]}).status == 400
    assert site.service.state()["issues"] == 50


def test_members_of_one_bulk_create_cannot_name_each_other(site: Site) -> None:
    updates = [site.fields("Epic"), site.fields("Story", parent={"key": "DEMO-1"})]

    answer = site.post("issue/bulk", {"issueUpdates": updates})

    assert [error["failedElementNumber"] for error in answer.json["errors"]] == [1]


def test_people_must_exist_be_active_and_be_assignable() -> None:
    people = [
        {"name": "Ann", "email": "ann@example.com"},
        {"name": "Left", "email": "left@example.com", "active": False},
        {"name": "Reader", "email": "reader@example.com", "assignable": False},
    ]
    site = Site({"people": people})
    accounts = {user.name: user.account_id for user in site.service.content.users.values()}

    assert site.post("issue", site.fields(assignee={"accountId": accounts["Ann"]})).status == 201
    for name in ("Left", "Reader"):
        refused = site.post("issue", site.fields(assignee={"id": accounts[name]}))
        assert refused.faults == {"assignee": f"User '{accounts[name]}' cannot be assigned issues."}
    assert list(site.post("issue", site.fields(reporter={"id": accounts["Left"]})).faults) == ["reporter"]


def test_without_permission_the_reporter_cannot_be_set() -> None:
    site = Site({"deniedPermissions": ["MODIFY_REPORTER"]})
    me = site.get("myself").json["accountId"]

    assert site.post("issue", site.fields(reporter={"id": me})).faults == {"reporter": OFF_SCREEN.format("reporter")}
    meta = site.get("issue/createmeta/DEMO/issuetypes/10001").json["fields"]
    assert "reporter" not in [entry["fieldId"] for entry in meta]


def test_a_version_must_not_be_archived(site: Site) -> None:
    site.post("version", {"name": "1.0", "projectId": 10_000, "archived": True})

    assert list(site.post("issue", site.fields(fixVersions=[{"name": "1.0"}])).faults) == ["fixVersions"]


def test_the_sprint_field_takes_one_number_of_an_open_sprint(site: Site) -> None:
    sprint, field = site.sprint(), site.field_id("Sprint")

    key = site.create(**{field: sprint})

    assert [entry["name"] for entry in site.issue(key)[field]] == ["Sprint 1"]
    assert list(site.post("issue", site.fields(**{field: [sprint]})).faults) == [field]
    assert list(site.post("issue", site.fields(**{field: 77})).faults) == [field]
    subtask = site.fields("Sub-task", parent={"key": key}, **{field: sprint})
    assert list(site.post("issue", subtask).faults) == [field]


def test_a_subtask_shows_the_sprint_of_its_parent(site: Site) -> None:
    field = site.field_id("Sprint")
    parent = site.create(**{field: site.sprint()})

    child = site.create("Sub-task", parent={"key": parent})

    assert [entry["name"] for entry in site.issue(child)[field]] == ["Sprint 1"]


def test_version_2_takes_and_gives_text(site: Site) -> None:
    answer = site.post("/rest/api/2/issue", site.fields(description="First\nline\n\nSecond"))

    key = answer.json["key"]
    assert site.get(f"/rest/api/2/issue/{key}").json["fields"]["description"] == "First\nline\n\nSecond"
    assert site.get(f"/rest/api/latest/issue/{key}").json["fields"]["description"].startswith("First")
    assert site.issue(key)["description"]["type"] == "doc"


def test_time_tracking_reads_working_time(site: Site) -> None:
    key = site.create(timetracking={"originalEstimate": "1d 3h"})

    assert site.issue(key)["timetracking"] == {
        "originalEstimate": "1d 3h",
        "originalEstimateSeconds": 39_600,
        "remainingEstimate": "1d 3h",
        "remainingEstimateSeconds": 39_600,
    }
    assert list(site.post("issue", site.fields(timetracking={"originalEstimate": "soon"})).faults) == ["timetracking"]


def test_selects_take_known_enabled_options_and_cascades_their_children() -> None:
    options = [{"value": "Europe", "children": ["Berlin"]}, "Asia"]
    site = Site({"fields": [{"name": "Place", "type": "cascadingselect", "options": options}]})
    place = site.field_id("Place")

    key = site.create(**{place: {"value": "Europe", "child": {"value": "Berlin"}}})

    assert site.issue(key)[place]["child"]["value"] == "Berlin"
    wrong = site.fields(**{place: {"value": "Asia", "child": {"value": "Berlin"}}})
    assert site.post("issue", wrong).faults == {place: "Option value 'Berlin' is not valid"}
