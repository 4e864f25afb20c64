"""The stream as a client sees it: documented events with ids, replay, tickets, and tokens that open nothing else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any, cast
from uuid import UUID

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.http import HttpResponseBase, StreamingHttpResponse
from django.utils import timezone

from migrations_app.api.event_source import entry_of
from migrations_app.engine.ports import Batch, Event
from migrations_app.engine.state import ItemStage, Outcome, RunStatus
from migrations_app.feeds import Entry
from migrations_app.models import MigrationRun, Project, RunEvent
from migrations_app.queries import events_after
from migrations_app.statuses import change_status
from migrations_app.store import DjangoStore
from tenancy.access_tokens import issue_access_token
from tests.builders import Cast
from tests.migrations_app.builders import make_held_run, make_run, plan_item

pytestmark = pytest.mark.django_db

MESSAGE = "✓ ADO #10432 [User Story] → PROJ-142"


@pytest.fixture(autouse=True)
def _events_of_this_transaction(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The reader's own thread has its own connection, which does not see the test's transaction."""

    async def read(run_id: UUID, after: int, limit: int) -> list[Entry]:
        found = await sync_to_async(events_after)(run_id, after, limit=limit)
        return [entry_of(event) for event in found]

    async def set_alarm(run_id: UUID, ring: Any) -> Any:
        return NoAlarm()

    monkeypatch.setattr("migrations_app.api.stream.read_events", read)
    monkeypatch.setattr("migrations_app.api.stream.set_redis_alarm", set_alarm)
    yield


class NoAlarm:
    async def close(self) -> None:
        """Nothing to close."""


@pytest.fixture
def run(project: Project) -> MigrationRun:
    """Completed, with one event of each documented kind."""
    held = make_held_run(project)
    item = plan_item("10432", stage=ItemStage.FINISHED, outcome=Outcome.CREATED)
    DjangoStore(held, lease_seconds=30).commit(Batch(new_items=[item], events=[Event("log", {"message": MESSAGE})]))
    change_status(held.pk, RunStatus.COMPLETED)
    return MigrationRun.objects.get(pk=held.pk)


def body_of(response: HttpResponseBase) -> str:
    """Everything a stream sends until it ends."""

    async def read() -> str:
        chunks = cast("AsyncIterator[bytes]", cast("StreamingHttpResponse", response).streaming_content)
        async with asyncio.timeout(10):
            return b"".join([chunk async for chunk in chunks]).decode()

    return async_to_sync(read)()


def events_in(text: str) -> list[tuple[int, str, dict[str, Any]]]:
    found = []
    for block in text.split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if "event" in lines:
            found.append((int(lines["id"]), lines["event"], json.loads(lines["data"])))
    return found


def listen(people: Cast, run: MigrationRun, query: str = "", **headers: str) -> Any:
    return people.member.client.get(f"/api/migrations/{run.pk}/stream{query}", headers=headers)


def test_the_stream_sends_the_documented_events_with_ids_and_ends_after_done(people: Cast, run: MigrationRun) -> None:
    answer = listen(people, run)

    assert answer["Content-Type"] == "text/event-stream; charset=utf-8"
    assert answer["Cache-Control"] == "no-cache"
    text = body_of(answer)
    assert text.startswith("retry: 2000\n\n")
    assert f'data: {{"type":"log","message":"{MESSAGE}"}}\n\n' in text
    progress = {"type": "progress", "current": 1, "total": 1, "speed": 0.0}
    assert events_in(text) == [
        (1, "log", {"type": "log", "message": MESSAGE}),
        (2, "progress", {**progress, "percent": 99, "phase": "preflight", "etaSeconds": 0}),
        (3, "progress", {**progress, "percent": 100, "phase": "preflight", "etaSeconds": 0}),
        (4, "status", {"type": "status", "status": "completed"}),
        (
            5,
            "done",
            {"type": "done", "stats": {"created": 1, "updated": 0, "skipped": 0, "partial": 0, "failed": 0}},
        ),
    ]


