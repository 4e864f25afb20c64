"""Values, people and histories on their way through a run of the small world."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.domain.errors import Refused
from connectors.domain.richtext.words import visible_words
from connectors.domain.shapes import SourceField, TargetField
from connectors.domain.work_items import Change, Markup, Person, Revision, Text, WorkItem
from migrations_app.engine.config import RunOptions, SliceEnd
from migrations_app.engine.state import Outcome
from tests.migrations_app.engine.stories import Story
from tests.migrations_app.engine.world import Issue, image_url, work_item

TEAM = SourceField("Custom.Team", "Team", "string", custom=True)
NOTES = SourceField("Custom.Notes", "Notes", "html", custom=True)
ON_SCREEN = TargetField("customfield_1", "Team", kind="string")
PARAGRAPH = TargetField("customfield_2", "Notes", kind="string", custom="x:textarea")


def story(item: WorkItem, *fields: SourceField, options: RunOptions | None = None, **target: Any) -> Story:
    """A run of one item."""
    made = Story(options=options or RunOptions())
    made.source.items = {item.id: item}
    made.source.comments, made.source.fields = {}, fields
    for name, value in target.items():
        setattr(made.target, name, value)
    return made


def moved(made: Story) -> tuple[Issue, Outcome]:
    assert made.to_the_end().end is SliceEnd.FINISHED
    assert made.disk.differences == []
    (issue,) = made.target.issues.values()
    return issue, next(iter(made.disk.items.values())).outcome


def words(issue: Issue) -> str:
    assert issue.body is not None
    return " ".join(visible_words(issue.body))  # type: ignore[arg-type]


def test_a_value_stands_in_its_field_and_not_in_the_description() -> None:
    issue, outcome = moved(story(work_item("7", fields={"Custom.Team": "Quay"}), TEAM, field_list=[ON_SCREEN]))

    assert (issue.fields, outcome) == ({"customfield_1": "Quay"}, Outcome.CREATED)
    assert "Quay" not in words(issue)


def test_a_value_without_a_field_stands_under_the_stable_heading() -> None:
    fields = {"Custom.Team": "Quay", "Custom.Unheard": 3.0, "System.HyperLinkCount": 9, "WEF_1_Kanban.Column": "Doing"}
    issue, _ = moved(story(work_item("7", fields=fields), TEAM))

    assert "Further fields Team: Quay Custom.Unheard: 3 Origin" in words(issue)
    assert "9" not in words(issue).split() and "Doing" not in words(issue)


def test_a_value_that_does_not_fit_is_shown() -> None:
    issue, outcome = moved(story(work_item("7", fields={"Custom.Team": "x" * 300}), TEAM, field_list=[ON_SCREEN]))

    assert (issue.fields, outcome) == ({}, Outcome.CREATED)
    assert "x" * 300 in words(issue)


def test_a_value_that_the_target_refuses_is_shown_and_the_item_is_partial() -> None:
    made = story(work_item("7", fields={"Custom.Team": "Quay"}), TEAM, field_list=[ON_SCREEN])
    made.target.refuse["7"] = Refused("No.", fields={"customfield_1": "Not in this weather."})

    issue, outcome = moved(made)

    assert (issue.fields, outcome) == ({}, Outcome.PARTIAL)
    assert "Team: Quay" in words(issue)
    assert made.disk.items["7"].problems == (("FIELD_REFUSED", "customfield_1: Not in this weather."),)


def test_of_two_values_for_one_field_the_first_wins_and_the_other_is_shown() -> None:
    squad = SourceField("Custom.Squad", "Squad", "string", custom=True)
    options = RunOptions(field_overrides={"Custom.Squad": "Team", "Custom.Team": "Team"})
    fields = {"Custom.Team": "Quay", "Custom.Squad": "Dock"}

    issue, _ = moved(story(work_item("7", fields=fields), TEAM, squad, options=options, field_list=[ON_SCREEN]))

    assert issue.fields == {"customfield_1": "Dock"}
    assert "Team: Quay" in words(issue)


@pytest.mark.parametrize(
    ("text", "carried"),
    [
        ("<p>Plain <b>notes</b></p>", True),
        (f'<p>With <img src="{image_url("aaaaaaaa-0000-0000-0000-000000000001")}"></p>', False),
        ("<p>See #3</p>", False),
        ("x " * 20_000, False),
    ],
)
def test_a_long_text_takes_a_paragraph_field_only_when_it_needs_nothing_else(text: str, carried: bool) -> None:
    item = work_item("7", texts={"Custom.Notes": Text(text, Markup.HTML)})
    made = story(item, NOTES, field_list=[PARAGRAPH], options=RunOptions(migrate_attachments=False))

    issue, _ = moved(made)

    assert ("customfield_2" in issue.fields) is carried
    assert ("Notes" in words(issue).split()) is not carried


def test_texts_that_nobody_wants_are_left_out() -> None:
    item = work_item("7", texts={"Custom.Notes": Text("<p>secret</p>", Markup.HTML)}, fields={"Custom.Team": "Quay"})
    options = RunOptions(field_overrides={"Notes": "none", "Team": "none"})

    issue, _ = moved(story(item, NOTES, TEAM, options=options))

    assert "secret" not in words(issue) and "Quay" not in words(issue)


# people

ADA = Person("u1", "Ada", "ada@example.com")
GONE = Person("u9", "Gone Girl")


@pytest.mark.parametrize(
    ("person", "policy", "assignee", "named"),
    [
        (ADA, "fallback", "acc-u1", False),
        (GONE, "fallback", "me", True),
        (GONE, "unassigned", None, True),
    ],
)
def test_unknown_assignees_follow_the_policy_and_keep_their_name(
    person: Person, policy: str, assignee: str | None, named: bool
) -> None:
    issue, _ = moved(story(work_item("7", assignee=person), options=RunOptions(people_policy=policy)))

    assert issue.draft.assignee_id == assignee
    assert (f"Assigned to {person.name}" in words(issue)) is named


def test_who_may_not_be_assigned_counts_as_unknown() -> None:
    issue, outcome = moved(story(work_item("7", assignee=ADA), unassignable=frozenset({"acc-u1"})))

    assert (issue.draft.assignee_id, issue.draft.reporter_id, outcome) == ("me", "acc-u1", Outcome.CREATED)
    assert "Assigned to Ada" in words(issue)


def test_chosen_accounts_win_by_e_mail_name_or_id() -> None:
    for name in ("ADA@example.com", "ada", "u1"):
        made = story(work_item("7", assignee=ADA), options=RunOptions(people={name: "acc-chosen"}))
        made.target.accounts = ("acc-chosen",)

        issue, _ = moved(made)

        assert issue.draft.assignee_id == "acc-chosen"


def test_people_in_fields_are_found_as_well() -> None:
    officer = SourceField("Custom.Officer", "Officer", "identity", custom=True)
    field = TargetField("customfield_3", "Officer", kind="user")

    issue, _ = moved(story(work_item("7", fields={"Custom.Officer": ADA}), officer, field_list=[field]))

    assert issue.fields == {"customfield_3": {"accountId": "acc-u1"}}


# histories

REVISIONS = [
    Revision(1, ADA, datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), (Change("State", "", "New"),)),
    Revision(2, GONE, datetime(2026, 2, 2, 3, 4, 5, tzinfo=UTC), (Change("Description", "<p>a</p>", "<p>b c</p>"),)),
    Revision(3, None, None, ()),
]


def test_the_history_as_a_file_holds_everything() -> None:
    made = story(work_item("7"), options=RunOptions(history="json"))
    made.source.history["7"] = REVISIONS

    issue, _ = moved(made)

    ((_, name, data),) = issue.files
    told = json.loads(data)
    assert (name, told["item"]["id"], len(told["revisions"])) == ("history.json", "7", 3)
    assert told["revisions"][1] == {
        "revision": 2,
        "at": "2026-02-02T03:04:05+00:00",
        "author": {"name": "Gone Girl", "email": ""},
        "changes": [{"field": "Description", "before": "<p>a</p>", "after": "<p>b c</p>"}],
    }


def test_the_history_as_a_table_follows_the_fields() -> None:
    made = story(work_item("7", fields={"Custom.Team": "Quay"}), TEAM, options=RunOptions(history="table"))
    made.source.history["7"] = REVISIONS

    issue, _ = moved(made)

    assert "Team: Quay History When Who What 2026-01-02 03:04:05 UTC Ada (ada@example.com) State: New" in words(issue)
    assert "Gone Girl Description: a → b c Origin" in words(issue)


def test_a_history_that_cannot_be_read_is_told() -> None:
    made = story(work_item("7"), options=RunOptions(history="json"))

    def refuse(item: str) -> list[Revision]:
        raise Refused("Not yours.")

    made.source.read_history = refuse  # type: ignore[method-assign]

    _, outcome = moved(made)

    assert outcome is Outcome.PARTIAL
    assert made.disk.items["7"].problems == (("HISTORY_UNREADABLE", "Not yours."),)


def test_an_item_that_changed_type_and_fields_between_runs_is_not_touched_by_a_full_run() -> None:
    made = story(work_item("7", fields={"Custom.Team": "Quay"}), TEAM, field_list=[ON_SCREEN])
    moved(made)
    made.source.items["7"] = replace(made.source.items["7"], fields={"Custom.Team": "Dock"}, rev=2)
    again = Story(source=made.source, target=made.target, disk=made.disk, clock=made.clock)
    again.disk.items.clear()
    again.disk.checkpoint.clear()

    again.to_the_end()

    (issue,) = made.target.issues.values()
    assert issue.fields == {"customfield_1": "Quay"}
