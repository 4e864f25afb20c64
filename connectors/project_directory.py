"""Looking up the tenant's projects from a layer that lies below them.

The integration surface names a project in a header, and projects belong to the app above this one, which registers
its look-up when it starts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from connectors.domain.errors import DomainError

if TYPE_CHECKING:
    # The look-up is registered while the apps, and with them this model, are still being loaded.
    from tenancy.models import Organization


@dataclass(frozen=True, slots=True)
class ProjectRef:
    """A project as this layer needs it."""

    id: UUID
    source_connector: int | None = None
    target_connector: int | None = None


class ProjectDirectory(Protocol):
    """Finds a project by id, name or key; None when the organization has none of that name."""

    def __call__(self, organization: Organization, named: str) -> ProjectRef | None: ...


_registered: list[ProjectDirectory] = []


def register(directory: ProjectDirectory) -> None:
    """Use this look-up from now on."""
    _registered[:] = [directory]


def find_project(organization: Organization, named: str) -> ProjectRef:
    """A project of the organization. Raises DomainError PROJECT_NOT_FOUND."""
    for directory in _registered:
        # No name holds this sign, and PostgreSQL cannot even compare with it.
        found = directory(organization, named) if "\0" not in named else None
        if found is not None:
            return found
    raise DomainError("PROJECT_NOT_FOUND", f"Project {named[:200]!r} not found", status=404)
