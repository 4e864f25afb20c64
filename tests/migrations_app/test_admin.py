"""The admin over runs: every page opens, nobody sees another organization's rows, runs are steered by services."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from connectors.credentials import seal_values
from migrations_app.admin import BELOW_A_RUN, RUN
from migrations_app.engine.ports import Batch, Difference, Effect, EffectKey, Event
from migrations_app.engine.state import EffectKind, EffectState, Outcome, RunStatus
from migrations_app.follow_up_models import FollowUp, FollowUpKind, RollbackItem
from migrations_app.models import LedgerScope, MigrationRun, Project, RunAttempt, RunItem
from migrations_app.store import DjangoStore
from tenancy.models import AuditEntry, Organization
from tests.builders import Cast, cast
from tests.jobs import RecordedJobs
from tests.migrations_app.builders import make_held_run, make_project, make_run, plan_item

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> Cast:
    return cast()


@pytest.fixture
def staff(people: Cast) -> Client:
    """The administrator of one organization as a member of staff with every permission."""
    people.admin.user.is_staff = True
    people.admin.user.save()
    people.admin.user.user_permissions.set(Permission.objects.all())
    client = Client()
    client.force_login(people.admin.user)
    return client


def make_full_run(organization: Organization, word: str) -> MigrationRun:
    """A run with a row of everything, each with a word in it that must not wander."""
    run = make_held_run(make_project(organization, name=f"Project {word}"))
    key = EffectKey(EffectKind.ITEM, f"{word}-1")
    batch = Batch(
        new_items=[plan_item("1", title=f"Title {word}", target_key=f"{word}-7")],
        effects={key: Effect(key, EffectState.DONE, target_key=f"{word}-7")},
        events=[Event("log", {"message": f"Moved {word}"})],
        differences=[Difference("1", f"{word}-7", "title", "VALUE_DIFFERS", "a", "b")],
    )
    DjangoStore(run, lease_seconds=30).commit(batch)
    RunAttempt.objects.create(organization=organization, run=run, attempt=1, worker=word)
    sealed = seal_values(run, {"source": f"secret-{word}"})
    MigrationRun.objects.filter(pk=run.pk).update(sealed_credentials=sealed)
    return run


def listing(model: Any, run: MigrationRun | None = None, **query: str) -> str:
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    parts = {**({RUN: str(run.pk)} if run else {}), **query}
    return f"{address}?" + "&".join(f"{name}={value}" for name, value in parts.items())


def page(model: Any, pk: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[pk])


def text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.content.decode()


@pytest.mark.parametrize("model", [Project, MigrationRun, LedgerScope])
def test_lists_and_pages_open_and_show_ours_only(people: Cast, staff: Client, model: Any) -> None:
    ours, theirs = make_full_run(people.organization, "ours"), make_full_run(people.outsider.organization, "theirs")

    shown = text(staff, listing(model))
    own, foreign = (model.objects.get(organization=run.organization) for run in (ours, theirs))

    assert "theirs" not in shown and str(theirs.pk) not in shown
    assert "secret" not in text(staff, page(model, own.pk))
    assert staff.get(page(model, foreign.pk)).status_code == 302  # to the index, with the words that it does not exist


@pytest.mark.parametrize("model", [model for _, model in BELOW_A_RUN])
def test_what_is_below_a_run_is_listed_for_that_run_only(people: Cast, staff: Client, model: Any) -> None:
    ours, theirs = make_full_run(people.organization, "ours"), make_full_run(people.outsider.organization, "theirs")
    another = make_full_run(people.organization, "another")

    shown = text(staff, listing(model, ours))

    assert "ours" in shown and "another" not in shown and "theirs" not in shown
    assert "theirs" not in text(staff, listing(model, theirs))
    assert "ours" not in text(staff, listing(model))
    assert staff.get(page(model, model.objects.filter(run=another).latest("pk").pk)).status_code == 200
    assert staff.get(page(model, model.objects.filter(run=theirs).latest("pk").pk)).status_code == 302


@pytest.mark.parametrize("term", ["1", "%231", "ours-7"])
def test_an_item_is_found_by_whole_id_or_key(people: Cast, staff: Client, term: str) -> None:
    run = make_full_run(people.organization, "ours")

    assert "Title ours" in text(staff, listing(RunItem, run, q=term))
    assert "Title ours" not in text(staff, listing(RunItem, run, q="ours"))


def test_a_run_leads_to_everything_below_it(people: Cast, staff: Client) -> None:
    run = make_full_run(people.organization, "ours")

    shown = text(staff, page(MigrationRun, run.pk))

    for _, model in BELOW_A_RUN:
        assert listing(model, run).replace("&", "&amp;") in shown


def test_a_list_of_many_items_takes_as_many_queries_as_one_of_few(people: Cast, staff: Client) -> None:
    run = make_full_run(people.organization, "ours")
    counts = []
    for start in (2, 10):
        with CaptureQueriesContext(connection) as queries:
            staff.get(listing(RunItem, run))
        counts.append(len(queries))
        more = [plan_item(str(number), outcome=Outcome.CREATED) for number in range(start, start + 3)]
        DjangoStore(run, lease_seconds=30).commit(Batch(new_items=more))

    assert counts[0] == counts[1]


def make_long_run(organization: Organization) -> MigrationRun:
    """More of everything than a page shows."""
    run = make_full_run(organization, "ours")
    items = [plan_item(str(number), title=f"Title {number}") for number in range(100, 130)]
    events = [Event("log", {"message": f"Line {number}"}) for number in range(100, 130)]
    keys = [EffectKey(EffectKind.ITEM, f"effect-{number}") for number in range(100, 130)]
    effects = {key: Effect(key, EffectState.DONE) for key in keys}
    DjangoStore(run, lease_seconds=30).commit(Batch(new_items=items, events=events, effects=effects))
    return run


def test_the_page_of_a_run_shows_its_rows_a_page_at_a_time(people: Cast, staff: Client) -> None:
    run = make_long_run(people.organization)

    first = text(staff, page(MigrationRun, run.pk))
    second = text(staff, page(MigrationRun, run.pk) + "?items-page=2&effects-page=2")

    assert "Title ours" in first and "Title 108" in first and "Title 109" not in first
    assert "Title 109" in second and "Title 108" not in second
    assert "Line 129" in first and "Line 119" not in first  # the newest first
    assert "effect-108" in first and "effect-109" in second and "effect-108" not in second
    assert "add_items" not in first and 'name="items-0-title"' not in first  # to look at


def test_no_page_counts_a_whole_table(people: Cast, staff: Client) -> None:
    run = make_full_run(people.organization, "ours")
    addresses = [page(MigrationRun, run.pk), listing(MigrationRun), *(listing(model, run) for _, model in BELOW_A_RUN)]

    unlimited = []
    for address in addresses:
        with CaptureQueriesContext(connection) as queries:
            staff.get(address)
        counts = [query["sql"] for query in queries if "COUNT(" in query["sql"]]
        unlimited += [sql for sql in counts if " LIMIT " not in sql]

    assert unlimited == []


def test_runs_and_projects_lead_to_the_console(people: Cast, staff: Client) -> None:
    run = make_full_run(people.organization, "ours")

    assert reverse("migrations_console:run", args=[run.pk]) in text(staff, page(MigrationRun, run.pk))
    shown = text(staff, page(Project, run.project_id))
    assert reverse("migrations_console:project", args=[run.project_id]) in shown


@pytest.mark.parametrize(("action", "audited"), [("retry", "run.retry"), ("verify", "run.verification")])
def test_support_has_ended_runs_retried_and_verified(
    people: Cast, staff: Client, jobs: RecordedJobs, action: str, audited: str
) -> None:
    run = make_held_run(make_project(people.organization), checkpoint={"planned": True})
    DjangoStore(run, lease_seconds=30).commit(Batch(new_items=[plan_item("1", outcome=Outcome.FAILED)]))
    MigrationRun.objects.filter(pk=run.pk).update(status=RunStatus.PARTIAL, lease_until=None)

    staff.post(listing(MigrationRun), {"action": action, "_selected_action": [str(run.pk)]})

    assert AuditEntry.objects.get(action=audited).actor == people.admin.user
    assert len(jobs.sent) == 1


def test_what_cannot_be_done_is_said_and_the_others_go_on(people: Cast, staff: Client, jobs: RecordedJobs) -> None:
    ended = make_run(make_project(people.organization), status=RunStatus.COMPLETED)
    running = make_run(make_project(people.organization), status=RunStatus.RUNNING)
    both = [str(ended.pk), str(running.pk)]

    answer = staff.post(listing(MigrationRun), {"action": "pause", "_selected_action": both}, follow=True)

    assert f"Run {ended.pk} has ended: COMPLETED" in answer.content.decode()
    running.refresh_from_db()
    assert running.status == RunStatus.PAUSED


@pytest.mark.parametrize("kind", FollowUpKind.values)
def test_follow_ups_of_others_are_not_there(people: Cast, staff: Client, kind: str) -> None:
    theirs = make_full_run(people.outsider.organization, "theirs")
    found = FollowUp.objects.create(organization=theirs.organization, run=theirs, kind=kind)
    item = RollbackItem.objects.create(
        organization=theirs.organization, follow_up=found, item="1", target_key="theirs-7", outcome="deleted"
    )

    assert str(found.pk) not in text(staff, listing(FollowUp))
    assert "theirs-7" not in text(staff, listing(RollbackItem, q="1"))
    assert staff.get(page(RollbackItem, item.pk)).status_code == 302


@pytest.mark.parametrize(
    ("status", "action", "becomes"),
    [
        (RunStatus.RUNNING, "pause", RunStatus.PAUSED),
        (RunStatus.PAUSED, "resume", RunStatus.RUNNING),
        (RunStatus.PAUSED, "cancel", RunStatus.CANCELLED),
        (RunStatus.COMPLETED, "cancel", RunStatus.COMPLETED),
    ],
)
def test_support_steers_runs_under_its_own_name(
    people: Cast, staff: Client, jobs: RecordedJobs, status: RunStatus, action: str, becomes: RunStatus
) -> None:
    run = make_run(make_project(people.organization), status=status)

    staff.post(listing(MigrationRun), {"action": action, "_selected_action": [str(run.pk)]})

    run.refresh_from_db()
    assert run.status == becomes
    entries = AuditEntry.objects.filter(action=f"run.{action}", actor=people.admin.user)
    assert entries.exists() is (status != becomes)


def test_support_of_one_organization_steers_no_other_s_run(people: Cast, staff: Client) -> None:
    run = make_run(make_project(people.outsider.organization), status=RunStatus.RUNNING)

    staff.post(listing(MigrationRun), {"action": "cancel", "_selected_action": [str(run.pk)]})

    run.refresh_from_db()
    assert run.status == RunStatus.RUNNING
