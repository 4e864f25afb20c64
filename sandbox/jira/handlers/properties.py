"""Properties of issues and comments: small JSON values under a key of the caller's choice."""

from __future__ import annotations

from sandbox.http import NotJson, Request, Response, empty_response
from sandbox.jira.endpoints import Ask, Endpoints
from sandbox.jira.errors import BAD_JSON, issue_missing, refuse, refuse_payload
from sandbox.jira.payload import check_property
from sandbox.jira.records import Comment

endpoints = Endpoints()


def read_value_body(request: Request) -> object:
    """Any JSON value. Raises Refusal when it is none."""
    try:
        return request.json()
    except NotJson as error:
        raise refuse_payload(BAD_JSON) from error


@endpoints.platform("GET", "issue/{key}/properties")
def property_keys(ask: Ask) -> Response:
    """The keys of an issue's properties."""
    issue = ask.issue()
    keys = [
        {"self": ask.wire.url(f"issue/{issue.id}/properties/{key}"), "key": key} for key in sorted(issue.properties)
    ]
    return ask.json({"keys": keys})


@endpoints.platform("GET", "issue/{key}/properties/{property}")
def get_property(ask: Ask) -> Response:
    """One property."""
    issue, key = ask.issue(), ask.call["property"]
    if key not in issue.properties:
        raise refuse(404, f"The property with key '{key}' does not exist.")
    return ask.json({"key": key, "value": issue.properties[key]})


@endpoints.platform("PUT", "issue/{key}/properties/{property}")
def set_property(ask: Ask) -> Response:
    """Set one: 201 new, 200 replaced. Not recorded in the history."""
    issue, key = ask.issue(), ask.call["property"]
    if not ask.caller.may("EDIT_ISSUES"):
        raise issue_missing()
    status = write_property(ask, issue.properties, key)
    return ask.json(None, status)


def write_property(ask: Ask, properties: dict[str, object], key: str) -> int:
    """Store the body as a property; returns the status. Raises Refusal."""
    value = read_value_body(ask.call.request)
    check_property(key, value)
    status = 200 if key in properties else 201
    properties[key] = value
    return status


@endpoints.platform("DELETE", "issue/{key}/properties/{property}")
def delete_property(ask: Ask) -> Response:
    """Remove one."""
    issue, key = ask.issue(), ask.call["property"]
    if not ask.caller.may("EDIT_ISSUES"):
        raise issue_missing()
    if key not in issue.properties:
        raise refuse(404, f"The property with key '{key}' does not exist.")
    del issue.properties[key]
    return empty_response(204)


def _comment(ask: Ask) -> Comment:
    comment = ask.state.comments.get(ask.call["comment"])
    if comment is None or not ask.caller.may("BROWSE_PROJECTS"):
        raise refuse(404, f"Can not find a comment for the id: {ask.call['comment']}.")
    return comment


@endpoints.platform("GET", "comment/{comment}/properties")
def comment_property_keys(ask: Ask) -> Response:
    """The keys of a comment's properties."""
    comment = _comment(ask)
    keys = [
        {"self": ask.wire.url(f"comment/{comment.id}/properties/{key}"), "key": key}
        for key in sorted(comment.properties)
    ]
    return ask.json({"keys": keys})


@endpoints.platform("GET", "comment/{comment}/properties/{property}")
def get_comment_property(ask: Ask) -> Response:
    """One property of a comment."""
    comment, key = _comment(ask), ask.call["property"]
    if key not in comment.properties:
        raise refuse(404, f"The property with key '{key}' does not exist.")
    return ask.json({"key": key, "value": comment.properties[key]})


@endpoints.platform("PUT", "comment/{comment}/properties/{property}")
def set_comment_property(ask: Ask) -> Response:
    """Set one: 201 new, 200 replaced."""
    comment = _comment(ask)
    return ask.json(None, write_property(ask, comment.properties, ask.call["property"]))


@endpoints.platform("DELETE", "comment/{comment}/properties/{property}")
def delete_comment_property(ask: Ask) -> Response:
    """Remove one."""
    comment, key = _comment(ask), ask.call["property"]
    if key not in comment.properties:
        raise refuse(404, f"The property with key '{key}' does not exist.")
    del comment.properties[key]
    return empty_response(204)
