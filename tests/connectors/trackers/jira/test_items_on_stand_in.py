"""Creating, finding, reading and changing items on a site."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from typing import Any

import pytest

from connectors.domain.errors import Missing, NotSent, PlatformError, Refused, Throttled, Unclear
from connectors.domain.ports import Created, ItemChanges, Marked
from connectors.domain.shapes import TargetShape
from connectors.domain.work_items import SourceMark
from connectors.trackers.jira import JiraTracker
from sandbox.faults import FaultKind
from sandbox.jira.site import DEFAULT_SCREEN, FieldSpec, SiteSpec
from tests.connectors.clients.jira.scripted import Told, scripted_client
from tests.connectors.trackers.jira.stand_in import document, stage

BULK = "/issue/bulk"
BULK_FETCH = "/issue/bulkfetch"


def test_an_item_arrives_whole_in_one_request() -> None:
    here = stage()
    component = here.tracker.add_component("Engine")
    sprint = here.tracker.add_sprint("S 1", start=None, finish=None)
    (epic,) = here.create(here.draft(1, "Epic"))
    me = here.shape.me
    assert me is not None
    done = here.type("Story").workflow.statuses[-1]
    step = next(s for s in here.type("Story").workflow.transitions if s.to == done.id and not s.initial)
    draft = here.draft(
        2,
        body=document("First", "Second"),
        parent_id=epic.id,
        transition=step.id,
        labels=("migrated-from-ado", "ado-id-2"),
        components=(component,),
        sprint_id=sprint.id,
        priority_id=here.shape.priorities[0].id,
        assignee_id=me.id,
        reporter_id=me.id,
        fields={here.shape.story_points_field: 5.0},
    )
    before = here.requests()

    (story,) = here.create(draft)

    assert here.requests() - before == 1
    (item,) = here.tracker.read_items([story.key])
    assert (item.id, item.key, item.type, item.title) == (story.id, story.key, draft.type_id, "Item 2")
    assert item.mark == draft.mark
    assert item.body == draft.body
    assert item.parent_key == epic.key
    assert item.status_id == done.id
    assert set(item.labels) == {"migrated-from-ado", "ado-id-2"}
    assert item.components == (component,)
    assert item.sprints == (sprint.id,)
    assert item.priority == draft.priority_id
    assert (item.assignee, item.reporter) == (me.id, me.id)
    assert item.fields[here.shape.story_points_field] == 5.0
    assert item.comments == ()
    assert item.created is not None


def test_fifty_items_take_one_request() -> None:
    here = stage()
    drafts = [here.draft(n) for n in range(50)]
    before = here.requests()

    made = here.create(*drafts)

    assert here.requests() - before == 1
    assert len({created.key for created in made}) == 50


def test_a_partial_bulk_create_answers_every_draft_in_its_place() -> None:
    here = stage()
    good, bad_label, no_parent = here.draft(1), here.draft(2, labels=("a b",)), here.draft(3, "Sub-task")

    answers = here.tracker.create_items([bad_label, good, no_parent, replace(good, mark=replace(good.mark, id="4"))])

    assert [type(answer) for answer in answers] == [Refused, Created, Refused, Created]
    first, third = answers[0], answers[2]
    assert isinstance(first, Refused)
    assert isinstance(third, Refused)
    assert first.code == "LABEL_REFUSED"
    assert "spaces" in first.message
    assert third.code == "PARENT_REFUSED"


def test_a_bulk_create_of_which_everything_is_refused_answers_each() -> None:
    here = stage()

    answers = here.tracker.create_items([here.draft(n, labels=("a b",)) for n in range(3)])

    assert [answer.code for answer in answers if isinstance(answer, Refused)] == ["LABEL_REFUSED"] * 3


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"title": "x" * 300}, "TITLE_REFUSED"),
        ({"title": "one\ntwo"}, "TITLE_REFUSED"),
        ({"title": ""}, "TITLE_REFUSED"),
        ({"body": {"type": "doc", "version": 1, "content": [{"type": "nonsense"}]}}, "TEXT_REFUSED"),
        ({"assignee_id": "nobody-known"}, "PERSON_REFUSED"),
        ({"type_id": "99999"}, "TYPE_REFUSED"),
    ],
)
def test_what_the_site_refuses_of_an_item_has_a_code_and_words(changes: dict[str, Any], code: str) -> None:
    here = stage()

    (answer,) = here.tracker.create_items([here.draft(1, **changes)])

    assert isinstance(answer, Refused)
    assert answer.code == code
    assert answer.message
    assert answer.fields


def test_a_field_nobody_has_is_refused_by_the_edit_and_the_item_stands() -> None:
    here = stage()
    draft = here.draft(1, fields={"customfield_99999": "x"})
    (created,) = here.create(draft)
    left = here.tracker.after_create(draft)
    assert left is not None

    with pytest.raises(Refused) as caught:
        here.tracker.edit_item(created.id, left)

    assert caught.value.code == "FIELD_REFUSED"
    assert set(caught.value.fields) == {"customfield_99999"}


def test_trap_6_a_parent_at_the_same_level_is_refused() -> None:
    here = stage()
    (story,) = here.create(here.draft(1, "Story"))

    (answer,) = here.tracker.create_items([here.draft(2, "Task", parent_id=story.id)])

    assert isinstance(answer, Refused)
    assert answer.code == "PARENT_REFUSED"


def without(*hidden: str) -> SiteSpec:
    """A site whose create screens lack some fields."""
    screen = tuple(name for name in DEFAULT_SCREEN if name not in hidden)
    return SiteSpec(create_screens={kind.name: screen for kind in SiteSpec().types})


def test_trap_5_a_description_off_the_create_screen_arrives_by_the_edit_that_follows() -> None:
    here = stage(without("description"))
    draft = here.draft(1, body=document("Kept"))

    (created,) = here.create(draft)
    left = here.tracker.after_create(draft)
    assert left is not None
    here.tracker.edit_item(created.id, left)

    (item,) = here.tracker.read_items([created.key])
    assert item.body == document("Kept")


def test_trap_15_other_fields_off_the_create_screen_do_not_cost_the_item() -> None:
    here = stage(without("labels", "priority", "Story Points"))
    points = here.shape.story_points_field
    draft = here.draft(1, labels=("ado-id-1",), priority_id=here.shape.priorities[0].id, fields={points: 3.0})

    (created,) = here.create(draft)
    left = here.tracker.after_create(draft)

    assert left is not None
    here.tracker.edit_item(created.id, left)
    (item,) = here.tracker.read_items([created.key])
    assert set(left.fields) == {"labels", "priority", points}
    assert (item.labels, item.priority) == (("ado-id-1",), here.shape.priorities[0].id)
    assert item.fields[points] == 3.0


def test_trap_15_a_custom_field_without_a_screen_is_not_among_its_types_fields() -> None:
    here = stage(SiteSpec(fields=(FieldSpec("Severity", "textfield", on_screen=False),)))

    assert "Severity" not in {field.name for field in here.type("Story").fields.values()}


# -- marks and numbers


def test_trap_17_marks_are_read_by_number_and_a_deleted_item_is_just_not_there() -> None:
    here = stage()
    drafts = [here.draft(n) for n in range(3)]
    made = here.create(*drafts)
    here.tracker.delete_item(made[1].id)
    before = here.requests("POST", "search")

    found = here.tracker.read_marks(1, 100)

    assert found == {
        1: Marked(made[0].id, "DEMO-1", drafts[0].mark),
        3: Marked(made[2].id, "DEMO-3", drafts[2].mark),
    }
    assert here.requests("POST", "search") == before
    assert here.tracker.read_marks(3, 1).keys() == {3}
    assert here.tracker.read_marks(900, 100) == {}


def test_an_item_somebody_else_made_has_no_mark() -> None:
    here = stage()
    here.shape  # noqa: B018  # described before, so that only the item below is created
    here.client._json(
        here.client._call(
            "POST",
            "/rest/api/3/issue",
            body={
                "fields": {
                    "project": {"key": "DEMO"},
                    "issuetype": {"id": here.type("Task").id},
                    "summary": "By hand",
                }
            },
        )
    )

    assert here.tracker.read_marks(1, 5)[1].mark is None


def test_the_highest_number_is_a_lower_bound() -> None:
    here = stage()

    assert here.tracker.highest_number() == 0
    here.create(*[here.draft(n) for n in range(12)])
    assert here.tracker.highest_number() == 12


def test_trap_3_new_items_hidden_from_search_are_found_by_key() -> None:
    here = stage(SiteSpec(search_lag_ms=60_000))
    made = here.create(*[here.draft(n) for n in range(3)])

    assert here.tracker.highest_number() == 0
    assert [marked.key for marked in here.tracker.read_marks(1, 100).values()] == [created.key for created in made]
    here.service.clock.advance(61)
    assert here.tracker.highest_number() == 3


def test_trap_3_items_late_even_by_key_are_found_once_they_show() -> None:
    here = stage(SiteSpec(late_read_ms=30_000))
    (created,) = here.create()

    assert here.tracker.read_marks(1, 100) == {}
    here.service.clock.advance(31)
    assert [marked.key for marked in here.tracker.read_marks(1, 100).values()] == [created.key]


def test_trap_10_an_item_that_moved_away_answers_under_another_key_and_is_left_out() -> None:
    moved = {"id": "10005", "key": "OTHER-9", "properties": {}}
    stayed = {"id": "10006", "key": "DEMO-6", "properties": {}}
    client, _ = scripted_client({("POST", "/rest/api/3/issue/bulkfetch"): Told(body={"issues": [moved, stayed]})})
    shape = TargetShape("https://acme.example", "10000", "DEMO")

    assert set(JiraTracker(client, "DEMO", shape=shape).read_marks(5, 2)) == {6}


@pytest.mark.parametrize("zone", ["Europe/London", "Asia/Kolkata", "America/St_Johns"])
def test_trap_12_times_are_utc_whatever_zone_the_site_lives_in(zone: str) -> None:
    here = stage(SiteSpec(time_zone=zone))
    now = here.service.clock.today()

    (created,) = here.create()

    (item,) = here.tracker.read_items([created.key])
    assert item.created is not None
    assert item.created.tzinfo is UTC
    assert abs((item.created - now).total_seconds()) < 5


def test_trap_2_an_unknown_project_looks_empty_to_search_but_not_to_describe() -> None:
    here = stage(key="NOPE")

    assert here.tracker.highest_number() == 0
    with pytest.raises(Missing, match="NOPE"):
        here.tracker.describe()


# -- unclear creates


@pytest.mark.parametrize("kind", [FaultKind.LOST, FaultKind.HALF])
def test_trap_4_a_create_whose_answer_is_lost_is_settled_by_its_marks_and_made_once(kind: FaultKind) -> None:
    here = stage()
    drafts = [here.draft(n) for n in range(3)]
    here.fail(kind, BULK)

    with pytest.raises(Unclear):
        here.tracker.create_items(drafts)

    assert here.requests("POST", BULK) == 1
    assert {marked.mark for marked in here.tracker.read_marks(1, 100).values()} == {draft.mark for draft in drafts}
    assert here.service.state()["issues"] == 3


@pytest.mark.parametrize(
    ("kind", "more", "error"),
    [
        (FaultKind.ERROR_500, {}, Unclear),
        (FaultKind.BAD_GATEWAY_502, {}, Unclear),
        (FaultKind.UNAVAILABLE_503, {}, Unclear),
        (FaultKind.TIMEOUT_408, {}, Unclear),
        (FaultKind.HTML, {}, Unclear),
        (FaultKind.NOT_SENT, {"times": None}, PlatformError),
        (FaultKind.THROTTLED_429, {"reason": "jira-quota-tenant-based", "retry_after": 600}, Throttled),
        (FaultKind.THROTTLED_429, {"reason": "jira-burst-based", "retry_after": 600}, Throttled),
    ],
)
def test_whatever_breaks_a_create_it_is_never_answered_as_success(
    kind: FaultKind, more: dict[str, Any], error: type[PlatformError]
) -> None:
    here = stage()
    draft = here.draft(1)
    here.fail(kind, BULK, **{"times": 1, **more})

    with pytest.raises(error):
        here.tracker.create_items([draft])

    assert here.service.state()["issues"] == 0


@pytest.mark.parametrize("reason", ["jira-burst-based", "jira-per-issue-on-write", "bare"])
def test_a_throttled_create_waits_and_is_made_once(reason: str) -> None:
    here = stage()
    draft = here.draft(1)
    here.fail(FaultKind.THROTTLED_429, BULK, reason=reason)

    here.create(draft)

    assert here.service.state()["issues"] == 1


# -- reading and changing


def test_reading_leaves_out_what_is_missing() -> None:
    here = stage()
    made = here.create(*[here.draft(n) for n in range(3)])
    here.tracker.delete_item(made[0].id)

    items = here.tracker.read_items([*(created.key for created in made), "DEMO-999"])

    assert [item.key for item in items] == ["DEMO-2", "DEMO-3"]
    assert here.tracker.read_items([]) == []


def test_a_hundred_items_are_read_in_one_request() -> None:
    here = stage()
    made = [*here.create(*[here.draft(n) for n in range(50)]), *here.create(*[here.draft(n) for n in range(50, 100)])]
    before = here.requests()

    items = here.tracker.read_items([created.key for created in made])

    assert len(items) == 100
    assert here.requests() - before == 1


def test_statuses_of_many_items_take_one_request() -> None:
    here = stage()
    made = here.create(*[here.draft(n) for n in range(3)])
    before = here.requests()

    statuses = here.tracker.statuses([created.key for created in made])

    assert statuses == {created.key: here.type("Story").workflow.initial for created in made}
    assert here.requests() - before == 1


def test_an_edit_changes_what_it_names_and_notifies_nobody() -> None:
    here = stage()
    (created,) = here.create(here.draft(1, labels=("a",), body=document("old")))
    told = here.service.state()["notifications"]

    here.tracker.edit_item(created.id, ItemChanges(title="New", body=document("new")))

    (item,) = here.tracker.read_items([created.key])
    assert (item.title, item.body, item.labels) == ("New", document("new"), ("a",))
    assert here.service.state()["notifications"] == told


def test_trap_8_without_administration_rights_the_edit_still_arrives() -> None:
    here = stage(SiteSpec(denied=frozenset({"ADMINISTER", "ADMINISTER_PROJECTS"})))
    (created,) = here.create()

    here.tracker.edit_item(created.id, ItemChanges(title="New"))
    here.tracker.edit_item(created.id, ItemChanges(title="Newer"))

    assert here.tracker.read_items([created.key])[0].title == "Newer"
    assert here.requests("PUT", "/issue/") == 3


def test_an_empty_edit_is_no_request() -> None:
    here = stage()
    (created,) = here.create()
    before = here.requests()

    here.tracker.edit_item(created.id, ItemChanges())

    assert here.requests() == before


def test_an_edit_whose_answer_is_lost_is_repeated() -> None:
    here = stage()
    (created,) = here.create()
    here.fail(FaultKind.LOST, "/issue/{key}", method="PUT")

    here.tracker.edit_item(created.id, ItemChanges(title="New"))

    assert here.tracker.read_items([created.key])[0].title == "New"


def test_deleting_twice_is_done_once() -> None:
    here = stage()
    (created,) = here.create()

    here.tracker.delete_item(created.id)
    here.tracker.delete_item(created.id)

    assert here.service.state()["issues"] == 0


def test_an_item_url_is_what_people_open() -> None:
    here = stage()

    assert here.tracker.item_url("DEMO-7") == "http://jira.test/browse/DEMO-7"


def test_a_stored_shape_saves_describing_again() -> None:
    here = stage()
    shape = here.tracker.describe()
    draft = here.draft(1)
    before = here.requests()

    JiraTracker(here.client, "DEMO", shape=shape).create_items([draft])

    assert here.requests() - before == 1


def test_a_foreign_mark_is_somebody_elses_item() -> None:
    here = stage()
    other = SourceMark("fabrikam", "Parts", "1", 3)
    here.create(here.draft(1, mark=other))

    assert here.tracker.read_marks(1, 1)[1].mark == other


def test_nothing_was_sent_when_the_site_does_not_answer() -> None:
    here = stage()
    draft = here.draft(1)
    here.fail(FaultKind.NOT_SENT, BULK_FETCH, times=99)

    with pytest.raises(NotSent):
        here.tracker.read_marks(1, 5)
    assert here.create(draft)
