"""Jira Cloud in canonical terms."""

from __future__ import annotations

from connectors.trackers.jira.tracker import JiraTracker

__all__ = ["JiraTracker"]
