"""Issues: list, create, get, edit, lock. https://docs.github.com/rest/issues/issues"""

from __future__ import annotations

from collections.abc import Iterable

from sandbox.github import errors
from sandbox.github.changes import create_issue, edit_text, set_lock, set_state
from sandbox.github.endpoints import Ask, Endpoints
from sandbox.github.errors import Refusal, validation_failed
from sandbox.github.handlers.issue_fields import MANAGE, ManagedFields, check_body, check_title
from sandbox.github.handlers.repositories import visible
from sandbox.github.issue_filter import IssueFilter
from sandbox.github.models import Issue, User
from sandbox.github.paging import SortKey
from sandbox.github.validators import last_modified
from sandbox.http import Response

endpoints = Endpoints()
REASONS = ("completed", "not_planned", "duplicate", "reopened")
LOCK_REASONS = ("off-topic", "too heated", "resolved", "spam")


@endpoints.route("GET", "issues", "issues/issues#list-repository-issues")
def listing(ask: Ask) -> Response:
    """Issues and pull requests of a repository; open ones unless told otherwise."""
    repository = ask.issues_of(ask.repository())
    wanted = IssueFilter.of(ask, repository)
    return _answer(ask, wanted, repository.issues.values(), with_repository=False)


def _answer(ask: Ask, wanted: IssueFilter, issues: Iterable[Issue], *, with_repository: bool) -> Response:
    now = ask.site.now()
    found = [issue for issue in issues if issue.listed <= now and wanted.takes(issue)]
    sort = ask.choice("sort", "created", "updated", "comments")
    descending = ask.choice("direction", "desc", "asc") == "desc"

    def key(issue: Issue) -> SortKey:
        value = {"created": issue.created, "updated": issue.updated, "comments": float(len(issue.comments))}[sort]
        return value, issue.id if with_repository else issue.number

    found.sort(key=key, reverse=descending)
    page = ask.page()
    large = len(found) > ask.service.behaviour.cursor_from
    by_cursor = large or "after" in page.query or "before" in page.query
    part, headers = page.cut_by_cursor(found, key, descending=descending) if by_cursor else page.cut(found)
    return ask.json([ask.view.issue(issue, with_repository=with_repository) for issue in part], headers=headers)


@endpoints.route("GET", "/issues", "issues/issues#list-issues-assigned-to-the-authenticated-user", signed_in=True)
def assigned(ask: Ask) -> Response:
    """Issues of all repositories that concern the caller."""
    return _mine(ask, [issue for repository in visible(ask) for issue in repository.issues.values()])


@endpoints.route(
    "GET", "/user/issues", "issues/issues#list-user-account-issues-assigned-to-the-authenticated-user", signed_in=True
)
def own(ask: Ask) -> Response:
    """The same, in the caller's own repositories."""
    return _mine(ask, [issue for found in visible(ask, ask.person) for issue in found.issues.values()])


@endpoints.route(
    "GET",
    "/orgs/{org}/issues",
    "issues/issues#list-organization-issues-assigned-to-the-authenticated-user",
    signed_in=True,
)
def of_organization(ask: Ask) -> Response:
    """The same, in an organisation's repositories."""
    owner = ask.site.user(ask.call["org"])
    if owner is None or not owner.is_organization:
        raise errors.not_found()
    return _mine(ask, [issue for found in visible(ask, owner) for issue in found.issues.values()])


def _mine(ask: Ask, issues: list[Issue]) -> Response:
    chosen = ask.choice("filter", "assigned", "created", "mentioned", "subscribed", "repos", "all")
    me, wanted = ask.person, IssueFilter.of(ask, None)
    found = [issue for issue in issues if _concerns(issue, me, chosen)]
    return _answer(ask, wanted, found, with_repository=True)


def _concerns(issue: Issue, me: User, chosen: str) -> bool:
    match chosen:
        case "assigned":
            return me in issue.assignees
        case "created":
            return issue.user is me
        case "mentioned":
            return f"@{me.login.lower()}" in (issue.body or "").lower()
        case _:
            return True


@endpoints.route("POST", "issues", "issues/issues#create-an-issue", creates=True)
def create(ask: Ask) -> Response:
    """A new issue. Who may only read can make one, but labels, assignees, milestone and type are dropped."""
    repository = ask.issues_of(ask.repository())
    ask.body.required("title")
    title = check_title(ask.body.title())
    text = check_body(ask.body.text("body") or "", "Issue")
    managed = ManagedFields(ask, repository)
    issue = create_issue(ask.site, repository, ask.act, title=title, body=text or None)
    managed.apply(issue)
    if ask.site.search_lag:
        issue.searchable = ask.site.now() + ask.site.search_lag
    ask.call.item = str(issue.number)
    made = ask.view.issue(issue, alone=True)
    return ask.created(made, str(made["url"]))


@endpoints.route("GET", "issues/{number}", "issues/issues#get-an-issue")
def get(ask: Ask) -> Response:
    """One issue or pull request."""
    issue = ask.issue()
    return ask.json(ask.view.issue(issue, alone=True), headers=last_modified(issue.updated))


@endpoints.route("PATCH", "issues/{number}", "issues/issues#update-an-issue")
def update(ask: Ask) -> Response:
    """Change an issue: its author may change text and state, the rest needs the right to manage issues."""
    issue, body = ask.issue(), ask.body
    if issue.user is not ask.person and not ask.caller.at_least(issue.repository, MANAGE):
        raise Refusal(403, errors.NEEDS_PUSH)
    title = check_title(body.title()) if body.raw("title") is not None else None
    text = check_body(body.text("body") or "", "Issue") if "body" in body else None
    state = body.choice("state", "open", "closed")
    reason = body.choice("state_reason", *REASONS)
    managed = ManagedFields(ask, issue.repository)
    edit_text(ask.site, issue, ask.act, title=title, body=text)
    if state is not None:
        closing = reason if state == "closed" and reason != "reopened" else None
        set_state(ask.site, issue, ask.act, state=state, reason=closing)
    managed.apply(issue)
    return ask.json(ask.view.issue(issue, alone=True))


@endpoints.route("PUT", "issues/{number}/lock", "issues/issues#lock-an-issue")
def lock(ask: Ask) -> Response:
    """Close a conversation."""
    issue = ask.issue(role=MANAGE)
    reason = ask.body.text("lock_reason")
    if reason is not None and reason not in LOCK_REASONS:
        raise validation_failed(errors.fault("Issue", "lock_reason", "invalid", value=reason))
    set_lock(ask.site, issue, ask.act, locked=True, reason=reason)
    return ask.nothing()


@endpoints.route("DELETE", "issues/{number}/lock", "issues/issues#unlock-an-issue")
def unlock(ask: Ask) -> Response:
    """Open it again."""
    issue = ask.issue(role=MANAGE)
    set_lock(ask.site, issue, ask.act, locked=False)
    return ask.nothing()
