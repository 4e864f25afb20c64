"""Issues that wait for issues. https://docs.github.com/rest/issues/issue-dependencies"""

from __future__ import annotations

from sandbox.github import errors
from sandbox.github.endpoints import Ask, Endpoints
from sandbox.github.handlers.issue_fields import MANAGE
from sandbox.github.relations import add_blocker, remove_blocker
from sandbox.http import Response

endpoints = Endpoints()


@endpoints.route(
    "GET",
    "issues/{number}/dependencies/blocked_by",
    "issues/issue-dependencies#list-dependencies-an-issue-is-blocked-by",
)
def blocked_by(ask: Ask) -> Response:
    """What an issue waits for."""
    return ask.paged(ask.issue().blocked_by, lambda issue: ask.view.issue(issue, with_repository=True))


@endpoints.route(
    "GET",
    "issues/{number}/dependencies/blocking",
    "issues/issue-dependencies#list-dependencies-an-issue-is-blocking",
)
def blocking(ask: Ask) -> Response:
    """What waits for an issue."""
    return ask.paged(ask.issue().blocking, lambda issue: ask.view.issue(issue, with_repository=True))


@endpoints.route(
    "POST",
    "issues/{number}/dependencies/blocked_by",
    "issues/issue-dependencies#add-a-dependency-an-issue-is-blocked-by",
    creates=True,
)
def add(ask: Ask) -> Response:
    """Let an issue wait for the one with this id; answers the waiting one."""
    issue = ask.issue(role=MANAGE)
    add_blocker(ask.site, issue, ask.issue_by_id("issue_id"), ask.act)
    made = ask.view.issue(issue, with_repository=True)
    return ask.created(made, str(made["url"]))


@endpoints.route(
    "DELETE",
    "issues/{number}/dependencies/blocked_by/{issue_id}",
    "issues/issue-dependencies#remove-dependency-an-issue-is-blocked-by",
)
def remove(ask: Ask) -> Response:
    """Let it no longer wait."""
    issue = ask.issue(role=MANAGE)
    text = ask.call["issue_id"]
    blocker = ask.site.issues.get(int(text)) if text.isdigit() else None
    if blocker is None or blocker not in issue.blocked_by:
        raise errors.not_found()
    remove_blocker(ask.site, issue, blocker, ask.act)
    return ask.json(ask.view.issue(issue, with_repository=True))
