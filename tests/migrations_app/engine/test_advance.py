"""The engine over the small world, on a good day."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from connectors.domain.errors import AccessLost, Refused
from connectors.domain.ports import ItemFilter
from connectors.domain.work_items import DESCRIPTION, Markup, Text
from migrations_app.engine.config import RunOptions, SliceEnd
from migrations_app.engine.ports import EffectKey
from migrations_app.engine.state import UNREPEATABLE, Control, EffectState, Outcome, Phase, RunType
from tests.migrations_app.engine.stories import Story
from tests.migrations_app.engine.world import (
    Crash,
    MemoryTarget,
    fingerprint,
    image_url,
    stepwise_workflow,
    work_item,
)


def outcomes(story: Story) -> dict[str, Outcome]:
    return {source: item.outcome for source, item in story.disk.items.items()}


def test_a_run_moves_everything_once_and_verifies_clean() -> None:
    story = Story()

    result = story.to_the_end()

    assert result.end is SliceEnd.FINISHED
    assert story.disk.differences == []
    assert set(outcomes(story).values()) == {Outcome.CREATED}
    assert sorted(fingerprint(story.target)) == sorted(story.source.items)
    assert story.disk.phase is Phase.VERIFICATION


def test_parents_choose_the_type_and_levels_that_do_not_exist_become_links() -> None:
    story = Story()

    story.to_the_end()

    state = fingerprint(story.target)
    assert {source: state[source]["type"] for source in sorted(state)} == {
        "1": "type-Epic",
        "2": "type-Epic",
        "3": "type-Story",
        "4": "type-Sub-task",
        "5": "type-Task",
        "6": "type-Bug",
        "7": "type-Task",
        "8": "type-Story",
    }
    assert (state["3"]["parent"], state["4"]["parent"], state["6"]["parent"]) == ("2", "3", "2")
    assert ("Relates", "4", False) in state["5"]["links"]


def test_items_are_created_level_by_level_in_backlog_order() -> None:
    story = Story()
    story.source.items["8"] = work_item("8", rank=1.0)
    story.source.items["7"] = work_item("7", "Task", rank=2.0)

    story.to_the_end()

    numbers = {issue.draft.mark.id: issue.number for issue in story.target.issues.values()}
    assert sorted(numbers, key=numbers.__getitem__) == ["1", "2", "8", "7", "3", "5", "6", "4"]


def test_links_are_written_once_per_pair() -> None:
    story = Story()

    story.to_the_end()

    state = fingerprint(story.target)
    assert state["7"]["links"] == [("Blocks", "8", True)]
    assert [link for link in state["4"]["links"] if link[1] == "6"] == [("Relates", "6", True)]


def test_text_that_names_another_item_gets_its_new_key_wherever_it_stands_in_the_order() -> None:
    story = Story()

    story.to_the_end()

    by_source = {issue.draft.mark.id: issue for issue in story.target.issues.values()}
    assert by_source["8"].key in json.dumps(by_source["3"].body)
    assert "#8" not in json.dumps(by_source["3"].body)
    assert by_source["7"].key in json.dumps(by_source["8"].comments[0][2])


def test_images_show_the_uploaded_file_in_descriptions_and_comments() -> None:
    story = Story()

    story.to_the_end()

    by_source = {issue.draft.mark.id: issue for issue in story.target.issues.values()}
    for text, files in (
        (json.dumps(by_source["3"].body), by_source["3"].files),
        (json.dumps(by_source["8"].comments[0][2]), by_source["8"].files),
    ):
        assert f'"media-{files[0][0]}"' in text
        assert "/_apis/wit/attachments/" not in text


def test_a_workflow_of_several_hops_is_walked_and_the_resolution_set_where_the_workflow_does_not() -> None:
    story = Story(target=MemoryTarget(workflow=stepwise_workflow(), sets_resolution=False))

    result = story.to_the_end()

    state = fingerprint(story.target)
    assert result.end is SliceEnd.FINISHED
    assert (state["4"]["status"], state["4"]["resolution"]) == ("3", "r1")
    assert (state["6"]["status"], state["6"]["resolution"]) == ("3", "r1")
    assert story.disk.differences == []


def test_a_step_the_create_could_not_take_is_taken_afterwards() -> None:
    story = Story()
    story.target.steps_refused = True

    result = story.to_the_end()

    assert result.end is SliceEnd.FINISHED
    assert fingerprint(story.target)["6"]["status"] == "3"
    assert story.disk.differences == []


def test_sprints_are_filled_then_started_and_closed_as_their_dates_say() -> None:
    story = Story()

    story.to_the_end()

    (sprint,) = story.target.sprint_list
    by_source = {issue.draft.mark.id: issue for issue in story.target.issues.values()}
    assert (sprint.name, sprint.state) == ("Sprint 1", "closed")
    assert by_source["3"].draft.sprint_id == sprint.id


def test_a_second_full_run_creates_nothing_and_skips_what_is_complete() -> None:
    story = Story()
    story.to_the_end()
    again = Story(source=story.source, target=story.target, clock=story.clock)
    again.disk.effects = story.disk.effects

    result = again.to_the_end()

    assert result.end is SliceEnd.FINISHED
    assert set(outcomes(again).values()) == {Outcome.SKIPPED}
    assert fingerprint(story.target) == fingerprint(again.target)
    assert len(story.target.issues) == 8


def test_a_refused_field_is_left_out_and_named_while_the_rest_arrives() -> None:
    story = Story()
    story.target.refuse["7"] = Refused("no", fields={"reporter": "cannot be set"})

    result = story.to_the_end()

    assert result.end is SliceEnd.FINISHED
    assert outcomes(story)["7"] is Outcome.PARTIAL
    assert story.disk.items["7"].problems == (("FIELD_REFUSED", "reporter: cannot be set"),)
    assert len(story.target.issues) == 8


def test_an_item_that_cannot_be_moved_is_an_outcome_and_its_children_arrive() -> None:
    story = Story()
    story.target.refuse["3"] = Refused("not today", code="PLATFORM_REFUSED")

    result = story.to_the_end()

    state = outcomes(story)
    assert result.end is SliceEnd.FINISHED
    assert state["3"] is Outcome.FAILED
    assert story.disk.items["3"].problems == (("PLATFORM_REFUSED", "not today"),)
    assert state["4"] is Outcome.PARTIAL
    assert fingerprint(story.target)["4"]["type"] == "type-Task"
    assert {state[source] for source in ("1", "2", "5", "6", "7", "8")} == {Outcome.CREATED}


def test_an_unreadable_item_is_left_behind_and_found_before_the_run() -> None:
    story = Story()
    story.source.unreadable = {"7"}

    story.to_the_end()

    findings = next(event.data["findings"] for event in story.disk.events if event.kind == "findings")
    assert [finding["code"] for finding in findings] == ["ITEM_UNREADABLE", "PARENT_AS_LINK"]
    assert "7" not in story.disk.items


def test_a_missing_type_ends_the_run_before_the_first_write() -> None:
    story = Story(options=RunOptions(type_overrides={"Bug": "Defect"}))

    result = story.to_the_end()

    assert (result.end, result.code) == (SliceEnd.FAILED, "TYPE_NOT_IN_TARGET")
    assert "1 items of type Bug need the issue type Defect" in result.message
    assert [found["sampleIds"] for found in result.details["findings"]] == [["6"]]
    assert story.target.issues == {}
    assert story.target.sprint_list == []


def test_a_type_filter_that_matches_no_type_ends_the_run_and_names_the_types_there_are() -> None:
    story = Story(selection=ItemFilter(types=("User Storys", "Defect")))

    result = story.to_the_end()

    assert (result.end, result.code) == (SliceEnd.FAILED, "TYPE_FILTER_UNKNOWN")
    assert "type_filter names User Storys, Defect" in result.message
    assert "it has Epic, Feature, User Story, Task, Bug" in result.message
    assert story.target.issues == {}


def test_a_type_filter_that_is_wrong_in_part_moves_the_others_and_says_so() -> None:
    story = Story(selection=ItemFilter(types=("bug", "Defect")))

    story.to_the_end()

    (told,) = [event for event in story.disk.events if event.kind == "findings"]
    unknown = [found for found in told.data["findings"] if found["code"] == "TYPE_FILTER_UNKNOWN"]
    assert [(found["severity"], found["count"]) for found in unknown] == [("warning", 1)]


def test_refused_credentials_at_the_start_fail_the_run_and_later_pause_it() -> None:
    at_start, later = Story(), Story()

    def refuse() -> None:
        raise AccessLost("The token was refused.")

    at_start.source.describe = refuse  # type: ignore[method-assign, assignment]
    later.source.read_comments = lambda _: refuse()  # type: ignore[method-assign, assignment, return-value]

    assert at_start.to_the_end().end is SliceEnd.FAILED
    assert at_start.results[-1].message == "The token was refused."
    assert later.to_the_end().end is SliceEnd.PAUSED
    del later.source.read_comments
    assert later.to_the_end().end is SliceEnd.FINISHED
    assert later.disk.differences == []


def test_pause_leaves_no_call_open_and_resume_finishes_with_nothing_extra() -> None:
    story = Story()
    for calls in range(1, 60, 3):
        made = 0

        def pause(_: object, calls: int = calls) -> None:
            nonlocal made
            made += 1
            if made == calls:
                story.disk.control = Control.PAUSE

        result = story.slice(after_call=pause)
        story.disk.control = Control.GO
        if result.end is SliceEnd.FINISHED:
            break
        assert result.end in (SliceEnd.PAUSED, SliceEnd.WAIT)
        assert open_unrepeatable(story) == []
    result = story.to_the_end()

    assert result.end is SliceEnd.FINISHED
    assert story.disk.differences == []
    fingerprint(story.target)


def open_unrepeatable(story: Story) -> list[EffectKey]:
    return [
        effect.key
        for effect in story.disk.effects.values()
        if effect.state is EffectState.INTENDED and effect.key.kind in UNREPEATABLE
    ]


def test_a_dry_run_writes_nothing_and_keeps_the_payload_of_every_item() -> None:
    story = Story(options=RunOptions(dry_run=True))

    result = story.to_the_end()

    assert result.end is SliceEnd.FINISHED
    assert story.target.issues == {}
    assert story.target.sprint_list == [] and story.target.component_list == []
    assert {source: kept["payload"]["fields"]["summary"] for source, kept in story.disk.previews.items()} == {
        source: item.title for source, item in story.source.items.items()
    }


def test_a_dry_run_tells_where_texts_become_something_else() -> None:
    story = Story(options=RunOptions(dry_run=True))
    nested = "<ul><li><h2>A heading in a list</h2></li><li><h3>Another</h3></li></ul>"
    story.source.items["1"] = replace(story.source.items["1"], texts={DESCRIPTION: Text(nested, Markup.HTML)})

    story.to_the_end()

    (found,) = story.disk.previews["1"]["findings"]
    assert (found["code"], found["count"]) == ("heading_as_strong", 2)
    assert "bold paragraph" in found["message"]
    assert story.disk.previews["3"]["findings"] == []


def test_a_sample_takes_two_of_each_type_and_the_ancestors_they_need() -> None:
    story = Story(type=RunType.SAMPLE, options=RunOptions(sample_size=4))

    story.to_the_end()

    assert sorted(story.disk.items) == ["1", "2", "3", "4"]


def test_a_source_edited_during_the_run_is_changed_since_and_not_a_difference() -> None:
    story = Story()
    edited = False

    def edit(_: object) -> None:
        nonlocal edited
        if story.disk.phase is Phase.VERIFICATION and not edited:
            edited = True
            item = story.source.items["6"]
            story.source.items["6"] = work_item(
                "6", "Bug", rev=item.rev + 1, texts={DESCRIPTION: Text("<p>quite other words</p>", Markup.HTML)}
            )

    result = story.slice(before_call=edit)

    assert result.end is SliceEnd.FINISHED
    assert story.disk.differences == []
    assert [event.data["item"] for event in story.disk.events if event.kind == "changed_since"] == ["6"]


def test_damage_in_the_target_is_found_and_named() -> None:
    story = Story()
    damaged = False

    def damage(_: object) -> None:
        nonlocal damaged
        if story.disk.phase is Phase.VERIFICATION and not damaged:
            damaged = True
            by_source = {issue.draft.mark.id: issue for issue in story.target.issues.values()}
            by_source["4"].comments.pop()
            by_source["7"].files[0] = (by_source["7"].files[0][0], "same name.txt", b"other bytes")
            by_source["8"].links.clear()
            by_source["6"].status = "1"

    story.slice(before_call=damage)

    assert {(d.item, d.field, d.code) for d in story.disk.differences} == {
        ("4", "comment 2", "COMMENT_MISSING"),
        ("7", "file same name.txt", "FILE_DIFFERS"),
        ("8", "links", "LINK_MISSING"),
        ("6", "status", "STATUS_DIFFERS"),
    }
    assert {source for source, outcome in outcomes(story).items() if outcome is Outcome.PARTIAL} == {"4", "6", "7", "8"}


def test_image_addresses_of_the_world_are_the_sources_own() -> None:
    story = Story()

    assert story.source.file_of(image_url("g1")) is not None
    assert story.source.file_of("https://elsewhere.example/x.png") is None


def test_what_a_cancelled_run_left_unclear_is_settled_by_the_next_one() -> None:
    cut = Story()

    def lose_the_create(_: object) -> None:
        if cut.target.issues:
            raise Crash

    with pytest.raises(Crash):
        cut.slice(after_call=lose_the_create)
    created = len(cut.target.issues)
    following = Story(source=cut.source, target=cut.target, clock=cut.clock)
    following.disk.effects = cut.disk.effects
    result = following.to_the_end()

    assert created > 0
    assert result.end is SliceEnd.FINISHED
    assert sorted(fingerprint(following.target)) == sorted(following.source.items)


def test_shared_steps_are_shown_where_a_test_case_uses_them() -> None:
    story = Story()
    shared = '<steps id="0"><step id="2" type="ActionStep">{}</step></steps>'.format(
        '<parameterizedString isformatted="true">&lt;P&gt;Sign in as the purser&lt;/P&gt;</parameterizedString>' * 2
    )
    using = '<steps id="0"><compref id="3" ref="21"/></steps>'
    steps = "Microsoft.VSTS.TCM.Steps"
    story.source.items["21"] = work_item("21", "Shared Steps", texts={steps: Text(shared, Markup.TEST_STEPS)})
    story.source.items["22"] = work_item("22", "Test Case", texts={steps: Text(using, Markup.TEST_STEPS)})

    result = story.to_the_end()

    by_source = {issue.draft.mark.id: json.dumps(issue.body) for issue in story.target.issues.values()}
    assert result.end is SliceEnd.FINISHED
    assert "Sign in as the purser" in by_source["22"]
    assert story.disk.differences == []
