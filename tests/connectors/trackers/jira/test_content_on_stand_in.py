"""Comments, files, links, sprints, components and steps on a site."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import pytest

from connectors.domain.errors import Missing, NotSent, Refused, Unclear
from connectors.domain.ports import TargetFile, TargetLink
from connectors.domain.shapes import Workflow
from sandbox.faults import FaultKind
from sandbox.jira.models import BoardKind
from sandbox.jira.site import BoardSpec, SiteSpec
from tests.connectors.trackers.jira.stand_in import Bytes, document, stage

MONDAY, FRIDAY = datetime(2026, 1, 5, 9, tzinfo=UTC), datetime(2026, 1, 16, 17, tzinfo=UTC)


# -- comments


def test_a_comment_carries_its_source_and_is_found_by_it() -> None:
    here = stage()
    (item,) = here.create()
    first = here.tracker.add_comment(item.id, document("One"), source_id="c1")
    second = here.tracker.add_comment(item.id, document("Two"), source_id="c2")

    assert here.tracker.comment_marks(item.id, frozenset()) == {"c1": first, "c2": second}
    assert here.tracker.comment_marks(item.id, frozenset({first})) == {"c2": second}


def test_known_comments_are_not_asked_about() -> None:
    here = stage()
    (item,) = here.create()
    comment = here.tracker.add_comment(item.id, document("One"), source_id="c1")
    before = here.requests()

    assert here.tracker.comment_marks(item.id, frozenset({comment})) == {}
    assert here.requests() - before == 1


@pytest.mark.parametrize("kind", [FaultKind.LOST, FaultKind.HALF])
def test_a_comment_whose_answer_is_lost_is_settled_by_its_mark(kind: FaultKind) -> None:
    here = stage()
    (item,) = here.create()
    here.fail(kind, "/comment")

    with pytest.raises(Unclear):
        here.tracker.add_comment(item.id, document("One"), source_id="c1")

    assert here.requests("POST", "/comment") == 1
    assert set(here.tracker.comment_marks(item.id, frozenset())) == {"c1"}


def test_a_comments_text_is_edited_in_place() -> None:
    here = stage()
    (item,) = here.create()
    comment = here.tracker.add_comment(item.id, document("One"), source_id="c1")

    here.tracker.edit_comment(item.id, comment, document("Uno"))

    (read,) = here.tracker.read_target_comments(item.id)
    assert (read.id, read.body) == (comment, document("Uno"))
    assert here.tracker.comment_marks(item.id, frozenset()) == {"c1": comment}


def test_trap_7_comments_beyond_a_page_are_all_read_and_their_embedded_copy_is_not_trusted() -> None:
    here = stage()
    (item,) = here.create()
    ids = [here.tracker.add_comment(item.id, document(str(n)), source_id=f"c{n}") for n in range(105)]

    (read,) = here.tracker.read_items([item.key])

    assert [comment.id for comment in here.tracker.read_target_comments(item.id)] == ids
    assert len(here.tracker.comment_marks(item.id, frozenset())) == 105
    assert read.comment_total == 105
    assert read.comments is None or len(read.comments) == 105


def test_a_comment_that_is_no_document_is_refused_by_its_field() -> None:
    here = stage()
    (item,) = here.create()

    with pytest.raises(Refused) as caught:
        here.tracker.add_comment(item.id, {"type": "doc", "version": 1, "content": [{"type": "?"}]}, source_id="c")
    assert caught.value.code == "TEXT_REFUSED"


def test_trap_11_a_comment_on_an_item_that_is_gone_is_missing() -> None:
    here = stage()

    with pytest.raises(Missing):
        here.tracker.add_comment("999999", document("One"), source_id="c")


# -- files


def test_a_file_goes_up_and_comes_back_byte_by_byte() -> None:
    here = stage()
    (item,) = here.create()
    chunks = [bytes([n]) * 50_000 for n in range(5)]

    made = here.tracker.upload_file(item.id, "Zeichnung (1) ä.png", Bytes(*chunks))

    with here.tracker.open_target_file(made.id) as content:
        digest = hashlib.sha256(b"".join(content)).hexdigest()
    assert (made.name, made.size) == ("Zeichnung (1) ä.png", 250_000)
    assert digest == hashlib.sha256(b"".join(chunks)).hexdigest()
    assert here.tracker.files(item.id) == [made]


def test_an_empty_file_and_one_of_unknown_size_arrive() -> None:
    here = stage()
    (item,) = here.create()

    empty = here.tracker.upload_file(item.id, "empty.txt", Bytes())
    unknown = here.tracker.upload_file(item.id, "unknown.bin", Bytes(b"a" * 10, b"b", size=None))

    assert [(file.name, file.size) for file in (empty, unknown)] == [("empty.txt", 0), ("unknown.bin", 11)]


def test_a_file_over_the_limit_is_refused_before_a_byte_is_sent() -> None:
    here = stage(SiteSpec(upload_limit=10))
    (item,) = here.create()

    with pytest.raises(Refused, match="takes 10") as caught:
        here.tracker.upload_file(item.id, "big.bin", Bytes(b"x" * 11))

    assert caught.value.code == "ATTACHMENT_TOO_LARGE"
    assert here.requests("POST", "/attachments") == 0


def test_a_file_whose_size_only_the_site_finds_too_large_says_the_same() -> None:
    here = stage(SiteSpec(upload_limit=10))
    (item,) = here.create()

    with pytest.raises(Refused) as caught:
        here.tracker.upload_file(item.id, "big.bin", Bytes(b"x" * 11, size=None))

    assert caught.value.code == "ATTACHMENT_TOO_LARGE"
    assert here.tracker.files(item.id) == []


@pytest.mark.parametrize("kind", [FaultKind.LOST, FaultKind.HALF])
def test_an_upload_whose_answer_is_lost_is_unclear_and_found_among_the_files(kind: FaultKind) -> None:
    here = stage()
    (item,) = here.create()
    here.fail(kind, "/attachments")

    with pytest.raises(Unclear):
        here.tracker.upload_file(item.id, "a.txt", Bytes(b"abc"))

    assert [(file.name, file.size) for file in here.tracker.files(item.id)] == [("a.txt", 3)]
    assert here.requests("POST", "/attachments") == 1


def test_a_source_that_ends_early_leaves_no_file() -> None:
    here = stage()
    (item,) = here.create()

    with pytest.raises(NotSent):
        here.tracker.upload_file(item.id, "a.txt", Bytes(b"abc", size=10))
    assert here.tracker.files(item.id) == []


def test_the_media_id_shows_the_file_inside_a_text() -> None:
    here = stage()
    (item,) = here.create()
    made = here.tracker.upload_file(item.id, "a.png", Bytes(b"abc"))
    media = here.tracker.media_id(made.id)
    assert media is not None
    image = {"type": "media", "attrs": {"type": "file", "id": media, "collection": ""}}
    body = {"type": "doc", "version": 1, "content": [{"type": "mediaSingle", "content": [image]}]}

    (shown,) = here.create(here.draft(2, body=body))

    assert here.tracker.read_items([shown.key])[0].body == body


def test_a_file_that_is_gone_is_missing() -> None:
    here = stage()

    with pytest.raises(Missing), here.tracker.open_target_file("999999"):
        pass


# -- links


def test_trap_9_a_link_reads_from_its_source_to_its_target() -> None:
    here = stage()
    one, two = here.create(here.draft(1), here.draft(2))

    here.tracker.link_items("Blocks", one.key, two.key)
    here.tracker.link_items("Blocks", one.key, two.key)

    first, second = here.tracker.read_items([one.key, two.key])
    assert first.links == (TargetLink(first.links[0].id, "Blocks", two.key, outward=True),)
    assert second.links == (TargetLink(second.links[0].id, "Blocks", one.key, outward=False),)


def test_an_unknown_link_type_is_refused_in_the_sites_words() -> None:
    here = stage()
    one, two = here.create(here.draft(1), here.draft(2))

    with pytest.raises(Missing, match="No issue link type with name 'Haunts' found"):
        here.tracker.link_items("Haunts", one.key, two.key)


def test_a_remote_link_is_made_once_however_often_it_is_sent() -> None:
    here = stage()
    (item,) = here.create()

    for title in ("Old", "New"):
        here.tracker.add_remote_link(item.id, mark="m1", url="https://x.example/1", title=title, relation="mentions")

    links = here.client._get("/rest/api/3/issue/{issue}/remotelink", {"issue": item.id})
    assert [(link["globalId"], link["object"]["title"], link["relationship"]) for link in links] == [
        ("m1", "New", "mentions")
    ]


# -- components and sprints


def test_a_component_of_that_name_is_used_again() -> None:
    here = stage()

    first = here.tracker.add_component("Engine")

    assert here.tracker.add_component("Engine") == first
    assert here.tracker.add_component("Wheels") != first


def test_trap_14_a_sprint_is_filled_then_started_then_closed() -> None:
    here = stage()
    (item,) = here.create()
    sprint = here.tracker.add_sprint("Iteration 1", start=MONDAY, finish=FRIDAY)

    here.tracker.add_to_sprint(sprint.id, [item.key])
    for state in ("active", "active", "closed", "closed"):
        here.tracker.set_sprint_state(sprint, state)

    (read,) = here.tracker.sprints()
    assert (read.name, read.state, read.start, read.finish) == ("Iteration 1", "closed", MONDAY, FRIDAY)
    assert here.tracker.read_items([item.key])[0].sprints == (sprint.id,)


def test_trap_14_nothing_goes_into_a_closed_sprint() -> None:
    here = stage()
    (item,) = here.create()
    sprint = here.tracker.add_sprint("Iteration 1", start=MONDAY, finish=FRIDAY)
    here.tracker.set_sprint_state(sprint, "active")
    here.tracker.set_sprint_state(sprint, "closed")

    with pytest.raises(Refused):
        here.tracker.add_to_sprint(sprint.id, [item.key])


def test_a_sprint_without_dates_does_not_start() -> None:
    here = stage()
    sprint = here.tracker.add_sprint("Iteration 1", start=None, finish=None)

    with pytest.raises(Refused):
        here.tracker.set_sprint_state(sprint, "active")
    assert here.tracker.sprints()[0].state == "future"


def test_a_long_sprint_name_is_cut_to_what_the_site_takes() -> None:
    here = stage()

    sprint = here.tracker.add_sprint("Release 2026.1 Team Antelope Sprint 1", start=None, finish=None)

    assert len(sprint.name) <= 30
    assert [found.name for found in here.tracker.sprints()] == [sprint.name]


def test_a_project_with_a_kanban_board_only_has_no_sprints() -> None:
    here = stage(SiteSpec(boards=(BoardSpec("Flow", BoardKind.KANBAN),)))

    with pytest.raises(Refused, match="no scrum board"):
        here.tracker.add_sprint("Iteration 1", start=None, finish=None)
    assert here.shape.boards == ()
    assert here.tracker.sprints() == []


# -- steps


def to(workflow: Workflow, name: str) -> str:
    """The id of the first step into a status."""
    status = next(status.id for status in workflow.statuses if status.name == name)
    return next(step.id for step in workflow.transitions if step.to == status and not step.initial)


def test_one_item_takes_an_open_step() -> None:
    here = stage()
    (item,) = here.create()
    done = next(status for status in here.type("Story").workflow.statuses if status.name == "Done")

    step = next(step for step in here.tracker.transitions(item.id) if step.to == done.id)
    here.tracker.transition(item.id, step.id)

    assert here.tracker.statuses([item.key]) == {item.key: done.id}


def test_a_resolution_is_set_whether_or_not_the_steps_screen_has_one() -> None:
    here = stage()
    (item,) = here.create()
    wanted = next(resolution for resolution in here.shape.resolutions if resolution.name == "Won't Do")

    here.tracker.transition(item.id, to(here.type("Story").workflow, "Done"), resolution=wanted.id)

    assert here.tracker.read_items([item.key])[0].resolution == wanted.id


def test_many_items_take_their_steps_in_one_task() -> None:
    here = stage()
    made = here.create(*[here.draft(n) for n in range(20)])
    workflow = here.type("Story").workflow
    steps = [(item.id, to(workflow, "Done" if n % 2 else "In Progress")) for n, item in enumerate(made)]
    before = here.requests("POST")

    assert here.tracker.transition_many(steps) == {}

    assert here.requests("POST") - before == 1
    assert len(set(here.tracker.statuses([item.key for item in made]).values())) == 2


def test_an_item_the_task_cannot_move_is_named_with_a_reason() -> None:
    here = stage()
    one, two = here.create(here.draft(1), here.draft(2))
    step = to(here.type("Story").workflow, "Done")
    here.tracker.delete_item(two.id)

    failed = here.tracker.transition_many([(one.id, step), (two.id, step)])

    assert set(failed) == {two.id}
    assert failed[two.id]


def test_without_bulk_change_many_steps_are_refused_and_one_by_one_still_works() -> None:
    here = stage(SiteSpec(denied=frozenset({"BULK_CHANGE"})))
    (item,) = here.create()
    step = to(here.type("Story").workflow, "Done")

    with pytest.raises(Refused):
        here.tracker.transition_many([(item.id, step)])
    here.tracker.transition(item.id, step)

    assert here.tracker.read_items([item.key])[0].resolution is not None


def test_files_of_an_item_come_with_it() -> None:
    here = stage()
    (item,) = here.create()
    made = here.tracker.upload_file(item.id, "a.txt", Bytes(b"abc"))

    (read,) = here.tracker.read_items([item.key])

    assert read.files == (TargetFile(made.id, "a.txt", 3, made.created),)
