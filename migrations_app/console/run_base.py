"""What every page below a run has in common."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse

from migrations_app import queries
from migrations_app.console.places import Ends, ends_of
from migrations_app.models import MigrationRun
from tenancy.console.base import ConsoleView


class RunView(ConsoleView):
    """A page about one run of the organization."""

    section = "runs"

    def find_run(self, run: UUID) -> MigrationRun:
        """The run with what its pages name. Raises Http404 for another organization's."""
        rows = queries.runs_of(self.organization)
        return self.find(rows.select_related("project", "source_connector", "target_connector"), pk=run)

    def run_page(self, template: str, run: MigrationRun, /, **context: Any) -> HttpResponse:
        """A whole page about the run."""
        return self.page(template, **self.about(run), **context)

    def about(self, run: MigrationRun) -> dict[str, Any]:
        """The names that all templates below a run use."""
        ends: Ends = ends_of(run)
        return {
            "run": run,
            "ends": ends,
            "dry_run": is_dry(run),
            "run_url": reverse("migrations_console:run", kwargs={"run": run.pk}),
        }


def is_dry(run: MigrationRun) -> bool:
    """Whether it only shows what it would do."""
    return bool(run.config.get("options", {}).get("dry_run", False))
