"""The first page: what needs attention and what to do next."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from tenancy.console.base import ConsoleView


class OverviewView(ConsoleView):
    """`/console/`."""

    section = "overview"

    def get(self, request: HttpRequest) -> HttpResponse:
        """The overview of the organization."""
        return self.page("console/overview/overview.html")
