"""Later runs over the same ledger: what is new or changed arrives, what people edited stays as they left it."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from typing import Any

from connectors.domain.ports import ItemChanges
from connectors.domain.work_items import DESCRIPTION, Comment, Link, LinkKind, Markup, Person, Text
from migrations_app.engine.config import RunOptions, SliceEnd
from migrations_app.engine.state import Outcome, RunType
from tests.migrations_app.engine.stories import Story
from tests.migrations_app.engine.test_crashes import Moments
from tests.migrations_app.engine.world import Crash, Issue, fingerprint, image_url, small_world, work_item

ADA = Person("u1", "Ada", "ada@example.com")


def moved() -> Story:
    story = Story()
    assert story.to_the_end().end is SliceEnd.FINISHED
    return story


def again(story: Story, **options: Any) -> Story:
    """An INCREMENTAL run over the ledger of an earlier one, to its end."""
    later = Story(
        source=story.source,
        target=story.target,
        clock=story.clock,
        type=RunType.INCREMENTAL,
        options=RunOptions(**options),
    )
    later.disk.effects = story.disk.effects
    assert later.to_the_end().end is SliceEnd.FINISHED
    return later


def edit(story: Story, source: str, **values: Any) -> None:
    item = story.source.items[source]
    story.source.items[source] = replace(item, rev=item.rev + 1, **values)


def issue_of(story: Story, source: str) -> Issue:
    return next(issue for issue in story.target.issues.values() if issue.draft.mark.id == source)


def outcomes(story: Story) -> dict[str, Outcome]:
    return {source: item.outcome for source, item in story.disk.items.items() if item.outcome is not Outcome.SKIPPED}


def test_nothing_changed_means_nothing_written() -> None:
    story = moved()
    before = fingerprint(story.target)

    later = again(story)

    assert outcomes(later) == {}
    assert fingerprint(story.target) == before
    assert later.disk.differences == []


def test_changed_fields_are_updated_and_only_they() -> None:
    story = moved()
    edit(story, "3", title="A better title", state="Closed", tags=("deck two",))
    edits: list[ItemChanges] = []
    real = story.target.edit_item
    story.target.edit_item = lambda item_id, changes: (edits.append(changes), real(item_id, changes))[1]  # type: ignore[method-assign, func-returns-value]

    later = again(story)

    issue = issue_of(story, "3")
    assert outcomes(later) == {"3": Outcome.UPDATED}
    assert (issue.title, issue.status) == ("A better title", "3")
    assert "deck-two" in issue.labels
    assert [(e.title, e.body is None, e.priority_id) for e in edits] == [("A better title", True, None)]
    assert later.disk.differences == []


def test_new_items_comments_files_and_images_arrive() -> None:
    story = moved()
    story.source.items["9"] = work_item("9", "Task", parent="3")
    story.source.comments["4"].append(Comment("9", Text("<p>third words</p>"), ADA))
    edit(story, "4", comment_count=3)
    story.source.files[image_url("g9")] = b"a new picture"
    edit(story, "1", texts={DESCRIPTION: Text(f'<p>Top <img src="{image_url("g9")}"></p>', Markup.HTML)})

    later = again(story)

    state = fingerprint(story.target)
    assert outcomes(later) == {"1": Outcome.UPDATED, "4": Outcome.UPDATED, "9": Outcome.CREATED}
    assert state["4"]["comments"] == ["1", "2", "9"]
    assert [name for name, _ in state["1"]["files"]] == ["g9.png"]
    assert state["9"]["parent"] == "3"
    assert later.disk.differences == []


def test_a_link_that_no_revision_shows_is_found() -> None:
    story = moved()
    item = story.source.items["1"]
    story.source.items["1"] = replace(item, links=(Link(LinkKind.RELATES, "8"),))

    later = again(story)

    assert ("Relates", "8", True) in fingerprint(story.target)["1"]["links"]
    assert later.disk.differences == []


def test_a_comment_edited_in_the_source_is_rewritten_in_place() -> None:
    story = moved()
    story.source.comments["4"][0] = Comment("1", Text("<p>better words</p>"), ADA)
    edit(story, "4")

    again(story)

    comments = issue_of(story, "4").comments
    assert [source for _, source, _ in comments] == ["1", "2"]
    assert "better words" in str(comments[0][2])


def test_what_people_edited_in_the_target_is_left_alone_and_reported() -> None:
    story = moved()
    issue_of(story, "3").title = "Our own title"
    edit(story, "3", title="Their title", tags=("deck",))

    later = again(story)

    issue = issue_of(story, "3")
    assert issue.title == "Our own title"
    assert "deck" in issue.labels
    assert outcomes(later) == {"3": Outcome.UPDATED}
    assert [code for code, _ in later.disk.items["3"].problems] == ["EDITED_IN_TARGET"]
    assert later.disk.differences == []


def test_an_edit_in_the_target_alone_is_no_difference_in_a_later_run() -> None:
    story = moved()
    issue_of(story, "3").title = "Our own title"

    later = again(story)

    assert outcomes(later) == {}
    assert later.disk.differences == []


def test_an_issue_deleted_in_the_target_is_reported_and_made_again_only_when_asked() -> None:
    story = moved()
    deleted = issue_of(story, "6")
    story.target.delete_item(deleted.id)
    for issue in story.target.issues.values():
        issue.links = [link for link in issue.links if link.other_key != deleted.key]
    edit(story, "6", title="Still wanted")

    reported = again(story)
    made = again(story, recreate_deleted=True)

    assert outcomes(reported)["6"] is Outcome.PARTIAL
    assert "DELETED_IN_TARGET" in [code for code, _ in reported.disk.items["6"].problems]
    assert made.disk.items["6"].outcome is Outcome.CREATED
    assert issue_of(story, "6").title == "Still wanted"
    assert ("Relates", "4", False) in fingerprint(story.target)["6"]["links"]
    assert made.disk.differences == []


def test_what_names_or_stands_below_an_item_made_again_follows_it() -> None:
    story = Story()
    story.source.comments["4"][0] = Comment("1", Text("<p>see #8 first</p>"), ADA)
    story.source.items["8"] = replace(story.source.items["8"], parent="2")
    story.source.items["9"] = work_item("9", "Task", parent="7")
    assert story.to_the_end().end is SliceEnd.FINISHED
    old = [issue_of(story, source).key for source in ("2", "8")]
    for source in ("2", "8"):
        lost = issue_of(story, source)
        story.target.delete_item(lost.id)
        for issue in story.target.issues.values():
            issue.parent_id = None if issue.parent_id == lost.id else issue.parent_id
            issue.links = [link for link in issue.links if link.other_key != lost.key]

    made = again(story, recreate_deleted=True)

    new = [issue_of(story, source).key for source in ("2", "8")]
    texts = json.dumps([issue_of(story, "3").body, [body for _, _, body in issue_of(story, "4").comments]])
    assert not set(old) & set(new)
    assert texts.count(new[1]) >= 2
    assert old[1] not in texts
    state = fingerprint(story.target)
    assert [state[source]["parent"] for source in ("3", "6", "8")] == ["2", "2", "2"]
    assert outcomes(made) == {
        "2": Outcome.CREATED,
        "3": Outcome.UPDATED,
        "4": Outcome.UPDATED,
        "6": Outcome.UPDATED,
        "8": Outcome.CREATED,
    }
    assert made.disk.differences == []


def test_an_item_moved_under_another_parent_follows() -> None:
    story = moved()
    edit(story, "8", parent="2")

    again(story)

    assert fingerprint(story.target)["8"]["parent"] == "2"


def test_an_item_moved_under_a_new_parent_waits_for_it() -> None:
    story = moved()
    story.source.items["9"] = work_item("9", "Feature", parent="1")
    edit(story, "6", parent="9")

    later = again(story)

    assert fingerprint(story.target)["6"]["parent"] == "9"
    assert later.disk.differences == []


def test_a_crash_at_every_moment_of_an_update_leaves_the_same_end_state() -> None:
    def prepared() -> Story:
        story = moved()
        edit(story, "3", title="A better title", state="Active")
        story.source.comments["4"].append(Comment("9", Text("<p>third words</p>"), ADA))
        edit(story, "4", comment_count=3)
        later = Story(source=story.source, target=story.target, clock=story.clock, type=RunType.INCREMENTAL)
        later.disk.effects = story.disk.effects
        return later

    counting, calm = Moments(), prepared()
    calm.slice(**counting.as_hooks())
    expected = fingerprint(calm.target)
    for moment in range(1, counting.count + 1):
        later = prepared()
        with suppress(Crash):
            later.slice(**Moments(moment).as_hooks())
        assert later.to_the_end().end is SliceEnd.FINISHED, moment
        assert fingerprint(later.target) == expected, moment
        assert later.disk.differences == [], moment


def test_texts_that_name_items_of_a_later_run_get_their_keys_then() -> None:
    source = small_world()
    sample = Story(source=source, type=RunType.SAMPLE, options=RunOptions(sample_size=4))
    assert sample.to_the_end().end is SliceEnd.FINISHED
    assert "#8" in json.dumps(issue_of(sample, "3").body)
    full = Story(source=source, target=sample.target, clock=sample.clock)
    full.disk.effects = sample.disk.effects

    assert full.to_the_end().end is SliceEnd.FINISHED

    text = json.dumps(issue_of(full, "3").body)
    assert issue_of(full, "8").key in text
    assert "#8" not in text
    assert outcomes(full)["3"] is Outcome.UPDATED
    assert full.disk.differences == []


def test_a_comment_that_names_a_later_item_is_completed_in_place() -> None:
    source = small_world()
    source.comments["4"] = [Comment("1", Text("<p>see #8 first</p>"), ADA)]
    sample = Story(source=source, type=RunType.SAMPLE, options=RunOptions(sample_size=4))
    assert sample.to_the_end().end is SliceEnd.FINISHED
    full = Story(source=source, target=sample.target, clock=sample.clock)
    full.disk.effects = sample.disk.effects

    assert full.to_the_end().end is SliceEnd.FINISHED

    ((_, _, body),) = issue_of(full, "4").comments
    assert issue_of(full, "8").key in json.dumps(body)
