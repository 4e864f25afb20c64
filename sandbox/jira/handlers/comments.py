"""Comments: the author is the caller, the time is now, a page is at most 100."""

from __future__ import annotations

from sandbox.http import Response, empty_response
from sandbox.jira import errors
from sandbox.jira.endpoints import Ask, Endpoints
from sandbox.jira.errors import Refusal, refuse, refuse_payload
from sandbox.jira.issue_extras import add_comment, comment_body, notify_mentions
from sandbox.jira.payload import properties, read_object
from sandbox.jira.records import Comment, Issue, Notice

endpoints = Endpoints()
MEMBERS = (
    "body", "visibility", "properties", "author", "updateAuthor", "created", "updated", "id", "self",
    "renderedBody", "jsdPublic", "jsdAuthorCanSeeRequest",
)  # fmt: skip
LIST_LIMIT = 1_000
NO_PERMISSION = "You do not have the permission to comment on this issue."


@endpoints.platform("GET", "issue/{key}/comment", anonymous=True)
def comments(ask: Ask) -> Response:
    """The comments of an issue, oldest first."""
    issue = ask.issue()
    start, size = ask.window(default=100)
    order = ask.param("orderBy") or "created"
    if order.lstrip("+-") != "created":
        raise refuse(400, "The orderBy parameter is not valid.")
    found = issue.comments[::-1] if order.startswith("-") else issue.comments
    with_properties = "properties" in ask.listed("expand")
    shown = [ask.wire.comment(c, with_properties=with_properties) for c in found[start : start + size]]
    return ask.json({"startAt": start, "maxResults": size, "total": len(found), "comments": shown})


@endpoints.platform("POST", "issue/{key}/comment", anonymous=True)
def add(ask: Ask) -> Response:
    """Add one, with its properties."""
    issue = ask.issue()
    body = read_object(ask.call.request, MEMBERS)
    if not ask.caller.may("ADD_COMMENTS"):
        raise _refused(ask, body.get("body"))
    kept = properties(body.get("properties"))
    comment = add_comment(ask.state, ask.caller, issue, body, text_bodies=ask.text_bodies)
    comment.properties = kept
    return ask.json(ask.wire.comment(comment, with_properties=bool(kept)), 201)


def _refused(ask: Ask, body: object) -> Refusal:
    """Without permission both faults are told at once."""
    try:
        comment_body(body, text_bodies=ask.text_bodies)
    except Refusal as refusal:
        details = refusal.body if isinstance(refusal.body, dict) else {}
        return Refusal(400, {"errorMessages": [NO_PERMISSION], "errors": details.get("errors", {})})
    return refuse(400, NO_PERMISSION)


def _comment(ask: Ask) -> tuple[Issue, Comment]:
    issue = ask.issue()
    comment = ask.state.comments.get(ask.call["comment"])
    if comment is None or comment.issue is not issue:
        raise refuse(404, f"Can not find a comment for the id: {ask.call['comment']}.")
    return issue, comment


@endpoints.platform("GET", "issue/{key}/comment/{comment}", anonymous=True)
def get(ask: Ask) -> Response:
    """One comment."""
    _, comment = _comment(ask)
    return ask.json(ask.wire.comment(comment, with_properties="properties" in ask.listed("expand")))


@endpoints.platform("PUT", "issue/{key}/comment/{comment}")
def update(ask: Ask) -> Response:
    """Replace the text; the author stays."""
    issue, comment = _comment(ask)
    body = read_object(ask.call.request, MEMBERS)
    if not ask.caller.may("EDIT_ALL_COMMENTS"):
        raise refuse(400, "You do not have the permission to edit this comment.")
    comment.body = comment_body(body.get("body"), text_bodies=ask.text_bodies)
    comment.properties.update(properties(body.get("properties")))
    comment.updated = ask.state.now()
    comment.update_author = ask.caller.person
    ask.state.touch(issue, ask.caller.person, [])
    notify_mentions(ask.state, issue, comment.body)
    ask.state.notify(Notice("comment_updated", ask.caller.person, issue, comment=comment))
    return ask.json(ask.wire.comment(comment))


@endpoints.platform("DELETE", "issue/{key}/comment/{comment}")
def delete(ask: Ask) -> Response:
    """Remove one."""
    issue, comment = _comment(ask)
    if not ask.caller.may("DELETE_ALL_COMMENTS"):
        raise refuse(400, "You do not have the permission to delete this comment.")
    issue.comments.remove(comment)
    del ask.state.comments[comment.id]
    ask.state.touch(issue, ask.caller.person, [])
    ask.state.notify(Notice("comment_deleted", ask.caller.person, issue, comment=comment))
    return empty_response(204)


@endpoints.platform("POST", "comment/list", writes=False)
def list_by_ids(ask: Ask) -> Response:
    """Comments by id from any issues; unknown ids are left out."""
    body = read_object(ask.call.request, ("ids",))
    ids = body.get("ids")
    if not isinstance(ids, list) or not all(isinstance(i, int) and not isinstance(i, bool) for i in ids):
        raise refuse_payload()
    if not 1 <= len(ids) <= LIST_LIMIT:
        raise refuse(400, "The number of comment ids must be between 1 and 1000.")
    if not ask.caller.may("BROWSE_PROJECTS"):
        raise refuse(404, errors.ISSUE_MISSING)
    with_properties = "properties" in ask.listed("expand")
    found = [c for i in dict.fromkeys(ids) if (c := ask.state.comments.get(str(i))) is not None]
    shown = [ask.wire.comment(comment, with_properties=with_properties) for comment in found]
    return ask.json({"maxResults": 1_048_576, "startAt": 0, "total": len(shown), "isLast": True, "values": shown})
