"""The items of a run in the console: filters, pages, one item with both sides."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from migrations_app.console import item_pages
from migrations_app.engine.ports import Batch, Difference, Effect, EffectKey
from migrations_app.engine.state import EffectKind, EffectState, ItemStage, Outcome, RunStatus
from migrations_app.models import MigrationRun
from migrations_app.store import DjangoStore
from tests.builders import Cast
from tests.migrations_app.builders import make_held_run, make_project, make_run, plan_item
from tests.migrations_app.console.test_run_pages import text, url

pytestmark = pytest.mark.django_db


def make_run_with_items(people: Cast) -> MigrationRun:
    run = make_held_run(make_project(people.organization, name="Shop"))
    items = [
        plan_item("1", title="Pay by card", outcome=Outcome.CREATED, target_key="PARTS-7", stage=ItemStage.FINISHED),
        plan_item(
            "2", title="Refuse a card", type="Bug", outcome=Outcome.FAILED, problems=(("PARENT_NOT_MOVED", "No."),)
        ),
        plan_item("12", title="Ship the parcel", parent="1"),
    ]
    key = EffectKey(EffectKind.ITEM, "1")
    DjangoStore(run, lease_seconds=30).commit(
        Batch(
            new_items=items,
            effects={key: Effect(key, EffectState.DONE, target_key="PARTS-7", intended_at=1_700_000_000.0)},
            differences=[Difference("1", "PARTS-7", "title", "TITLE_DIFFERS", "Pay by card", "Pay by cheque")],
        )
    )
    return MigrationRun.objects.get(pk=run.pk)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"1", "2", "12"}),
        ("outcome=failed", {"2"}),
        ("outcome=pending", {"12"}),
        ("type=Bug", {"2"}),
        ("q=card", {"1", "2"}),
        ("q=%2312", {"12"}),
        ("q=parts-7", {"1"}),
        ("q=card&type=Bug", {"2"}),
    ],
)
def test_items_are_filtered(people: Cast, query: str, found: set[str]) -> None:
    run = make_run_with_items(people)

    shown = text(people.member, f"{url('run-items', run)}?{query}")

    links = {source for source in ("1", "2", "12") if f'href="{url("run-item", run, source=source)}"' in shown}
    assert links == found


def test_items_are_leafed_through_without_missing_one(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(item_pages, "PAGE", 2)
    run = make_run_with_items(people)

    first = people.member.browser.get(url("run-items", run))
    second = text(people.member, f"{url('run-items', run)}?{first.context['next_page']}")

    assert [item.source for item in first.context["items"]] == ["1", "2"]
    assert "Ship the parcel" in second and "Next page" not in second and "First page" in second


def test_words_are_sought_in_part_of_a_very_large_run_and_that_is_said(
    people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(item_pages, "TITLES_SEARCHED", 2)
    run = make_run_with_items(people)

    shown = text(people.member, f"{url('run-items', run)}?q=ship")

    assert "Words are looked for in the titles of the first 2 items of this run." in shown
    assert "No item matches" in shown
    assert "Ship the parcel" in text(people.member, f"{url('run-items', run)}?q=12")


def test_more_items_take_no_more_queries(people: Cast) -> None:
    run = make_run_with_items(people)
    browser, counts = people.member.browser, []
    for start in (20, 30):
        with CaptureQueriesContext(connection) as queries:
            browser.get(url("run-items", run))
        counts.append(len(queries))
        DjangoStore(run, lease_seconds=30).commit(Batch(new_items=[plan_item(str(start + n)) for n in range(3)]))

    assert counts[0] == counts[1]


def test_an_item_is_linked_on_both_sides_and_shows_what_differs(people: Cast) -> None:
    run = make_run_with_items(people)

    shown = text(people.member, url("run-item", run, source="1"))

    assert 'href="https://dev.azure.com/contoso/Parts/_workitems/edit/1"' in shown
    assert 'href="https://contoso.atlassian.net/browse/PARTS-7"' in shown
    assert "Title differs" in shown and "Pay by card" in shown and "Pay by cheque" in shown
    assert '<time datetime="2023-11-14T22:13:20+00:00"' in shown


def test_an_item_shows_its_reasons_and_in_which_runs_it_was(people: Cast) -> None:
    run = make_run_with_items(people)
    later = make_run(run.project, scope=run.scope, status=RunStatus.COMPLETED)
    DjangoStore(make_held(later), lease_seconds=30).commit(Batch(new_items=[plan_item("2", type="Bug")]))

    shown = text(people.member, url("run-item", run, source="2"))

    assert '<li>No. <span class="key">PARENT_NOT_MOVED</span></li>' in shown
    assert url("run-item", later, source="2") in shown
    assert "there is no issue to compare it with" in shown


def make_held(run: MigrationRun) -> MigrationRun:
    """The other run had ended, so this one may be worked on."""
    MigrationRun.objects.exclude(pk=run.pk).update(status="PARTIAL")
    MigrationRun.objects.filter(pk=run.pk).update(status="RUNNING", attempt=1)
    return MigrationRun.objects.get(pk=run.pk)


def test_an_unknown_item_is_not_found(people: Cast) -> None:
    run = make_run_with_items(people)

    assert people.member.browser.get(url("run-item", run, source="99")).status_code == 404
    assert people.outsider.browser.get(url("run-item", run, source="1")).status_code == 404
