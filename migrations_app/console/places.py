"""Both ends of a run for a person: what they are called, and where their items are looked at in a browser."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from connectors.clients.github.wire.values import site_address
from connectors.domain.systems import Access, SystemId
from connectors.models import Connector
from connectors.opening import address_of
from migrations_app.models import MigrationRun

NAMES = {SystemId.AZURE_DEVOPS: "Azure DevOps", SystemId.JIRA: "Jira", SystemId.GITHUB: "GitHub"}


@dataclass(frozen=True, slots=True)
class End:
    """One end of a run. `side` is source or target, `address` the server in full."""

    side: str
    name: str
    system: SystemId
    address: str
    owner: str
    project: str
    connector: Connector | None = None

    @property
    def words(self) -> str:
        """As a person names it."""
        return f"{self.name} · {self.owner}/{self.project}" if self.owner else f"{self.name} · {self.project}"

    def page_of(self, item: str) -> str:
        """The item's page on the platform; empty when the address is no web address."""
        if not item or not self.address.startswith(("https://", "http://")):
            return ""
        base = self.address.rstrip("/")
        match self.system:
            case SystemId.AZURE_DEVOPS:
                return f"{base}/{quote(self.project)}/_workitems/edit/{quote(item)}"
            case SystemId.JIRA:
                return f"{base}/browse/{quote(item)}"
            case SystemId.GITHUB:
                number = item.rpartition("#")[2]
                return f"{site_address(base)}/{quote(self.owner)}/{quote(self.project)}/issues/{quote(number)}"
        return ""


@dataclass(frozen=True, slots=True)
class Ends:
    """Where from and where to."""

    source: End
    target: End

    @property
    def both(self) -> tuple[End, End]:
        """The source first."""
        return self.source, self.target


def ends_of(run: MigrationRun) -> Ends:
    """Read from what the run was asked; nothing of its credentials."""
    return Ends(_end(run, "source"), _end(run, "target"))


def _end(run: MigrationRun, side: str) -> End:
    stored: dict[str, Any] = run.config.get(side) or {}
    system = SystemId(stored.get("system") or ("azure_devops" if side == "source" else "jira"))
    owner, server = str(stored.get("owner") or ""), str(stored.get("server") or "")
    return End(
        side=side,
        name=NAMES.get(system, system.value),
        system=system,
        address=address_of(Access(system, server=server, owner=owner)) if server else "",
        owner=owner,
        project=str(stored.get("project") or ""),
        connector=getattr(run, f"{side}_connector"),
    )
