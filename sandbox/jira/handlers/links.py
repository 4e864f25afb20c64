"""Issue links and remote links: both can be repeated without harm."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from sandbox.http import Response, empty_response
from sandbox.jira.endpoints import Ask, Endpoints
from sandbox.jira.errors import refuse, refuse_fields
from sandbox.jira.issue_extras import add_comment, add_link, find_link_type
from sandbox.jira.models import JsonObject
from sandbox.jira.payload import read_object
from sandbox.jira.records import Change, Issue, IssueLink, Notice, RemoteLink

endpoints = Endpoints()
REMOTE_LIMIT = 2_000


@endpoints.platform("POST", "issueLink", anonymous=True)
def create_link(ask: Ask) -> Response:
    """Link two issues: 201 without a body; again: 201 and nothing happens."""
    body = read_object(ask.call.request, ("type", "inwardIssue", "outwardIssue", "comment"))
    link_type = find_link_type(ask.state, body.get("type"))
    inward, outward = _end(ask, body, "inwardIssue"), _end(ask, body, "outwardIssue")
    add_link(ask.state, ask.caller, link_type=link_type, inward=inward, outward=outward)
    comment = body.get("comment")
    if isinstance(comment, dict):
        add_comment(ask.state, ask.caller, outward, comment, text_bodies=ask.text_bodies)
    ask.call.item = inward.key
    return Response(201)


def _end(ask: Ask, body: JsonObject, side: str) -> Issue:
    named = body.get(side)
    key = named.get("id", named.get("key")) if isinstance(named, Mapping) else None
    if key is None:
        raise refuse_fields({side: "The issue key or id must be provided."})
    return ask.caller.issue(ask.state, str(key))


def _link(ask: Ask) -> IssueLink:
    link = ask.state.links.get(ask.call["link"])
    if link is None or not ask.caller.may("BROWSE_PROJECTS"):
        raise refuse(404, f"No issue link with id '{ask.call['link']}' exists.")
    return link


@endpoints.platform("GET", "issueLink/{link}")
def get_link(ask: Ask) -> Response:
    """One link with both ends."""
    link = _link(ask)
    return ask.json(
        {
            "id": link.id,
            "self": ask.wire.url(f"issueLink/{link.id}"),
            "type": ask.wire.link_type(link.type),
            "inwardIssue": ask.view.brief(link.inward),
            "outwardIssue": ask.view.brief(link.outward),
        }
    )


@endpoints.platform("DELETE", "issueLink/{link}")
def delete_link(ask: Ask) -> Response:
    """Remove a link."""
    link = _link(ask)
    if not ask.caller.may("LINK_ISSUES"):
        raise refuse(404, f"No Link Issue Permission for issue '{link.inward.key}'")
    ask.state.remove_link(link)
    for end, other, reading in (
        (link.inward, link.outward, link.type.outward),
        (link.outward, link.inward, link.type.inward),
    ):
        text = f"This work item {reading} {other.key}"
        ask.state.touch(end, ask.caller.person, [Change("Link", None, False, other.key, text, None, None)])
    ask.state.notify(Notice("issuelink_deleted", ask.caller.person, link.inward, link=link))
    return empty_response(200)


@endpoints.platform("GET", "issue/{key}/remotelink")
def remote_links(ask: Ask) -> Response:
    """Links to the outside, or the one with a global id."""
    issue = ask.issue()
    wanted = ask.param("globalId")
    if wanted is None:
        return ask.json([ask.wire.remote_link(link, issue.id) for link in issue.remote_links])
    found = next((link for link in issue.remote_links if link.global_id == wanted), None)
    if found is None:
        raise refuse(404, "The remote issue link was not found.")
    return ask.json(ask.wire.remote_link(found, issue.id))


@endpoints.platform("POST", "issue/{key}/remotelink")
def upsert_remote_link(ask: Ask) -> Response:
    """Create (201) or, with a known global id, replace (200): what is not said becomes null."""
    issue = ask.issue()
    body = read_object(ask.call.request, ("globalId", "application", "relationship", "object"))
    if not ask.caller.may("LINK_ISSUES"):
        raise refuse(403, "You do not have permission to create or edit links for this issue.")
    wanted = _remote(body)
    global_id = str(body.get("globalId") or "")
    if len(global_id) > 255:
        raise refuse_fields({"globalId": "'globalId' must not exceed 255 characters."})
    known = next((link for link in issue.remote_links if global_id and link.global_id == global_id), None)
    application = body.get("application")
    relationship = body.get("relationship")
    if known is None and len(issue.remote_links) >= REMOTE_LIMIT:
        raise refuse(413, "The issue has reached the limit of 2000 remote issue links.")
    link = known or RemoteLink(ask.state.number("remote"), global_id, {}, {}, None)
    link.object = wanted
    link.application = application if isinstance(application, dict) else {}
    link.relationship = str(relationship) if relationship is not None else None
    if known is None:
        issue.remote_links.append(link)
        text = f'This work item links to "{wanted["title"]}"'
        change = Change("RemoteWorkItemLink", None, False, None, None, str(link.id), text)
        ask.state.touch(issue, ask.caller.person, [change])
    made = {"id": link.id, "self": ask.wire.url(f"issue/{issue.id}/remotelink/{link.id}")}
    return ask.json(made, 201 if known is None else 200)


def _remote(body: JsonObject) -> JsonObject:
    given = body.get("object")
    if not isinstance(given, dict):
        raise refuse_fields({"object": "'object' is required."})
    faults: dict[str, str] = {}
    for name in ("title", "url"):
        if not isinstance(given.get(name), str) or not given[name]:
            faults[name] = f"'{name}' is required."
    url = str(given.get("url") or "")
    if "url" not in faults and not (urlsplit(url).scheme and urlsplit(url).netloc):
        faults["url"] = "Invalid URL. Relative URLs are not supported."
    if len(str(given.get("title") or "")) > 255:
        faults["title"] = "'title' must not exceed 255 characters."
    if faults:
        raise refuse_fields(faults)
    defaults: JsonObject = {"icon": {}, "status": {"icon": {}}}
    return {**defaults, **given}


@endpoints.platform("GET", "issue/{key}/remotelink/{link}")
def get_remote_link(ask: Ask) -> Response:
    """One link to the outside."""
    issue = ask.issue()
    return ask.json(ask.wire.remote_link(_remote_link(ask, issue), issue.id))


@endpoints.platform("DELETE", "issue/{key}/remotelink/{link}")
def delete_remote_link(ask: Ask) -> Response:
    """Remove one."""
    issue = ask.issue()
    link = _remote_link(ask, issue)
    if not ask.caller.may("LINK_ISSUES"):
        raise refuse(403, "You do not have permission to create or edit links for this issue.")
    issue.remote_links.remove(link)
    return empty_response(204)


def _remote_link(ask: Ask, issue: Issue) -> RemoteLink:
    found = next((link for link in issue.remote_links if str(link.id) == ask.call["link"]), None)
    if found is None:
        raise refuse(404, "The remote issue link was not found.")
    return found
