"""Synchronizations: the list, one with its health, what is done with it, and what of them needs attention."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from sync import queries
from sync.console.base import SyncView, Trouble, shown_side
from sync.console.charts import hourly_chart
from sync.models import AsyncTask, Synchronization, SynchronizationStatus
from sync.queries import errors_of, sides_of, state_of, synchronizations_of, tasks_of
from sync.services import configuration, control, matters, tasks
from tenancy.permissions import Action

MOST_CONCERNS = 5
SLOW_MS = 60_000
"""A lag that is worth a word."""
_TASKS = 5


class SynchronizationList(SyncView):
    """All synchronizations of the organization, the newest first."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """A page of them, narrowed by text and status."""
        text, status = request.GET.get("q", "").strip(), request.GET.get("status", "")
        rows = synchronizations_of(self.organization)
        if text:
            rows = rows.filter(summary__icontains=text) | rows.filter(sides__key__istartswith=text)
            rows = rows.distinct()
        if status in SynchronizationStatus.values:
            rows = rows.filter(status=status)
        page = self.paged(rows)
        open_matters = errors_of(list(page))
        return self.page(
            "console/synchronizations/list.html",
            page=page,
            rows=[(row, [shown_side(side) for side in sides_of(row)], sum(open_matters[row.pk])) for row in page],
            asked={"q": text, "status": status},
            statuses=SynchronizationStatus.choices,
            narrowed=bool(text or status),
        )


class SynchronizationPage(SyncView):
    """One synchronization: how it stands, what was carried, what is under way."""

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        """The page; for htmx only what changes."""
        row = self.find_synchronization(key)
        context = _standing(row)
        if self.asked_by_htmx:
            first, second = sides_of(row)
            sides = [shown_side(first), shown_side(second)]
            return self.fragment("console/synchronizations/_standing.html", row=row, sides=sides, **context)
        return self.drawn("console/synchronizations/synchronization.html", row, **context)


class Steer(SyncView):
    """Start, stop, compare everything, retry all errors, cancel a task."""

    post_action = Action.RESYNC
    orders: ClassVar[dict[str, tuple[Callable[..., Any], str]]] = {
        "start": (control.start, "{row.key} is starting: both sides are checked first."),
        "stop": (control.stop, "{row.key} is stopped. Where both sides stood is remembered."),
        "compare": (control.compare_everything, "All items are compared by the next passes."),
        "retry": (matters.retry_all, "All errors are tried again."),
    }

    def post(self, request: HttpRequest, key: str, order: str) -> HttpResponse:
        """Obey, and say so."""
        row = self.find_synchronization(key)
        obey, words = self.orders[order]
        try:
            obey(row, by=self.principal)
            self.say(words.format(row=row))
        except Trouble as trouble:
            self.say_refusal(trouble)
        return self.go("sync_console:synchronization", key=row.key)


class CancelTask(SyncView):
    """End a task of one's own."""

    post_action = Action.RESYNC

    def post(self, request: HttpRequest, key: str, task: str) -> HttpResponse:
        """What it did so far stays."""
        row = self.find_synchronization(key)
        try:
            found = queries.find_task(self.organization, task, user=self.principal.user)
            tasks.cancel_task(found, by=self.principal)
            self.say("The task is cancelled. What it did so far stays.")
        except Trouble as trouble:
            self.say_refusal(trouble)
        return self.go("sync_console:synchronization", key=row.key)


class DeletePage(SyncView):
    """Removing a synchronization: what goes and what stays."""

    action = Action.MANAGE_SYNCHRONIZATIONS
    post_action = Action.MANAGE_SYNCHRONIZATIONS

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        """What it knows, in numbers."""
        row = self.find_synchronization(key)
        return self.drawn("console/synchronizations/delete.html", row, state=state_of(row), typed="", wrong="")

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        """Only with its key typed."""
        row = self.find_synchronization(key)
        typed = request.POST.get("confirm", "").strip()
        if typed != row.key:
            wrong = f"Type {row.key} to delete it."
            return self.drawn(
                "console/synchronizations/delete.html", row, status=422, state=state_of(row), typed=typed, wrong=wrong
            )
        configuration.delete_synchronization(row, by=self.principal)
        self.say(f"{row.key} is deleted. The items of both sides stay as they are.")
        return self.go("sync_console:synchronizations")


class Attention(SyncView):
    """What of the synchronizations needs somebody, for the overview."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Running ones that wait for a person or cannot reach a side."""
        rows = list(synchronizations_of(self.organization).filter(status=SynchronizationStatus.RUNNING)[:200])
        counts = errors_of(rows)
        concerns = [each for row in rows for each in _concerns(row, sum(counts[row.pk]))]
        return self.fragment("console/synchronizations/_attention.html", concerns=concerns[:MOST_CONCERNS])


def _standing(row: Synchronization) -> dict[str, Any]:
    state = state_of(row)
    latest: Sequence[AsyncTask] = list(tasks_of(row)[:_TASKS])
    hours = queries.hours_of(row, hours=48)
    return {
        "state": state,
        "tasks": latest,
        "moving": row.status == SynchronizationStatus.RUNNING or any(not task.finished for task in latest),
        "chart": hourly_chart(hours, until=timezone.now()),
        "carried": sum(hour.changes for hour in hours if hour.hour > _a_day_ago()),
        "is_slow": row.lag_ms is not None and row.lag_ms > SLOW_MS,
        "is_running": row.status == SynchronizationStatus.RUNNING,
        "has_ended": row.status == SynchronizationStatus.CUT_OVER,
    }


def _a_day_ago() -> datetime:
    return timezone.now() - timedelta(hours=24)


def _concerns(row: Synchronization, waiting: int) -> Sequence[tuple[str, Synchronization, str, str]]:
    found = []
    if waiting:
        words = "1 change waits" if waiting == 1 else f"{waiting:,} changes wait"
        found.append(("warn", row, f"{words} for a decision. Other items go on meanwhile.", "matters"))
    if row.last_error_message:
        found.append(("bad", row, row.last_error_message, "synchronization"))
    return found
