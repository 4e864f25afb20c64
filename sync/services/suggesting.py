"""What a synchronization could keep alike: a proposal out of what both sides offer."""

from __future__ import annotations

import uuid
from typing import Any

from connectors.domain.errors import PlatformError
from connectors.opening import refused
from sync.engine.suggest import suggest
from sync.models import Synchronization
from sync.queries import sides_of
from sync.services.checking import shape_of
from sync.services.configuration import complete


def suggested_configuration(synchronization: Synchronization, *, keep: dict[str, Any] | None = None) -> dict[str, Any]:
    """A complete configuration document; members of `keep` win over proposals.

    Raises DomainError, with the platform's code where a side cannot be asked.
    """
    first, second = sides_of(synchronization)
    try:
        proposal = suggest(shape_of(first), shape_of(second), new_id=lambda: str(uuid.uuid4()))
    except PlatformError as error:
        raise refused(error) from error
    return complete({**proposal, **(keep or {})})
