"""Links between the pages of a list. Pure.

GitHub's lists are walked by following the `Link` header, never by counting pages: large lists refuse `page`, the
links may carry cursors, and they may name the repository by its id.
https://docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urljoin

PAGE = 100
_LINK = re.compile(r"<([^<>]*)>\s*((?:;[^,<>]*)*)")
_REL = re.compile(r';\s*rel\s*=\s*"?([^";]+)"?')


def links_of(headers: Mapping[str, str], *, url: str = "") -> dict[str, str]:
    """The addresses of the `Link` header by relation; relative ones are completed with the answer's own address."""
    found: dict[str, str] = {}
    for match in _LINK.finditer(headers.get("link", "")):
        relation = _REL.search(match.group(2))
        for name in relation.group(1).split() if relation else ():
            found.setdefault(name, urljoin(url, match.group(1)))
    return found


def next_page(headers: Mapping[str, str], *, url: str = "") -> str | None:
    """The address of the next page, None on the last one."""
    return links_of(headers, url=url).get("next") or None