@pytest.mark.parametrize("seen", range(5))
def test_who_comes_back_gets_what_was_missed(people: Cast, run: MigrationRun, seen: int) -> None:
    by_header = events_in(body_of(listen(people, run, **{"Last-Event-ID": str(seen)})))
    by_query = events_in(body_of(listen(people, run, f"?lastEventId={seen}")))

    assert [number for number, *_ in by_header] == list(range(seen + 1, 6))
    assert by_query == by_header


@pytest.mark.parametrize("seen", ["5", "9999999"])
def test_who_has_seen_the_end_is_told_not_to_come_back(people: Cast, run: MigrationRun, seen: str) -> None:
    assert listen(people, run, **{"Last-Event-ID": seen}).status_code == 204


@pytest.mark.parametrize("seen", ["x", "-1", "1" * 30])
def test_what_is_no_event_id_is_refused(people: Cast, run: MigrationRun, seen: str) -> None:
    answer = listen(people, run, **{"Last-Event-ID": seen, "Accept": "text/event-stream"})

    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["lastEventId"])


def test_a_listener_sees_what_happens_while_it_listens(people: Cast, project: Project) -> None:
    run = make_run(project, status=RunStatus.RUNNING)
    response = listen(people, run)

    async def story() -> str:
        chunks = cast("AsyncIterator[bytes]", response.streaming_content)
        text = (await anext(chunks)).decode()
        await sync_to_async(change_status)(run.pk, RunStatus.CANCELLED)
        async with asyncio.timeout(10):
            return text + b"".join([chunk async for chunk in chunks]).decode()

    assert [kind for _, kind, _ in events_in(async_to_sync(story)())] == ["progress", "status", "done"]


def test_an_access_token_in_the_address_opens_the_stream(people: Cast, run: MigrationRun) -> None:
    token = issue_access_token(people.member.membership)
    people.member.client.credentials()

    assert listen(people, run, f"?token={token}").status_code == 200


def test_a_token_in_the_address_opens_nothing_else(people: Cast, run: MigrationRun) -> None:
    token = issue_access_token(people.member.membership)
    people.member.client.credentials()

    assert people.member.client.get(f"/api/migrations/{run.pk}?token={token}").status_code == 401


def ticket_for(people: Cast, run: MigrationRun) -> str:
    body = people.member.client.post(f"/api/migrations/{run.pk}/stream-ticket").json()
    assert set(body) == {"ticket", "expiresAt"}
    people.member.client.credentials()
    return str(body["ticket"])


def test_a_ticket_opens_its_run_s_stream_and_no_other(people: Cast, project: Project, run: MigrationRun) -> None:
    other = make_run(project)
    ticket = ticket_for(people, run)

    assert len(events_in(body_of(listen(people, run, f"?token={ticket}")))) == 5
    assert listen(people, other, f"?token={ticket}").status_code == 401


def test_a_ticket_is_worth_nothing_once_its_holder_has_left(people: Cast, run: MigrationRun) -> None:
    ticket = ticket_for(people, run)
    people.member.membership.delete()

    assert listen(people, run, f"?token={ticket}").status_code == 401


def test_an_old_ticket_says_that_it_is_old(people: Cast, run: MigrationRun, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket = ticket_for(people, run)
    later = timezone.now().timestamp() + 13 * 3600
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)

    assert listen(people, run, f"?token={ticket}").json()["code"] == "TOKEN_EXPIRED"


@pytest.mark.parametrize("token", ["isth_ticket_forged", "eyJhbGciOiJIUzI1NiJ9.e30.x", "x"])
def test_a_forged_token_opens_nothing(people: Cast, run: MigrationRun, token: str) -> None:
    people.member.client.credentials()

    assert listen(people, run, f"?token={token}").json()["code"] == "UNAUTHORIZED"


def test_another_organization_s_token_finds_no_run(people: Cast, run: MigrationRun) -> None:
    token = issue_access_token(people.outsider.membership)

    assert people.outsider.client.get(f"/api/migrations/{run.pk}/stream?token={token}").status_code == 404
    assert RunEvent.objects.filter(run=run).exists()
