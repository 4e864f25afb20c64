"""A GitHub repository as the target of a run."""

from __future__ import annotations

from connectors.trackers.github.content_access import ContentAccess
from connectors.trackers.github.item_access import ItemAccess
from connectors.trackers.github.planning_access import PlanningAccess


class GitHubTarget(ItemAccess, ContentAccess, PlanningAccess):
    """Implements `connectors.domain.ports.TargetTracker` over one `GitHubClient`. Thread-safe."""
