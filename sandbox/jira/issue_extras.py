"""What an issue edit can carry besides field values: comments and links in ``update``; mentions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sandbox.jira import adf, errors
from sandbox.jira.caller import Caller
from sandbox.jira.errors import FieldFault, refuse, refuse_payload
from sandbox.jira.field_reading import read_rich_text
from sandbox.jira.models import JsonObject, LinkType
from sandbox.jira.records import Change, Comment, Issue, IssueLink, Notice
from sandbox.jira.state import SiteState

COMMENT_LIMIT = 5_000
LINK_LIMIT = 2_000


@dataclass
class Extras:
    """Comments and links of an ``update``, still as sent."""

    comments: list[JsonObject] = field(default_factory=list)
    links: list[JsonObject] = field(default_factory=list)


def take_extras(update: JsonObject) -> Extras:
    """Remove ``comment`` and ``issuelinks`` from an update and return them. Raises Refusal."""
    extras = Extras()
    for name, target in (("comment", extras.comments), ("issuelinks", extras.links)):
        operations = update.pop(name, [])
        if not isinstance(operations, list):
            raise refuse_payload()
        for operation in operations:
            added = operation.get("add") if isinstance(operation, Mapping) else None
            if not isinstance(added, dict):
                raise refuse(400, f"Unsupported operation on {name}")
            target.append(added)
    return extras


def add_extras(state: SiteState, caller: Caller, issue: Issue, extras: Extras, *, text_bodies: bool) -> None:
    """Add what ``take_extras`` found. Raises Refusal."""
    for comment in extras.comments:
        add_comment(state, caller, issue, comment, text_bodies=text_bodies)
    for link in extras.links:
        wanted = find_link_type(state, link.get("type"))
        for side in ("inwardIssue", "outwardIssue"):
            named = link.get(side)
            if isinstance(named, Mapping):
                other = caller.issue(state, str(named.get("id", named.get("key"))))
                # Named here is the side the other issue is on.
                ends = (issue, other) if side == "outwardIssue" else (other, issue)
                add_link(state, caller, link_type=wanted, inward=ends[0], outward=ends[1])


def comment_body(raw: object, *, text_bodies: bool) -> JsonObject:
    """The body of a comment. Raises Refusal with the key ``comment``."""
    try:
        body = read_rich_text(raw, text_bodies=text_bodies, fault=errors.BAD_COMMENT)
    except FieldFault as fault:
        raise refuse(400, comment=str(fault)) from fault
    if body is None or not _has_substance(body):
        raise refuse(400, comment="Comment body can not be empty!")
    return body


def _has_substance(body: JsonObject) -> bool:
    content = body.get("content")
    if not isinstance(content, list):
        return False
    blank = ("paragraph", "heading")
    return any(isinstance(node, dict) and (node.get("type") not in blank or node.get("content")) for node in content)


def add_comment(
    state: SiteState, caller: Caller, issue: Issue, raw: Mapping[str, object], *, text_bodies: bool
) -> Comment:
    """Add a comment as the caller, now. Raises Refusal 400 without permission, 413 at the limit."""
    if not caller.may("ADD_COMMENTS"):
        raise refuse(400, "You do not have the permission to comment on this issue.")
    body = comment_body(raw.get("body"), text_bodies=text_bodies)
    if len(issue.comments) >= COMMENT_LIMIT:
        raise refuse(413, "The issue has reached the limit of 5000 comments.")
    moment = state.now()
    person = caller.person
    comment = Comment(state.id("comment"), issue, person, body, moment, moment, person)
    visibility = raw.get("visibility")
    comment.visibility = visibility if isinstance(visibility, dict) else None
    state.comments[comment.id] = comment
    issue.comments.append(comment)
    state.touch(issue, person, [])
    notify_mentions(state, issue, body)
    state.notify(Notice("comment_created", person, issue, comment=comment))
    return comment


def notify_mentions(state: SiteState, issue: Issue, body: object) -> None:
    """Everybody mentioned who exists is notified; tests read who was."""
    for account_id in adf.mentioned(body):
        if account_id in state.users:
            state.notifications.append({"issue": issue.key, "accountId": account_id, "kind": "mention"})


def find_link_type(state: SiteState, raw: object) -> LinkType:
    """A link type by id, name, or either reading. Raises Refusal 404."""
    given = raw if isinstance(raw, Mapping) else {}
    for link_type in state.link_types.values():
        if "id" in given:
            if link_type.id == str(given["id"]):
                return link_type
        elif given.get("name") == link_type.name:
            return link_type
    if "id" in given:
        raise refuse(404, f"No issue link type with id '{given['id']}' found.")
    raise refuse(404, f"No issue link type with name '{given.get('name')}' found.")


def add_link(
    state: SiteState, caller: Caller, *, link_type: LinkType, inward: Issue, outward: Issue
) -> IssueLink | None:
    """Link two issues; a link that is there already stays one. Raises Refusal."""
    if not caller.may("LINK_ISSUES"):
        raise refuse(404, f"No Link Issue Permission for issue '{inward.key}'")
    if inward is outward:
        raise refuse(400, "You cannot link an issue to itself.")
    for known in inward.links:
        same = known.type is link_type and {known.inward.id, known.outward.id} == {inward.id, outward.id}
        if same and (known.inward is inward or link_type.inward == link_type.outward):
            return None
    for end in (inward, outward):
        if len(end.links) >= LINK_LIMIT:
            raise refuse(413, "The issue has reached the limit of 2000 issue links.")
    link = IssueLink(state.id("link"), link_type, inward, outward)
    state.links[link.id] = link
    inward.links.append(link)
    outward.links.append(link)
    person = caller.person
    texts = ((inward, outward, link_type.outward), (outward, inward, link_type.inward))
    for end, other, reading in texts:
        text = f"This work item {reading} {other.key}"
        state.touch(end, person, [Change("Link", None, False, None, None, other.key, text)])
    state.notify(Notice("issuelink_created", person, inward, link=link))
    return link
