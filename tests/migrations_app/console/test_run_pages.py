"""Runs in the console: the list, one run as it happens, and orders to it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from migrations_app.console import lines
from migrations_app.engine.ports import Batch, Event
from migrations_app.engine.state import Control, Outcome, RunStatus
from migrations_app.models import MigrationRun
from migrations_app.store import DjangoStore
from tenancy.models import AuditEntry
from tests import recipes
from tests.builders import Cast, Person
from tests.jobs import RecordedJobs
from tests.migrations_app.builders import make_held_run, make_project, make_run, plan_item

pytestmark = pytest.mark.django_db


def url(name: str, run: MigrationRun | None = None, **more: Any) -> str:
    kwargs = {"run": run.pk, **more} if run else more
    return reverse(f"migrations_console:{name}", kwargs=kwargs or None)


def text(person: Person, address: str) -> str:
    answer = person.browser.get(address)
    assert answer.status_code == 200, answer.status_code
    return " ".join(answer.content.decode().split())


def make_moving_run(people: Cast) -> MigrationRun:
    """A run with one created, one failed and one pending item and a log."""
    run = make_held_run(make_project(people.organization, name="Shop"))
    failed = plan_item("2", outcome=Outcome.FAILED, problems=(("FIELD_REFUSED", "Priority is not offered."),))
    batch = Batch(
        new_items=[plan_item("1", outcome=Outcome.CREATED, target_key="PARTS-7"), failed, plan_item("3")],
        events=[
            Event("log", {"message": "✓ #1 [User Story] → PARTS-7", "item": "1", "key": "PARTS-7"}),
            Event("log", {"message": "✗ #2 [User Story]: Priority is not offered.", "item": "2"}),
        ],
    )
    DjangoStore(run, lease_seconds=30).commit(batch)
    return MigrationRun.objects.get(pk=run.pk)


PAGES = ("run", "run-state", "run-log", "run-news", "run-keys", "run-items", "verification", "rollback")


@pytest.mark.parametrize("name", [*PAGES, "verification-csv", "verification-document"])
def test_pages_of_a_run_are_for_its_organization_only(people: Cast, name: str) -> None:
    run = make_moving_run(people)

    assert people.owner.browser.get(url(name, run)).status_code == 200
    assert people.member.browser.get(url(name, run)).status_code == 200
    assert people.outsider.browser.get(url(name, run)).status_code == 404


@pytest.mark.parametrize("order", ["pause", "resume", "cancel", "retry"])
def test_nobody_steers_the_run_of_another_organization(people: Cast, order: str) -> None:
    run = make_run(make_project(people.organization), status=RunStatus.RUNNING)

    assert people.outsider.browser.post(url(f"run-{order}", run)).status_code == 404
    run.refresh_from_db()
    assert (run.status, run.control) == (RunStatus.RUNNING, Control.GO)


def test_the_list_shows_our_runs_by_project_and_status(people: Cast) -> None:
    shop = make_run(make_project(people.organization, name="Shop"), status=RunStatus.PAUSED)
    parts = make_run(make_project(people.organization, name="Parts"), status=RunStatus.COMPLETED)
    make_run(make_project(people.outsider.organization, name="Theirs"))

    everything = text(people.member, url("runs"))
    of_shop = text(people.member, f"{url('runs')}?project={shop.project_id}")
    ended = text(people.member, f"{url('runs')}?status=COMPLETED")

    assert url("run", shop) in everything and url("run", parts) in everything and "Theirs" not in everything
    assert url("run", shop) in of_shop and url("run", parts) not in of_shop
    assert url("run", shop) not in ended and url("run", parts) in ended
    assert "No run matches" in text(people.member, f"{url('runs')}?status=FAILED")


def test_an_organization_without_runs_is_told_how_to_start_one(people: Cast) -> None:
    assert "Open a project, check its mapping, and start the first run there." in text(people.member, url("runs"))


def test_three_runs_take_as_many_queries_as_one(people: Cast) -> None:
    counts = []
    for _ in range(2):
        make_run(make_project(people.organization))
        make_run(make_project(people.organization))
        browser = people.member.browser
        with CaptureQueriesContext(connection) as queries:
            browser.get(url("runs"))
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_a_run_shows_figures_failed_items_and_its_log(people: Cast) -> None:
    run = make_moving_run(people)

    shown = text(people.member, url("run", run))

    assert "Azure DevOps · Parts → Jira · PARTS" in shown
    assert '<span data-now="current">2</span> of <span data-now="total">3</span> items' in shown
    assert 'value="67"' in shown
    assert "Priority is not offered." in shown and "FIELD_REFUSED" in shown
    assert 'href="https://contoso.atlassian.net/browse/PARTS-7"' in text(people.member, url("run-items", run))
    assert "✓ #1 [User Story] → PARTS-7" in shown
    assert f"/api/migrations/{run.pk}/stream" in shown


def test_the_log_is_filtered_by_level_and_goes_on_behind_an_event(people: Cast) -> None:
    run = make_moving_run(people)
    DjangoStore(run, lease_seconds=30).commit(Batch(events=[Event("log", {"message": "✗ one more"})]))

    failures = text(people.member, f"{url('run-log', run)}?level=bad")
    after = people.member.browser.get(f"{url('run-log', run)}?after={run.event_seq}")

    assert "✗ #2" in failures and "✓ #1" not in failures
    assert "one more" in after.content.decode() and "#2" not in after.content.decode()
    run.refresh_from_db()
    assert after["X-Last-Event"] == str(run.event_seq)


def test_a_long_piece_of_the_log_is_told_in_parts_without_a_gap(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "SHOWN", 2)
    run = make_moving_run(people)
    before = run.event_seq
    news = [Event("log", {"message": f"line {number}"}) for number in range(3)]
    DjangoStore(run, lease_seconds=30).commit(Batch(events=news))

    first = people.member.browser.get(f"{url('run-log', run)}?after={before}")
    second = people.member.browser.get(f"{url('run-log', run)}?after={first['X-Last-Event']}")

    assert [number for number in range(3) if f"line {number}" in first.content.decode()] == [0, 1]
    assert [number for number in range(3) if f"line {number}" in second.content.decode()] == [2]


def test_throttling_is_told_with_the_platform_s_words_and_when_it_goes_on(people: Cast) -> None:
    run = make_moving_run(people)
    waiting = Event("log", {"message": "… Jira asks for a pause. Going on in 40 s.", "code": "PLATFORM_THROTTLED"})
    DjangoStore(run, lease_seconds=30).commit(Batch(events=[waiting]))
    now = timezone.now()
    MigrationRun.objects.filter(pk=run.pk).update(resume_at=now + timedelta(seconds=40), trouble_since=now)

    shown = text(people.member, url("run", run))

    assert "Waiting for Jira until <time" in shown
    assert '<p class="callout callout--info">Jira asks for a pause. Going on in 40 s.</p>' in shown


def test_lost_credentials_say_what_to_do_and_lead_to_the_connector(people: Cast) -> None:
    connector = recipes.connector.make(organization=people.organization, name="Our Jira", system="jira")
    run = make_run(
        make_project(people.organization),
        status=RunStatus.PAUSED,
        total=10,
        target_connector=connector,
        source_connector=connector,
        reason_code="PLATFORM_ACCESS_LOST",
        reason_message="Jira does not accept the credentials",
    )

    shown = text(people.member, url("run", run))

    assert "Jira does not accept the credentials" in shown
    assert "Enter working credentials in the connector and test it there, then resume the run." in shown
    assert "Our Jira" in shown


def test_a_run_with_credentials_of_its_own_takes_new_ones(people: Cast, jobs: RecordedJobs) -> None:
    lost = {"reason_code": "PLATFORM_ACCESS_LOST", "reason_message": "Jira does not accept the credentials"}
    run = make_run(make_project(people.organization), status=RunStatus.PAUSED, total=10, **lost)

    shown = text(people.member, url("run", run))
    people.member.browser.post(url("run-resume", run), {"target": "new-token"})

    assert "New token for Jira · PARTS" in shown
    run.refresh_from_db()
    assert run.status == RunStatus.RUNNING
    assert run.sealed_credentials and "new-token" not in run.sealed_credentials


@pytest.mark.parametrize(
    ("status", "order", "becomes", "words"),
    [
        (RunStatus.RUNNING, "pause", RunStatus.PAUSED, "The run is paused. Nothing is sent until it is resumed."),
        (RunStatus.PAUSED, "resume", RunStatus.RUNNING, "The run goes on where it stopped."),
        (RunStatus.PAUSED, "cancel", RunStatus.CANCELLED, "What was moved stays in the target."),
        (RunStatus.COMPLETED, "pause", RunStatus.COMPLETED, "has ended: COMPLETED"),
    ],
)
def test_orders_are_obeyed_and_told(
    people: Cast, jobs: RecordedJobs, status: RunStatus, order: str, becomes: RunStatus, words: str
) -> None:
    run = make_run(make_project(people.organization), status=status)

    answer = people.member.browser.post(url(f"run-{order}", run), headers={"HX-Request": "true"})

    run.refresh_from_db()
    assert run.status == becomes
    shown = answer.content.decode()
    assert words in shown and f'data-status="{becomes}"' in shown
    assert AuditEntry.objects.filter(action=f"run.{order}", actor=people.member.user).exists() is (status != becomes)


def test_without_a_script_an_order_leads_back_to_the_run(people: Cast) -> None:
    run = make_run(make_project(people.organization), status=RunStatus.RUNNING)

    answer = people.member.browser.post(url("run-pause", run))

    assert (answer.status_code, answer["Location"]) == (303, url("run", run))


def test_failed_items_are_tried_again_in_a_new_run(people: Cast, jobs: RecordedJobs) -> None:
    run = make_moving_run(people)
    MigrationRun.objects.filter(pk=run.pk).update(status=RunStatus.PARTIAL, lease_until=None)

    answer = people.member.browser.post(url("run-retry", run))

    made = MigrationRun.objects.get(parent_run=run)
    assert answer["Location"] == url("run", made)
    assert "tries the failed items of an earlier run again" in text(people.member, url("run", made))
    assert url("run", made) in text(people.member, url("run", run))


def test_nothing_to_retry_is_said(people: Cast) -> None:
    run = make_run(make_project(people.organization), status=RunStatus.COMPLETED)
    browser = people.member.browser

    browser.post(url("run-retry", run))

    assert "No item of run" in browser.get(url("run", run)).content.decode()


def test_the_page_is_told_how_far_the_stream_is(people: Cast) -> None:
    run = make_moving_run(people)

    news = people.member.browser.get(url("run-news", run)).json()

    assert news == {"seq": run.event_seq, "status": "RUNNING", "ended": False}
