"""The shape of a project: types, levels, fields, paths."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from connectors.clients.azure_devops.values import Json
from connectors.domain.shapes import Iteration, SourceField, SourceState, SourceType, StateCategory
from connectors.trackers import azure_shape
from tests.shared import shared_path


def example(part: str, name: str) -> Json:
    examples = json.loads(shared_path(f"specs/azure-devops/{part}-7.1.examples.json").read_text(encoding="utf-8"))
    body: Json = examples[name]["responses"]["200"]["body"]
    return body


def names(*types: str) -> list[dict[str, str]]:
    return [{"name": name} for name in types]


def test_levels_of_the_vendors_sample_categories() -> None:
    categories = example("workItemTracking", "workItemTypeCategories/GET__wit_workItemTypeCategories.json")["value"]

    levels = azure_shape.levels_of_categories(categories)  # type: ignore[arg-type]

    assert levels == {"Bug": 0, "Feature": 1, "Product Backlog Item": 0, "Task": -1}


def test_levels_of_the_vendors_sample_backlogs() -> None:
    backlogs = example("work", "backlogs/GET__work_backlogs.json")["value"]

    levels = azure_shape.levels_of_backlogs(backlogs)  # type: ignore[arg-type]

    assert levels == {"Epic": 2, "Feature": 1, "User Story": 0, "Bug": 0, "Task": -1}


def test_a_portfolio_level_of_the_customers_own_stands_where_it_is_ranked() -> None:
    backlogs = [
        {"type": "portfolio", "rank": 5, "workItemTypes": names("Initiative")},
        {"type": "portfolio", "rank": 3, "workItemTypes": names("Feature")},
        {"type": "portfolio", "rank": 4, "workItemTypes": names("Epic", "Saga")},
        {"type": "requirement", "rank": 2, "workItemTypes": names("User Story")},
        {"type": "task", "rank": 1, "workItemTypes": names("Task", "Bug")},
    ]

    assert azure_shape.levels_of_backlogs(backlogs) == {
        "Task": -1,
        "Bug": -1,
        "User Story": 0,
        "Feature": 1,
        "Epic": 2,
        "Saga": 2,
        "Initiative": 3,
    }


def test_types_carry_states_by_category() -> None:
    entry = {
        "name": "Bug",
        "referenceName": "Microsoft.VSTS.WorkItemTypes.Bug",
        "isDisabled": True,
        "states": [
            {"name": "New", "category": "Proposed"},
            {"name": "Active", "category": "InProgress"},
            {"name": "Resolved", "category": "Resolved"},
            {"name": "Closed", "category": "Completed"},
            {"name": "Cut", "category": "Removed"},
            {"name": "Odd", "category": "Unheard"},
        ],
    }

    assert azure_shape.read_types([entry], {"Bug": 0}) == (
        SourceType(
            "Bug",
            "Microsoft.VSTS.WorkItemTypes.Bug",
            (
                SourceState("New", StateCategory.PROPOSED),
                SourceState("Active", StateCategory.IN_PROGRESS),
                SourceState("Resolved", StateCategory.RESOLVED),
                SourceState("Closed", StateCategory.COMPLETED),
                SourceState("Cut", StateCategory.REMOVED),
                SourceState("Odd", StateCategory.IN_PROGRESS),
            ),
            0,
            True,
        ),
    )


def test_customers_own_fields_are_told_apart() -> None:
    entries: list[Json] = [
        {"referenceName": "Custom.RegulatoryRef", "name": "Regulatory Reference", "type": "string"},
        {"referenceName": "Acme.Score", "name": "Score", "type": "double"},
        {"referenceName": "System.AssignedTo", "name": "Assigned To", "type": "string", "isIdentity": True},
        {"referenceName": "Custom.Size", "name": "Size", "type": "string", "isPicklist": True},
        {"referenceName": "WEF_1_Kanban.Column", "name": "Board Column", "type": "string"},
        {"referenceName": "Custom.Gone", "name": "Gone", "type": "string", "isDeleted": True},
    ]

    assert azure_shape.read_fields(entries) == (
        SourceField("Custom.RegulatoryRef", "Regulatory Reference", "string", True),
        SourceField("Acme.Score", "Score", "double", True),
        SourceField("System.AssignedTo", "Assigned To", "identity"),
        SourceField("Custom.Size", "Size", "picklistString", True),
        SourceField("WEF_1_Kanban.Column", "Board Column", "string"),
    )


def test_areas_and_iterations_come_from_one_answer() -> None:
    roots: list[Json] = [
        {"structureType": "area", "name": "P", "children": [{"name": "Web", "structureType": "area"}]},
        {
            "structureType": 1,
            "name": "P",
            "children": [{"name": "S1", "attributes": {"startDate": "2026-01-05T00:00:00Z"}}],
        },
    ]

    assert azure_shape.read_areas(roots) == ("P", "P\\Web")
    assert azure_shape.read_iterations(roots) == (
        Iteration("P"),
        Iteration("P\\S1", datetime(2026, 1, 5, tzinfo=UTC)),
    )


def test_iterations_without_dates_take_the_teams() -> None:
    day = datetime(2026, 1, 5, tzinfo=UTC)
    team = [
        {"path": "p\\s1", "attributes": {"startDate": "2026-01-05T00:00:00Z", "finishDate": None}},
        {"path": "P\\S2", "attributes": {"startDate": "2026-01-05T00:00:00Z"}},
        {"path": "P\\S3", "attributes": {}},
    ]
    own = Iteration("P\\S2", day.replace(day=9))

    dated = azure_shape.with_team_dates([Iteration("P"), Iteration("P\\S1"), own, Iteration("P\\S3")], team)

    assert dated == (Iteration("P"), Iteration("P\\S1", day), own, Iteration("P\\S3"))
