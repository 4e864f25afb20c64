"""Which field takes which, in the order of overrides, known pairs, equal names, and the description."""

from __future__ import annotations

import pytest

from connectors.domain.mapping.fields import DESCRIPTION, NONE, FieldMap, kind_of, map_fields, wants_own_field
from connectors.domain.shapes import SourceField, SourceShape, TargetField, TargetShape, TargetType

SCHEDULING = "Microsoft.VSTS.Scheduling."
CUSTOM = "com.atlassian.jira.plugin.system.customfieldtypes:"

ON_STORY = (
    TargetField("duedate", "Due date", kind="date"),
    TargetField("timetracking", "Time tracking", kind="timetracking"),
    TargetField("priority", "Priority", kind="priority"),
    TargetField("cf-points", "Story Points", kind="number"),
    TargetField("cf-team", "team", kind="string", custom=CUSTOM + "textfield"),
    TargetField("cf-severity", "Severity", kind="option", allowed=(("1", "High"),)),
    TargetField("cf-notes", "Notes", kind="string", custom=CUSTOM + "textarea"),
    TargetField("cf-officer", "Safety Officer", kind="user"),
    TargetField("cf-count", "Crossings", kind="string", custom=CUSTOM + "readonlyfield"),
    TargetField("cf-same-1", "Twin", kind="string"),
    TargetField("cf-same-2", "Twin", kind="string"),
)
STORY = TargetType("10", "Story", 0, fields={each.id: each for each in ON_STORY})
TASK = TargetType("11", "Task", 0, fields={"summary": TargetField("summary", "Summary", kind="string")})
OFF_SCREEN = TargetField("cf-hidden", "Hidden", kind="string")
TARGET = TargetShape(
    "site",
    "1",
    "DEMO",
    types=(STORY, TASK),
    fields=(*ON_STORY, OFF_SCREEN),
    story_points_field="cf-points",
)
FIELDS = (
    SourceField(SCHEDULING + "StoryPoints", "Story Points", "double"),
    SourceField(SCHEDULING + "DueDate", "Due Date", "dateTime"),
    SourceField(SCHEDULING + "TargetDate", "Target Date", "dateTime"),
    SourceField(SCHEDULING + "RemainingWork", "Remaining Work", "double"),
    SourceField(SCHEDULING + "CompletedWork", "Completed Work", "double"),
    SourceField("Microsoft.VSTS.Common.Severity", "Severity", "string"),
    SourceField("Microsoft.VSTS.Common.Priority", "Priority", "integer"),
    SourceField("System.HyperLinkCount", "Hyperlink Count", "integer"),
    SourceField("WEF_1_Kanban.Column", "Column", "string"),
    SourceField("System.Reason", "Reason", "string"),
    SourceField("Custom.Team", "Team", "picklistString", custom=True),
    SourceField("Custom.Notes", "Notes", "html", custom=True),
    SourceField("Custom.Officer", "safety-officer", "identity", custom=True),
    SourceField("Custom.Crossings", "Crossings", "integer", custom=True),
    SourceField("Custom.Twin", "Twin", "string", custom=True),
    SourceField("Custom.Priority", "priority", "string", custom=True),
)
SOURCE = SourceShape("org", "1", "Shop", fields=FIELDS)


def mapped(overrides: dict[str, str] | None = None, created: dict[str, str] | None = None) -> FieldMap:
    return map_fields(SOURCE, TARGET, overrides=overrides or {}, created=created)


@pytest.mark.parametrize(
    ("reference", "target"),
    [
        (SCHEDULING + "StoryPoints", "cf-points"),
        (SCHEDULING + "DueDate", "duedate"),
        (SCHEDULING + "TargetDate", "duedate"),
        (SCHEDULING + "RemainingWork", "timetracking"),
        (SCHEDULING + "CompletedWork", DESCRIPTION),
        ("Microsoft.VSTS.Common.Severity", "cf-severity"),
        ("System.Reason", DESCRIPTION),
        ("Custom.Team", "cf-team"),
        ("Custom.Notes", "cf-notes"),
        ("Custom.Officer", "cf-officer"),
        ("Custom.Crossings", DESCRIPTION),
        ("Custom.Priority", DESCRIPTION),
        ("Custom.Unheard", DESCRIPTION),
    ],
)
def test_every_field_has_a_place(reference: str, target: str) -> None:
    assert mapped().route_of(reference).target == target


@pytest.mark.parametrize(
    "reference", ["Microsoft.VSTS.Common.Priority", "System.HyperLinkCount", "WEF_1_Kanban.Column"]
)
def test_what_is_told_elsewhere_or_means_nothing_has_no_route(reference: str) -> None:
    assert reference not in mapped().routes


def test_of_namesakes_the_first_is_taken_with_less_confidence() -> None:
    route = mapped().route_of("Custom.Twin")

    assert (route.target, route.confidence) == ("cf-same-1", 0.7)
    assert "first of 2" in route.reason


def test_automatic_routes_hold_only_for_types_that_show_the_field() -> None:
    fields = mapped()

    assert fields.target_of("Custom.Team", STORY) == STORY.fields["cf-team"]
    assert fields.target_of("Custom.Team", TASK) is None


@pytest.mark.parametrize(
    ("name", "wanted", "target"),
    [
        ("Custom.Team", "cf-hidden", "cf-hidden"),
        ("custom.team", "HIDDEN", "cf-hidden"),
        ("Team", "description", DESCRIPTION),
        ("Custom.Team", "None", NONE),
        ("System.Reason", "Team", "cf-team"),
        ("Custom.Team", "nowhere", "cf-team"),
        ("Custom.Officer", "duedate", "cf-officer"),
    ],
)
def test_overrides_win_where_they_can(name: str, wanted: str, target: str) -> None:
    fields = mapped({name: wanted})
    reference = next(
        each.reference for each in FIELDS if name.casefold() in (each.reference.casefold(), each.name.casefold())
    )

    assert fields.route_of(reference).target == target


def test_chosen_fields_are_set_off_screen_too() -> None:
    fields = mapped({"Custom.Team": "Hidden"})

    assert fields.target_of("Custom.Team", TASK) == OFF_SCREEN


def test_a_field_that_was_made_is_used_while_it_stands() -> None:
    assert mapped(created={"System.Reason": "cf-hidden"}).route_of("System.Reason").target == "cf-hidden"
    assert mapped(created={"System.Reason": "cf-gone"}).route_of("System.Reason").target == DESCRIPTION


def test_only_what_has_no_place_and_was_not_sent_to_the_description_gets_a_field_of_its_own() -> None:
    def made(reference: str, fields: FieldMap) -> bool:
        each = next(each for each in FIELDS if each.reference == reference)
        return wants_own_field(each, fields.route_of(reference))

    assert made("Custom.Crossings", mapped())
    assert made(SCHEDULING + "CompletedWork", mapped())
    assert not made("System.Reason", mapped())
    assert not made("Custom.Team", mapped())
    assert not made("Custom.Crossings", mapped({"Crossings": "description"}))


@pytest.mark.parametrize(
    ("source_type", "kind"),
    [
        ("string", "text"),
        ("String", "text"),
        ("picklistString", "text"),
        ("picklistInteger", "number"),
        ("double", "number"),
        ("dateTime", "date"),
        ("boolean", "boolean"),
        ("identity", "identity"),
        ("html", "rich"),
        ("plainText", "rich"),
        ("guid", "text"),
    ],
)
def test_kinds_of_source_fields(source_type: str, kind: str) -> None:
    assert kind_of(source_type) == kind
