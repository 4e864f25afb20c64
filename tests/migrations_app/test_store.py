"""The store: one fenced transaction per commit, counters that add up, a ledger that outlives runs."""

from __future__ import annotations

import time
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from migrations_app import rows
from migrations_app.engine.ports import Batch, Difference, Effect, EffectKey, Event, FenceLost, PlanItem
from migrations_app.engine.state import Control, EffectKind, EffectState, ItemStage, Outcome, Phase, RunStatus
from migrations_app.models import LedgerEntry, MigrationRun, RunEvent, RunItem, RunPreview, VerificationDifference
from migrations_app.store import DjangoStore
from tests.migrations_app.builders import make_held_run, make_project, plan_item

pytestmark = pytest.mark.django_db


def open_store(run: MigrationRun, **options: Any) -> DjangoStore:
    return DjangoStore(MigrationRun.objects.get(pk=run.pk), lease_seconds=30, **options)


def effect(kind: EffectKind, source: str, state: EffectState = EffectState.DONE, **fields: Any) -> Effect:
    return Effect(EffectKey(kind, source), state, **fields)


def keyed(*effects: Effect) -> dict[EffectKey, Effect]:
    return {each.key: each for each in effects}


def counters(run: MigrationRun) -> dict[str, int]:
    names = ("total", "created", "updated", "skipped", "partial", "failed")
    found: dict[str, int] = MigrationRun.objects.values(*names).get(pk=run.pk)
    return found


def test_every_field_of_a_planned_item_has_its_column() -> None:
    assert {"source", *rows.ITEM_COLUMNS} == {each.name for each in fields(PlanItem)}
    assert {"key", *rows.EFFECT_COLUMNS} == {each.name for each in fields(Effect)}
    assert {*rows.DIFFERENCE_COLUMNS} - {"digest"} == {each.name for each in fields(Difference)}


def test_items_come_back_as_they_were_given_in_creation_order() -> None:
    store = open_store(make_held_run())
    second = plan_item("7", position=2, parent="9", links=(("blocks", "8"),), comment_count=4, moved_before=True)
    first = plan_item("9", position=1, problems=(("FILE_TOO_LARGE", "plan.pdf is 3 GB"),), level=2)

    store.commit(Batch(new_items=[second, first]))

    assert list(store.items()) == [first, second]


