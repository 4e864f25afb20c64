"""Control endpoints of this stand-in: what on GitHub only a browser, GraphQL or another account does."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from sandbox.github.changes import add_issue, remove_issue
from sandbox.github.inventory import inventory
from sandbox.github.models import Gone, Issue, Repository
from sandbox.github.state import FIRST_ISSUE_ID, Act, Notice, SiteState
from sandbox.http import NotJson, Request, Response, empty_response, json_response

if TYPE_CHECKING:
    from sandbox.github.service import GitHubService


class _Unknown(Exception):
    """The body names nothing that exists."""


def answer_control(service: GitHubService, method: str, action: str, request: Request) -> Response | None:
    """Serve one, or None for an unknown one; 400 when the body cannot be understood."""
    site = service.content
    try:
        match (method, action):
            case ("GET", "issues"):
                return json_response(inventory(site))
            case ("POST", "issues/delete"):
                return _delete(site, _issue(site, _members(request)))
            case ("POST", "issues/transfer"):
                members = _members(request)
                return _transfer(site, _issue(site, members), _repository(site, str(members.get("to"))))
            case ("POST", "repositories/rename"):
                members = _members(request)
                site.rename(_repository(site, str(members.get("repository"))), str(members["name"]))
                return empty_response()
            case ("POST", "hooks/deliver"):
                waiting = service.webhooks.waiting()
                threading.Thread(target=service.webhooks.deliver, daemon=True).start()
                return json_response({"delivering": len(waiting)}, 202)
    except (NotJson, _Unknown, KeyError) as error:
        return json_response({"error": str(error)}, 400)
    return None


def _members(request: Request) -> dict[str, object]:
    body = request.json()
    if not isinstance(body, dict):
        raise _Unknown("send an object")
    return body


def _repository(site: SiteState, name: str) -> Repository:
    owner, _, rest = name.partition("/")
    found = site.repository(owner, rest)
    if found is None:
        raise _Unknown(f"no repository {name}")
    return found


def _issue(site: SiteState, members: dict[str, object]) -> Issue:
    repository = _repository(site, str(members.get("repository")))
    number = members.get("number")
    found = repository.issues.get(number) if isinstance(number, int) else None
    if found is None:
        raise _Unknown(f"no issue {number} in {repository.full_name}")
    return found


def _delete(site: SiteState, issue: Issue) -> Response:
    delete_issue(site, issue, Act(site.user("sandbox"), site.now()))
    return empty_response()


def delete_issue(site: SiteState, issue: Issue, act: Act) -> None:
    """Delete an issue; its number answers 410 from now on."""
    site.notify(Notice("issues", "deleted", issue.repository, act, issue))
    remove_issue(site, issue)
    issue.repository.gone[issue.number] = Gone()


def _transfer(site: SiteState, issue: Issue, target: Repository) -> Response:
    moved = transfer_issue(site, issue, target, Act(site.user("sandbox"), site.now()))
    return json_response({"repository": target.full_name, "number": moved.number, "id": moved.id})


def transfer_issue(site: SiteState, issue: Issue, target: Repository, act: Act) -> Issue:
    """Move an issue to another repository: comments come along, number and id are new, the old number leads there.

    Labels stay behind unless the target has one of the same name; the milestone stays behind.
    """
    site.notify(Notice("issues", "transferred", issue.repository, act, issue))
    remove_issue(site, issue)
    target.last_number += 1
    moved = Issue(
        id=site.number("issue", FIRST_ISSUE_ID),
        repository=target,
        number=target.last_number,
        title=issue.title,
        body=issue.body,
        user=issue.user,
        created=issue.created,
        updated=act.moment,
        state=issue.state,
        reason=issue.reason,
        closed=issue.closed,
        closed_by=issue.closed_by,
        assignees=[user for user in issue.assignees if user in site.assignable(target)],
        labels=[target.labels[label.name.lower()] for label in issue.labels if label.name.lower() in target.labels],
        comments=issue.comments,
    )
    for comment in moved.comments:
        comment.issue = moved
        target.comments[comment.id] = comment
    issue.repository.gone[issue.number] = Gone(moved)
    add_issue(site, moved)
    site.record(moved, act, "transferred")
    return moved
