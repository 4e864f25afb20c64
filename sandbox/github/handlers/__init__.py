"""The operations, a module per resource."""

from sandbox.github.endpoints import Endpoint
from sandbox.github.handlers import (
    assignees,
    comments,
    dependencies,
    events,
    files,
    hooks,
    issues,
    labels,
    milestones,
    organizations,
    pulls,
    reactions,
    repositories,
    search,
    site,
    sub_issues,
    users,
)

ALL_ENDPOINTS: tuple[Endpoint, ...] = tuple(
    endpoint
    for module in (
        assignees,
        comments,
        dependencies,
        events,
        files,
        hooks,
        issues,
        labels,
        milestones,
        organizations,
        pulls,
        reactions,
        repositories,
        search,
        site,
        sub_issues,
        users,
    )
    for endpoint in module.endpoints.all
)
