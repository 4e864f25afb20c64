"""The conflict policy of a new synchronization, as the parameters of its connectors wish it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.domain.wishes import ConflictPolicy
from connectors.models import Connector
from sync.engine.mappings import Policy


def with_wished_policy(document: Mapping[str, Any], *, first: Connector, second: Connector) -> dict[str, Any]:
    """The configuration with the connectors' policy, where it names none itself."""
    wished = wished_policy(first=first, second=second)
    if wished is None or document.get("policy") is not None:
        return dict(document)
    return {**document, "policy": wished.value}


def wished_policy(*, first: Connector, second: Connector) -> Policy | None:
    """What the connectors ask for; None where neither says anything, or where they contradict each other."""
    asked = {
        _asked_by(first, own=Policy.FIRST, other=Policy.SECOND),
        _asked_by(second, own=Policy.SECOND, other=Policy.FIRST),
    } - {None}
    return asked.pop() if len(asked) == 1 else None


def _asked_by(connector: Connector, *, own: Policy, other: Policy) -> Policy | None:
    meant = {ConflictPolicy.TRACKER: own, ConflictPolicy.OTHER: other, ConflictPolicy.NEWER: Policy.NEWEST}
    return meant.get(connector.settings.get("conflict_policy", ""))
