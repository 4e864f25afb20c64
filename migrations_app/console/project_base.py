"""What the pages between a project and its run have in common."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse

from connectors.domain.errors import DomainError
from migrations_app import queries
from migrations_app.models import Project
from tenancy.console.base import ConsoleView

_CONNECTORS = frozenset(
    {
        "ADDRESS_NOT_ALLOWED",
        "CONNECTOR_INACCESSIBLE",
        "CREDENTIALS_REFUSED",
        "CREDENTIALS_UNREADABLE",
        "PERMISSION_MISSING",
        "PLATFORM_ACCESS_LOST",
        "PROJECT_NOT_FOUND",
        "SITE_NOT_FOUND",
    }
)
_AWAY = frozenset({"PLATFORM_UNREACHABLE", "PLATFORM_THROTTLED", "PLATFORM_ANSWER_LOST"})


class ProjectView(ConsoleView):
    """A page about one project of the organization."""

    section = "projects"

    def find_project(self, project: UUID) -> Project:
        """The project with its connectors. Raises Http404 for another organization's."""
        return self.find(queries.projects_of(self.organization), pk=project)

    def project_page(self, template: str, project: Project, /, *, status: int = 200, **context: Any) -> HttpResponse:
        """A whole page about the project."""
        return self.page(template, status=status, project=project, **context)

    @property
    def wants_part(self) -> bool:
        """Whether only a part is to be drawn: not when the browser goes back to a page it forgot."""
        details = getattr(self.request, "htmx", None)
        return details is not None and bool(details) and not details.history_restore_request


def what_to_do(error: DomainError) -> str:
    """The sentence behind a refusal that kept us from looking at both ends."""
    if error.code == "PROJECT_NOT_CONNECTED":
        return "Choose a connector for each end of the project, then come back."
    if error.code in _CONNECTORS:
        return "Open the connector, set it right and test it there, then try again."
    if error.code in _AWAY:
        return "Nothing is wrong with the project. Wait a moment, then try again."
    return "Set right what is named, then try again."
