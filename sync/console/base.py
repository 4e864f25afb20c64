"""What the pages of a synchronization have in common."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from connectors.console.names import system_name
from connectors.domain.errors import DomainError, PlatformError
from connectors.opening import refused
from sync.models import Synchronization, SynchronizationSide
from sync.queries import find_synchronization, sides_of
from tenancy.console.base import ConsoleView

Trouble = (DomainError, PlatformError)
"""What a service or a platform may answer a person with."""


class SyncView(ConsoleView):
    """A page below one synchronization, or the list of them."""

    section = "synchronizations"

    def find_synchronization(self, key: str) -> Synchronization:
        """The organization's own. Raises DomainError SYNCHRONIZATION_NOT_FOUND."""
        return find_synchronization(self.organization, key)

    def drawn(self, template: str, row: Synchronization, /, *, status: int = 200, **context: Any) -> HttpResponse:
        """A page about the synchronization: its header and tabs go with it."""
        first, second = sides_of(row)
        return self.page(
            template,
            status=status,
            row=row,
            sides=[shown_side(first), shown_side(second)],
            tabs=tabs(row, self.request),
            **context,
        )

    def say_refusal(self, trouble: DomainError | PlatformError) -> None:
        """The refusal's own words on the next page."""
        error = refused(trouble) if isinstance(trouble, PlatformError) else trouble
        places = [f"{place}: {text}" for place, texts in error.errors.items() for text in texts if place]
        self.say(" ".join([error.message, *places[:3]]), kind="bad")


def shown_side(side: SynchronizationSide) -> dict[str, Any]:
    """A side as the pages show it."""
    connector = side.connector_project.connector
    return {
        "row": side,
        "name": f"{system_name(connector.system)} {side.connector_project.key}",
        "system": system_name(connector.system),
        "connector": connector,
        "url": reverse("connectors_console:connector", kwargs={"connector": connector.pk}),
    }


def tabs(row: Synchronization, request: HttpRequest) -> list[tuple[str, str, bool]]:
    """Label, address and whether it is the current one."""
    named = (
        ("Overview", "synchronization"),
        ("To decide", "matters"),
        ("Mapping", "mapping"),
        ("Pairs", "information"),
        ("Webhooks", "hooks"),
    )
    found = []
    for label, name in named:
        url = reverse(f"sync_console:{name}", kwargs={"key": row.key})
        current = request.path == url if name == "synchronization" else request.path.startswith(url)
        found.append((label, url, current))
    return found
