"""Accounts. https://docs.github.com/rest/users/users"""

from __future__ import annotations

from sandbox.github import errors
from sandbox.github.endpoints import Ask, Endpoints
from sandbox.github.handlers.repositories import visible
from sandbox.github.models import User
from sandbox.github.validators import last_modified
from sandbox.http import Response

endpoints = Endpoints("")


def _shown(ask: Ask, user: User, *, private: bool) -> Response:
    public = sum(not found.private for found in visible(ask, user))
    profile = ask.wire.profile(user, repositories=public, private=private)
    return ask.json(profile, headers=last_modified(user.created))


@endpoints.route("GET", "/user", "users/users#get-the-authenticated-user", signed_in=True)
def me(ask: Ask) -> Response:
    """The caller."""
    return _shown(ask, ask.person, private=True)


@endpoints.route("GET", "/users", "users/users#list-users")
def listing(ask: Ask) -> Response:
    """All accounts by id."""
    people = sorted(ask.site.users.values(), key=lambda user: user.id)
    return ask.paged(people, ask.wire.user)


@endpoints.route("GET", "/users/{login}", "users/users#get-a-user")
def get(ask: Ask) -> Response:
    """One account; its e-mail address only where it is public."""
    user = ask.site.user(ask.call["login"])
    if user is None:
        raise errors.not_found()
    return _shown(ask, user, private=False)


@endpoints.route("GET", "/user/orgs", "orgs/orgs#list-organizations-for-the-authenticated-user", signed_in=True)
def organizations(ask: Ask) -> Response:
    """The organisations the caller belongs to."""
    login = ask.person.login.lower()
    found = [user for user in ask.site.users.values() if login in user.members]
    return ask.paged(found, ask.wire.organization)
