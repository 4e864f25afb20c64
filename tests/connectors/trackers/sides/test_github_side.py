"""A GitHub repository as a side, on the stand-in."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.domain.errors import Missing, Refused
from connectors.domain.sides import (
    ASSIGNEE,
    LABELS,
    PRIORITY,
    STATE,
    TEXT,
    TITLE,
    SideDraft,
    SideLink,
    ValueKind,
)
from connectors.domain.work_items import Person
from connectors.trackers.sides.github import GitHubSide
from connectors.trackers.sides.github_filter import read_filter
from sandbox.faults import FaultKind
from sandbox.github.changes import edit_text, set_labels
from sandbox.github.control import delete_issue, transfer_issue
from sandbox.github.models import Label, Milestone, PullRequest
from sandbox.github.state import Act
from tests.connectors.trackers.github.stand_in import Stage, stage
from tests.connectors.trackers.sides.contract import COMMENT, CREATE, LONG, SideContract, World, keys_of

_ROUTES = {CREATE: "{repo}/issues$", COMMENT: "{number}/comments$"}


@pytest.fixture
def here() -> Stage:
    return stage()


@pytest.fixture
def world(here: Stage) -> World:
    return world_on(here)


def world_on(here: Stage) -> World:
    def delete(key: str) -> None:
        delete_issue(here.service.content, here.repository.issues[int(key)], acting(here))

    return World(
        side=GitHubSide(here.client),
        type="Task",
        state="closed: not_planned",
        query="label:kept",
        bad_query="sorted:by-mood",
        now=here.service.clock.now,
        pause=here.service.clock.advance,
        requests=lambda: len(here.seen),
        lose_answer=lambda kind: here.fail(FaultKind.LOST, _ROUTES[kind], method="POST"),
        delete=delete,
        person=Person("mona-lisa", "Mona Lisa", "mona.lisa@example.com"),
        parent_type="Epic",
    )


def acting(here: Stage, login: str = "tomas-k") -> Act:
    return Act(here.service.content.user(login), here.service.content.now())


class TestContract(SideContract):
    """GitHub keeps what every side promises."""


def test_every_kind_of_value_comes_back_as_it_was_written(world: World, here: Stage) -> None:
    here.repository.milestones[1] = Milestone(1, 1, "Spring", acting(here).actor, 0.0, 0.0)
    values: dict[str, Any] = {
        TITLE: "Ünïcode & <b>",
        TEXT: {"markup": "markdown", "text": "One **two**\n\n- a\n- b"},
        ASSIGNEE: "mona-lisa",
        PRIORITY: "High",
        LABELS: ["Alpha", "area: Gate", "beta two"],
        "milestone": "Spring",
    }
    key = world.create()

    world.side.write(key, values)

    item = world.item(key)
    assert {name: item.values[name] for name in values} == values
    assert item.type == "Task"
    cleared = {name: [] if name == LABELS else None for name in values if name != TITLE}
    world.side.write(key, cleared)
    assert {name: world.item(key).values[name] for name in cleared} == cleared


def test_the_shape_tells_what_a_repository_has(world: World, here: Stage) -> None:
    here.repository.milestones[1] = Milestone(1, 1, "Spring", acting(here).actor, 0.0, 0.0)
    here.repository.labels["priority: urgent"] = Label(1, "priority: Urgent")
    here.repository.labels["type: chore"] = Label(2, "type: Chore")

    shape = world.side.describe()

    kinds = {each.id: each.kind for each in shape.fields}
    priority, milestone = shape.field(PRIORITY), shape.field("milestone")
    assert (shape.system, shape.project, shape.markup, shape.takes_files) == (
        "github",
        "contoso/demo",
        "markdown",
        False,
    )
    assert kinds[LABELS] is ValueKind.LABELS
    assert priority is not None and priority.options == ("Highest", "High", "Medium", "Low", "Urgent")
    assert milestone is not None and milestone.options == ("Spring",)
    assert {"Issue", "Bug", "Task", "Feature", "Epic", "Chore"} <= {each.name for each in shape.types}
    assert shape.types[0].states == ("open", "closed: completed", "closed: not_planned", "closed: duplicate")
    assert shape.link_types == ("Blocks", "Relates", "Duplicate")


def test_types_are_the_organisations_else_labels(world: World, here: Stage) -> None:
    bug = world.side.create(SideDraft("a", "bug", {TITLE: "A"}))
    chore = world.side.create(SideDraft("b", "Chore", {TITLE: "B", LABELS: ["x"]}))
    plain = world.side.create(SideDraft("c", "Issue", {TITLE: "C"}))

    assert [world.item(each).type for each in (bug, chore, plain)] == ["Bug", "Chore", "Issue"]
    assert world.item(chore).values[LABELS] == ["x"]
    assert [label.name for label in here.repository.issues[int(chore)].labels] == ["type: Chore", "x"]


def test_what_is_hidden_in_a_text_is_neither_shown_nor_lost(world: World, here: Stage) -> None:
    key, other = world.create("One", {TEXT: world.text("Words")}, mark="m -- > 1"), world.create("Other")
    world.side.link(key, SideLink("Relates", other))
    assert world.item(key).values[TEXT] == {"markup": "markdown", "text": "Words"}

    world.side.write(key, {TEXT: {"markup": "html", "text": "<p>now <b>this</b></p>"}})
    world.side.write(key, {TEXT: None})

    item, stored = world.item(key), here.repository.issues[int(key)].body or ""
    assert (item.values[TEXT], item.mark, item.links) == (None, "m -- > 1", (SideLink("Relates", other),))
    assert "-- >" not in stored.replace("<!-- ", "").replace(" -->", "")


def test_what_people_write_behind_the_mark_is_text(world: World, here: Stage) -> None:
    key = world.create("One", {TEXT: world.text("Words")}, mark="m")
    issue = here.repository.issues[int(key)]
    edit_text(here.service.content, issue, acting(here), body=f"{issue.body}\r\n\r\nMore words")

    item = world.item(key)

    assert item.values[TEXT] == {"markup": "markdown", "text": "Words\n\nMore words"}
    assert item.mark == "m"


def test_only_what_we_wrote_is_ours(world: World, here: Stage) -> None:
    key = world.create("One")
    me = world.side.describe().me
    assert me is not None
    assert world.item(key).changed_by == me.id

    edit_text(here.service.content, here.repository.issues[int(key)], acting(here), title="Theirs")

    assert world.item(key).changed_by == ""


def test_states_go_by_reason_and_back(world: World, here: Stage) -> None:
    key = world.create()

    for state in ("closed: duplicate", "closed: completed", "open", "closed: not_planned"):
        world.side.move(key, state)
        assert world.item(key).values[STATE] == state


def test_a_milestone_that_is_not_there_is_refused_by_name(world: World) -> None:
    key = world.create()

    for values in ({"milestone": "Nowhere"}, {"author": "mona-lisa"}, {ASSIGNEE: "passer-by"}):
        with pytest.raises(Refused) as caught:
            world.side.write(key, values)
        assert set(caught.value.fields) == set(values)


def test_pull_requests_are_no_items(world: World, here: Stage) -> None:
    cursor = world.side.start_cursor(world.moment())
    key = world.create()
    issue = here.repository.issues[int(key)]
    issue.pull = PullRequest(1, head="topic", base="main")

    assert world.follow(cursor)[0] == []
    assert world.side.read([key]) == []
    assert list(world.side.select("")) == []
    assert world.side.within("", [key]) == frozenset()


def test_a_poll_without_news_is_one_answer_without_a_body(world: World, here: Stage) -> None:
    cursor = world.side.start_cursor(world.moment())
    world.create("One")
    for _ in range(2):
        _, cursor = world.follow(cursor)
    before = len(here.seen)

    seen, again = GitHubSide(here.client).changes("", cursor).seen, cursor

    assert (seen, again) == ((), cursor)
    assert [(each.method, each.status) for each in here.seen[before:]] == [("GET", 304)]


def test_what_a_poll_told_is_not_asked_for_again(world: World, here: Stage) -> None:
    cursor = world.side.start_cursor(world.moment())
    world.side.describe()
    key = world.create("One")
    world.follow(cursor)
    before = len(here.seen)

    world.side.read([key])
    told = len(here.seen) - before
    world.side.read([key])

    assert told == 0
    assert len(here.seen) - before == 1


def test_changes_that_lists_know_late_are_not_lost(world: World, here: Stage) -> None:
    cursor = world.side.start_cursor(world.moment())
    here.fail(FaultKind.HIDDEN, "{repo}/issues$", method="POST", hidden_ms=30_000)
    late = world.create("Late", mark="late")
    world.pause(10)
    early = world.create("Early")

    first, cursor = world.follow(cursor)
    assert world.side.find_mark("late", since=world.moment()) == late
    world.pause(25)
    second, cursor = world.follow(cursor)

    assert keys_of(first) == {early}
    assert late in keys_of(second)


def test_the_newest_issue_is_found_before_any_list_knows_it(world: World, here: Stage) -> None:
    world.create("Earlier")
    since = world.moment()
    here.fail(FaultKind.HIDDEN, "{repo}/issues$", method="POST", hidden_ms=30_000)
    late = world.create("Late", mark="late")

    assert world.side.find_mark("late", since=since) == late
    assert world.side.find_mark("other", since=since) is None


def test_many_changes_are_walked_each_seen_in_order(world: World, here: Stage) -> None:
    cursor = world.side.start_cursor(world.moment())
    made = [world.create(f"Item {number}") for number in range(130)]
    for _ in range(3):
        world.pause(1)
        made += [world.create(f"Item {len(made)}") for _ in range(40)]

    seen, cursor = world.follow(cursor)

    assert keys_of(seen) == set(made)
    assert [each.at for each in seen] == sorted(each.at for each in seen)
    world.pause(LONG)
    edit_text(here.service.content, here.repository.issues[7], acting(here), title="Later")
    after, cursor = world.follow(cursor)
    assert "7" in keys_of(after)
    world.follow(cursor)
    _, cursor = world.follow(cursor)
    before = len(here.seen)
    assert world.follow(cursor)[0] == []
    assert len(here.seen) - before == 1


def test_two_edits_in_one_second_are_two_versions(world: World, here: Stage) -> None:
    cursor = world.side.start_cursor(world.moment())
    key = world.create("One")
    first, cursor = world.follow(cursor)
    edit_text(here.service.content, here.repository.issues[int(key)], acting(here), title="Two")

    second, _ = world.follow(cursor)

    assert first[0].at == second[0].at
    assert first[0].version != second[0].version == world.item(key).version


def test_relations_are_quiet_changes(world: World, here: Stage) -> None:
    one, other = world.create("One", {LABELS: ["kept"]}), world.create("Other")
    world.pause(LONG)
    _, loud = world.follow(world.side.start_cursor(world.moment()))
    _, quiet = world.follow(world.side.start_cursor(world.moment()), world.query, quiet=True)

    world.side.link(one, SideLink("Blocks", other))

    assert world.follow(loud)[0] == []
    seen, quiet = world.follow(quiet, world.query, quiet=True)
    assert keys_of(seen) == {one}
    assert world.follow(quiet, world.query, quiet=True)[0] == []


def test_a_transferred_issue_is_gone(world: World, here: Stage) -> None:
    key = world.create()
    world.pause(LONG)
    _, quiet = world.follow(world.side.start_cursor(world.moment()), quiet=True)
    target = here.service.content.by_name["contoso/new-name"]
    transfer_issue(here.service.content, here.repository.issues[int(key)], target, acting(here))

    seen, _ = world.follow(quiet, quiet=True)

    assert (keys_of(seen), world.side.read([key])) == ({key}, [])


def test_labels_of_people_stay_when_only_the_priority_is_written(world: World, here: Stage) -> None:
    key = world.create("One", {LABELS: ["kept"], PRIORITY: "Low"})
    issue = here.repository.issues[int(key)]
    labels = here.repository.labels
    labels["theirs"] = Label(9, "theirs")
    set_labels(here.service.content, issue, acting(here), [*issue.labels, labels["theirs"]])

    world.side.write(key, {PRIORITY: "High"})

    values = world.item(key).values
    assert (values[LABELS], values[PRIORITY]) == (["kept", "theirs"], "High")


@pytest.mark.parametrize("kind", [FaultKind.LOST, FaultKind.ERROR_500, FaultKind.BAD_GATEWAY_502, FaultKind.HALF])
def test_writes_that_may_be_repeated_survive_faults(world: World, here: Stage, kind: FaultKind) -> None:
    one, other = world.create("One"), world.create("Other")

    for method, deed in (
        ("PATCH", lambda: world.side.write(one, {TITLE: "Written"})),
        ("POST", lambda: world.side.link(one, SideLink("Blocks", other))),
        ("PATCH", lambda: world.side.move(one, "closed: completed")),
        ("DELETE", lambda: world.side.unlink(one, SideLink("Blocks", other))),
        ("POST", lambda: world.side.set_parent(one, other)),
    ):
        here.fail(kind, method=method)
        deed()

    item = world.item(one)
    assert (item.values[TITLE], item.values[STATE], item.links) == ("Written", "closed: completed", ())
    assert item.parent == other


def test_a_parent_that_is_full_stands_in_the_text(world: World) -> None:
    parent = world.create("Parent")
    children = [world.create(f"Child {number}") for number in range(101)]
    for child in children:
        world.side.set_parent(child, parent)

    assert world.item(children[-1]).parent == parent
    assert world.item(children[-1]).values[TEXT] is None
    world.side.set_parent(children[-1], None)
    assert world.item(children[-1]).parent is None


def test_a_key_that_is_no_number_is_missing(world: World) -> None:
    with pytest.raises(Missing):
        world.side.write("DEMO-1", {TITLE: "x"})
    key = world.create()
    assert [item.key for item in world.side.read(["DEMO-1", key])] == [key]
    assert world.side.within("", ["DEMO-1", key]) == frozenset({key})
    assert world.side.item_url(key) == f"http://github.test/contoso/demo/issues/{key}"


ISSUE: dict[str, Any] = {
    "number": 4,
    "title": "The gate opens twice",
    "body": "After the horn",
    "state": "closed",
    "state_reason": "not_planned",
    "labels": [{"name": "bug"}, {"name": "Help Wanted"}],
    "milestone": {"title": "Spring 1"},
    "assignees": [{"login": "mona-lisa"}],
    "user": {"login": "tomas-k"},
    "comments": 3,
    "created_at": "2026-02-28T10:00:00Z",
    "updated_at": "2026-03-01T10:00:00Z",
    "closed_at": "2026-03-01T09:00:00Z",
}


@pytest.mark.parametrize(
    "query",
    [
        "",
        "is:issue is:closed",
        'label:"help wanted" label:bug',
        "label:nothing,bug",
        "-label:other NOT label:another",
        "state:open OR (milestone:\"spring 1\" AND assignee:Mona-Lisa)",
        "author:@tomas-k reason:not-planned OR reason:\"not planned\"",
        "type:Bug",
        "gate horn",
        '"gate opens"',
        "created:2026-02-28",
        "created:2026-02-01..2026-02-28 updated:>=2026-03-01 closed:<2026-03-02 closed:>2026-02-28",
        "comments:>2 comments:3",
        "-no:label",
        "(label:bug) AND (is:closed)",
    ],
)  # fmt: skip
def test_a_filter_that_holds(query: str) -> None:
    assert read_filter(query)(ISSUE)  # type: ignore[arg-type]  # a payload


@pytest.mark.parametrize(
    "query",
    ["is:open", "-label:bug", "label:bug label:other", "no:assignee", "door", "created:<2026-02-28", "comments:<3",
     "NOT (is:closed OR is:open)", "milestone:spring"],
)  # fmt: skip
def test_a_filter_that_does_not_hold(query: str) -> None:
    assert not read_filter(query)(ISSUE)  # type: ignore[arg-type]  # a payload


@pytest.mark.parametrize(
    "query",
    ["sort:updated", "is:pr", "is:draft", "(label:bug", "label:bug)", 'label:"bug', "OR", "label:bug AND", "label:",
     "no:thing", "created:yesterday", "comments:many", "assignee:@me", "NOT", "(" * 5000, "NOT " * 5000 + "x"],
)  # fmt: skip
def test_a_filter_that_cannot_be_read(query: str) -> None:
    with pytest.raises(Refused) as caught:
        read_filter(query)

    assert caught.value.code == "QUERY_REFUSED"
