"""Which synchronizations use a connector."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from connectors.usage import Use
from sync.models import Synchronization, SynchronizationSide, SynchronizationStatus
from tenancy.models import Organization

KIND = "synchronization"


class SynchronizationUsage:
    """Answers `connectors.usage` for synchronizations."""

    def count(self, organization: Organization, connectors: Collection[int]) -> Mapping[int, Mapping[str, int]]:
        """One query. A connector on both sides of a synchronization counts once."""
        sides = SynchronizationSide.objects.for_organization(organization).order_by()
        pairs = sides.filter(connector_project__connector__in=connectors).values_list(
            "connector_project__connector", "synchronization"
        )
        found = Counter(connector for connector, _ in set(pairs))
        return {connector: {KIND: count} for connector, count in found.items()}

    def uses(self, organization: Organization, connector: int, *, most: int) -> Sequence[Use]:
        """The newest first."""
        rows = Synchronization.objects.for_organization(organization).filter(
            sides__connector_project__connector=connector
        )
        return [
            Use(
                KIND,
                str(each),
                each.status,
                "sync_console:synchronization",
                {"key": each.key},
                active=each.status == SynchronizationStatus.RUNNING,
                keeps=True,
            )
            for each in rows.distinct()[:most]
        ]
