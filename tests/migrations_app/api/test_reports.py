"""Items, key map, preview and verification of a run."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from migrations_app.engine.ports import Batch, Difference, Effect, EffectKey, Event, PlanItem
from migrations_app.engine.state import EffectKind, EffectState, ItemStage, Outcome
from migrations_app.models import MigrationRun, Project
from migrations_app.store import DjangoStore
from tests.builders import Cast
from tests.migrations_app.builders import make_held_run, plan_item

pytestmark = pytest.mark.django_db


def moved(source: str, **fields: Any) -> PlanItem:
    return plan_item(source, stage=ItemStage.FINISHED, outcome=Outcome.CREATED, **fields)


def make(project: Project, **batch: Any) -> MigrationRun:
    run = make_held_run(project)
    DjangoStore(run, lease_seconds=30).commit(Batch(**batch))
    return run


@pytest.fixture
def run(project: Project) -> MigrationRun:
    items = [
        moved("11", type="Epic", title="=Shop", target_key="PARTS-1"),
        plan_item("12", title="Pay by card", parent="11", target_key="PARTS-2", stage=ItemStage.FINISHED,
                  outcome=Outcome.PARTIAL, problems=(("FILE_TOO_LARGE", "plan.pdf is 3 GB"),)),
        plan_item("13", title="Refund", parent_link="11", outcome=Outcome.FAILED, stage=ItemStage.FINISHED),
        plan_item("14", type="Bug", title="Crash in refund 12"),
    ]  # fmt: skip
    return make(project, new_items=items)


def get(people: Cast, run: MigrationRun, path: str) -> Any:
    return people.member.client.get(f"/api/migrations/{run.pk}/{path}")


def test_an_item_tells_what_became_of_it(people: Cast, run: MigrationRun) -> None:
    body = get(people, run, "items").json()

    assert (body["total"], body["next"]) == (4, None)
    assert body["items"][1] == {
        "id": "12",
        "type": "User Story",
        "title": "Pay by card",
        "state": "",
        "parentId": "11",
        "outcome": "partial",
        "stage": "finished",
        "targetKey": "PARTS-2",
        "problems": [{"code": "FILE_TOO_LARGE", "message": "plan.pdf is 3 GB"}],
    }
    assert (body["items"][3]["outcome"], body["items"][3]["targetKey"]) == ("pending", None)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("outcome=created", ["11"]),
        ("outcome=pending", ["14"]),
        ("outcome=skipped", []),
        ("type=Bug", ["14"]),
        ("q=refund", ["13", "14"]),
        ("q=%2313", ["13"]),
        ("q=12", ["12"]),
        ("q=parts-1", ["11"]),
        ("q=refund&outcome=failed", ["13"]),
        ("q=%25", []),
        ("q=", ["11", "12", "13", "14"]),
    ],
)
def test_items_are_found_by_outcome_type_and_words(
    people: Cast, run: MigrationRun, query: str, found: list[str]
) -> None:
    body = get(people, run, f"items?{query}").json()

    assert [item["id"] for item in body["items"]] == found
    assert body["total"] == len(found)


def test_pages_follow_each_other_without_gap_or_repetition(people: Cast, project: Project) -> None:
    run = make(project, new_items=[plan_item(str(n), position=n // 3) for n in range(10)])
    seen: list[str] = []
    after = ""
    while True:
        body = get(people, run, f"items?limit=3{after}").json()
        seen += [item["id"] for item in body["items"]]
        if body["next"] is None:
            break
        after = f"&after={body['next']}"

    assert seen == [str(n) for n in range(10)]


def test_a_page_takes_as_many_queries_for_three_items_as_for_one(people: Cast, project: Project) -> None:
    counts = []
    run = make(project, new_items=[plan_item("1")])
    for more in (["2", "3"], []):
        with CaptureQueriesContext(connection) as queries:
            get(people, run, "items?q=Story")
        counts.append(len(queries))
        DjangoStore(run, lease_seconds=30).commit(Batch(new_items=[plan_item(source) for source in more]))

    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    "query", ["outcome=lost", "limit=0", "limit=501", "limit=x", "after=x", "after=1.", "after=-1.2"]
)
def test_a_malformed_question_is_refused(people: Cast, run: MigrationRun, query: str) -> None:
    answer = get(people, run, f"items?{query}")

    assert (answer.status_code, list(answer.json()["errors"])) == (400, [query.partition("=")[0]])


def test_the_key_map_names_what_has_arrived_and_computes_nothing(people: Cast, run: MigrationRun) -> None:
    answer = get(people, run, "key-map.csv")

    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert list(csv.reader(io.StringIO(answer.content.decode()))) == [
        ["source_id", "target_key", "type", "title"],
        ["11", "PARTS-1", "Epic", "'=Shop"],
        ["12", "PARTS-2", "User Story", "Pay by card"],
    ]


def test_a_download_is_answered_whatever_it_says_to_accept(people: Cast, run: MigrationRun) -> None:
    for accept in ("text/csv", "image/png"):
        address = f"/api/migrations/{run.pk}/key-map.csv"
        assert people.member.client.get(address, headers={"Accept": accept}).status_code == 200


def test_a_dry_run_s_payloads_are_shown_by_item(people: Cast, project: Project) -> None:
    previews = {str(n): {"payload": {"fields": {"summary": f"Story {n}"}}, "parent": None} for n in range(3)}
    run = make(project, previews=previews)

    first = get(people, run, "preview?limit=2").json()
    second = get(people, run, f"preview?limit=2&after={first['next']}").json()

    assert (first["total"], [item["id"] for item in first["items"]]) == (3, ["0", "1"])
    assert second["items"] == [{"id": "2", "payload": {"fields": {"summary": "Story 2"}}, "parent": None}]
    assert second["next"] is None


def test_the_report_counts_items_by_type_and_effects_by_kind(people: Cast, project: Project) -> None:
    items = [
        plan_item("1", type="Bug", stage=ItemStage.FINISHED, outcome=Outcome.CREATED),
        plan_item("2", type="Bug", stage=ItemStage.FINISHED, outcome=Outcome.PARTIAL),
        plan_item("3", type="Epic"),
    ]
    done = [
        EffectKey(EffectKind.ITEM, "1"),
        EffectKey(EffectKind.COMMENT, "1/c/1"),
        EffectKey(EffectKind.COMMENT, "1/c/2"),
    ]
    effects = {key: Effect(key, EffectState.DONE) for key in done}
    open_ = EffectKey(EffectKind.FILE, "1/f/a")
    run = make(project, new_items=items, effects={**effects, open_: Effect(open_, EffectState.INTENDED)})
    started = run.created_at
    MigrationRun.objects.update(started_at=started, finished_at=started + timedelta(seconds=4), source_requests=7)

    body = get(people, run, "report").json()

    none = {"created": 0, "updated": 0, "skipped": 0, "partial": 0, "failed": 0, "pending": 0}
    assert body == {
        "id": str(run.pk),
        "status": "RUNNING",
        "totalItems": 3,
        "types": [
            {**none, "type": "Bug", "total": 2, "created": 1, "partial": 1},
            {**none, "type": "Epic", "total": 1, "pending": 1},
        ],
        "effects": {"item": 1, "comment": 2},
        "requests": {"source": 7, "target": 0},
        "seconds": 4.0,
        "itemsPerSecond": 0.5,
        "verified": False,
        "differenceCount": 0,
        "summary": {},
    }


def verified(project: Project, *found: Difference) -> MigrationRun:
    events = [Event("verified", {"verified": 2, "different": len(found)})]
    items = [moved("11", title="<b>Shop</b>"), moved("12", type="<i>")]
    return make(project, new_items=items, differences=list(found), events=events)


TITLE = Difference("11", "PARTS-1", "title", "VALUE_DIFFERS", "<script>alert(1)</script>", "=New")


def test_verification_lists_every_difference(people: Cast, project: Project) -> None:
    run = verified(project, TITLE)

    body = get(people, run, "verification").json()

    assert (body["verified"], body["totalItems"], body["differenceCount"], body["next"]) == (True, 2, 1, None)
    assert body["summary"] == {"verified": 2, "different": 1}
    assert body["differences"] == [
        {
            "id": "11",
            "targetKey": "PARTS-1",
            "field": "title",
            "code": "VALUE_DIFFERS",
            "sourceValue": "<script>alert(1)</script>",
            "targetValue": "=New",
        }
    ]


def test_a_run_that_was_not_verified_says_so(people: Cast, run: MigrationRun) -> None:
    assert get(people, run, "verification").json()["verified"] is False
    assert "has not come to its end" in get(people, run, "verification.html").content.decode()


def test_verification_as_a_table(people: Cast, project: Project) -> None:
    rows = list(csv.reader(io.StringIO(get(people, verified(project, TITLE), "verification.csv").content.decode())))

    assert rows == [
        ["source_id", "target_key", "field", "code", "source_value", "target_value"],
        ["11", "PARTS-1", "title", "VALUE_DIFFERS", "<script>alert(1)</script>", "'=New"],
    ]


def test_verification_as_a_page_escapes_what_comes_from_outside(people: Cast, project: Project) -> None:
    page = get(people, verified(project, TITLE), "verification.html").content.decode()

    assert "1 differences" in page and "&lt;script&gt;" in page and "&lt;i&gt;" in page
    assert "<script>" not in page


def test_a_clean_verification_says_so(people: Cast, project: Project) -> None:
    assert "Everything that was moved" in get(people, verified(project), "verification.html").content.decode()


def test_the_report_says_what_is_out_of_scope(people: Cast, project: Project) -> None:
    page = get(people, verified(project), "verification.html").content.decode()

    for words in ("Wikis", "boards and dashboards", "queries", "delivery plans", "pipelines", "test runs"):
        assert words in page
    assert "Azure DevOps Server and Jira Data Center are not served" in page
