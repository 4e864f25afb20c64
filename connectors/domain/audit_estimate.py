"""How long moving a project takes, from its counts: an honest guess a person can plan with, not a promise."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TypedDict

READ_BATCH = 200
"""Items per read: https://learn.microsoft.com/rest/api/azure/devops/wit/work-items/get-work-items-batch"""
CREATE_BATCH = 50
"""Issues per bulk create: https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/"""
FETCH_BATCH = 100
"""Issues per bulk fetch when verifying, same page."""
REQUESTS_PER_SECOND = 10.0
"""What a Jira site serves one account over longer times."""
BYTES_PER_SECOND = 4_000_000.0
"""Files, from the source through us to the target."""


OVERHEAD = 45
"""Describing both projects, looking people up, making sprints: asked once, however few items there are."""


class EstimateEntry(TypedDict):
    """An estimate as the report shows it."""

    requests: int
    durationSeconds: int


@dataclass(frozen=True, slots=True)
class Workload:
    """What there is to move. `links` counts pairs of ends; a parent is part of the create. `images` stand in texts of
    items; those in comments are not known before comments are read."""

    items: int
    commented_items: int
    comments: int
    files: int
    file_bytes: int
    links: int
    images: int = 0


def estimate(load: Workload) -> EstimateEntry:
    """Requests to read, write and verify, and the seconds they take at the rates above."""
    if not load.items:
        return EstimateEntry(requests=0, durationSeconds=0)
    reads = 2 * ceil(load.items / READ_BATCH) + 2 * load.commented_items
    writes = ceil(load.items / CREATE_BATCH) + load.comments + load.links
    verification = ceil(load.items / FETCH_BATCH)
    # Each file: down and up to move it, both sides again to compare them. An image also needs the id that shows it, and
    # its text is written again.
    requests = OVERHEAD + reads + writes + verification + 4 * load.files + 6 * load.images
    seconds = requests / REQUESTS_PER_SECOND + 3 * load.file_bytes / BYTES_PER_SECOND
    return EstimateEntry(requests=requests, durationSeconds=ceil(seconds))
