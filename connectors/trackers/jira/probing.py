"""The connection test: what these credentials reach, or precisely why not."""

from __future__ import annotations

from connectors.clients.jira.client import JiraClient
from connectors.clients.jira.wire.answers import CAPTCHA, PERMISSION_MISSING
from connectors.clients.jira.wire.payloads import Project, User
from connectors.clients.jira.wire.values import quote_jql
from connectors.domain.errors import AccessLost, Missing, Refused
from connectors.domain.ports import Probe

PROJECT_NOT_FOUND = "PROJECT_NOT_FOUND"
_NEEDED = {"BROWSE_PROJECTS": "Browse Projects", "CREATE_ISSUES": "Create Issues"}


def probe_project(client: JiraClient, key: str) -> Probe:
    """Credentials first: an operation open to anonymous callers would answer wrong ones with 200 and less.

    Raises AccessLost, Missing or Refused with a sentence for the person who typed the form, and whatever the
    transport reports of an address that cannot be reached or may not be.
    """
    me = _identify(client)
    project = _find_project(client, key)
    held = client.get_my_permissions(project["key"], tuple(_NEEDED))
    missing = [name for permission, name in _NEEDED.items() if permission not in held]
    if missing:
        raise Refused(
            f"Jira connection failed: {_who(me)} lacks the permission {' and '.join(missing)} in project {key}.",
            code=PERMISSION_MISSING,
            status=403,
        )
    return Probe(
        organisation=_host(client.site),
        project=project.get("name") or project["key"],
        item_count=client.count_issues(f"project = {quote_jql(project['key'])}"),
        person=_who(me),
    )


def probe_site(client: JiraClient) -> Probe:
    """The site and whose credentials these are, without a project. Raises AccessLost, Refused."""
    me = _identify(client)
    return Probe(organisation=_host(client.site), project="", item_count=0, person=_who(me))


def _identify(client: JiraClient) -> User:
    try:
        return client.get_current_user()
    except AccessLost as error:
        hint = "" if error.code == CAPTCHA else " Check the e-mail address and the API token; passwords are refused."
        raise AccessLost(
            f"Jira connection failed: {error.status or 401}. {error.message}{hint}",
            code=error.code,
            status=error.status,
        ) from error
    except Refused as error:
        status = f"{error.status}. " if error.status else ""  # an address that cannot be used has no answer
        raise type(error)(
            f"Jira connection failed: {status}{error.message}", code=error.code, status=error.status
        ) from error


def _find_project(client: JiraClient, key: str) -> Project:
    try:
        return client.get_project(key)
    except Missing as error:
        raise Missing(
            f"Jira project key not found: {error.message}", code=PROJECT_NOT_FOUND, status=error.status
        ) from error


def _who(me: User) -> str:
    return me.get("displayName") or me.get("emailAddress") or me.get("accountId", "")


def _host(site: str) -> str:
    return site.split("://", 1)[-1].split("/", 1)[0]
