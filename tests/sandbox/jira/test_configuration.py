"""Fields, screens, projects, people and lists: what a client learns before it writes."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.errors import BuildError
from sandbox.jira.people import mirror_people
from sandbox.jira.site import default_people
from sandbox.jira.site_file import parse_site
from tests.sandbox.jira.asking import Site

SELECT = "com.atlassian.jira.plugin.system.customfieldtypes:select"


def test_a_new_field_is_settable_only_from_a_screen(site: Site) -> None:
    made = site.post("field", {"name": "Risk", "type": SELECT})
    field = made.json["id"]
    context = site.get(f"field/{field}/context").json["values"][0]
    site.post(f"field/{field}/context/{context['id']}/option", {"options": [{"value": "High"}]})

    assert (made.status, context["isGlobalContext"]) == (201, True)
    assert list(site.post("issue", site.fields(**{field: {"value": "High"}})).faults) == [field]
    screen = next(s["id"] for s in site.get("screens").json["values"] if "Create" in s["name"])
    tab = site.get(f"screens/{screen}/tabs").json[0]["id"]
    path = f"screens/{screen}/tabs/{tab}/fields"
    assert site.post(path, {"fieldId": field}).json == {"id": field, "name": "Risk"}
    assert site.post(path, {"fieldId": field}).status == 400
    assert site.issue(site.create(**{field: {"value": "High"}}))[field]["value"] == "High"
    site.delete(f"{path}/{field}")
    assert site.post("issue", site.fields(**{field: {"value": "High"}})).status == 400


def test_fields_of_unknown_kinds_and_equal_options_are_refused(site: Site) -> None:
    assert list(site.post("field", {"name": "X", "type": "float"}).faults) == ["type"]
    assert list(site.post("field", {"type": SELECT}).faults) == ["name"]
    field = site.post("field", {"name": "Risk", "type": SELECT}).json["id"]
    context = site.get(f"field/{field}/context").json["values"][0]["id"]
    path = f"field/{field}/context/{context}/option"
    assert site.post(path, {"options": [{"value": "A"}, {"value": "A"}]}).status == 400
    assert site.post(path, {"options": [{"value": "A"}]}).status == 200
    assert site.post(path, {"options": [{"value": "a"}]}).status == 400
    assert site.post(path, {"options": [{"value": str(n)} for n in range(1_001)]}).status == 400
    assert site.get("field/customfield_99999/context").status == 404


def test_configuration_is_for_administrators() -> None:
    site = Site({"deniedPermissions": ["ADMINISTER", "ADMINISTER_PROJECTS"]})

    answers = [
        site.post("field", {"name": "X", "type": SELECT}),
        site.get("screens"),
        site.post("component", {"name": "Web", "project": "DEMO"}),
        site.post("version", {"name": "1", "project": "DEMO"}),
        site.post("workflows", {"workflowIds": []}),
        site.post("project", {"key": "NEW", "name": "New"}),
    ]

    assert [answer.status for answer in answers] == [403] * 6


def test_create_metadata_tells_types_fields_and_what_must_be_given() -> None:
    site = Site({"fields": [{"name": "Team", "type": "select", "options": ["Red"]}], "required": {"*": ["Team"]}})
    team = site.field_id("Team")

    types = site.get("issue/createmeta/DEMO/issuetypes").json["issueTypes"]
    fields = {e["fieldId"]: e for e in site.get("issue/createmeta/DEMO/issuetypes/10004").json["fields"]}

    assert {entry["name"]: entry["hierarchyLevel"] for entry in types} == {
        "Epic": 1,
        "Story": 0,
        "Task": 0,
        "Bug": 0,
        "Sub-task": -1,
    }
    assert [name for name, entry in fields.items() if entry["required"]] == [
        "summary",
        "issuetype",
        "project",
        "parent",
        team,
    ]
    assert [option["value"] for option in fields[team]["allowedValues"]] == ["Red"]
    assert fields[site.field_id("Sprint")]["schema"]["custom"] == "com.pyxis.greenhopper.jira:gh-sprint"
    page = site.get("issue/createmeta/DEMO/issuetypes/10001", maxResults=5, startAt=5).json
    assert (len(page["fields"]), page["total"]) == (5, 20)


def test_components_and_versions_have_unique_short_names(site: Site) -> None:
    assert site.post("component", {"name": "Web", "project": "DEMO"}).status == 201
    again = site.post("component", {"name": "web", "projectId": 10_000})
    assert again.faults == {"name": "A component with the name web already exists in this project."}
    assert list(site.post("component", {"name": "x" * 256, "project": "DEMO"}).faults) == ["name"]
    assert site.post("version", {"name": "1.0", "project": "DEMO"}).status == 201
    assert list(site.post("version", {"name": "1.0", "project": "DEMO"}).faults) == ["name"]
    wrong = {"name": "2", "project": "DEMO", "startDate": "2026-02-01", "releaseDate": "2026-01-01"}
    assert list(site.post("version", wrong).faults) == ["releaseDate"]
    assert site.post("version", {"name": "3", "project": "NOPE"}).status == 404
    assert [entry["name"] for entry in site.get("project/DEMO/components").json] == ["Web"]
    assert [entry["name"] for entry in site.get("project/DEMO/versions").json] == ["1.0"]


def test_a_project_is_made_used_and_thrown_away(site: Site) -> None:
    me = site.get("myself").json["accountId"]
    body = {"key": "NEW", "name": "New", "projectTypeKey": "software", "leadAccountId": me}

    made = site.post("project", body)
    again = site.post("project", body)

    assert made.status == 201
    assert list(again.faults) == ["projectKey", "projectName"]
    assert list(site.post("project", {**body, "key": "new", "name": "Other"}).faults) == ["projectKey"]
    key = site.post("issue", {"fields": {**site.fields()["fields"], "project": {"key": "NEW"}}}).json["key"]
    assert key == "NEW-1"
    assert [b["name"] for b in site.get("/rest/agile/1.0/board", projectKeyOrId="NEW").json["values"]] == ["NEW board"]
    assert site.delete("project/NEW").status == 204
    assert site.get(f"issue/{key}").status == 404


def test_a_subtask_stays_in_the_project_of_its_parent(site: Site) -> None:
    me = site.get("myself").json["accountId"]
    site.post("project", {"key": "NEW", "name": "New", "projectTypeKey": "software", "leadAccountId": me})
    parent = site.create()

    body = site.fields("Sub-task", parent={"key": parent})
    body["fields"]["project"] = {"key": "NEW"}

    assert list(site.post("issue", body).faults) == ["parentId"]


def test_people_are_searched_by_beginnings_and_hidden_e_mails_match_only_exactly() -> None:
    people = [
        {"name": "Ann Lee", "email": "ann.lee@example.com"},
        {"name": "Bo Hidden", "email": "bo@example.com", "emailVisible": False},
        {"name": "Cy Left", "email": "cy@example.com", "active": False},
    ]
    site = Site({"people": people})

    def found(query: str) -> list[str]:
        return [user["displayName"] for user in site.get("user/search", query=query).json]

    assert found("ann.l") == found("lee") == found("Ann Le") == ["Ann Lee"]
    assert (found("bo@exam"), found("bo@example.com")) == ([], ["Bo Hidden"])
    assert found("cy") == []
    [hidden] = site.get("user/search", query="bo@example.com").json
    assert "emailAddress" not in hidden
    assert site.get("user", accountId=hidden["accountId"]).json["displayName"] == "Bo Hidden"
    assert site.get("user", accountId="nobody").status == 404


def test_without_permission_to_browse_people_nobody_is_found() -> None:
    site = Site({"deniedPermissions": ["USER_PICKER"]})

    assert site.get("user/search", query="sandbox").json == []


def test_only_assignable_people_are_offered() -> None:
    people = [
        {"name": "Ann", "email": "ann@example.com"},
        {"name": "Reader", "email": "r@example.com", "assignable": False},
    ]
    site = Site({"people": people})

    offered = site.get("user/assignable/search", project="DEMO", query="").json

    assert [user["displayName"] for user in offered] == ["Sandbox Caller", "Ann"]
    assert site.get("user/assignable/search", query="").status == 400
    assert site.get("user/assignable/search", project="NOPE", query="").status == 404


def test_a_workflow_shows_its_directed_and_global_transitions() -> None:
    steps = [{"name": "Start", "from": ["To Do"], "to": "In Progress"}, {"name": "Stop", "to": "To Do"}]
    site = Site({"workflows": [{"name": "Bugs", "types": ["Bug"], "initial": "To Do", "transitions": steps}]})

    pair = {"projectId": "10000", "issueTypeId": "10003"}
    shown = site.post("workflows", {"projectAndIssueTypes": [pair]}).json

    [workflow] = shown["workflows"]
    assert [(t["type"], t["name"], t["toStatusReference"]) for t in workflow["transitions"]] == [
        ("INITIAL", "Create", "10010"),
        ("DIRECTED", "Start", "10011"),
        ("GLOBAL", "Stop", "10010"),
    ]
    assert [status["statusCategory"] for status in shown["statuses"]] == ["TODO", "IN_PROGRESS"]
    assert site.get("workflow/search").status == 410
    assert [s["name"] for s in site.get("project/DEMO/statuses").json[3]["statuses"]] == ["To Do", "In Progress"]


def test_the_default_people_are_a_believable_company() -> None:
    people = default_people()

    visible = sum(person.email_visible for person in people)
    assert 0.65 <= visible / len(people) <= 0.8
    assert len({person.email for person in people}) == len(people) == 24
    assert [p.name for p in people if not p.active] == ["Gustav Berg", "Olivia Hart", "Person 12"]


def test_mirrored_people_are_those_with_an_address() -> None:
    known = [(f"P{n}", f"p{n}@example.com", n != 1) for n in range(10)] + [("Group", "[Team]\\X", True)]

    people = mirror_people(known)

    assert len(people) == 10
    assert [p.name for p in people if not p.email_visible] == ["P4", "P8"]
    assert [p.name for p in people if not p.active] == ["P1", "P9"]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ([], "site must be an object"),
        ({"surprise": 1}, "unknown member surprise"),
        ({"timeZone": "Mars/Base"}, "Mars/Base is not a time zone"),
        ({"types": [{"level": 1}]}, "a type needs a name"),
        ({"statuses": [{"name": "X", "category": "odd"}]}, "category of a status"),
        ({"boards": [{"name": "X", "type": "odd"}]}, "type of a board"),
        ({"uploadLimit": -1}, "uploadLimit must be a whole number"),
    ],
)
def test_a_site_file_that_cannot_be_read_says_what_is_wrong(raw: Any, text: str) -> None:
    with pytest.raises(BuildError, match=text):
        parse_site(raw)


@pytest.mark.parametrize(
    "raw",
    [
        {"workflows": [{"name": "X", "initial": "Nowhere"}]},
        {"required": {"Bug": ["Nothing"]}},
        {"fields": [{"name": "X", "type": "odd"}]},
        {"fields": [{"name": "X", "type": "select", "types": ["Nothing"]}]},
    ],
)
def test_a_site_that_contradicts_itself_is_refused(raw: dict[str, Any]) -> None:
    with pytest.raises(BuildError, match="unknown"):
        Site(raw)
