"""The first page: how to begin, what needs attention, what comes next."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from connectors.models import Connector, Health
from migrations_app.engine.state import RunStatus
from migrations_app.models import ProjectStatus
from tenancy.models import Organization
from tests.builders import Cast, Person
from tests.migrations_app.builders import make_project, make_run

pytestmark = pytest.mark.django_db


def overview(person: Person) -> str:
    return person.browser.get("/console/").content.decode()


def make_connector(organization: Organization, name: str, **fields: object) -> Connector:
    return Connector.objects.create(organization=organization, name=name, system="jira", **fields)


def test_an_empty_organization_is_shown_how_to_begin(people: Cast) -> None:
    for person in (people.owner, people.admin):
        page = overview(person)
        assert "Begin here" in page
        assert 'class="button button--primary" href="/console/connectors/new/">Add a connector</a>' in page
    page = overview(people.member)
    assert "to add the connectors." in page
    assert "/console/connectors/new/" not in page


def test_with_connectors_the_next_thing_is_a_project(people: Cast) -> None:
    make_connector(people.organization, "Shop's Jira")

    page = overview(people.owner)

    assert "Add another connector" in page
    assert '<li class="begin__done"><strong>Add a connector for each side.' in page
    assert "to make the project." in overview(people.member)


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (ProjectStatus.DRAFT, "Choose its connectors"),
        (ProjectStatus.READY, "Start the run"),
        (ProjectStatus.FAILED, "See why the run failed"),
        (ProjectStatus.COMPLETED, "Read the verification"),
    ],
)
def test_each_project_has_one_next_thing(people: Cast, status: ProjectStatus, says: str) -> None:
    project = make_project(people.organization, name="Shop", status=status)
    run = make_run(project, status=RunStatus.COMPLETED)

    page = overview(people.member)

    assert says in page
    assert "Begin here" not in page
    if status is ProjectStatus.COMPLETED:
        assert f'<a href="/console/runs/{run.pk}/verification/">Read the verification</a>' in page


def test_what_needs_attention_says_what_and_why(people: Cast) -> None:
    now = timezone.now()
    make_connector(people.organization, "Old Jira", health=Health.FAILING, health_message="401: the token was revoked")
    make_connector(people.organization, "Late Jira", credentials_expire_at=now + timedelta(days=3, hours=1))
    make_connector(people.organization, "Gone Jira", credentials_expire_at=now - timedelta(days=1))
    make_connector(people.organization, "Fine Jira", credentials_expire_at=now + timedelta(days=90))
    make_run(
        make_project(people.organization, name="Paused one"), status=RunStatus.PAUSED, reason_message="Jira is away"
    )
    make_run(make_project(people.organization, name="Partial one"), status=RunStatus.PARTIAL, failed=1200, partial=34)

    page = overview(people.member)

    for words in (
        "Old Jira does not work",
        "401: the token was revoked",
        "The credentials of Late Jira expire",
        "In 3 days. Enter a new token before then",
        "The credentials of Gone Jira expired",
        "The run of Paused one is paused",
        "Jira is away",
        "The run of Partial one ended with loose ends",
        "1,234 items did not arrive whole.",
    ):
        assert words in page
    assert "Fine Jira" not in page


def test_a_run_that_was_followed_by_a_better_one_needs_no_attention(people: Cast) -> None:
    project = make_project(people.organization, name="Shop")
    make_run(project, status=RunStatus.FAILED, created_at=timezone.now() - timedelta(hours=1))
    make_run(project, status=RunStatus.COMPLETED)

    page = overview(people.owner)

    assert "The run of Shop failed" not in page
    assert '<h2 id="attention">Needs attention</h2>' not in page


def test_a_moving_run_keeps_the_list_up_to_date(people: Cast) -> None:
    run = make_run(make_project(people.organization), status=RunStatus.RUNNING)
    assert 'hx-trigger="every 5s"' in overview(people.member)

    type(run).objects.update(status=RunStatus.COMPLETED)

    assert 'hx-trigger="every 5s"' not in overview(people.member)


def test_an_outsider_sees_nothing_of_it(people: Cast) -> None:
    make_connector(people.organization, "Old Jira", health=Health.FAILING)
    make_run(make_project(people.organization, name="Secret shop"), status=RunStatus.FAILED)

    page = overview(people.outsider)

    assert "Old Jira" not in page
    assert "Secret shop" not in page


def test_the_page_costs_the_same_with_more_rows(
    people: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    browser = people.owner.browser
    make_connector(people.organization, "Old Jira", health=Health.FAILING)
    make_run(make_project(people.organization), status=RunStatus.FAILED)
    with django_assert_num_queries(7):
        browser.get("/console/")
    for _ in range(2):
        make_connector(people.organization, "Old Jira", health=Health.FAILING)
        make_run(make_project(people.organization), status=RunStatus.FAILED)

    with django_assert_num_queries(7):
        browser.get("/console/")
