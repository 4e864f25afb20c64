"""Types as modules, and which fields are mandatory and mapped."""

from __future__ import annotations

import json

import pytest

from connectors.domain.modules import (
    Module,
    ModuleField,
    ModuleType,
    OurMapping,
    ProjectModules,
    choose_types,
    from_json,
    show_fields,
    source_modules,
    target_modules,
    to_json,
    unknown_types,
)
from connectors.domain.shapes import SourceField, SourceShape, SourceType, TargetField, TargetShape, TargetType

FIELDS = {
    each.id: each
    for each in (
        TargetField("summary", "Summary", required=True, kind="string"),
        TargetField("customfield_1", "Severity", kind="option"),
        TargetField("customfield_2", "Sprint", kind="array", custom="com.pyxis.greenhopper.jira:gh-sprint"),
        TargetField("customfield_3", "Story Points", kind="number"),
        TargetField("customfield_4", "Cost centre", required=True, kind="string"),
    )
}
TARGET = target_modules(TargetShape("s", "1", "SHOP", "Shop", types=(TargetType("10", "Story", 0, fields=FIELDS),)))
SOURCE = source_modules(
    SourceShape(
        "contoso",
        "p",
        "Shop",
        types=(SourceType("Bug", "Microsoft.VSTS.WorkItemTypes.Bug"),),
        fields=(
            SourceField("System.Title", "Title", "string"),
            SourceField("System.ChangedBy", "Changed By", "identity"),
            SourceField("Custom.Team", "Team", "string"),
        ),
    ),
    of_type={"Bug": {"System.Title": True, "System.ChangedBy": False, "Custom.Team": False, "Gone.Field": True}},
)


def mapped(modules: ProjectModules, mapping: OurMapping) -> set[str]:
    return {each["fieldId"] for each in show_fields(modules, modules.types, mapping) if each["mapped"]}


def test_metadata_survives_being_kept() -> None:
    for modules in (TARGET, SOURCE):
        assert from_json(json.loads(json.dumps(to_json(modules)))) == modules
    assert from_json({}) == ProjectModules("", "", "")


def test_every_run_fills_some_fields_of_a_target() -> None:
    assert mapped(TARGET, OurMapping()) == {"summary", "customfield_2"}


@pytest.mark.parametrize(
    ("mapping", "also"),
    [
        (OurMapping(source_fields=frozenset({"Microsoft.VSTS.Common.Severity"})), "customfield_1"),
        (OurMapping(source_fields=frozenset({"Microsoft.VSTS.Scheduling.Effort"})), "customfield_3"),
        (OurMapping(source_fields=frozenset({"cost-centre"})), "customfield_4"),
        (OurMapping(overrides={"Custom.Any": "customfield_4"}), "customfield_4"),
        (OurMapping(overrides={"Custom.Any": "Cost Centre"}), "customfield_4"),
    ],
)
def test_others_are_filled_where_something_leads_to_them(mapping: OurMapping, also: str) -> None:
    assert mapped(TARGET, mapping) == {"summary", "customfield_2", also}


def test_a_field_that_somebody_left_out_is_not_mapped() -> None:
    mapping = OurMapping(overrides={"Cost centre": "none"}, source_fields=frozenset({"Cost centre"}))

    assert "customfield_4" not in mapped(TARGET, mapping)


def test_everything_of_a_source_arrives_but_what_only_the_service_counts() -> None:
    assert mapped(SOURCE, OurMapping()) == {"System.Title", "Custom.Team"}
    assert mapped(SOURCE, OurMapping(overrides={"Custom.Team": "none"})) == {"System.Title"}


def test_what_a_type_requires_is_mandatory() -> None:
    assert [(field.id, field.mandatory) for field in SOURCE.types[0].fields] == [
        ("System.Title", True),
        ("System.ChangedBy", False),
        ("Custom.Team", False),
    ]
    assert SOURCE.types[0].id == "Microsoft.VSTS.WorkItemTypes.Bug"


def test_a_source_without_create_metadata_has_the_fields_of_an_issue() -> None:
    shape = SourceShape("o", "1", "r", types=(SourceType("Issue"),), fields=(SourceField("locked", "Locked", "b"),))

    fields = source_modules(shape).types[0].fields

    assert [field.id for field in fields] == ["title", "body", "labels", "assignees", "milestone", "state", "locked"]
    assert [field.id for field in fields if field.mandatory] == ["title"]


@pytest.mark.parametrize(
    ("names", "requirement", "issue"),
    [
        (("Task", "Bug", "Epic", "Story"), ["Story"], ["Bug"]),
        (("Product Backlog Item", "Feature", "Issue"), ["Product Backlog Item"], ["Issue"]),
        (("Epic", "Task"), ["Epic"], ["Task"]),
        (("Saga",), [], []),
    ],
)
def test_modules_have_a_default_type(names: tuple[str, ...], requirement: list[str], issue: list[str]) -> None:
    modules = ProjectModules("1", "K", "N", tuple(ModuleType(name, name) for name in names))

    assert [each.name for each in choose_types(modules, (), Module.REQUIREMENT)] == requirement
    assert [each.name for each in choose_types(modules, (), Module.ISSUE)] == issue


def test_chosen_types_are_named_by_id_or_name() -> None:
    modules = ProjectModules("1", "K", "N", (ModuleType("10", "Story"), ModuleType("11", "Bug")))

    assert [each.name for each in choose_types(modules, ("bug", "10"), Module.ISSUE)] == ["Story", "Bug"]
    assert unknown_types(modules, ("story", "11", "Saga")) == ["Saga"]


def test_a_field_of_several_types_stands_once_and_is_mandatory_if_one_demands_it() -> None:
    optional, demanded = ModuleField("a", "A", "string"), ModuleField("a", "A", "string", mandatory=True)
    types = (
        ModuleType("1", "One", (optional,)),
        ModuleType("2", "Two", (demanded,)),
        ModuleType("3", "Three", (optional,)),
    )

    assert [each["mandatory"] for each in show_fields(ProjectModules("", "", "", types), types, OurMapping())] == [True]


PLACES = target_modules(
    TargetShape(
        "s",
        "1",
        "SHOP",
        "Shop",
        types=(
            TargetType(
                "10",
                "Story",
                0,
                fields={
                    each.id: each
                    for each in (
                        TargetField("components", "Components", kind="array"),
                        TargetField("fixVersions", "Fix versions", kind="array"),
                        TargetField("customfield_2", "Sprint", kind="array", custom="com.pyxis:gh-sprint"),
                    )
                },
            ),
        ),
    )
)


@pytest.mark.parametrize(
    ("overrides", "filled"),
    [
        ({}, {"components", "customfield_2"}),
        ({"System.IterationPath": "version"}, {"components", "fixVersions"}),
        ({"System.IterationPath": "none", "System.AreaPath": "none"}, set()),
        ({"System.AreaPath": "a word that a run refuses"}, {"components", "customfield_2"}),
    ],
)
def test_sprints_versions_and_components_follow_what_iterations_and_areas_become(
    overrides: dict[str, str], filled: set[str]
) -> None:
    assert mapped(PLACES, OurMapping(overrides=overrides)) == filled


def test_a_source_field_is_left_out_under_its_name_too() -> None:
    assert mapped(SOURCE, OurMapping(overrides={"team": "none"})) == {"System.Title"}
