"""What people order: resync, cut-over, stopping, and answers to matters."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.domain.errors import DomainError
from connectors.domain.sides import LABELS
from sync.fence import claim
from sync.models import AsyncTask, Matter, MatterStatus, Pair, SynchronizationStatus
from sync.queries import find_task, matter_values, sides_of
from sync.services import control, drafts, matters
from sync.services.control import Marking
from sync.services.matters import Resolution
from sync.services.resyncing import ResyncOrder, start_resync
from sync.services.tasks import cancel_task
from tenancy.errors import NotPermitted
from tests.builders import Cast
from tests.jobs import RecordedJobs
from tests.sync.ends import Scene, mapped, scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def here(people: Cast, jobs: RecordedJobs, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    with scene(("azure_devops", "jira"), people.owner.principal, jobs, monkeypatch, mapped(policy="ask")) as made:
        yield made


@pytest.fixture
def running(here: Scene) -> Scene:
    for number in range(3):
        here.first.create(f"Item {number}")
    here.start()
    here.settle()
    return here


def mapping(here: Scene, field: str) -> str:
    found: str = next(each["id"] for each in here.row.configuration["fieldMappings"] if each["firstField"] == field)
    return found


def puts(here: Scene) -> int:
    return sum(1 for each in here.second.applied() if each.startswith("PUT"))


def test_a_resync_sends_only_what_was_asked_for_with_one_write_each(running: Scene) -> None:
    here = running
    pair = Pair.objects.order_by("pk").first()
    assert pair is not None
    here.second.edit(pair.second_key, title="Changed there", labels=["kept"])
    before = puts(here)

    task = start_resync(sides_of(here.row)[0], ResyncOrder([mapping(here, "title")]), by=here.by)
    assert task.message == f"Starting resync for connector {sides_of(here.row)[0].key}"
    here.jobs.run_all()

    task.refresh_from_db()
    assert (task.finished, task.has_failed, task.progress) == (True, False, 100), task.failure_message
    assert (task.result["matched"], task.result["pairs"], task.result["failed"]) == (3, 3, 0)
    assert here.second.title(pair.second_key) == here.first.title(pair.first_key)
    assert here.second.item(pair.second_key).values[LABELS] == ["kept"]
    assert puts(here) - before <= 3


def test_a_resync_takes_the_items_of_its_query(running: Scene) -> None:
    here = running
    pair = Pair.objects.order_by("pk").first()
    assert pair is not None
    query = f"[System.Id] = {pair.first_key}"

    task = start_resync(sides_of(here.row)[0], ResyncOrder([mapping(here, "title")], query=query), by=here.by)
    here.jobs.run_all()

    task.refresh_from_db()
    assert (task.result["matched"], task.result["pairs"]) == (1, 1)


@pytest.mark.parametrize(
    ("order", "code"),
    [
        (ResyncOrder([]), "VALIDATION_FAILED"),
        (ResyncOrder(["5f513c5e-49ca-4d26-856f-8fce2d7597e8"]), "VALIDATION_FAILED"),
    ],
)
def test_a_resync_of_unknown_mappings_is_refused(running: Scene, order: ResyncOrder, code: str) -> None:
    with pytest.raises(DomainError) as raised:
        start_resync(sides_of(running.row)[0], order, by=running.by)

    assert (raised.value.code, list(raised.value.errors)) == (code, ["fieldMappings"])


def test_a_query_that_the_side_cannot_read_is_refused_in_its_words(running: Scene) -> None:
    order = ResyncOrder([mapping(running, "title")], query="[System.Nonsense] = 'x'")

    with pytest.raises(DomainError) as raised:
        start_resync(sides_of(running.row)[0], order, by=running.by)

    assert raised.value.code == "QUERY_REFUSED"
    assert AsyncTask.objects.filter(kind="resync").count() == 0


def test_a_cancelled_task_does_nothing_more(running: Scene, people: Cast) -> None:
    here = running
    task = start_resync(sides_of(here.row)[0], ResyncOrder([mapping(here, "title")]), by=here.by)
    before = puts(here)

    cancel_task(task, by=here.by)
    here.jobs.run_all()

    task.refresh_from_db()
    assert (task.cancelled, task.finished, puts(here)) == (True, True, before)
    with pytest.raises(DomainError) as raised:
        cancel_task(task, by=here.by)
    assert raised.value.code == "TASK_FINISHED"


def test_a_task_ends_with_the_synchronization_it_works_on(running: Scene) -> None:
    here = running
    task = start_resync(sides_of(here.row)[0], ResyncOrder([mapping(here, "title")]), by=here.by)
    control.stop(here.row, by=here.by)

    here.jobs.run_all()

    task.refresh_from_db()
    assert (task.has_failed, task.failure_code) == (True, "SYNCHRONIZATION_NOT_RUNNING")


def test_what_changed_while_it_was_stopped_is_carried_after_all(running: Scene) -> None:
    here = running
    first = here.row.started_at
    control.stop(here.row, by=here.by)
    here.clock.advance(600)
    pair = Pair.objects.order_by("pk").first()
    assert pair is not None
    here.first.edit(pair.first_key, title="While it was stopped")

    here.start()
    here.settle(passes=4)

    assert here.row.started_at == first
    assert here.second.title(pair.second_key) == "While it was stopped"


def test_a_task_is_seen_by_who_started_it(running: Scene, people: Cast) -> None:
    task = AsyncTask.objects.filter(kind="start").get()

    assert find_task(people.organization, task.pk.lower(), user=people.owner.user) == task
    for stranger in (people.admin, people.outsider):
        with pytest.raises(DomainError) as raised:
            find_task(stranger.organization, task.pk, user=stranger.user)
        assert raised.value.status == 404


def test_a_cut_over_carries_the_last_change_marks_the_source_and_ends(running: Scene) -> None:
    here = running
    pair = Pair.objects.order_by("pk").first()
    assert pair is not None
    here.clock.advance(1)
    here.first.edit(pair.first_key, title="The last word")

    task = control.cut_over(here.row, marking=Marking(1, "label", "moved-to-jira"), by=here.by)
    here.jobs.run_all()

    task.refresh_from_db()
    here.row.refresh_from_db()
    assert not task.has_failed, task.failure_message
    assert (task.result, here.row.status) == ({"marked": 3, "failed": 0}, SynchronizationStatus.CUT_OVER)
    assert here.second.title(pair.second_key) == "The last word"
    assert all("moved-to-jira" in here.first.item(key).values[LABELS] for key in sorted(here.first.keys()))
    with pytest.raises(DomainError) as raised:
        control.start(here.row, by=here.by)
    assert raised.value.code == "SYNCHRONIZATION_ENDED"


def test_a_comment_that_marks_is_left_once(running: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    here = running
    control.cut_over(here.row, marking=Marking(1, "comment", "Goes on in Jira."), by=here.by)
    here.jobs.run_all()

    assert [len(here.first.comments(key)) for key in sorted(here.first.keys())] == [1, 1, 1]


def test_what_both_changed_waits_for_a_person_and_is_then_as_the_person_says(running: Scene) -> None:
    here = running
    pair = Pair.objects.order_by("pk").first()
    assert pair is not None
    here.clock.advance(1)
    here.first.edit(pair.first_key, title="Left")
    here.second.edit(pair.second_key, title="Right")
    here.settle(passes=2)

    matter = Matter.objects.get()
    assert (matter.kind, matter.status, matter.field) == ("conflict", "open", mapping(here, "title"))
    assert matter_values(matter)["values"] == ["Left", "Right"]
    assert "Left" not in matter.sealed_values

    matters.resolve_matter(matter, Resolution("second"), by=here.by)
    here.settle(passes=3)

    matter.refresh_from_db()
    assert (matter.status, matter.resolution) == (MatterStatus.RESOLVED, "second")
    assert here.first.title(pair.first_key) == here.second.title(pair.second_key) == "Right"
    with pytest.raises(DomainError) as raised:
        matters.resolve_matter(matter, Resolution("first"), by=here.by)
    assert raised.value.code == "MATTER_SETTLED"


def test_an_edited_answer_goes_to_both_sides(running: Scene) -> None:
    here = running
    pair = Pair.objects.order_by("pk").first()
    assert pair is not None
    here.clock.advance(1)
    here.first.edit(pair.first_key, title="Left")
    here.second.edit(pair.second_key, title="Right")
    here.settle(passes=2)

    matters.resolve_matter(Matter.objects.get(), Resolution("edit", "Neither", 1), by=here.by)
    here.settle(passes=3)

    assert here.first.title(pair.first_key) == here.second.title(pair.second_key) == "Neither"


def test_outsiders_resolve_nothing(running: Scene, people: Cast) -> None:
    here = running
    made = Matter.objects.create(
        organization=people.organization, synchronization=here.row, item="1", kind="error", code="X"
    )

    with pytest.raises(Matter.DoesNotExist):
        matters.resolve_matter(made, Resolution("retry"), by=people.outsider.principal)
    with pytest.raises(NotPermitted):
        control.stop(here.row, by=people.member.principal)


def test_stopping_takes_effect_at_once(running: Scene) -> None:
    here = running
    held = claim(here.row.pk)
    assert held is not None

    task = control.stop(here.row, by=here.by)

    assert task.finished
    assert not held[1].release()
    with pytest.raises(DomainError) as raised:
        control.stop(here.row, by=here.by)
    assert raised.value.code == "SYNCHRONIZATION_NOT_RUNNING"


def test_a_configuration_that_asks_for_what_is_not_there_does_not_start(here: Scene) -> None:
    draft = drafts.create_draft(here.row, by=here.by).draft
    assert draft is not None
    draft["fieldMappings"][0]["secondField"] = "nonsense"
    drafts.edit_draft(here.row, draft, by=here.by)
    here.row.refresh_from_db()

    with pytest.raises(DomainError) as raised:
        drafts.publish_draft(here.row, by=here.by)

    assert (raised.value.code, raised.value.status) == ("CONFIGURATION_CONFLICTS", 409)
    assert any("nonsense" in text for texts in raised.value.errors.values() for text in texts)
