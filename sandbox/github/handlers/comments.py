"""Comments. https://docs.github.com/rest/issues/comments"""

from __future__ import annotations

from sandbox.github import errors
from sandbox.github.changes import add_comment, edit_comment, remove_comment
from sandbox.github.endpoints import Ask, Endpoints
from sandbox.github.errors import Refusal
from sandbox.github.handlers.issue_fields import check_body
from sandbox.github.models import Comment, Role
from sandbox.github.validators import last_modified
from sandbox.http import Response

endpoints = Endpoints()


@endpoints.route("GET", "issues/{number}/comments", "issues/comments#list-issue-comments")
def of_issue(ask: Ask) -> Response:
    """An issue's comments by ascending id; order parameters mean nothing here."""
    since = ask.since()
    found = [comment for comment in ask.issue().comments if since is None or comment.updated >= since]
    return ask.paged(sorted(found, key=lambda comment: comment.id), ask.view.comment)


@endpoints.route("GET", "issues/comments", "issues/comments#list-issue-comments-for-a-repository")
def of_repository(ask: Ask) -> Response:
    """All comments of a repository: by id, or by the times asked for."""
    repository = ask.issues_of(ask.repository())
    since = ask.since()
    found = [comment for comment in repository.comments.values() if since is None or comment.updated >= since]
    found.sort(key=lambda comment: comment.id)
    sort = ask.param("sort")
    if sort is not None:
        by = ask.choice("sort", "created", "updated")
        usual = ask.choice("direction", "desc", "asc")
        found.sort(
            key=lambda comment: (comment.created if by == "created" else comment.updated, comment.id),
            reverse=usual == "desc",
        )
    return ask.paged(found, ask.view.comment)


def _named(ask: Ask) -> Comment:
    repository = ask.issues_of(ask.repository())
    text = ask.call["comment"]
    found = repository.comments.get(int(text)) if text.isdigit() else None
    if found is None:
        raise errors.not_found()
    return found


@endpoints.route("GET", "issues/comments/{comment}", "issues/comments#get-an-issue-comment")
def get(ask: Ask) -> Response:
    """One comment, named without its issue."""
    comment = _named(ask)
    return ask.json(ask.view.comment(comment), headers=last_modified(comment.updated))


def _text(ask: Ask) -> str:
    ask.body.required("body")
    text = ask.body.text("body") or ""
    if not text.strip():
        raise errors.validation_failed(errors.fault("IssueComment", "data", "unprocessable", "Body cannot be blank"))
    return check_body(text, "IssueComment")


@endpoints.route("POST", "issues/{number}/comments", "issues/comments#create-an-issue-comment", creates=True)
def create(ask: Ask) -> Response:
    """A new comment; on a locked issue only of who may write in the repository."""
    issue = ask.issue()
    if issue.locked and not ask.caller.at_least(issue.repository, Role.WRITE):
        raise Refusal(403, errors.LOCKED)
    comment = add_comment(ask.site, issue, ask.act, _text(ask))
    made = ask.view.comment(comment)
    return ask.created(made, str(made["url"]))


def _to_change(ask: Ask) -> Comment:
    comment = _named(ask)
    ask.call.item = str(comment.issue.number)
    if comment.user is not ask.person and not ask.caller.at_least(comment.issue.repository, Role.WRITE):
        raise Refusal(403, errors.NEEDS_PUSH)
    return comment


@endpoints.route("PATCH", "issues/comments/{comment}", "issues/comments#update-an-issue-comment")
def update(ask: Ask) -> Response:
    """Replace the text of one's own comment, or of any with the right to write."""
    comment = _to_change(ask)
    edit_comment(ask.site, comment, ask.act, _text(ask))
    return ask.json(ask.view.comment(comment))


@endpoints.route("DELETE", "issues/comments/{comment}", "issues/comments#delete-an-issue-comment")
def delete(ask: Ask) -> Response:
    """Delete a comment."""
    remove_comment(ask.site, _to_change(ask), ask.act)
    return ask.nothing()
