"""The shape of a project, on sites that lack this or forbid that."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.domain.errors import Missing, Refused
from connectors.domain.shapes import (
    Named,
    Sprint,
    StatusCategory,
    TargetField,
    TargetLinkType,
    TargetShape,
    TargetStatus,
    Workflow,
)
from connectors.domain.work_items import Person
from connectors.trackers.jira import JiraTracker
from tests.connectors.clients.jira.scripted import Asked, Reaction, Script, Told, scripted_client
from tests.connectors.trackers.jira.sites import (
    BOARDS,
    FIELDS,
    FLOAT,
    LINK_TYPES,
    PERMISSIONS,
    POINTS,
    PROJECT,
    WORKFLOWS,
    Site,
    page,
    refused,
    site,
    workflow,
)


def described(changes: Site | None = None) -> tuple[TargetShape, Script]:
    client, script = scripted_client({**site(), **(changes or {})})
    return JiraTracker(client, "DEMO").describe(), script


def test_a_project_is_described_whole() -> None:
    shape, _ = described()

    assert (shape.site, shape.project_id, shape.project_key, shape.project) == (
        "https://acme.example",
        "10000",
        "DEMO",
        "Demo",
    )
    assert shape.me == Person("me", "Jo", "jo@acme.example")
    assert shape.priorities == (Named("1", "High"),)
    assert shape.resolutions == (Named("10000", "Done"),)
    assert shape.link_types == (TargetLinkType("5", "Blocks", "is blocked by", "blocks"),)
    assert shape.components == (Named("7", "Engine"),)
    assert shape.versions == (Named("8", "1.0"),)
    assert [(each.id, each.name, each.kind) for each in shape.fields] == [
        ("customfield_10", "Sprint", "array"),
        ("customfield_20", "Story Points", "number"),
        ("customfield_30", "Story points", "number"),
    ]
    assert shape.boards == (Named("4", "DEMO board"),)
    assert shape.sprints == (Sprint("9", "S 1", "active", board="4"),)
    assert (shape.attachment_limit, shape.attachments_enabled) == (1000, True)
    assert shape.permissions == frozenset({"BROWSE_PROJECTS", "CREATE_ISSUES"})
    assert [(kind.id, kind.name, kind.level) for kind in shape.types] == [
        ("10001", "Story", 0),
        ("10003", "Sub-task", -1),
    ]


def test_create_screens_come_with_their_types() -> None:
    story, subtask = described()[0].types

    assert story.fields["priority"] == TargetField(
        "priority", "Priority", kind="priority", has_default=True, allowed=(("1", "High"), ("2", "Low"))
    )
    assert story.fields["summary"].required
    assert set(subtask.fields) == {"summary"}


def test_types_that_share_a_workflow_cost_one_request() -> None:
    shape, script = described()

    assert {kind.workflow.initial for kind in shape.types} == {"1"}
    assert all(kind.workflow.known for kind in shape.types)
    assert script.routes().count("POST /rest/api/3/workflows") == 1


def test_types_with_different_workflows_each_get_their_own() -> None:
    full, short = workflow("1", "2", "3"), workflow("3")

    def reaction(asked: Asked) -> Told:
        kinds = [pair["issueTypeId"] for pair in asked.json["projectAndIssueTypes"]]
        both = {name: full[name] + short[name] for name in ("statuses", "workflows")}
        return Told(body={("10001",): full, ("10003",): short}.get(tuple(kinds), both))

    story, subtask = described({WORKFLOWS: reaction})[0].types

    assert [status.id for status in story.workflow.statuses] == ["1", "2", "3"]
    assert [status.id for status in subtask.workflow.statuses] == ["3"]


@pytest.mark.parametrize(
    "told", [refused(401, "No permission."), refused(403, "No permission."), refused(400, "No."), Told(body={})]
)
def test_where_workflows_are_hidden_the_statuses_are_known(told: Told) -> None:
    shape, script = described({WORKFLOWS: told})

    expected = Workflow(statuses=(TargetStatus("1", "To Do", StatusCategory.TO_DO),), known=False)
    assert [kind.workflow for kind in shape.types] == [expected, expected]
    assert "GET /_edge/tenant_info" not in script.routes()


def test_trap_13_the_story_points_field_is_the_one_on_a_screen_among_its_namesakes() -> None:
    shape, _ = described()

    assert shape.sprint_field == "customfield_10"
    assert shape.story_points_field == "customfield_30"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            [{"id": "customfield_20", "name": "Points d'histoire", "schema": {"type": "number", "custom": POINTS}}],
            "customfield_20",
        ),
        (
            [{"id": "customfield_20", "name": "Story point estimate", "schema": {"type": "number", "custom": FLOAT}}],
            "customfield_20",
        ),
        ([{"id": "customfield_20", "name": "Story Points", "schema": {"type": "string"}}], ""),
        ([{"id": "customfield_20", "name": "Weight", "schema": {"type": "number", "custom": FLOAT}}], ""),
        (
            [
                {
                    "id": "customfield_20",
                    "name": "Story Points",
                    "schema": {"type": "number", "custom": FLOAT},
                    "scope": {"type": "PROJECT", "project": {"id": "999"}},
                }
            ],
            "",
        ),
    ],
)
def test_story_points_are_known_by_type_then_by_name(fields: list[dict[str, Any]], expected: str) -> None:
    assert described({FIELDS: Told(body=fields)})[0].story_points_field == expected


def test_a_site_without_jira_software_has_no_boards_and_no_sprint_field() -> None:
    def permissions(asked: Asked) -> Told:
        if "MANAGE_SPRINTS_PERMISSION" in asked.query["permissions"]:
            return refused(400, "Unrecognized permission: MANAGE_SPRINTS_PERMISSION")
        return Told(body={"permissions": {"CREATE_ISSUES": {"havePermission": True}}})

    shape, _ = described({BOARDS: refused(403, "No licence."), FIELDS: Told(body=[]), PERMISSIONS: permissions})

    assert (shape.boards, shape.sprints, shape.sprint_field) == ((), (), "")
    assert shape.permissions == frozenset({"CREATE_ISSUES"})


def test_kanban_boards_and_boards_without_sprints_are_no_scrum_boards() -> None:
    own = {"location": {"projectKey": "DEMO"}}
    changes: Site = {
        BOARDS: page(
            {"id": 1, "name": "Other", "type": "scrum", "location": {"projectKey": "OTHER"}},
            {"id": 2, "name": "Flow", "type": "kanban", **own},
            {"id": 3, "name": "Plain", "type": "simple", **own},
            {"id": 4, "name": "Sprints", "type": "simple", **own},
        ),
        ("GET", "/rest/agile/1.0/board/3/sprint"): refused(400, "The board does not support sprints"),
    }

    shape, _ = described(changes)

    assert shape.boards == (Named("4", "Sprints"), Named("1", "Other"))
    assert [sprint.id for sprint in shape.sprints] == ["9"]


def test_a_site_without_issue_links_has_no_link_types() -> None:
    assert described({LINK_TYPES: refused(404, "Issue linking is currently disabled.")})[0].link_types == ()


def test_trap_11_an_unknown_project_is_missing() -> None:
    told: Reaction = refused(404, "No project could be found with key 'DEMO'.")

    with pytest.raises(Missing, match="No project could be found with key 'DEMO'"):
        described({PROJECT: told})


def test_a_project_that_offers_no_type_is_described_without_any() -> None:
    none = Told(body={"issueTypes": [], "total": 0})

    shape, script = described({("GET", "/rest/api/3/issue/createmeta/DEMO/issuetypes"): none})

    assert shape.types == ()
    assert "POST /rest/api/3/workflows" not in script.routes()


def test_the_shape_is_read_once_however_often_it_is_needed() -> None:
    client, script = scripted_client(site())
    target = JiraTracker(client, "DEMO")

    assert target.shape == target.shape
    assert target.layout == target.layout
    assert script.routes().count("GET /rest/api/3/project/DEMO") == 1


def test_a_sprint_without_a_board_is_refused_before_anything_is_sent() -> None:
    client, script = scripted_client({**site(), BOARDS: page()})
    target = JiraTracker(client, "DEMO")
    target.describe()
    before = len(script.asked)

    with pytest.raises(Refused, match="no scrum board") as caught:
        target.add_sprint("S 2", start=None, finish=None)

    assert caught.value.code == "NO_SCRUM_BOARD"
    assert target.sprints() == []
    assert len(script.asked) == before
