"""Building GitHub calls. Pure: addresses, query options and bodies, each with its vendor page.

`route` templates name limiter buckets and request counts. Calls that make content are named so that the client can
count them against the account's budget.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from connectors.clients.calls import Call, Effect, json_body, path_of
from connectors.clients.github.wire.paging import PAGE
from connectors.clients.github.wire.payloads import Json, NewIssue
from connectors.clients.github.wire.values import RepoName, format_time

API_VERSION: Final = "2022-11-28"
ACCEPT: Final = "application/vnd.github+json"
ACCEPT_FULL: Final = "application/vnd.github.full+json"
HEADERS: Final[Mapping[str, str]] = {"X-GitHub-Api-Version": API_VERSION}
_ROUTE = "/repos/{owner}/{repo}"
_PAGED: Final = (("per_page", str(PAGE)),)


def _get(path: str, route: str, *query: tuple[str, str], accept: str = ACCEPT) -> Call:
    return Call("GET", path, route, query=query, accept=accept, headers=HEADERS)


def _of(repo: RepoName, tail: str, *query: tuple[str, str], accept: str = ACCEPT, **parts: str | int) -> Call:
    """A read below a repository."""
    return _get(repo.path + path_of(tail, **parts), _ROUTE + tail, *query, accept=accept)


def _write(
    method: str, repo: RepoName, tail: str, *, body: Json = None, effect: Effect = Effect.IDEMPOTENT, **parts: str | int
) -> Call:
    data = None if body is None else json_body(body)
    path = repo.path + path_of(tail, **parts)
    return Call(method, path, _ROUTE + tail, effect=effect, body=data, accept=ACCEPT, headers=HEADERS)


def page(address: str, route: str, *, accept: str = ACCEPT) -> Call:
    """A further page of a list, by the address that the page before it gave."""
    return _get(address, route, accept=accept)


# who and where


def current_user() -> Call:
    """https://docs.github.com/rest/users/users#get-the-authenticated-user"""
    return _get("/user", "/user")


def user(login: str) -> Call:
    """https://docs.github.com/rest/users/users#get-a-user"""
    return _get(path_of("/users/{login}", login=login), "/users/{login}")


def repository(repo: RepoName) -> Call:
    """https://docs.github.com/rest/repos/repos#get-a-repository"""
    return _of(repo, "")


def issue_types(owner: str) -> Call:
    """Only organisations have them. https://docs.github.com/rest/orgs/issue-types"""
    return _get(path_of("/orgs/{owner}/issue-types", owner=owner), "/orgs/{owner}/issue-types")


def count_issues(repo: RepoName) -> Call:
    """https://docs.github.com/rest/search/search#search-issues-and-pull-requests"""
    return _get("/search/issues", "/search/issues", ("q", f"repo:{repo.full} is:issue"), ("per_page", "1"))


def assignees(repo: RepoName) -> Call:
    """Everybody who can be assigned. https://docs.github.com/rest/issues/assignees#list-assignees"""
    return _of(repo, "/assignees", *_PAGED)


def assignable(repo: RepoName, login: str) -> Call:
    """204 or 404. https://docs.github.com/rest/issues/assignees#check-if-a-user-can-be-assigned"""
    return _of(repo, "/assignees/{login}", login=login)


# issues


def issues(repo: RepoName, *, since: datetime | None = None, newest_first: bool = False) -> Call:
    """The first page of all issues, closed ones and pull requests included, by number.
    https://docs.github.com/rest/issues/issues#list-repository-issues"""
    query = [*_PAGED, ("state", "all"), ("sort", "created"), ("direction", "desc" if newest_first else "asc")]
    if since is not None:
        query.append(("since", format_time(since)))
    return _of(repo, "/issues", *query)


def updated_issues(repo: RepoName, *, since: datetime, newest_first: bool) -> Call:
    """Issues and pull requests changed at or after a moment, by the time of their last change.
    https://docs.github.com/rest/issues/issues#list-repository-issues"""
    order = ("direction", "desc" if newest_first else "asc")
    return _of(repo, "/issues", *_PAGED, ("state", "all"), ("sort", "updated"), order, ("since", format_time(since)))


