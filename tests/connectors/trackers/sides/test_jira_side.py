"""A Jira project as a side: the shared promises, and what is peculiar to Jira."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from connectors.domain.errors import Missing, NotSent, Refused, Throttled, Unclear
from connectors.domain.sides import LABELS, STATE, TEXT, TITLE, SideDraft, SideLink
from connectors.domain.work_items import Person
from connectors.trackers.sides import jira_changes
from sandbox.faults import FaultKind
from sandbox.jira.caller import Caller
from sandbox.jira.issue_extras import add_link
from sandbox.jira.models import Category
from sandbox.jira.setup import account_id
from sandbox.jira.site import SiteSpec, StatusSpec, TransitionSpec, WorkflowSpec
from sandbox.service import Limits
from tests.connectors.trackers.sides.contract import LONG, Content, SideContract, keys_of
from tests.connectors.trackers.sides.jira_world import JiraWorld, jira_world

TOM = "tomasz.wojcik@saltwind.example"


@pytest.fixture
def world() -> JiraWorld:
    return jira_world()


class TestJiraSide(SideContract):
    """The promises of every side."""


class TestJiraSideWithALateSearch(SideContract):
    """The same where search learns of everything a minute late."""

    @pytest.fixture
    def world(self) -> JiraWorld:
        return jira_world(SiteSpec(search_lag_ms=60_000))


# -- changes


@pytest.mark.parametrize("ahead", [-7200.0, -90.0, 90.0, 7200.0])
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/St_Johns", "Asia/Kathmandu"])
def test_neither_time_zones_nor_a_wrong_clock_hide_changes(zone: str, ahead: float) -> None:
    world = jira_world(SiteSpec(caller_time_zone=zone, time_zone="America/Los_Angeles"), ahead=ahead)
    world.create("Old")
    world.pause(LONG)
    cursor = world.side.start_cursor(world.moment())

    for number in range(3):
        world.pause(7)
        key = world.create(f"New {number}")
        seen, cursor = world.follow(cursor)
        assert key in keys_of(seen)

    assert "DEMO-1" not in keys_of(seen)


@pytest.mark.parametrize("start", ["2026-10-25T00:00:00+00:00", "2027-03-28T00:00:00+00:00"])
def test_changes_are_followed_while_clocks_go_back_or_forward(start: str) -> None:
    world = jira_world(SiteSpec(caller_time_zone="Europe/Berlin"))
    world.service.clock.set(datetime.fromisoformat(start).timestamp())
    cursor = world.side.start_cursor(world.moment())

    for number in range(12):
        world.pause(600)
        key = world.create(f"Item {number}")
        seen, cursor = world.follow(cursor)
        assert key in keys_of(seen)
        assert keys_of(seen) <= {key, f"DEMO-{number}"}


def test_what_search_shows_late_is_seen_by_a_later_look() -> None:
    world = jira_world(SiteSpec(search_lag_ms=150_000))
    cursor = world.side.start_cursor(world.moment())
    late = world.create("Late")
    found: list[bool] = []

    for _ in range(40):
        world.pause(5)
        seen, cursor = world.follow(cursor)
        found.append(late in keys_of(seen))

    assert not found[0]
    assert any(found)
    assert found[-1]


def test_many_changes_come_in_pages_oldest_first(world: JiraWorld) -> None:
    cursor = world.side.start_cursor(world.moment())
    for number in range(250):
        world.create(f"Item {number}")
        world.pause(0.5)
    before = world.requests()

    seen, cursor = world.follow(cursor)

    assert world.requests() - before == 3
    assert [each.key for each in seen] == [f"DEMO-{number}" for number in range(1, 251)]
    assert [each.at for each in seen] == sorted(each.at for each in seen)


def test_a_place_that_jira_forgot_is_asked_for_again(world: JiraWorld) -> None:
    for number in range(120):
        world.create(f"Item {number}")
    first = world.side.changes("", world.side.start_cursor(world.moment()))
    assert first.more
    world.pause(8 * 24 * 3600)

    seen, cursor = world.follow(first.cursor)

    assert len(keys_of(seen)) == 120
    assert set(cursor) == {"since"}


@pytest.mark.parametrize("act", ["comment", "edit comment", "drop comment", "link", "file", "parent", "state"])
def test_whatever_happens_to_an_issue_is_a_change(world: JiraWorld, act: str) -> None:
    side, key, other = world.side, world.create("One"), world.create("Other")
    parent = side.create(SideDraft("p", "Epic", {TITLE: "Parent"}))
    comment = side.add_comment(key, world.text("Hello"), mark="c")
    world.pause(LONG)
    cursor = side.start_cursor(world.moment())
    before = world.item(key).version

    acts: dict[str, Callable[[], object]] = {
        "comment": lambda: side.add_comment(key, world.text("More"), mark="d"),
        "edit comment": lambda: side.edit_comment(key, comment, world.text("Changed")),
        "drop comment": lambda: side.delete_comment(key, comment),
        "link": lambda: side.link(other, SideLink("Blocks", key)),
        "file": lambda: side.add_file(key, "a.txt", Content(b"a")),
        "parent": lambda: side.set_parent(key, parent),
        "state": lambda: side.move(key, "Done"),
    }
    acts[act]()
    seen, _ = world.follow(cursor)

    assert {each.version for each in seen if each.key == key} == {world.item(key).version}
    assert world.item(key).version != before


def test_a_throttled_look_waits_and_goes_on(world: JiraWorld) -> None:
    key = world.create()
    world.fail(FaultKind.THROTTLED_429, "search/jql", times=2, retry_after=2)

    seen, _ = world.follow(world.side.start_cursor(world.moment()))

    assert keys_of(seen) == {key}


# -- filters


@pytest.mark.parametrize(
    "query", ["labels = kept ORDER BY created DESC", "ORDER BY key", "summary ~ 'order by' OR labels = kept", "  "]
)
def test_a_filter_may_bring_its_own_order(world: JiraWorld, query: str) -> None:
    kept = world.create("In", {LABELS: ["kept"]})

    world.side.check_query(query)

    assert [key for page in world.side.select(query) for key in page] == [kept]
    assert keys_of(world.follow(world.side.start_cursor(world.moment()), query)[0]) == {kept}


@pytest.mark.parametrize("query", ["labels = kept) OR (labels = other", "nosuchfield = 1", "labels ==", "project = "])
def test_a_filter_that_would_not_stay_within_its_brackets_is_refused(world: JiraWorld, query: str) -> None:
    with pytest.raises(Refused) as caught:
        world.side.check_query(query)

    assert caught.value.code == "QUERY_REFUSED"


def test_a_filter_that_became_unreadable_is_told_by_every_reader(world: JiraWorld) -> None:
    world.create()

    with pytest.raises(Refused) as caught:
        world.side.changes("labels = (", world.side.start_cursor(world.moment()))

    assert caught.value.code == "QUERY_REFUSED"


def test_the_filter_is_asked_about_items_as_they_are_now() -> None:
    world = jira_world(SiteSpec(search_lag_ms=600_000))
    keys = [world.create(f"Item {n}", {LABELS: ["kept"] if n % 2 else ["other"]}) for n in range(100)]
    world.side.write(keys[0], {LABELS: ["kept"]})
    world.side.write(keys[1], {LABELS: ["other"]})
    before = world.requests()

    held = world.side.within("labels = kept", keys)

    assert held == {keys[0], *keys[3::2]}
    assert world.requests() - before == 3


# -- deleted items


def test_deletions_are_found_page_by_page(world: JiraWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jira_changes, "KEY_PAGE", 3)
    keys = [world.create(f"Item {n}") for n in range(8)]
    _, cursor = world.follow(world.side.start_cursor(world.moment()), quiet=True)
    assert cursor["known"] == "1-8"
    for gone in (keys[0], keys[4], keys[7]):
        world.delete(gone)
    new = world.create("New")
    found: set[str] = set()

    for _ in range(3):
        before = world.requests()
        page = world.side.quiet_changes("", cursor)
        assert world.requests() - before == 1
        assert not page.more
        found |= keys_of(list(page.seen))
        cursor = page.cursor

    assert found == {keys[0], keys[4], keys[7]}
    assert new not in found
    assert cursor["known"] == "2-4,6-7,9"


def test_a_forgotten_place_in_the_listing_starts_it_again(world: JiraWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jira_changes, "KEY_PAGE", 3)
    keys = [world.create(f"Item {n}") for n in range(5)]
    _, cursor = world.follow(world.side.start_cursor(world.moment()), quiet=True)
    cursor = world.side.quiet_changes("", cursor).cursor
    world.delete(keys[1])
    world.pause(8 * 24 * 3600)

    seen, _ = world.follow(cursor, quiet=True)

    assert keys_of(seen) == {keys[1]}


def test_a_project_that_is_gone_does_not_look_like_deleted_items(world: JiraWorld) -> None:
    world.create()
    _, cursor = world.follow(world.side.start_cursor(world.moment()), quiet=True)
    world.service.content.projects.clear()

    with pytest.raises(Missing):
        world.side.quiet_changes("", cursor)


def test_a_key_in_small_letters_is_the_same_project() -> None:
    world = jira_world(key="demo")
    since = world.moment()
    _, cursor = world.follow(world.side.start_cursor(since), quiet=True)
    key = world.create(mark="m")
    _, cursor = world.follow(cursor, quiet=True)
    found = world.side.find_mark("m", since=since)
    world.delete(key)

    assert (key, found) == ("DEMO-1", "DEMO-1")
    assert keys_of(world.follow(cursor, quiet=True)[0]) == {key}


def test_the_last_item_of_a_project_can_be_deleted(world: JiraWorld) -> None:
    key = world.create()
    _, cursor = world.follow(world.side.start_cursor(world.moment()), quiet=True)
    world.delete(key)

    assert keys_of(world.follow(cursor, quiet=True)[0]) == {key}


# -- reading


def test_a_hundred_items_are_read_in_one_request(world: JiraWorld) -> None:
    keys = [world.create(f"Item {n}") for n in range(100)]
    before = world.requests()

    items = world.side.read(keys)

    assert [item.key for item in items] == keys
    assert world.requests() - before == 1


def test_an_item_just_made_is_read_although_the_site_denies_it_at_first() -> None:
    world = jira_world(SiteSpec(late_read_ms=28_000))
    old = world.create("Old")
    world.pause(60)
    new = world.create("New")

    assert [item.key for item in world.side.read([old, new])] == [old, new]


def test_what_is_gone_was_asked_for_twice(world: JiraWorld) -> None:
    stays, goes = world.create("Stays"), world.create("Goes")
    world.pause(60)
    world.delete(goes)
    before = world.requests()

    assert [item.key for item in world.side.read([stays, goes])] == [stays]
    assert world.requests() - before == 2


def test_marks_of_all_their_comments_cost_one_request_more(world: JiraWorld) -> None:
    keys = [world.create(f"Item {n}") for n in range(20)]
    for key in keys:
        world.side.add_comment(key, world.text("Hello"), mark=f"c {key}")
    before = world.requests()

    items = world.side.read(keys)

    assert world.requests() - before == 2
    assert [[each.mark for each in item.comments or ()] for item in items] == [[f"c {key}"] for key in keys]


def test_comments_that_were_cut_are_asked_for(world: JiraWorld) -> None:
    key = world.create()
    for number in range(105):
        world.side.add_comment(key, world.text(f"Comment {number}"), mark=str(number))

    item = world.item(key)

    assert item.comments is None
    assert item.comment_count == 105
    assert [each.mark for each in world.side.comments(key)] == [str(number) for number in range(105)]


def test_comments_for_some_eyes_only_are_not_shown(world: JiraWorld) -> None:
    key = world.create()
    secret = world.side.add_comment(key, world.text("Among us"), mark="secret")
    shown = world.side.add_comment(key, world.text("For all"), mark="open")
    world.service.content.comments[secret].visibility = {"type": "role", "value": "Administrators"}

    assert [each.id for each in world.side.comments(key)] == [shown]
    assert [each.id for each in world.item(key).comments or ()] == [shown]
    assert set(world.side.comment_marks(key, frozenset())) == {"secret", "open"}


def test_an_item_that_left_the_project_is_not_read(world: JiraWorld) -> None:
    key, stays = world.create("Moves"), world.create("Stays")
    _, cursor = world.follow(world.side.start_cursor(world.moment()), quiet=True)
    tasks, issue = world.service.content.projects, world.issue(key)
    other = replace(next(iter(tasks.values())), id="77", key="OTHER")
    tasks[other.id] = other
    issue.project, issue.key, issue.number = other, "OTHER-1", 1
    world.service.content.issue_by_key["OTHER-1"] = issue

    assert [item.key for item in world.side.read([key, stays])] == [stays]
    assert world.side.within("", [key, stays]) == {stays}
    assert keys_of(world.follow(cursor, quiet=True)[0]) == {key}


def test_who_changed_an_item_last_is_told(world: JiraWorld) -> None:
    key, tom, me = world.create(), account_id(TOM), world.side.describe().me
    assert me is not None
    assert world.item(key).changed_by == me.id

    world.pause(60)
    world.edit(key, TOM, summary="By Tom")
    assert world.item(key).changed_by == tom

    world.pause(60)
    comment = world.side.add_comment(key, world.text("By me"), mark="c")
    assert world.item(key).changed_by == me.id

    world.pause(60)
    world.side.delete_comment(key, comment)
    assert world.item(key).changed_by == ""


def test_two_people_at_once_are_nobody(world: JiraWorld) -> None:
    key = world.create()
    world.pause(60)
    world.edit(key, TOM, summary="By Tom")
    world.side.write(key, {TITLE: "By me"})

    assert world.item(key).changed_by == ""


# -- creating


NARROW = SiteSpec(create_screens={"Story": ("summary", "issuetype", "project")})


def test_what_the_create_screen_does_not_take_follows_by_an_edit() -> None:
    world = jira_world(NARROW)

    values = world.item(world.create("Full", {TEXT: world.text("Words"), LABELS: ["x"]})).values

    assert values[LABELS] == ["x"]
    assert "Words" in str(values[TEXT])


def test_an_item_that_could_not_be_completed_is_there_nevertheless() -> None:
    world = jira_world(NARROW)
    since = world.moment()

    with pytest.raises(Unclear):
        world.create("Half", {LABELS: ["x"], "duedate": "odd"}, mark="m-half")

    key = world.side.find_mark("m-half", since=since)
    assert key is not None
    assert world.item(key).values[TITLE] == "Half"


def test_a_type_that_the_project_lacks_is_refused(world: JiraWorld) -> None:
    with pytest.raises(Refused) as caught:
        world.side.create(SideDraft("m", "Initiative", {TITLE: "x"}))

    assert caught.value.code == "TYPE_REFUSED"


def test_a_mark_is_found_where_neither_search_nor_reading_knows_it_yet() -> None:
    world = jira_world(SiteSpec(search_lag_ms=3_600_000, late_read_ms=25_000))
    for number in range(150):
        world.create(f"Item {number}")
    since = world.moment()
    key = world.create("Late", mark="m-late")

    assert world.side.find_mark("m-late", since=since) == key


def test_a_mark_is_found_below_what_others_made_since(world: JiraWorld) -> None:
    world.create("Old", mark="twice")
    world.pause(LONG)
    since = world.moment()
    key = world.create("Wanted", mark="wanted")
    for number in range(230):
        world.create(f"Item {number}")

    assert world.side.find_mark("wanted", since=since) == key
    assert world.side.find_mark("twice", since=since + timedelta(hours=1)) is None


@pytest.mark.parametrize("ahead", [-7200.0, 7200.0])
def test_a_wrong_clock_hides_no_mark(ahead: float) -> None:
    world = jira_world(ahead=ahead)
    since = world.moment()
    key = world.create(mark="m")

    assert world.side.find_mark("m", since=since) == key


# -- writing


def test_an_edit_whose_answer_is_lost_is_repeated(world: JiraWorld) -> None:
    key = world.create()
    world.fail(FaultKind.LOST, "issue/{key}$", method="PUT")

    world.side.write(key, {TITLE: "Once more"})

    assert world.item(key).values[TITLE] == "Once more"


def test_an_edit_beside_another_one_did_not_happen(world: JiraWorld) -> None:
    key = world.create()
    world.fail(FaultKind.CONFLICT_409, "issue/{key}$", method="PUT", times=50)

    with pytest.raises(NotSent):
        world.side.write(key, {TITLE: "Too much"})


def test_many_writes_to_one_issue_wait_before_jira_refuses_them() -> None:
    world = jira_world(limits=Limits.DOCUMENTED)
    key, pauses = world.create(), 0

    for number in range(130):
        try:
            world.side.write(key, {TITLE: f"Edit {number}"})
        except Throttled as error:
            pauses += 1
            world.pause(error.retry_after or 0)
            world.side.write(key, {TITLE: f"Edit {number}"})

    assert world.item(key).values[TITLE] == "Edit 129"
    assert pauses == 1
    assert not any(entry.status == 429 for entry in world.service.log.entries())


def test_a_side_serves_several_threads_at_once(world: JiraWorld) -> None:
    keys = [world.create(f"Item {n}") for n in range(12)]
    fresh, text = type(world.jira)(world.jira.client, "DEMO"), world.text("Words")
    before = world.service.log.count("GET", "/rest/api/3/field")

    def work(key: str) -> str:
        fresh.write(key, {TITLE: f"Title of {key}"})
        fresh.add_comment(key, text, mark=key)
        fresh.move(key, "Done")
        (item,) = fresh.read([key])
        return f"{item.values[TITLE]} {item.values[STATE]} {[each.mark for each in item.comments or ()]}"

    with ThreadPoolExecutor(6) as pool:
        done = list(pool.map(work, keys))

    assert done == [f"Title of {key} Done ['{key}']" for key in keys]
    assert world.service.log.count("GET", "/rest/api/3/field") - before == 1


def test_nothing_to_write_asks_nothing(world: JiraWorld) -> None:
    key = world.create()
    before = world.requests()

    world.side.write(key, {})
    world.side.write(key, {STATE: "Done"})

    assert world.requests() == before


def test_writes_disturb_nobody_and_work_without_the_right_to_be_quiet() -> None:
    world = jira_world(SiteSpec(denied=frozenset({"ADMINISTER", "ADMINISTER_PROJECTS"})))
    key = world.create()

    world.side.write(key, {TITLE: "Aloud"})

    assert world.item(key).values[TITLE] == "Aloud"


@pytest.mark.parametrize("verb", ["write", "move", "comment", "parent", "file"])
def test_an_item_that_is_gone_is_missing(world: JiraWorld, verb: str) -> None:
    key, side = world.create(), world.side
    side.describe()
    world.delete(key)

    verbs: dict[str, Callable[[], object]] = {
        "write": lambda: side.write(key, {TITLE: "x"}),
        "move": lambda: side.move(key, "Done"),
        "comment": lambda: side.add_comment(key, world.text("x"), mark="c"),
        "parent": lambda: side.set_parent(key, None),
        "file": lambda: side.add_file(key, "a", Content(b"a")),
    }
    with pytest.raises(Missing):
        verbs[verb]()


# -- states

STATUSES = tuple(
    StatusSpec(name, category)
    for name, category in (
        ("Open", Category.NEW),
        ("Ready", Category.NEW),
        ("Doing", Category.INDETERMINATE),
        ("Testing", Category.INDETERMINATE),
        ("Closed", Category.DONE),
        ("Lost", Category.DONE),
    )
)
LADDER = WorkflowSpec(
    "Ladder",
    (
        TransitionSpec("Prepare", "Ready", sources=("Open",)),
        TransitionSpec("Wait", "Open", sources=("Ready",)),
        TransitionSpec("Begin", "Doing", sources=("Ready",)),
        TransitionSpec("Test", "Testing", sources=("Doing",)),
        TransitionSpec("Shortcut", "Testing", sources=("Ready",)),
        TransitionSpec("Close", "Closed", sources=("Testing",)),
        TransitionSpec("Resolve", "Closed", sources=("Doing",), screen=("resolution",), required=("resolution",)),
        TransitionSpec("Forget", "Open", sources=("Lost",)),
    ),
    initial="Open",
)
STRAIGHT = SiteSpec(statuses=STATUSES, workflows=(LADDER,))


def history(world: JiraWorld, key: str) -> list[str | None]:
    """The states an issue went through."""
    return [change.new_text for entry in world.issue(key).history for change in entry.items if change.field == "status"]


def test_the_shortest_way_is_taken() -> None:
    world = jira_world(STRAIGHT)
    key = world.create()

    world.side.move(key, "Closed")

    assert history(world, key) == ["Ready", "Testing", "Closed"]


def test_a_step_that_asks_for_something_is_taken_by_force_only() -> None:
    workflow = replace(LADDER, transitions=tuple(each for each in LADDER.transitions if each.name != "Close"))
    world = jira_world(replace(STRAIGHT, workflows=(workflow,)))
    key = world.create()
    world.side.move(key, "Doing")

    with pytest.raises(Refused) as caught:
        world.side.move(key, "Closed")
    assert caught.value.code == "STATE_UNREACHABLE"
    assert world.item(key).values[STATE] == "Doing"

    world.side.move(key, "Closed", force=True)
    values = world.item(key).values
    assert (values[STATE], values["resolution"]) == ("Closed", "Done")


def test_a_question_without_a_default_is_not_answered_even_by_force() -> None:
    asking = TransitionSpec("Close", "Closed", sources=("Testing",), screen=("duedate",), required=("duedate",))
    workflow = WorkflowSpec("Asking", (*LADDER.transitions[:5], asking), initial="Open")
    world = jira_world(replace(STRAIGHT, workflows=(workflow,)))
    key = world.create()
    world.side.move(key, "Testing")

    with pytest.raises(Refused):
        world.side.move(key, "Closed", force=True)

    assert world.item(key).values[STATE] == "Testing"


def test_where_no_steps_lead_none_is_taken() -> None:
    world = jira_world(STRAIGHT)
    key = world.create()

    with pytest.raises(Refused) as caught:
        world.side.move(key, "Lost")

    assert caught.value.code == "STATE_UNREACHABLE"
    assert history(world, key) == []


def test_without_the_right_to_read_workflows_the_steps_are_tried() -> None:
    world = jira_world(replace(STRAIGHT, denied=frozenset({"ADMINISTER", "ADMINISTER_PROJECTS"})))
    key = world.create()

    world.side.move(key, "Closed")

    assert world.item(key).values[STATE] == "Closed"


def test_a_step_whose_answer_was_lost_is_not_taken_twice() -> None:
    world = jira_world(STRAIGHT)
    key = world.create()
    world.side.describe()
    world.fail(FaultKind.LOST, "transitions", method="POST")

    world.side.move(key, "Closed")

    assert history(world, key) == ["Ready", "Testing", "Closed"]


def test_the_states_of_a_type_are_in_the_order_of_its_workflow() -> None:
    kind = next(each for each in jira_world(STRAIGHT).side.describe().types if each.name == "Story")

    assert set(kind.states) == {"Open", "Ready", "Doing", "Testing", "Closed", "Lost"}


# -- links, files, people


def test_a_link_that_reads_alike_is_one_link_from_either_end(world: JiraWorld) -> None:
    one, other = world.create(), world.create()
    world.side.link(one, SideLink("Relates", other))
    world.side.link(other, SideLink("Relates", one))

    assert world.item(one).links == (SideLink("Relates", other),)
    assert world.item(other).links == (SideLink("Relates", one),)
    world.side.unlink(other, SideLink("Relates", one))
    assert world.item(one).links == ()


def test_links_in_both_directions_are_two(world: JiraWorld) -> None:
    one, other = world.create(), world.create()
    world.side.link(one, SideLink("Blocks", other))
    world.side.link(one, SideLink("Blocks", other, outward=False))

    world.side.unlink(one, SideLink("Blocks", other))

    assert world.item(one).links == (SideLink("Blocks", other, outward=False),)


def test_a_link_that_may_not_be_removed_is_no_link_that_is_gone() -> None:
    world = jira_world(SiteSpec(denied=frozenset({"LINK_ISSUES"})))
    one, other = world.create(), world.create()
    content = world.service.content
    tom = Caller(content.users[account_id(TOM)], frozenset({"LINK_ISSUES"}))
    blocks = next(kind for kind in content.link_types.values() if kind.name == "Blocks")
    add_link(content, tom, link_type=blocks, inward=world.issue(one), outward=world.issue(other))

    with pytest.raises(Missing):
        world.side.unlink(one, SideLink("Blocks", other))


def test_a_file_is_referred_to_by_what_texts_use_to_show_it(world: JiraWorld) -> None:
    key = world.create()
    made = world.side.add_file(key, "a.png", Content(b"png"))
    plain = world.side.add_file(key, "b.png", Content(b"png"))
    media = {"type": "media", "attrs": {"type": "file", "id": made.reference, "collection": ""}}
    document = {"type": "doc", "version": 1, "content": [{"type": "mediaSingle", "content": [media]}]}
    world.side.write(key, {TEXT: {"markup": "adf", "document": document}})
    before = world.requests()

    first, second = world.item(key).files

    assert (first.reference, first.author) == (made.reference, world.issue(key).creator.account_id)
    assert (second.id, second.reference) == (plain.id, plain.reference)
    assert second.reference not in ("", first.reference)
    assert world.requests() - before == 1


def test_media_ids_are_learned_once() -> None:
    world = jira_world()
    key = world.create()
    made = world.side.add_file(key, "a.png", Content(b"png"))
    media = {"type": "media", "attrs": {"type": "file", "id": made.reference, "collection": ""}}
    document = {"type": "doc", "version": 1, "content": [{"type": "mediaSingle", "content": [media]}]}
    world.side.add_comment(key, {"markup": "adf", "document": document}, mark="c")
    fresh = type(world.jira)(world.jira.client, "DEMO")
    fresh.describe()
    before = world.requests()

    references = [fresh.read([key])[0].files[0].reference for _ in range(3)]

    assert references == [made.reference] * 3
    assert world.requests() - before == 3 * 2 + 1


def test_what_no_text_shows_costs_no_request(world: JiraWorld) -> None:
    key = world.create()
    for name in ("a.pdf", "b.docx"):
        world.side.add_file(key, name, Content(b"x"))
    fresh = type(world.jira)(world.jira.client, "DEMO")
    fresh.describe()
    before = world.requests()

    (item,) = fresh.read([key])

    assert [each.reference for each in item.files] == ["", ""]
    assert world.requests() - before == 1


def test_a_file_without_its_media_id_is_a_file_nevertheless(world: JiraWorld) -> None:
    key = world.create()
    world.side.describe()
    world.fail(FaultKind.ERROR_500, "attachment/content", method="GET", times=50)

    made = world.side.add_file(key, "a.png", Content(b"png"))

    assert (made.name, made.reference) == ("a.png", "")


def test_a_cursor_stands_still_for_a_minute(world: JiraWorld) -> None:
    cursor = start = world.side.start_cursor(world.moment())
    stood: list[bool] = []
    for _ in range(3):
        world.pause(25)
        key = world.create()
        page = world.side.changes("", cursor)
        assert key in keys_of(list(page.seen))
        cursor = page.cursor
        stood.append(cursor == start)

    assert stood == [True, True, False]


def test_a_file_that_is_too_large_is_not_sent() -> None:
    world = jira_world(SiteSpec(upload_limit=5))
    key = world.create()
    assert world.side.describe().file_limit == 5
    before = world.requests()

    with pytest.raises(Refused) as caught:
        world.side.add_file(key, "a.bin", Content(b"123456"))

    assert caught.value.code == "ATTACHMENT_TOO_LARGE"
    assert world.requests() == before


def test_a_file_whose_answer_is_lost_is_among_the_files(world: JiraWorld) -> None:
    key = world.create()
    world.side.describe()
    world.fail(FaultKind.LOST, "attachments", method="POST")

    with pytest.raises(Unclear):
        world.side.add_file(key, "a.txt", Content(b"abc"))

    assert [(each.name, each.size) for each in world.item(key).files] == [("a.txt", 3)]


def test_people_are_found_by_e_mail_then_name_and_shown_even_when_they_left(world: JiraWorld) -> None:
    gone = account_id("gustav.berg@saltwind.example")

    found = world.side.find_people(
        [Person("a", "X", "LI.WEI@saltwind.example"), Person("b", "per ås"), Person("c", "Q")]
    )
    shown = world.side.people_of([gone, gone, "712020:nobody"])

    assert {theirs: ours.name for theirs, ours in found.items()} == {"a": "Li Wei", "b": "Per Ås"}
    assert {person.name: person.active for person in shown.values()} == {"Gustav Berg": False}


def test_a_page_of_an_item_is_the_sites_own(world: JiraWorld) -> None:
    assert world.side.item_url("DEMO-7") == "http://jira.test/browse/DEMO-7"
