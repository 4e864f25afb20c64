"""What uses a connector, told by the apps above this one: each registers its look-up when it starts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    # The look-ups are registered while the apps, and with them this model, are still being loaded.
    from tenancy.models import Organization


@dataclass(frozen=True, slots=True)
class Use:
    """One thing that uses a connector; `url_name` and `key` are the console's page of it. `keeps` is for what cannot be
    without its connector, so that it is not deleted."""

    kind: str
    name: str
    status: str
    url_name: str
    key: Mapping[str, str] = field(default_factory=dict)
    active: bool = False
    keeps: bool = False


class UsageReader(Protocol):
    """How one app tells what uses connectors."""

    def count(self, organization: Organization, connectors: Collection[int]) -> Mapping[int, Mapping[str, int]]:
        """How many of each kind use each of the connectors, in a fixed number of queries."""
        ...

    def uses(self, organization: Organization, connector: int, *, most: int) -> Sequence[Use]:
        """What uses one connector, the active and the newest first."""
        ...


_readers: dict[str, UsageReader] = {}


def register(app: str, reader: UsageReader) -> None:
    """Ask this app, too, from now on."""
    _readers[app] = reader


def count_uses(organization: Organization, connectors: Collection[int]) -> dict[int, dict[str, int]]:
    """How many of each kind use each of the connectors; connectors that nothing uses have no kinds."""
    found: dict[int, Counter[str]] = {each: Counter() for each in connectors}
    for reader in _readers.values():
        for connector, kinds in reader.count(organization, connectors).items():
            found[connector].update(kinds)
    return {connector: dict(kinds) for connector, kinds in found.items()}


def uses_of(organization: Organization, connector: int, *, most: int = 20) -> list[Use]:
    """What uses one connector: of each app the active and newest, `most` of each kind at the most."""
    return [use for reader in _readers.values() for use in reader.uses(organization, connector, most=most)]