def issue_events(repo: RepoName) -> Call:
    """What happened to any issue, the latest first.
    https://docs.github.com/rest/issues/events#list-issue-events-for-a-repository"""
    return _of(repo, "/issues/events", *_PAGED)


def issue(repo: RepoName, number: int, *, full: bool = False) -> Call:
    """`full` adds the rendered body, where files of private repositories have addresses that open.
    https://docs.github.com/rest/issues/issues#get-an-issue"""
    return _of(repo, "/issues/{number}", number=number, accept=ACCEPT_FULL if full else ACCEPT)


def create_issue(repo: RepoName, body: NewIssue) -> Call:
    """Content. https://docs.github.com/rest/issues/issues#create-an-issue"""
    return _write("POST", repo, "/issues", body=body, effect=Effect.CREATE)


def update_issue(repo: RepoName, number: int, changes: NewIssue) -> Call:
    """Lists replace what is there. https://docs.github.com/rest/issues/issues#update-an-issue"""
    return _write("PATCH", repo, "/issues/{number}", body=changes, number=number)


def timeline(repo: RepoName, number: int) -> Call:
    """https://docs.github.com/rest/issues/timeline#list-timeline-events-for-an-issue"""
    return _of(repo, "/issues/{number}/timeline", *_PAGED, number=number)


# comments


def comments(repo: RepoName, number: int, *, full: bool = False) -> Call:
    """Oldest first. https://docs.github.com/rest/issues/comments#list-issue-comments"""
    return _of(repo, "/issues/{number}/comments", *_PAGED, number=number, accept=ACCEPT_FULL if full else ACCEPT)


def comments_since(repo: RepoName, since: datetime) -> Call:
    """Of all issues and pull requests, changed at or after a moment.
    https://docs.github.com/rest/issues/comments#list-issue-comments-for-a-repository"""
    return _of(
        repo, "/issues/comments", *_PAGED, ("sort", "updated"), ("direction", "asc"), ("since", format_time(since))
    )


def create_comment(repo: RepoName, number: int, body: str) -> Call:
    """Content. https://docs.github.com/rest/issues/comments#create-an-issue-comment"""
    tail = "/issues/{number}/comments"
    return _write("POST", repo, tail, body={"body": body}, effect=Effect.CREATE, number=number)


def comment(repo: RepoName, comment_id: str) -> Call:
    """https://docs.github.com/rest/issues/comments#get-an-issue-comment"""
    return _of(repo, "/issues/comments/{id}", id=comment_id)


def update_comment(repo: RepoName, comment: str, body: str) -> Call:
    """https://docs.github.com/rest/issues/comments#update-an-issue-comment"""
    return _write("PATCH", repo, "/issues/comments/{id}", body={"body": body}, id=comment)


def delete_comment(repo: RepoName, comment: str) -> Call:
    """https://docs.github.com/rest/issues/comments#delete-an-issue-comment"""
    return _write("DELETE", repo, "/issues/comments/{id}", id=comment)


# labels and milestones


def labels(repo: RepoName) -> Call:
    """https://docs.github.com/rest/issues/labels#list-labels-for-a-repository"""
    return _of(repo, "/labels", *_PAGED)


def create_label(repo: RepoName, name: str, *, color: str, description: str) -> Call:
    """Repeating answers that the name is taken.
    https://docs.github.com/rest/issues/labels#create-a-label"""
    body = {"name": name, "color": color, "description": description}
    return _write("POST", repo, "/labels", body=body)


def delete_label(repo: RepoName, name: str) -> Call:
    """Takes it off every issue. https://docs.github.com/rest/issues/labels#delete-a-label"""
    return _write("DELETE", repo, "/labels/{name}", name=name)


