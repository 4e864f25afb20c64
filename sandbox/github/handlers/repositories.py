"""Repositories, as far as issues need them. https://docs.github.com/rest/repos/repos"""

from __future__ import annotations

import re

from sandbox.github import errors
from sandbox.github.endpoints import Ask, Endpoints
from sandbox.github.errors import Refusal
from sandbox.github.models import Repository, Role, User
from sandbox.http import Response

endpoints = Endpoints("administration")
_NAME = re.compile(r"[\w.-]{1,100}")


@endpoints.route("GET", "", "repos/repos#get-a-repository")
def get(ask: Ask) -> Response:
    """One repository."""
    return ask.json(ask.wire.full_repository(ask.repository(), ask.caller))


@endpoints.route("PATCH", "", "repos/repos#update-a-repository")
def update(ask: Ask) -> Response:
    """Change name, description, visibility, whether it has issues, and whether it is archived."""
    repository = _to_change(ask)
    body = ask.body
    if "name" in body and body.text("name") != repository.name:
        name = _free_name(ask, repository.owner)
        ask.site.rename(repository, name)
    if "description" in body:
        repository.description = body.text("description")
    repository.has_issues = body.flag("has_issues", default=repository.has_issues)
    repository.private = body.flag("private", default=repository.private)
    repository.archived = body.flag("archived", default=repository.archived)
    repository.updated = ask.site.now()
    return ask.json(ask.wire.full_repository(repository, ask.caller))


def _to_change(ask: Ask) -> Repository:
    """The repository; an archived one may only be taken out of the archive."""
    try:
        return ask.repository(role=Role.ADMIN)
    except Refusal as refusal:
        if refusal.message != errors.ARCHIVED or ask.body.raw("archived") is not False:
            raise
    found = ask.site.repository(ask.call["owner"], ask.call["repo"])
    if found is None or not ask.caller.at_least(found, Role.ADMIN):
        raise Refusal(403, errors.NEEDS_PUSH)
    return found


@endpoints.route("DELETE", "", "repos/repos#delete-a-repository")
def delete(ask: Ask) -> Response:
    """Delete a repository."""
    ask.site.remove_repository(ask.repository(role=Role.ADMIN))
    return ask.nothing()


@endpoints.route("POST", "/user/repos", "repos/repos#create-a-repository-for-the-authenticated-user", creates=True)
def create_own(ask: Ask) -> Response:
    """A new repository of the caller's own."""
    return _create(ask, ask.person)


@endpoints.route("POST", "/orgs/{org}/repos", "repos/repos#create-an-organization-repository", creates=True)
def create_for_organization(ask: Ask) -> Response:
    """A new repository of an organisation the caller belongs to."""
    owner = ask.site.user(ask.call["org"])
    if owner is None or not owner.is_organization:
        raise errors.not_found()
    if ask.person.login.lower() not in owner.members:
        raise Refusal(403, f"You need admin access to the organization {owner.login} to create a repository.")
    return _create(ask, owner)


def _create(ask: Ask, owner: User) -> Response:
    token = ask.caller.token
    if token is not None and not token.grants("administration=write"):
        raise Refusal(403, errors.NO_ACCESS)
    ask.body.required("name")
    name = _free_name(ask, owner)
    made = ask.site.add_repository(owner, name, moment=ask.site.now(), description=ask.body.text("description"))
    made.private = ask.body.flag("private")
    made.has_issues = ask.body.flag("has_issues", default=True)
    ask.site.grant(made, ask.person, Role.ADMIN)
    return ask.created(ask.wire.full_repository(made, ask.caller), ask.wire.repository_url(made))


def _free_name(ask: Ask, owner: User) -> str:
    name = ask.body.text("name") or ""
    if not _NAME.fullmatch(name):
        raise errors.validation_failed(errors.fault("Repository", "name", "missing_field"))
    if ask.site.repository(owner.login, name) is not None:
        text = "name already exists on this account"
        failed = errors.validation_failed(errors.fault("Repository", "name", "custom", text))
        failed.message = "Repository creation failed."
        raise failed
    return name


def visible(ask: Ask, owner: User | None = None) -> list[Repository]:
    """The repositories the caller may see, of one owner or of all, by name."""
    found = [
        repository
        for repository in ask.site.repositories.values()
        if owner in (None, repository.owner) and ask.caller.role(repository) is not None and not repository.sso
    ]
    return sorted(found, key=lambda repository: repository.full_name.lower())


@endpoints.route("GET", "/user/repos", "repos/repos#list-repositories-for-the-authenticated-user", signed_in=True)
def list_own(ask: Ask) -> Response:
    """Repositories in which the caller has an explicit role."""
    login = ask.person.login.lower()
    own = [found for found in visible(ask) if login in found.roles or found.owner is ask.person]
    return ask.paged(own, lambda found: ask.wire.repository(found, ask.caller))


@endpoints.route("GET", "/orgs/{org}/repos", "repos/repos#list-organization-repositories")
def list_of_organization(ask: Ask) -> Response:
    """An organisation's repositories."""
    owner = ask.site.user(ask.call["org"])
    if owner is None or not owner.is_organization:
        raise errors.not_found()
    return ask.paged(visible(ask, owner), lambda found: ask.wire.repository(found, ask.caller))


@endpoints.route("GET", "/users/{login}/repos", "repos/repos#list-repositories-for-a-user")
def list_of_user(ask: Ask) -> Response:
    """An account's repositories."""
    owner = ask.site.user(ask.call["login"])
    if owner is None:
        raise errors.not_found()
    return ask.paged(visible(ask, owner), lambda found: ask.wire.repository(found, ask.caller))
