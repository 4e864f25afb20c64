"""An Azure DevOps project as one side of a synchronization."""

from __future__ import annotations

from connectors.trackers.sides.azure_devops_changes import ChangeReading
from connectors.trackers.sides.azure_devops_content import ContentAccess


class AzureDevOpsSide(ContentAccess, ChangeReading):
    """Implements `connectors.domain.sides.Side` over one `AzureDevOpsClient`. Thread-safe."""
