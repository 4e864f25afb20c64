"""One field for everything: projects, runs, connectors, and items by id, issue key or title."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from migrations_app.console.places import ends_of
from migrations_app.finding import Found, search
from tenancy.console.base import ConsoleView

LONGEST = 100


class SearchView(ConsoleView):
    """`/console/search/?q=`."""

    section = "search"

    def get(self, request: HttpRequest) -> HttpResponse:
        """The field, and below it what was found."""
        text = request.GET.get("q", "")[:LONGEST].strip()
        found = search(self.organization, text) if text else Found(text)
        return self.page(
            "console/search/search.html",
            text=text,
            found=found,
            items=[(item, ends_of(item.run).target) for item in found.items],
        )
