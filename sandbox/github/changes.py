"""What can be done to an issue. Each change keeps the indexes, writes history and tells the webhooks."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sandbox.github.models import Comment, Issue, IssueType, JsonObject, Label, Milestone, PullRequest, Repository, User
from sandbox.github.state import FIRST_COMMENT_ID, FIRST_ISSUE_ID, Act, Notice, SiteState

_REFERENCE = re.compile(r"(?<![\w/#&])(?:([\w.-]+)/([\w.-]+))?#(\d+)\b")


def create_issue(
    site: SiteState,
    repository: Repository,
    act: Act,
    *,
    title: str,
    body: str | None = None,
    pull: PullRequest | None = None,
) -> Issue:
    """A new open issue (or pull request) with the next number."""
    repository.last_number += 1
    issue = Issue(
        id=site.number("issue", FIRST_ISSUE_ID),
        repository=repository,
        number=repository.last_number,
        title=title,
        body=body,
        user=act.actor,
        created=act.moment,
        updated=act.moment,
        pull=pull,
        listed=max(act.hidden_until, 0.0),
    )
    add_issue(site, issue)
    refer(site, issue, body, act)
    if pull is None:
        site.notify(Notice("issues", "opened", repository, act, issue))
    return issue


def add_issue(site: SiteState, issue: Issue) -> None:
    """Put an issue into the indexes and counts."""
    repository = issue.repository
    repository.issues[issue.number] = issue
    repository.last_number = max(repository.last_number, issue.number)
    repository.updated = max(repository.updated, issue.created)
    site.issues[issue.id] = issue
    repository.open_issues += issue.state == "open"
    _count(issue, issue.milestone, 1)


def remove_issue(site: SiteState, issue: Issue) -> None:
    """Take an issue out of the indexes with all links to it; the caller says what is left of its number."""
    repository = issue.repository
    del repository.issues[issue.number]
    del site.issues[issue.id]
    repository.open_issues -= issue.state == "open"
    _count(issue, issue.milestone, -1)
    for comment in issue.comments:
        repository.comments.pop(comment.id, None)
    repository.events = [event for event in repository.events if event.issue is not issue]
    if issue.parent is not None:
        issue.parent.children.remove(issue)
    for child in issue.children:
        child.parent = None
    for blocker in issue.blocked_by:
        blocker.blocking.remove(issue)
    for blocked in issue.blocking:
        blocked.blocked_by.remove(issue)


def touch(issue: Issue, act: Act) -> None:
    """The issue changed now."""
    issue.updated = max(issue.updated, act.moment)


def edit_text(site: SiteState, issue: Issue, act: Act, *, title: str | None = None, body: str | None = None) -> None:
    """Change title and body; None leaves one as it is, an empty body clears it."""
    changes: JsonObject = {}
    if title is not None and title != issue.title:
        changes["title"] = {"from": issue.title}
        site.record(issue, act, "renamed", details={"rename": {"from": issue.title, "to": title}})
        issue.title = title
    if body is not None and body != (issue.body or ""):
        changes["body"] = {"from": issue.body or ""}
        issue.body = body or None
        refer(site, issue, body, act)
    if changes:
        touch(issue, act)
        site.notify(Notice("issues", "edited", issue.repository, act, issue, changes=changes))


def set_state(site: SiteState, issue: Issue, act: Act, *, state: str, reason: str | None = None) -> None:
    """Close or reopen; a closed issue may get another reason."""
    if state == issue.state and (state == "open" or reason in (None, issue.reason)):
        return
    was_open = issue.state == "open"
    _count(issue, issue.milestone, -1)
    issue.state = state
    closing = state == "closed"
    issue.reason = None if issue.pull else (reason or "completed") if closing else "reopened"
    issue.closed = act.moment if closing else None
    issue.closed_by = act.actor if closing else None
    _count(issue, issue.milestone, 1)
    issue.repository.open_issues += (state == "open") - was_open
    touch(issue, act)
    shown = issue.reason if closing and issue.reason != "completed" else None
    kind = "closed" if closing else "reopened"
    site.record(issue, act, kind, details={"state_reason": shown})
    site.notify(Notice("issues", kind, issue.repository, act, issue))


def set_labels(site: SiteState, issue: Issue, act: Act, labels: Iterable[Label]) -> None:
    """Replace all labels; kept ones stay where they are."""
    wanted = list(dict.fromkeys(labels))
    for label in [label for label in issue.labels if label not in wanted]:
        issue.labels.remove(label)
        _labelled(site, issue, act, label, "unlabeled")
    for label in [label for label in wanted if label not in issue.labels]:
        issue.labels.append(label)
        _labelled(site, issue, act, label, "labeled")


def _labelled(site: SiteState, issue: Issue, act: Act, label: Label, kind: str) -> None:
    touch(issue, act)
    site.record(issue, act, kind, label=label)
    site.notify(Notice("issues", kind, issue.repository, act, issue, label=label))


def set_assignees(site: SiteState, issue: Issue, act: Act, people: Iterable[User]) -> None:
    """Replace all assignees."""
    wanted = list(dict.fromkeys(people))
    for kind, changed in (
        ("unassigned", [user for user in issue.assignees if user not in wanted]),
        ("assigned", [user for user in wanted if user not in issue.assignees]),
    ):
        for user in changed:
            (issue.assignees.append if kind == "assigned" else issue.assignees.remove)(user)
            touch(issue, act)
            site.record(issue, act, kind, subject=user)
            site.notify(Notice("issues", kind, issue.repository, act, issue, subject=user))


def set_milestone(site: SiteState, issue: Issue, act: Act, milestone: Milestone | None) -> None:
    """Put an issue into a milestone, or take it out of its own."""
    old = issue.milestone
    if milestone is old:
        return
    _count(issue, old, -1)
    issue.milestone = milestone
    _count(issue, milestone, 1)
    touch(issue, act)
    for kind, concerned in (("demilestoned", old), ("milestoned", milestone)):
        if concerned is not None:
            site.record(issue, act, kind, milestone=concerned.title)
            site.notify(Notice("issues", kind, issue.repository, act, issue, milestone=concerned))


def _count(issue: Issue, milestone: Milestone | None, step: int) -> None:
    if milestone is None:
        return
    if issue.state == "open":
        milestone.open_issues += step
    else:
        milestone.closed_issues += step


def set_type(site: SiteState, issue: Issue, act: Act, kind: IssueType | None) -> None:
    """Give an issue one of its organisation's types, or none."""
    if kind is issue.type:
        return
    old, issue.type = issue.type, kind
    touch(issue, act)
    name = "issue_type_removed" if kind is None else "issue_type_changed" if old else "issue_type_added"
    site.record(issue, act, name)
    action, told = ("untyped", old) if kind is None else ("typed", kind)
    site.notify(Notice("issues", action, issue.repository, act, issue, type=told))


