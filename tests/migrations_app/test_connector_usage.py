"""What uses a connector is told to the layer below without that layer knowing projects or runs."""

from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries

from connectors.models import Connector
from connectors.usage import count_uses, uses_of
from migrations_app.engine.state import RunStatus
from tests.builders import Cast
from tests.migrations_app.builders import make_project, make_run

pytestmark = pytest.mark.django_db


def connector(people: Cast, name: str) -> Connector:
    return Connector.objects.create(organization=people.organization, name=name, system="azure_devops")


def test_projects_and_runs_are_counted_once_however_many_ends_they_use(people: Cast) -> None:
    used, unused = connector(people, "used"), connector(people, "unused")
    project = make_project(people.organization, source_connector=used, target_connector=used)
    make_run(project, source_connector=used, status=RunStatus.COMPLETED)
    make_run(project, source_connector=used, status=RunStatus.RUNNING)

    found = count_uses(people.organization, [used.pk, unused.pk])

    assert found == {used.pk: {"project": 1, "run": 2}, unused.pk: {}}


def test_counting_takes_as_many_queries_for_many_connectors(
    people: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    several = [connector(people, f"c{number}").pk for number in range(5)]

    for asked in (several[:1], several):
        with django_assert_num_queries(3):  # projects, runs, synchronizations
            count_uses(people.organization, asked)


def test_an_active_run_is_told_before_newer_ended_ones(people: Cast) -> None:
    used = connector(people, "used")
    project = make_project(people.organization, name="Shop")
    active = make_run(project, source_connector=used, status=RunStatus.RUNNING)
    make_run(project, target_connector=used, status=RunStatus.COMPLETED)

    found = uses_of(people.organization, used.pk)

    assert [(use.kind, use.name, use.status, use.active) for use in found] == [
        ("run", "Shop, full", "RUNNING", True),
        ("run", "Shop, full", "COMPLETED", False),
    ]
    assert found[0].key == {"run": str(active.pk)}


def test_another_organizations_projects_are_not_told(people: Cast) -> None:
    used = connector(people, "used")
    make_project(people.outsider.organization, source_connector=used)

    assert uses_of(people.organization, used.pk) == []
    assert count_uses(people.organization, [used.pk]) == {used.pk: {}}
