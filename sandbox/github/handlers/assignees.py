"""Who issues can be given to, and collaborators. https://docs.github.com/rest/issues/assignees"""

from __future__ import annotations

from sandbox.github import errors
from sandbox.github.changes import set_assignees
from sandbox.github.endpoints import Ask, Endpoints
from sandbox.github.handlers.issue_fields import MANAGE, people_named
from sandbox.github.models import JsonObject, Repository, Role, User
from sandbox.github.tokens import Caller
from sandbox.http import Response

endpoints = Endpoints()
PERMISSIONS = {
    "pull": Role.READ,
    "triage": Role.TRIAGE,
    "push": Role.WRITE,
    "maintain": Role.MAINTAIN,
    "admin": Role.ADMIN,
}
COARSE = {Role.ADMIN: "admin", Role.MAINTAIN: "write", Role.WRITE: "write", Role.TRIAGE: "read", Role.READ: "read"}


@endpoints.route("GET", "assignees", "issues/assignees#list-assignees")
def listing(ask: Ask) -> Response:
    """Everybody who can be assigned."""
    return ask.paged(ask.site.assignable(ask.repository()), ask.wire.user)


@endpoints.route("GET", "assignees/{login}", "issues/assignees#check-if-a-user-can-be-assigned")
def check(ask: Ask) -> Response:
    """204 when somebody can be assigned, 404 otherwise."""
    login = ask.call["login"].lower()
    if all(user.login.lower() != login for user in ask.site.assignable(ask.repository())):
        raise errors.not_found()
    return ask.nothing()


@endpoints.route("POST", "issues/{number}/assignees", "issues/assignees#add-assignees-to-an-issue")
def add(ask: Ask) -> Response:
    """Assign more people; without the right, or for who cannot be assigned, nothing happens and nothing is said."""
    issue = ask.issue()
    logins = ask.body.texts("assignees")
    if ask.caller.at_least(issue.repository, MANAGE):
        wanted = [user.login for user in issue.assignees] + logins
        set_assignees(ask.site, issue, ask.act, people_named(ask, issue.repository, wanted))
    return ask.json(ask.view.issue(issue, alone=True), 201)


@endpoints.route("DELETE", "issues/{number}/assignees", "issues/assignees#remove-assignees-from-an-issue")
def remove(ask: Ask) -> Response:
    """Take people off, with the same silence."""
    issue = ask.issue()
    leaving = {login.lower() for login in ask.body.texts("assignees")}
    if ask.caller.at_least(issue.repository, MANAGE):
        staying = [user for user in issue.assignees if user.login.lower() not in leaving]
        set_assignees(ask.site, issue, ask.act, staying)
    return ask.json(ask.view.issue(issue, alone=True))


def _collaborators(repository: Repository) -> dict[str, User]:
    people = dict(repository.people)
    if not repository.owner.is_organization:
        people[repository.owner.login.lower()] = repository.owner
    return people


def _shown(ask: Ask, repository: Repository, user: User) -> JsonObject:
    role = Caller(user).role(repository) or Role.READ
    permissions = {name: role.rank >= needed.rank for name, needed in PERMISSIONS.items()}
    return {**ask.wire.user(user), "permissions": permissions, "role_name": role.value}


@endpoints.route("GET", "collaborators", "collaborators/collaborators#list-repository-collaborators")
def collaborators(ask: Ask) -> Response:
    """Who has a role; only for who may push."""
    repository = ask.repository(role=Role.WRITE)
    people = _collaborators(repository)
    return ask.paged([people[login] for login in sorted(people)], lambda user: _shown(ask, repository, user))


@endpoints.route(
    "GET", "collaborators/{login}", "collaborators/collaborators#check-if-a-user-is-a-repository-collaborator"
)
def is_collaborator(ask: Ask) -> Response:
    """204 or 404."""
    if ask.call["login"].lower() not in _collaborators(ask.repository(role=Role.WRITE)):
        raise errors.not_found()
    return ask.nothing()


@endpoints.route(
    "GET",
    "collaborators/{login}/permission",
    "collaborators/collaborators#get-repository-permissions-for-a-user",
)
def permission(ask: Ask) -> Response:
    """The role of an account, told coarsely and by name."""
    repository = ask.repository()
    user = ask.site.user(ask.call["login"])
    if user is None:
        raise errors.not_found()
    role = Caller(user).role(repository)
    named = {"permission": COARSE[role] if role else "none", "role_name": role.value if role else "none"}
    return ask.json({**named, "user": _shown(ask, repository, user)})
