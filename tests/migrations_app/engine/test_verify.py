"""What verification does about second issues, about edits of people, and about items of earlier runs."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from connectors.domain.ports import TargetChange, TargetRemoteLink
from connectors.domain.work_items import DESCRIPTION, Attachment, Comment, Markup, Person, RemoteLink, Text
from migrations_app.engine.config import RunOptions
from migrations_app.engine.state import Outcome, Phase, RunType
from tests.migrations_app.engine.stories import Story
from tests.migrations_app.engine.world import ADO, Issue, image_url, work_item


def at_verification(story: Story, strike: Callable[[], None]) -> Story:
    """A run in which something happens once, just when verification begins."""
    struck = False

    def watch(_: object) -> None:
        nonlocal struck
        if story.disk.phase is Phase.VERIFICATION and not struck:
            struck = True
            strike()

    story.slice(before_call=watch)
    assert struck
    return story


def issue_of(story: Story, source: str) -> Issue:
    return next(issue for issue in story.target.issues.values() if issue.draft.mark.id == source)


def double(story: Story, source: str) -> Issue:
    """A second issue with one mark, as a lost answer would leave it."""
    made = copy(issue_of(story, source))
    story.target._number += 1
    made.number, made.comments, made.files, made.links = story.target._number, [], [], []
    story.target.issues[made.id] = made
    story.target.born[made.id] = 0.0
    return made


def found(story: Story) -> set[tuple[str, str, str]]:
    return {(each.item, each.field, each.code) for each in story.disk.differences}


def test_a_left_over_of_a_lost_answer_is_removed_and_told() -> None:
    story = Story()
    at_verification(story, lambda: double(story, "7"))

    assert len(story.target.issues) == 8
    assert found(story) == set()
    assert [event.data["item"] for event in story.disk.events if event.kind == "double_removed"] == ["7"]
    assert story.disk.items["7"].outcome is Outcome.CREATED


@pytest.mark.parametrize("touch", ["history", "comment", "file"])
def test_a_second_issue_that_somebody_touched_is_reported_and_stays(touch: str) -> None:
    story = Story()

    def strike() -> None:
        made = double(story, "7")
        if touch == "history":
            story.target.history[made.id] = [TargetChange("somebody", datetime(2026, 1, 1, tzinfo=UTC))]
        elif touch == "comment":
            made.comments.append(("c1", "", {"type": "doc", "content": []}))
        else:
            made.files.append(("f1", "note.txt", b"note"))

    at_verification(story, strike)

    assert len(story.target.issues) == 9
    assert found(story) == {("7", "item", "ITEM_DOUBLED")}
    assert story.disk.items["7"].outcome is Outcome.PARTIAL


def test_a_second_issue_of_an_item_that_an_earlier_run_moved_is_never_removed() -> None:
    first = Story()
    first.to_the_end()
    later = Story(source=first.source, target=first.target, clock=first.clock)
    later.disk.effects = first.disk.effects

    at_verification(later, lambda: double(later, "7"))

    assert len(later.target.issues) == 9
    assert found(later) == {("7", "item", "ITEM_DOUBLED")}


def test_an_item_edited_between_two_full_runs_is_changed_since() -> None:
    first = Story()
    first.to_the_end()
    item = first.source.items["6"]
    first.source.items["6"] = replace(item, rev=item.rev + 1, title="Other", texts={})
    later = Story(source=first.source, target=first.target, clock=first.clock)
    later.disk.effects = first.disk.effects

    later.to_the_end()

    assert later.disk.differences == []
    assert [event.data["item"] for event in later.disk.events if event.kind == "changed_since"] == ["6"]


def test_a_reference_is_no_difference_whether_it_was_written_before_or_after_its_item_moved() -> None:
    first = Story(type=RunType.SAMPLE, options=RunOptions(sample_size=3))
    first.to_the_end()
    assert "8" not in first.disk.items and "3" in first.disk.items  # 3 names #8
    later = Story(source=first.source, target=first.target, clock=first.clock)
    later.disk.effects = first.disk.effects

    later.to_the_end()

    assert later.disk.differences == []


def test_a_comment_added_while_verification_reads_is_no_difference() -> None:
    story = Story()

    def strike() -> None:
        real = story.source.read_comments

        def read(item: str) -> list[Comment]:
            if item == "4":
                edited = story.source.items["4"]
                story.source.items["4"] = replace(edited, rev=edited.rev + 1)
                return [*real(item), Comment("99", Text("<p>just now</p>"), Person("u1", "Ada", "ada@example.com"))]
            return real(item)

        story.source.read_comments = read  # type: ignore[method-assign]

    at_verification(story, strike)

    assert story.disk.differences == []


def test_how_much_was_compared_is_told_at_the_end() -> None:
    story = Story()
    story.to_the_end()

    (told,) = [event.data for event in story.disk.events if event.kind == "verified"]
    assert (told["verified"], told["different"], told["changedSince"]) == (8, 0, 0)
    assert {name: told["checked"][name] for name in ("items", "comments", "files", "links")} == {
        "items": 8,
        "comments": 3,
        "files": 4,
        "links": 6,
    }
    assert told["checked"]["words"] > 20


Pages = dict[str, TargetRemoteLink]


def _move_pages(kept: Pages) -> None:
    kept.update({mark: replace(link, url="https://elsewhere.example/") for mark, link in kept.items()})


@pytest.mark.parametrize(
    ("strike", "expected"), [(dict.clear, "REMOTE_LINK_MISSING"), (_move_pages, "REMOTE_LINK_DIFFERS")]
)
def test_remote_links_are_compared_when_they_were_asked_for(strike: Callable[[Pages], None], expected: str) -> None:
    story = Story(options=RunOptions(remote_links=True))
    pages = (RemoteLink("web_page", "https://harbour.example/", "Handbook"),)
    story.source.items["8"] = replace(story.source.items["8"], remote_links=pages)

    at_verification(story, lambda: strike(story.target.remote[issue_of(story, "8").id]))

    assert found(story) == {("8", "remote link Handbook", expected)}


def test_a_file_of_ours_that_stands_there_twice_is_found_and_one_of_people_is_not() -> None:
    story = Story()

    def strike() -> None:
        files = issue_of(story, "7").files
        files.append(("d1", files[0][1], files[0][2]))
        files.append(("p1", "theirs.txt", b"theirs"))

    at_verification(story, strike)

    assert found(story) == {("7", "file same name.txt", "FILE_DOUBLED")}


def test_the_file_in_which_a_long_text_goes_on_is_a_file_like_others() -> None:
    story = Story()
    words = " ".join(f"word{number}" for number in range(6_000))
    story.source.items["8"] = work_item("8", texts={DESCRIPTION: Text(words, Markup.PLAIN)})

    at_verification(story, lambda: issue_of(story, "8").files.clear())

    assert found(story) == {("8", "file description-continued.txt", "FILE_MISSING")}


def test_two_files_that_are_equal_are_counted() -> None:
    story = Story()
    twins = tuple(Attachment(f"t{n}", "twin.txt", f"{ADO}/files/t{n}", size=4) for n in (1, 2))
    story.source.files |= {twin.url: b"twin" for twin in twins}
    story.source.items["8"] = replace(story.source.items["8"], attachments=twins)

    at_verification(story, lambda: issue_of(story, "8").files.pop())

    assert ("8", "FILE_MISSING") in {(item, code) for item, _, code in found(story)}


def test_a_picture_that_is_gone_from_a_text_is_found() -> None:
    story = Story()

    def strike() -> None:
        issue = issue_of(story, "3")
        assert issue.body is not None
        issue.body = {**issue.body, "content": [b for b in issue.body["content"] if b["type"] != "mediaSingle"]}

    at_verification(story, strike)

    assert image_url("g1") in str(story.source.items["3"].texts)
    assert ("3", "description", "PICTURE_MISSING") in found(story)