def issues_with_label(repo: RepoName, name: str) -> Call:
    """One issue that has the label, if any does."""
    return _of(repo, "/issues", ("per_page", "1"), ("state", "all"), ("labels", name))


def issues_of_milestone(repo: RepoName, milestone: str) -> Call:
    """One issue of the milestone, if any is in it."""
    return _of(repo, "/issues", ("per_page", "1"), ("state", "all"), ("milestone", milestone))


def milestones(repo: RepoName) -> Call:
    """https://docs.github.com/rest/issues/milestones#list-milestones"""
    return _of(repo, "/milestones", *_PAGED, ("state", "all"))


def create_milestone(repo: RepoName, title: str, *, due: datetime | None, description: str = "") -> Call:
    """https://docs.github.com/rest/issues/milestones#create-a-milestone"""
    body: dict[str, Json] = {"title": title}
    if due is not None:
        body["due_on"] = format_time(due)
    if description:
        body["description"] = description
    return _write("POST", repo, "/milestones", body=body, effect=Effect.CREATE)


def update_milestone(repo: RepoName, number: str, changes: Mapping[str, Json]) -> Call:
    """https://docs.github.com/rest/issues/milestones#update-a-milestone"""
    return _write("PATCH", repo, "/milestones/{number}", body=dict(changes), number=number)


def delete_milestone(repo: RepoName, number: str) -> Call:
    """Its issues lose it. https://docs.github.com/rest/issues/milestones#delete-a-milestone"""
    return _write("DELETE", repo, "/milestones/{number}", number=number)


# hierarchy and dependencies: the bodies hold ids, the paths numbers


def sub_issues(repo: RepoName, number: int) -> Call:
    """https://docs.github.com/rest/issues/sub-issues#list-sub-issues"""
    return _of(repo, "/issues/{number}/sub_issues", *_PAGED, number=number)


def parent(repo: RepoName, number: int) -> Call:
    """404 for an issue without one. https://docs.github.com/rest/issues/sub-issues#get-parent-issue"""
    return _of(repo, "/issues/{number}/parent", number=number)


def add_sub_issue(repo: RepoName, number: int, issue_id: int) -> Call:
    """Takes the issue from another parent, if it has one.
    https://docs.github.com/rest/issues/sub-issues#add-sub-issue"""
    body = {"sub_issue_id": issue_id, "replace_parent": True}
    return _write("POST", repo, "/issues/{number}/sub_issues", body=body, number=number)


def remove_sub_issue(repo: RepoName, number: int, issue_id: int) -> Call:
    """https://docs.github.com/rest/issues/sub-issues#remove-sub-issue"""
    return _write("DELETE", repo, "/issues/{number}/sub_issue", body={"sub_issue_id": issue_id}, number=number)


def blocked_by(repo: RepoName, number: int) -> Call:
    """https://docs.github.com/rest/issues/issue-dependencies#list-dependencies-an-issue-is-blocked-by"""
    return _of(repo, "/issues/{number}/dependencies/blocked_by", *_PAGED, number=number)


def blocking(repo: RepoName, number: int) -> Call:
    """https://docs.github.com/rest/issues/issue-dependencies#list-dependencies-an-issue-is-blocking"""
    return _of(repo, "/issues/{number}/dependencies/blocking", *_PAGED, number=number)


def add_blocked_by(repo: RepoName, number: int, issue_id: int) -> Call:
    """https://docs.github.com/rest/issues/issue-dependencies#add-a-dependency-an-issue-is-blocked-by"""
    tail = "/issues/{number}/dependencies/blocked_by"
    return _write("POST", repo, tail, body={"issue_id": issue_id}, number=number)


def remove_blocked_by(repo: RepoName, number: int, issue_id: int) -> Call:
    """https://docs.github.com/rest/issues/issue-dependencies#remove-dependency-an-issue-is-blocked-by"""
    tail = "/issues/{number}/dependencies/blocked_by/{issue_id}"
    return _write("DELETE", repo, tail, number=number, issue_id=issue_id)
