"""What the console calls the systems."""

from __future__ import annotations

from connectors.domain.systems import SystemId, find_system

_OWN = {SystemId.JIRA: "Jira"}  # the documents write it in capitals


def system_name(system: str) -> str:
    """A short name for people."""
    found = find_system(system)
    return _OWN.get(found.id, found.short_name)
