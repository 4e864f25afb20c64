"""Headers that handlers add to single resources."""

from __future__ import annotations

from email.utils import formatdate


def last_modified(moment: float) -> dict[str, str]:
    """When a resource changed last."""
    return {"Last-Modified": formatdate(moment, usegmt=True)}
