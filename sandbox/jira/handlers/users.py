"""People: the caller, look-up by account, search with hidden e-mails, assignability."""

from __future__ import annotations

from collections.abc import Iterable

from sandbox.http import Response
from sandbox.jira.endpoints import Ask, Endpoints
from sandbox.jira.errors import refuse
from sandbox.jira.models import User

endpoints = Endpoints()
SEARCH_LIMIT = 1_000


@endpoints.platform("GET", "myself")
def myself(ask: Ask) -> Response:
    """The caller; the first thing to ask for."""
    shown = {**(ask.wire.user(ask.caller.person) or {}), "emailAddress": ask.caller.person.email}
    extras = {"groups": {"size": 0, "items": []}, "applicationRoles": {"size": 1, "items": []}}
    return ask.json({**shown, "locale": "en_GB", **extras, "expand": "groups,applicationRoles"})


@endpoints.platform("GET", "user")
def get_user(ask: Ask) -> Response:
    """One person by account id."""
    wanted = ask.param("accountId")
    if not wanted:
        raise refuse(400, "The accountId query parameter must be provided")
    user = ask.state.users.get(wanted)
    if user is None:
        raise refuse(404, "Specified user does not exist or you do not have required permissions")
    return ask.json(ask.wire.user(user))


@endpoints.platform("GET", "user/bulk")
def get_users(ask: Ask) -> Response:
    """Several people by account id; unknown ones are left out."""
    ids = list(ask.call.request.query.get("accountId", ()))
    if not ids:
        raise refuse(400, "The accountId query parameter must be provided")
    start, size = ask.window(default=10, largest=200)
    found = [user for account in ids if (user := ask.state.users.get(account)) is not None]
    shown = [ask.wire.user(user) for user in found[start : start + size]]
    return ask.json(
        {
            "maxResults": size,
            "startAt": start,
            "total": len(found),
            "isLast": start + size >= len(found),
            "values": shown,
        }
    )


@endpoints.platform("GET", "users/search")
@endpoints.platform("GET", "users")
def all_users(ask: Ask) -> Response:
    """Everybody, a bare array."""
    if not ask.caller.may("USER_PICKER"):
        raise refuse(403, "You do not have permission to browse users.")
    start, size = ask.window(largest=SEARCH_LIMIT)
    return ask.json([ask.wire.user(user) for user in list(ask.state.users.values())[start : start + size]])


@endpoints.platform("GET", "user/search", anonymous=True)
def search_users(ask: Ask) -> Response:
    """People by the beginning of a name or e-mail; without permission to browse, nobody."""
    query, account = ask.param("query"), ask.param("accountId")
    if query is None and account is None and ask.param("property") is None:
        raise refuse(400, "The username or property query parameter must be provided")
    if not ask.caller.may("USER_PICKER"):
        return ask.json([])
    if account is not None:
        found: Iterable[User] = [user for user in ask.state.users.values() if user.account_id == account]
    else:
        found = _matching(ask.state.users.values(), query or "")
    return _listed(ask, [user for user in found if user.active])


@endpoints.platform("GET", "user/assignable/search")
def search_assignable(ask: Ask) -> Response:
    """People who can be assigned in a project or to an issue."""
    project, issue = ask.param("project"), ask.param("issueKey") or ask.param("issueId")
    if project is None and issue is None:
        raise refuse(400, "Either the 'project' or the 'issueKey' query parameter must be provided")
    if project is not None and ask.caller.project(ask.state, project) is None:
        raise refuse(404, f"No project could be found with key '{project}'.")
    if issue is not None:
        ask.caller.issue(ask.state, issue)
    account = ask.param("accountId")
    found = _matching(ask.state.users.values(), ask.param("query") or "")
    able = [user for user in found if user.active and user.assignable and account in (None, user.account_id)]
    return _listed(ask, able)


@endpoints.platform("GET", "user/assignable/multiProjectSearch")
def search_assignable_everywhere(ask: Ask) -> Response:
    """The same for several projects at once."""
    keys = ask.listed("projectKeys")
    if not keys:
        raise refuse(400, "The 'projectKeys' query parameter must be provided")
    if any(ask.caller.project(ask.state, key) is None for key in keys):
        raise refuse(404, f"No project could be found with key '{keys[0]}'.")
    found = _matching(ask.state.users.values(), ask.param("query") or "")
    return _listed(ask, [user for user in found if user.active and user.assignable])


def _matching(users: Iterable[User], query: str) -> list[User]:
    wanted = query.strip().lower()
    return [user for user in users if _matches(user, wanted)]


def _matches(user: User, wanted: str) -> bool:
    if not wanted:
        return True
    words = user.name.lower().split()
    if user.name.lower().startswith(wanted) or any(word.startswith(wanted) for word in words):
        return True
    email = user.email.lower()
    return email == wanted or (user.email_visible and email.startswith(wanted))


def _listed(ask: Ask, users: list[User]) -> Response:
    start, size = ask.window(largest=SEARCH_LIMIT)
    return ask.json([ask.wire.user(user) for user in users[:SEARCH_LIMIT][start : start + size]])
