"""Each option of a start changes what a run does."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from connectors.domain.work_items import DESCRIPTION, Markup, Person, RemoteLink, Text
from migrations_app.engine.config import RunOptions, SliceEnd
from tests.migrations_app.engine.stories import Story
from tests.migrations_app.engine.world import MemoryTarget, fingerprint, small_world

ADA = Person("d3e8ce72-5a35-689e-b035-29cd59698d84", "Ada", "ada@example.com")
GREETING = f'<p>Hello <a href="#" data-vss-mention="version:2.0,{ADA.id}">@Ada</a>, welcome</p>'
PAGE = "https://wiki.example/ferry"


def moved(**options: Any) -> Story:
    source = small_world()
    source.items["1"] = replace(
        source.items["1"],
        author=ADA,
        texts={DESCRIPTION: Text(GREETING, Markup.HTML)},
        remote_links=(RemoteLink("Hyperlink", PAGE),),
    )
    story = Story(source=source, options=RunOptions(**options))
    assert story.to_the_end().end is SliceEnd.FINISHED
    assert story.disk.differences == []
    return story


def nodes(value: Any) -> list[str]:
    """Types of all nodes of a document."""
    if isinstance(value, list):
        return [name for each in value for name in nodes(each)]
    return [value["type"], *nodes(value.get("content", []))] if isinstance(value, dict) else []


def body(story: Story, source: str) -> Any:
    return next(issue.body for issue in story.target.issues.values() if issue.draft.mark.id == source)


def count(what: str) -> Callable[[Story], int]:
    return lambda story: sum(len(item[what]) for item in fingerprint(story.target).values())


@pytest.mark.parametrize(
    ("option", "seen", "without"),
    [
        ("migrate_comments", count("comments"), 0),
        ("migrate_attachments", count("files"), 0),
        (
            "migrate_links",
            count("links"),
            4,
        ),  # two parents that the levels do not allow stay links, seen from both ends
    ],
)
def test_what_is_not_wanted_stays_behind(option: str, seen: Callable[[Story], int], without: int) -> None:
    assert seen(moved(**{option: True})) > without
    assert seen(moved(**{option: False})) == without


def test_people_named_in_texts_are_told_only_when_that_is_wanted() -> None:
    quiet, loud = body(moved(), "1"), body(moved(keep_mentions=True), "1")

    assert "mention" not in nodes(quiet)
    assert "@Ada" in json.dumps(quiet)
    assert "mention" in nodes(loud)
    assert f"acc-{ADA.id}" in json.dumps(loud)


def test_a_quick_verification_reads_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    real = MemoryTarget.open_target_file

    def counted(target: MemoryTarget, file_id: str) -> Any:
        opened.append(file_id)
        return real(target, file_id)

    monkeypatch.setattr(MemoryTarget, "open_target_file", counted)

    moved(quick_verification=True)
    quick = len(opened)
    moved()

    assert (quick, len(opened) > 0) == (0, True)


def test_pages_are_linked_only_when_that_is_wanted() -> None:
    pages = [
        {page.url for some in moved(remote_links=wish).target.remote.values() for page in some.values()}
        for wish in (False, True)
    ]

    assert pages == [set(), {PAGE}]
