"""One field that finds projects, runs, connectors and items, in one organization."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from migrations_app.engine.ports import Batch
from migrations_app.models import MigrationRun
from migrations_app.store import DjangoStore
from tenancy.models import Organization
from tests import recipes
from tests.builders import Cast
from tests.migrations_app.builders import make_held_run, make_project, plan_item
from tests.migrations_app.console.test_run_pages import text, url

pytestmark = pytest.mark.django_db


def make_stored(organization: Organization, word: str) -> MigrationRun:
    run = make_held_run(make_project(organization, name=f"Shop {word}"))
    items = [
        plan_item("42", title=f"Pay by card {word}", target_key="PARTS-7"),
        plan_item("421", title=f"Refuse a card {word}", target_key="PARTS-71"),
        plan_item("4210", title=f"Ship the parcel {word}"),
    ]
    DjangoStore(run, lease_seconds=30).commit(Batch(new_items=items))
    recipes.connector.make(organization=organization, name=f"Jira {word}")
    return run


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("42", ["42", "421"]),
        ("%2342", ["42", "421"]),
        ("4210", ["4210"]),
        ("parts-7", ["42", "421"]),
        ("PARTS-71", ["421"]),
        ("card pay", ["42"]),
        ("card", ["42", "421"]),
        ("boat", []),
    ],
)
def test_items_are_found_by_id_key_and_words(people: Cast, query: str, found: list[str]) -> None:
    make_stored(people.organization, "ours")
    make_stored(people.outsider.organization, "theirs")

    answer = people.member.browser.get(f"{url('search')}?q={query}")

    assert [item.source for item, _ in answer.context["items"]] == found
    assert "theirs" not in answer.content.decode()


def test_projects_runs_and_connectors_are_found_by_name_and_id(people: Cast) -> None:
    run = make_stored(people.organization, "ours")
    theirs = make_stored(people.outsider.organization, "theirs")

    by_name, by_id = (
        text(people.member, f"{url('search')}?q=shop"),
        text(people.member, f"{url('search')}?q={str(run.pk)[:8]}"),
    )

    assert "Shop ours" in by_name and url("run", run) in by_name and "Shop theirs" not in by_name
    assert url("run", run) in by_id
    assert url("run", theirs) not in text(people.member, f"{url('search')}?q={theirs.pk}")
    assert "Jira ours" in text(people.member, f"{url('search')}?q=jira")


def test_an_empty_search_says_what_can_be_typed_and_a_vain_one_where_was_looked(people: Cast) -> None:
    make_stored(people.organization, "ours")

    assert "For example 4711 for a source item" in text(people.member, url("search"))
    shown = text(people.member, f"{url('search')}?q=boat")
    assert "No project, run, connector or item matches “boat”." in shown
    assert "titles were searched in 3 items of the newest runs" in shown


def test_more_rows_take_no_more_queries(people: Cast) -> None:
    counts = []
    for word in ("one", "two"):
        make_stored(people.organization, word)
        browser = people.member.browser
        with CaptureQueriesContext(connection) as queries:
            browser.get(f"{url('search')}?q=42")
        counts.append(len(queries))

    assert counts[0] == counts[1]
