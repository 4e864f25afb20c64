"""Orders to runs, by button: the same services as the REST interface."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from connectors.domain.errors import DomainError
from migrations_app import services
from migrations_app.console.run_base import RunView
from migrations_app.console.runs import state_fragment
from migrations_app.engine.state import RunStatus
from migrations_app.models import MigrationRun
from migrations_app.services import NewCredentials
from tenancy.permissions import Action


class SteerView(RunView):
    """Pause, resume or cancel; answers with the run as it is now."""

    post_action = Action.OPERATE_RUNS
    order: Callable[..., MigrationRun] = staticmethod(services.pause_run)
    becomes: RunStatus = RunStatus.PAUSED
    done: str = ""
    later: str = ""

    def post(self, request: HttpRequest, run: UUID) -> HttpResponse:
        """Gives the order. One that cannot be obeyed says why, and the page shows the run as it is."""
        found = self.find_run(run)
        try:
            after = self.give(request, found)
        except DomainError as refusal:
            self.say(f"{refusal.message}.".replace("..", "."), kind="bad")
        else:
            obeyed = after.status == self.becomes
            self.say(self.done if obeyed else self.later, kind="ok" if obeyed else "info")
        if self.asked_by_htmx:
            return state_fragment(self, self.find_run(run))
        return self.go("migrations_console:run", run=run)

    def give(self, request: HttpRequest, run: MigrationRun) -> MigrationRun:
        """Hand the order to its service."""
        return self.order(run.pk, by=self.principal)


class PauseView(SteerView):
    """Stop at the next checkpoint."""

    done = "The run is paused. Nothing is sent until it is resumed."
    later = "The run pauses as soon as the requests under way are answered."


class CancelView(SteerView):
    """End for good."""

    order = staticmethod(services.cancel_run)
    becomes = RunStatus.CANCELLED
    done = "The run is cancelled. What was moved stays in the target."
    later = "The run ends as soon as the requests under way are answered."


class ResumeView(SteerView):
    """Go on, with new credentials where some were entered."""

    becomes = RunStatus.RUNNING
    done = later = "The run goes on where it stopped."

    def give(self, request: HttpRequest, run: MigrationRun) -> MigrationRun:
        """An empty field keeps what is stored."""
        source, target = request.POST.get("source", "").strip(), request.POST.get("target", "").strip()
        given = NewCredentials(pat=source or None, api_token=target or None) if source or target else None
        return services.resume_run(run.pk, by=self.principal, credentials=given)


class RetryView(RunView):
    """Try the failed and partial items again, in a new run."""

    post_action = Action.OPERATE_RUNS

    def post(self, request: HttpRequest, run: UUID) -> HttpResponse:
        """On to the new run."""
        found = self.find_run(run)
        try:
            made = services.retry_failed(found.pk, by=self.principal)
        except DomainError as refusal:
            self.say(f"{refusal.message}. Nothing was started.", kind="bad")
            return self.go("migrations_console:run", run=found.pk)
        self.say("The failed items are tried again in this run.")
        return self.go_to(reverse("migrations_console:run", kwargs={"run": made.pk}))
