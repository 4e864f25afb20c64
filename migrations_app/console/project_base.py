"""What the pages between a project and its run have in common."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpResponse

from connectors.console.advice import after_failure
from connectors.domain.errors import DomainError
from migrations_app import queries
from migrations_app.console.steps import wizard_of
from migrations_app.models import ACTIVE_STATUSES, MigrationRun, Project
from tenancy.console.base import ConsoleView


class ProjectView(ConsoleView):
    """A page about one project of the organization."""

    section = "projects"
    step: ClassVar[str]

    def find_project(self, project: UUID) -> Project:
        """The project with its connectors. Raises Http404 for another organization's."""
        return self.find(queries.projects_of(self.organization), pk=project)

    def project_page(self, template: str, project: Project, /, *, status: int = 200, **context: Any) -> HttpResponse:
        """A whole page about the project, below the list of its steps."""
        wizard = wizard_of(project, current=self.step)
        return self.page(template, status=status, **{"project": project, "wizard": wizard, **context})

    def active_run(self, project: Project) -> MigrationRun | None:
        """The project's one run that has not ended."""
        return queries.runs_of(self.organization).filter(project=project, status__in=ACTIVE_STATUSES).first()

    @property
    def wants_part(self) -> bool:
        """Whether only a part is to be drawn: not when the browser goes back to a page it forgot."""
        details = getattr(self.request, "htmx", None)
        return details is not None and bool(details) and not details.history_restore_request


def what_to_do(error: DomainError) -> str:
    """The sentence behind a refusal that kept us from looking at both ends."""
    if error.code == "PROJECT_NOT_CONNECTED":
        return "Choose a connector for each end of the project, then come back."
    return after_failure(error.code)
