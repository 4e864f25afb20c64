"""Organisations with their members and issue types. https://docs.github.com/rest/orgs"""

from __future__ import annotations

from sandbox.github import errors
from sandbox.github.endpoints import Ask, Endpoints
from sandbox.github.handlers.repositories import visible
from sandbox.github.models import User
from sandbox.github.payload import stamp
from sandbox.http import Response

endpoints = Endpoints("")


def _named(ask: Ask) -> User:
    found = ask.site.user(ask.call["org"])
    if found is None or not found.is_organization:
        raise errors.not_found()
    return found


@endpoints.route("GET", "/orgs/{org}", "orgs/orgs#get-an-organization")
def get(ask: Ask) -> Response:
    """One organisation."""
    org = _named(ask)
    return ask.json(
        {
            **ask.wire.organization(org),
            "html_url": f"{ask.wire.html}/{org.login}",
            "name": org.name,
            "has_organization_projects": True,
            "has_repository_projects": True,
            "public_repos": sum(not found.private for found in visible(ask, org)),
            "public_gists": 0,
            "followers": 0,
            "following": 0,
            "type": "Organization",
            "created_at": stamp(org.created),
            "updated_at": stamp(org.created),
        }
    )


@endpoints.route("GET", "/orgs/{org}/members", "orgs/members#list-organization-members")
def members(ask: Ask) -> Response:
    """Its members."""
    org = _named(ask)
    return ask.paged([org.members[login] for login in sorted(org.members)], ask.wire.user)


@endpoints.route("GET", "/orgs/{org}/issue-types", "orgs/issue-types#list-issue-types-for-an-organization")
def issue_types(ask: Ask) -> Response:
    """The kinds of issues its repositories use; only for members."""
    org = _named(ask)
    if ask.caller.user is None or ask.caller.user.login.lower() not in org.members:
        raise errors.not_found()
    return ask.json([ask.wire.issue_type(kind) for kind in org.issue_types])
