"""Everything the site holds, in one piece: for an auditor who wants to count without asking the API."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from sandbox.jira.models import JsonObject
from sandbox.jira.records import Attachment, Comment, Issue
from sandbox.jira.state import SiteState


def inventory(content: SiteState) -> JsonObject:
    """Issues with all that hangs on them, and what belongs to none. Files by hash, texts as they are stored."""
    return {
        "issues": [_issue(issue) for issue in content.issues.values()],
        "links": [
            {"id": link.id, "type": link.type.name, "inward": link.inward.key, "outward": link.outward.key}
            for link in content.links.values()
        ],
        "sprints": [
            {"id": sprint.id, "name": sprint.name, "state": sprint.state.value} for sprint in content.sprints.values()
        ],
        "components": [
            {"id": component.id, "name": component.name, "project": project.key}
            for project in content.projects.values()
            for component in project.components
        ],
    }


def _issue(issue: Issue) -> JsonObject:
    return {
        "id": issue.id,
        "key": issue.key,
        "project": issue.project.key,
        "type": issue.type.name,
        "status": issue.status.name,
        "summary": issue.summary,
        "labels": issue.values.get("labels", []),
        "resolution": issue.resolved is not None,
        "parent": issue.parent.key if issue.parent else None,
        "properties": issue.properties,
        "description": issue.values.get("description"),
        "sprints": [sprint.name for sprint in issue.sprints],
        "comments": [_comment(comment) for comment in issue.comments],
        "files": [_file(attachment) for attachment in issue.attachments],
        "media": sorted(_media(issue)),
        "remoteLinks": [
            {"id": link.id, "globalId": link.global_id, "url": link.object.get("url")} for link in issue.remote_links
        ],
    }


def _comment(comment: Comment) -> JsonObject:
    return {"id": comment.id, "properties": comment.properties, "body": comment.body}


def _file(attachment: Attachment) -> JsonObject:
    return {
        "id": attachment.id,
        "mediaId": attachment.media_id,
        "name": attachment.filename,
        "size": len(attachment.content),
        "sha256": hashlib.sha256(attachment.content).hexdigest(),
    }


def _media(issue: Issue) -> Iterator[str]:
    """The files that the issue's texts show."""
    for text in (issue.values.get("description"), *(comment.body for comment in issue.comments)):
        yield from _shown(text)


def _shown(node: object) -> Iterator[str]:
    if isinstance(node, list):
        for child in node:
            yield from _shown(child)
    elif isinstance(node, dict):
        attributes = node.get("attrs")
        if node.get("type") in ("media", "mediaInline") and isinstance(attributes, dict) and "id" in attributes:
            yield str(attributes["id"])
        yield from _shown(node.get("content"))