def test_items_of_more_than_one_window_are_all_read_although_positions_repeat(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("migrations_app.store.READ_WINDOW", 3)
    store = open_store(make_held_run())
    store.commit(Batch(new_items=[plan_item(str(n), position=n // 4) for n in range(10)]))

    assert [item.source for item in store.items()] == [str(n) for n in range(10)]


def test_counters_follow_the_outcomes_and_add_up_to_the_total() -> None:
    run = make_held_run()
    store = open_store(run)
    items = {str(n): plan_item(str(n)) for n in range(1, 7)}
    items["6"].outcome = Outcome.SKIPPED
    store.commit(Batch(new_items=list(items.values())))

    outcomes = [Outcome.CREATED, Outcome.UPDATED, Outcome.PARTIAL, Outcome.FAILED]
    for item, outcome in zip(items.values(), outcomes, strict=False):
        item.outcome = outcome
    store.commit(Batch(items={source: items[source] for source in "1234"}))
    assert counters(run) == {"total": 6, "created": 1, "updated": 1, "skipped": 1, "partial": 1, "failed": 1}

    items["1"].outcome = Outcome.PARTIAL  # verification found it different
    items["5"].stage = ItemStage.CREATED
    store.commit(Batch(items={source: items[source] for source in "15"}))
    assert counters(run) == {"total": 6, "created": 0, "updated": 1, "skipped": 1, "partial": 2, "failed": 1}
    assert RunItem.objects.filter(run=run, outcome="").count() == 1


def test_an_item_planned_and_finished_in_one_commit_is_counted_once() -> None:
    run = make_held_run()
    item = plan_item("1")
    item.outcome = Outcome.FAILED

    open_store(run).commit(Batch(new_items=[item], items={"1": item}))

    assert counters(run) == {"total": 1, "created": 0, "updated": 0, "skipped": 0, "partial": 0, "failed": 1}


def test_a_changed_item_that_the_run_does_not_have_is_refused_whole() -> None:
    run = make_held_run()
    store = open_store(run)

    with pytest.raises(AssertionError, match="1 changed items"):
        store.commit(Batch(items={"1": plan_item("1")}, checkpoint={"lost": True}))

    run.refresh_from_db()
    assert run.checkpoint == {}


@pytest.mark.parametrize(
    "change", [{"attempt": 2}, {"status": RunStatus.PAUSED.value}, {"status": RunStatus.CANCELLED.value}]
)
def test_a_worker_that_lost_the_run_stores_nothing(change: dict[str, Any]) -> None:
    run = make_held_run()
    store = open_store(run)
    MigrationRun.objects.filter(pk=run.pk).update(**change)

    with pytest.raises(FenceLost):
        store.commit(
            Batch(
                new_items=[plan_item("1")],
                effects=keyed(effect(EffectKind.ITEM, "1")),
                events=[Event("log", {"message": "late"})],
                checkpoint={"late": True},
            )
        )

    run.refresh_from_db()
    assert (run.checkpoint, run.event_seq, run.total) == ({}, 0, 0)
    assert not RunItem.objects.exists() and not LedgerEntry.objects.exists() and not RunEvent.objects.exists()


def test_the_fence_is_the_first_statement_of_the_transaction() -> None:
    store = open_store(make_held_run())

    with CaptureQueriesContext(
        connection,
    ) as queries:
        store.commit(Batch(new_items=[plan_item("1")], events=[Event("log", {"message": "x"})]))

    statements = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"] and query["sql"] != "BEGIN"]
    assert statements[0].startswith('UPDATE "migrations_app_migrationrun"')


def test_a_commit_renews_the_lease_and_tells_what_the_user_wants() -> None:
    run = make_held_run(lease_until=timezone.now())
    store = open_store(run)
    assert store.commit(Batch()) is Control.GO
    run.refresh_from_db()
    assert run.lease_until is not None and (run.lease_until - timezone.now()).total_seconds() > 25

    MigrationRun.objects.filter(pk=run.pk).update(control=Control.CANCEL.value)
    assert store.commit(Batch()) is Control.CANCEL


def test_a_process_that_should_end_pauses_the_engine_without_the_user_having_asked() -> None:
    ending = [False]
    run = make_held_run()
    store = open_store(run, is_stopping=lambda: ending[0])
    assert store.commit(Batch()) is Control.GO and not store.stopped

    ending[0] = True

    assert store.commit(Batch()) is Control.PAUSE and store.stopped


def test_the_lease_is_counted_from_before_the_commit_on_a_clock_that_never_jumps() -> None:
    clock = [100.0]
    store = open_store(make_held_run(), monotonic=lambda: clock[0])
    clock[0] = 120.0
    assert store.lease_left() == 10.0

    store.commit(Batch())

    assert store.lease_left() == 30.0


def test_events_are_numbered_without_gaps_and_progress_follows_what_it_tells_of() -> None:
    clock = [0.0]
    run = make_held_run()
    store = open_store(run, monotonic=lambda: clock[0])
    item = plan_item("1")
    store.commit(Batch(new_items=[item, plan_item("2")], events=[Event("log", {"message": "planned"})]))
    clock[0] = 2.0
    item.outcome = Outcome.CREATED

    store.commit(Batch(items={"1": item}, events=[Event("log", {"message": "✓"})], phase=Phase.CONTENT))

    events = list(RunEvent.objects.filter(run=run).values_list("seq", "kind", "data"))
    start = {"current": 0, "total": 2, "percent": 0, "speed": 0.0, "phase": "preflight", "etaSeconds": None}
    later = {
        "current": 1,
        "total": 2,
        "percent": 50,
        "speed": 0.5,
        "phase": "comments and attachments",
        "etaSeconds": 2,
    }
    assert events == [
        (1, "log", {"message": "planned"}),
        (2, "progress", start),
        (3, "log", {"message": "✓"}),
        (4, "progress", later),
    ]


def test_progress_is_told_at_most_twice_a_second_and_never_forgotten() -> None:
    clock = [0.0]
    run = make_held_run()
    store = open_store(run, monotonic=lambda: clock[0])
    items = [plan_item(str(n)) for n in range(1, 5)]
    store.commit(Batch(new_items=items))
    for now, item in zip((0.1, 0.2, 0.6, 0.7), items, strict=True):
        clock[0] = now
        item.outcome = Outcome.CREATED
        store.commit(Batch(items={item.source: item}))
    clock[0] = 1.2
    store.commit(Batch())

    told = [data["current"] for data in RunEvent.objects.filter(kind="progress").values_list("data", flat=True)]
    assert told == [0, 3, 4]


def test_the_speed_is_taken_over_from_the_slice_before() -> None:
    run = make_held_run()
    items = [plan_item(str(n)) for n in range(1, 41)]
    open_store(run).commit(Batch(new_items=items))
    RunEvent.objects.update(created_at=timezone.now() - timedelta(seconds=2))

    second = open_store(run)
    for item in items[:20]:
        item.outcome = Outcome.CREATED
    second.commit(Batch(items={item.source: item for item in items[:20]}))

    last = RunEvent.objects.filter(kind="progress").latest("seq")
    assert last.data["speed"] == pytest.approx(10, rel=0.2)


def test_effects_are_kept_by_key_and_found_by_item_kind_and_state() -> None:
    run = make_held_run()
    store = open_store(run)
    item = effect(EffectKind.ITEM, "17", target_id="10042", target_key="PARTS-1", extra={"rev": 4})
    comment = effect(EffectKind.COMMENT, "17/c/3", EffectState.INTENDED, intended_at=12.5, floor=7)
    link = effect(EffectKind.LINK, "17/blocks/21")
    refused = effect(EffectKind.LINK, "17/blocks/22", EffectState.REFUSED)
    sprint = effect(EffectKind.SPRINT, "Parts\\Sprint 1", target_id="5")
    store.commit(Batch(effects=keyed(item, comment, link, refused, sprint)))

    assert store.open_effects() == [replace(comment, item="17")]
    assert {each.key for each in store.effects_of(["17", "18"])} == {item.key, comment.key, link.key, refused.key}
    assert store.moved(["17", "18"]) == {"17": replace(item, item="17")}
    assert store.link_effects() == {"17/blocks/21", "17/blocks/22"}
    assert store.shared_effects(EffectKind.SPRINT) == [sprint]


def test_an_intent_becomes_a_result_and_a_withdrawn_one_disappears() -> None:
    store = open_store(make_held_run())
    intended = effect(EffectKind.ITEM, "1", EffectState.INTENDED)
    other = effect(EffectKind.ITEM, "2", EffectState.INTENDED)
    store.commit(Batch(effects=keyed(intended, other)))

    store.commit(Batch(effects=keyed(effect(EffectKind.ITEM, "1", target_key="PARTS-1")), withdrawn=[other.key]))

    assert [(each.key.source, each.state) for each in store.effects_of(["1", "2"])] == [("1", EffectState.DONE)]


def test_a_done_effect_is_neither_intended_again_nor_withdrawn() -> None:
    store = open_store(make_held_run())
    done = effect(EffectKind.ITEM, "1", target_key="PARTS-1")
    store.commit(Batch(effects=keyed(done)))

    with pytest.raises(AssertionError, match="1 effects were intended"):
        store.commit(Batch(effects=keyed(effect(EffectKind.ITEM, "1", EffectState.INTENDED))))
    store.commit(Batch(withdrawn=[done.key]))

    assert store.moved(["1"])["1"].target_key == "PARTS-1"


def test_a_refused_effect_may_be_intended_again() -> None:
    store = open_store(make_held_run())
    store.commit(Batch(effects=keyed(effect(EffectKind.FILE, "1/f/a", EffectState.REFUSED))))

    store.commit(Batch(effects=keyed(effect(EffectKind.FILE, "1/f/a", EffectState.INTENDED))))

    assert [each.state for each in store.open_effects()] == [EffectState.INTENDED]


def test_another_project_s_run_sees_the_same_ledger_and_what_is_still_open_in_it() -> None:
    first = make_held_run()
    effects = keyed(
        effect(EffectKind.ITEM, "1", target_key="PARTS-1"), effect(EffectKind.ITEM, "2", EffectState.INTENDED)
    )
    open_store(first).commit(Batch(effects=effects))
    MigrationRun.objects.filter(pk=first.pk).update(status=RunStatus.CANCELLED.value)

    second = open_store(make_held_run(make_project(first.organization), scope=first.scope))

    assert list(second.moved(["1", "2"])) == ["1"]
    assert len(second.effects_of(["1", "2"])) == 2
    assert [each.key.source for each in second.open_effects()] == ["2"]


def test_another_organization_s_ledger_is_its_own() -> None:
    open_store(make_held_run()).commit(Batch(effects=keyed(effect(EffectKind.ITEM, "1"))))

    assert open_store(make_held_run()).moved(["1"]) == {}


def test_a_difference_found_twice_is_kept_once() -> None:
    store = open_store(make_held_run())
    found = [
        Difference("1", "PARTS-1", "title", "VALUE_DIFFERS", "Old", "New"),
        Difference("1", "PARTS-1", "attachments", "FILE_MISSING", "a.txt", ""),
        Difference("1", "PARTS-1", "attachments", "FILE_MISSING", "b.txt", ""),
    ]

    store.commit(Batch(differences=found))
    store.commit(Batch(differences=found))

    assert VerificationDifference.objects.count() == 3


def test_the_payloads_of_a_dry_run_are_kept_by_item_the_newest_wins() -> None:
    store = open_store(make_held_run())

    store.commit(Batch(previews={"1": {"fields": {"summary": "Old"}}, "2": {"fields": {}}}))
    store.commit(Batch(previews={"1": {"fields": {"summary": "New"}}}))

    kept = dict(RunPreview.objects.values_list("source", "payload"))
    assert kept == {"1": {"fields": {"summary": "New"}}, "2": {"fields": {}}}


def test_texts_that_a_database_cannot_hold_lose_only_what_it_cannot() -> None:
    run = make_held_run()
    odd, plain = "a\0b\ud800c ✓", "ab?c ✓"
    item = plan_item("1", title=odd, problems=(("X", odd),))

    open_store(run).commit(
        Batch(
            new_items=[item],
            events=[Event("log", {"message": odd, "list": [odd]})],
            differences=[Difference("1", "K-1", "f" * 300, "X", odd, odd)],
            previews={"1": {"payload": {"fields": {odd: [odd]}}}},
        )
    )

    stored = RunItem.objects.get()
    assert (stored.title, stored.problems) == (plain, [["X", plain]])
    assert RunEvent.objects.get(kind="log").data == {"message": plain, "list": [plain]}
    assert VerificationDifference.objects.values_list("field", "source_value").get() == ("f" * 255, plain)
    assert RunPreview.objects.get().payload == {"payload": {"fields": {plain: [plain]}}}


def test_a_checkpoint_is_there_for_the_next_slice() -> None:
    run = make_held_run()
    open_store(run).commit(Batch(checkpoint={"cursor": 200, "stages": ["preflight"]}))

    assert open_store(run).checkpoint() == {"cursor": 200, "stages": ["preflight"]}


def test_a_large_batch_takes_few_statements_and_little_time() -> None:
    store = open_store(make_held_run())
    items = [plan_item(str(n)) for n in range(1, 2001)]
    store.commit(Batch(new_items=items))
    changed = _everything_changed(items)

    began = time.perf_counter()
    with CaptureQueriesContext(connection) as queries:
        store.commit(changed)
    took = time.perf_counter() - began

    assert len(queries) < 20
    assert took < 4  # 10,000 rows; measured 0.3 s


def _everything_changed(items: list[PlanItem]) -> Batch:
    for item in items:
        item.outcome = Outcome.CREATED
        item.target_key = f"PARTS-{item.source}"
    effects = [
        effect(kind, f"{item.source}{part}", target_id="1", extra={"sha256": "0" * 64})
        for item in items
        for kind, part in ((EffectKind.ITEM, ""), (EffectKind.COMMENT, "/c/1"), (EffectKind.FILE, "/f/1"))
    ]
    events = [Event("log", {"message": f"✓ ADO #{item.source}"}) for item in items]
    return Batch(items={item.source: item for item in items}, effects=keyed(*effects), events=events)
