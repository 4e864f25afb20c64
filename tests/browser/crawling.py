"""Every kind of page of the console that can be reached from its first one, each once."""

from __future__ import annotations

import re
from collections.abc import Iterator

from playwright.sync_api import Page

# Ids, and the systems of connectors, whose forms are all drawn from one description.
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|(?<=/)\d+(?=/)|(?<=connectors/new/)\w+")
NO_PAGE = re.compile(r"\.(csv|html|json)$|/logout/$")


def kind_of(path: str) -> str:
    """The path with its ids left out: what two pages of one kind have in common."""
    return ID.sub("id", path)


def crawl(page: Page, url: str, *, first: str = "/console/") -> Iterator[str]:
    """Open page after page and yield its path while it is open."""
    known, waiting = {kind_of(first)}, [first]
    while waiting:
        path = waiting.pop(0)
        page.goto(url + path)
        for found in links(page):
            if kind_of(found) not in known:
                known.add(kind_of(found))
                waiting.append(found)
        yield path


def links(page: Page) -> list[str]:
    """Paths of the console that the open page leads to, without their queries."""
    found = page.eval_on_selector_all(
        "a[href]", "all => all.filter(a => a.origin === location.origin).map(a => a.pathname)"
    )
    return sorted({path for path in found if path.startswith("/console/") and not NO_PAGE.search(path)})
