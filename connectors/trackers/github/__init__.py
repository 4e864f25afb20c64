"""GitHub in canonical terms: repositories as sources and as targets."""

from __future__ import annotations

from connectors.trackers.github.source import GitHubSource
from connectors.trackers.github.target import GitHubTarget

__all__ = ["GitHubSource", "GitHubTarget"]
