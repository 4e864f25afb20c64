"""Issues below issues. Bodies name issues by id, paths by number. https://docs.github.com/rest/issues/sub-issues"""

from __future__ import annotations

from sandbox.github import errors
from sandbox.github.endpoints import Ask, Endpoints
from sandbox.github.errors import Refusal
from sandbox.github.handlers.issue_fields import MANAGE
from sandbox.github.models import Issue
from sandbox.github.relations import add_child, move_child, remove_child
from sandbox.http import Response

endpoints = Endpoints()


@endpoints.route("GET", "issues/{number}/sub_issues", "issues/sub-issues#list-sub-issues")
def listing(ask: Ask) -> Response:
    """The issues below one, in their order."""
    return ask.paged(ask.issue().children, lambda issue: ask.view.issue(issue, with_repository=True))


@endpoints.route("GET", "issues/{number}/parent", "issues/sub-issues#get-parent-issue")
def parent(ask: Ask) -> Response:
    """The issue above, or 404."""
    above = ask.issue().parent
    if above is None:
        raise errors.not_found()
    return ask.json(ask.view.issue(above, with_repository=True))


@endpoints.route("POST", "issues/{number}/sub_issues", "issues/sub-issues#add-sub-issue", creates=True)
def add(ask: Ask) -> Response:
    """Put an issue below; answers the parent."""
    issue = ask.issue(role=MANAGE)
    child = ask.issue_by_id("sub_issue_id")
    add_child(ask.site, issue, child, ask.act, replace_parent=ask.body.flag("replace_parent"))
    made = ask.view.issue(issue, with_repository=True)
    return ask.created(made, str(made["url"]))


def _child(ask: Ask, issue: Issue) -> Issue:
    child = ask.issue_by_id("sub_issue_id")
    if child.parent is not issue:
        raise Refusal(404, "The provided sub-issue does not exist")
    return child


@endpoints.route("DELETE", "issues/{number}/sub_issue", "issues/sub-issues#remove-sub-issue")
def remove(ask: Ask) -> Response:
    """Take an issue from below; answers the parent."""
    issue = ask.issue(role=MANAGE)
    remove_child(ask.site, issue, _child(ask, issue), ask.act)
    return ask.json(ask.view.issue(issue, with_repository=True))


@endpoints.route("PATCH", "issues/{number}/sub_issues/priority", "issues/sub-issues#reprioritize-sub-issue")
def prioritize(ask: Ask) -> Response:
    """Move a sub-issue behind or before another; answers the parent."""
    issue = ask.issue(role=MANAGE)
    child = _child(ask, issue)
    after = ask.body.number("after_id")
    before = ask.body.number("before_id")
    if (after is None) == (before is None):
        raise Refusal(422, "Exactly one of after_id or before_id must be provided.")
    anchor = ask.site.issues.get(after if after is not None else before or 0)
    if anchor is None or anchor.parent is not issue or anchor is child:
        raise Refusal(404, "The provided sub-issue does not exist")
    move_child(issue, child, anchor, after=after is not None)
    return ask.json(ask.view.issue(issue, with_repository=True))
