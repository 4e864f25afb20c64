"""What workers run. Dotted paths and signatures are a stored format: old jobs in the queue name them."""

from __future__ import annotations

from uuid import UUID

from connectors import project_metadata, scanning


def run_scan(scan_id: str) -> None:
    """Read the project of a scan and store its report; a scan that is finished, or being read, is left alone."""
    scanning.run_scan(UUID(scan_id))


def refresh_project(project_id: int) -> None:
    """Read the metadata of a connector project and keep it."""
    project_metadata.refresh_project(project_id)