def set_lock(site: SiteState, issue: Issue, act: Act, *, locked: bool, reason: str | None = None) -> None:
    """Close or open the conversation."""
    if issue.locked == locked:
        issue.lock_reason = reason if locked else None
        return
    issue.locked, issue.lock_reason = locked, reason if locked else None
    touch(issue, act)
    kind = "locked" if locked else "unlocked"
    site.record(issue, act, kind, details={"lock_reason": reason} if locked else {})
    site.notify(Notice("issues", kind, issue.repository, act, issue))


def add_comment(site: SiteState, issue: Issue, act: Act, body: str) -> Comment:
    """A new comment; the issue counts as changed."""
    number = site.number("comment", FIRST_COMMENT_ID)
    comment = Comment(number, issue, act.actor, body, act.moment, act.moment)
    issue.comments.append(comment)
    issue.repository.comments[comment.id] = comment
    touch(issue, act)
    refer(site, issue, body, act)
    site.notify(Notice("issue_comment", "created", issue.repository, act, issue, comment))
    return comment


def edit_comment(site: SiteState, comment: Comment, act: Act, body: str) -> None:
    """Replace a comment's text; the issue moves with it."""
    old, comment.body = comment.body, body
    comment.updated = act.moment
    touch(comment.issue, act)
    refer(site, comment.issue, body, act)
    changes: JsonObject = {"body": {"from": old}}
    site.notify(
        Notice("issue_comment", "edited", comment.issue.repository, act, comment.issue, comment, changes=changes)
    )


def remove_comment(site: SiteState, comment: Comment, act: Act) -> None:
    """Delete a comment; lists keep no trace of it."""
    issue = comment.issue
    issue.comments.remove(comment)
    del issue.repository.comments[comment.id]
    touch(issue, act)
    site.notify(Notice("issue_comment", "deleted", issue.repository, act, issue, comment))


def refer(site: SiteState, issue: Issue, text: str | None, act: Act) -> None:
    """Write a cross-reference into the history of every other issue a text names; each names it once."""
    for owner, name, number in _REFERENCE.findall(text or ""):
        repository = site.repository(owner, name) if name else issue.repository
        target = repository.issues.get(int(number)) if repository else None
        if target is None or target is issue:
            continue
        if any(event.kind == "cross-referenced" and event.source is issue for event in target.events):
            continue
        event = site.record(target, act, "cross-referenced", source=issue)
        target.repository.events.remove(event)  # the repository's list of events has no cross-references
        touch(target, act)
