"""Where people open an item of a source, from what is stored about it: nothing is asked for it."""

from __future__ import annotations

from urllib.parse import quote

from connectors.clients.github.wire.values import site_address
from connectors.domain.systems import SystemId


def item_address(system: str, *, server: str, owner: str, project: str, item: str) -> str:
    """The page of an item; nothing for a system or an id that has none."""
    if not item.isascii() or not item.isdigit() or not server.startswith(("https://", "http://")):
        return ""
    if system == SystemId.AZURE_DEVOPS:
        return f"{server.rstrip('/')}/{quote(project)}/_workitems/edit/{item}"
    if system == SystemId.GITHUB:
        return f"{site_address(server)}/{quote(owner)}/{quote(project)}/issues/{item}"
    return ""
