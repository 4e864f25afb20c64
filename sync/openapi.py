"""What the OpenAPI document shows of this app."""

from __future__ import annotations

from typing import Any

SERVLET = "/plugins/servlet/backbone-issue-sync/api/1/"


def one_mount(endpoints: list[tuple[Any, ...]], **_further: Any) -> list[tuple[Any, ...]]:
    """The synchronization surface once: the same views are mounted below the servlet's path and at the root."""
    return [endpoint for endpoint in endpoints if not endpoint[0].startswith(SERVLET)]
