"""The operations of the site, a module per resource."""

from sandbox.jira.endpoints import Endpoint
from sandbox.jira.handlers import (
    activity,
    attachments,
    boards,
    bulk,
    comments,
    fields,
    issue_meta,
    issues,
    links,
    lists,
    project_parts,
    projects,
    properties,
    screen_schemes,
    search,
    site,
    sprints,
    users,
    workflows,
)

ALL_ENDPOINTS: tuple[Endpoint, ...] = tuple(
    endpoint
    for module in (
        activity,
        attachments,
        boards,
        bulk,
        comments,
        fields,
        issue_meta,
        issues,
        links,
        lists,
        project_parts,
        projects,
        properties,
        screen_schemes,
        search,
        site,
        sprints,
        users,
        workflows,
    )
    for endpoint in module.endpoints.all
)
