"""The discussion of a work item. All of it is preview, and the project segment is required.

https://learn.microsoft.com/rest/api/azure/devops/wit/comments
"""

from __future__ import annotations

import base64
import html
import re

from sandbox.ado import errors
from sandbox.ado.exchange import Exchange
from sandbox.ado.model import Comment, CommentVersion, Item
from sandbox.ado.render import localized, person_ref
from sandbox.ado.routes.registry import PROJECT_ONLY, Endpoints
from sandbox.http import Response

endpoints = Endpoints()

PAGE_LIMIT = 200
COMMENT_LIMIT = 1000
_MENTION = re.compile(r'data-vss-mention="version:2\.0,([0-9a-f-]{36})"', re.IGNORECASE)


def _shown(
    exchange: Exchange, item: Item, comment: Comment, version: CommentVersion | None = None
) -> dict[str, object]:
    """One comment; both the sample's `commentId` and the description's `id` are there."""
    chosen, first = version or comment.current, comment.versions[0]
    url = f"{exchange.base}/{item.project.id}/_apis/wit/workItems/{item.id}/comments/{comment.id}"
    shown: dict[str, object] = {
        "workItemId": item.id,
        "id": comment.id,
        "commentId": comment.id,
        "version": chosen.version,
        "text": localized(exchange, chosen.text),
        "createdBy": person_ref(exchange, first.by),
        "createdDate": first.date,
        "modifiedBy": person_ref(exchange, chosen.by),
        "modifiedDate": chosen.date,
        "format": chosen.format,
        "isDeleted": chosen.deleted,
        "url": url,
    }
    mentions = [_mention(item, comment, guid) for guid in _MENTION.findall(chosen.text)]
    if mentions:
        shown["mentions"] = mentions
    expand = exchange.text("$expand").lower()
    if expand in ("renderedtext", "renderedtextonly", "all"):
        shown["renderedText"] = _rendered(exchange, chosen)
    if expand == "renderedtextonly":
        del shown["text"]
    if expand in ("reactions", "all"):
        shown["reactions"] = []
    return shown


def _mention(item: Item, comment: Comment, guid: str) -> dict[str, object]:
    return {
        "artifactId": str(item.id),
        "artifactType": "WorkItem",
        "commentId": comment.id,
        "targetId": guid,
    }


def _rendered(exchange: Exchange, version: CommentVersion) -> str:
    text = localized(exchange, version.text)
    if version.format == "html":
        return text
    paragraphs = [html.escape(part.strip()) for part in re.split(r"\n\s*\n", text) if part.strip()]
    return "".join(f"<p>{part}</p>\n" for part in paragraphs)


def _token(position: int) -> str:
    return base64.urlsafe_b64encode(f"after:{position}".encode()).decode()


def _position(token: str) -> int:
    try:
        text = base64.urlsafe_b64decode(token.encode()).decode()
        return int(text.removeprefix("after:"))
    except ValueError as error:
        raise errors.bad_request("The continuation token is not valid.", "InvalidContinuationTokenException") from error


@endpoints.on("GET", "wit/workitems/{id}/comments", PROJECT_ONLY, preview=True, item="id")
def list_comments(exchange: Exchange) -> Response:
    item = exchange.item(exchange.call["id"])
    with_deleted = exchange.flag("includeDeleted")
    listed = [comment for comment in item.comments if with_deleted or not comment.deleted]
    if exchange.text("ids"):
        wanted = exchange.text("ids").split(",")
        chosen = [comment for comment in listed if str(comment.id) in wanted]
        return exchange.json(_page(exchange, item, chosen, len(listed)))
    if exchange.text("order", "desc").lower() != "asc":
        listed.reverse()
    token = exchange.text("continuationToken")
    start = _position(token) if token else 0
    size = max(1, min(exchange.number("$top", PAGE_LIMIT), PAGE_LIMIT))
    page = _page(exchange, item, listed[start : start + size], len(listed))
    if start + size < len(listed):
        following = _token(start + size)
        page["continuationToken"] = following
        page["nextPage"] = f"{exchange.base}{_own_path(item)}/comments?continuationToken={following}"
    return exchange.json(page)


def _own_path(item: Item) -> str:
    return f"/{item.project.id}/_apis/wit/workItems/{item.id}"


def _page(exchange: Exchange, item: Item, comments: list[Comment], total: int) -> dict[str, object]:
    shown = [_shown(exchange, item, comment) for comment in comments]
    return {"totalCount": total, "count": len(shown), "comments": shown}


@endpoints.on("POST", "wit/workitems/{id}/comments", PROJECT_ONLY, preview=True, item="id")
def add_comment(exchange: Exchange) -> Response:
    item = exchange.item(exchange.call["id"])
    text = _text(exchange)
    if len(item.comments) >= COMMENT_LIMIT:
        raise errors.bad_request(f"VS403692: A work item can have at most {COMMENT_LIMIT} comments.")
    fmt = exchange.text("format", "html").lower()
    if fmt not in ("html", "markdown"):
        raise errors.bad_request(f"The comment format '{fmt}' is not valid.")
    comment = exchange.org.add_comment(item, text, by=exchange.org.owner, when=exchange.now(), fmt=fmt)
    return exchange.json(_shown(exchange, item, comment))


@endpoints.on("GET", "wit/workitems/{id}/comments/{comment}", PROJECT_ONLY, preview=True, item="id")
def get_comment(exchange: Exchange) -> Response:
    item, comment = _find(exchange, deleted=exchange.flag("includeDeleted"))
    return exchange.json(_shown(exchange, item, comment))


@endpoints.on("PATCH", "wit/workitems/{id}/comments/{comment}", PROJECT_ONLY, preview=True, item="id")
def edit_comment(exchange: Exchange) -> Response:
    item, comment = _find(exchange)
    exchange.org.change_comment(item, comment, by=exchange.org.owner, when=exchange.now(), text=_text(exchange))
    return exchange.json(_shown(exchange, item, comment))


@endpoints.on("DELETE", "wit/workitems/{id}/comments/{comment}", PROJECT_ONLY, preview=True, item="id")
def delete_comment(exchange: Exchange) -> Response:
    item, comment = _find(exchange)
    exchange.org.change_comment(item, comment, by=exchange.org.owner, when=exchange.now(), deleted=True)
    return Response(204)


@endpoints.on("GET", "wit/workitems/{id}/comments/{comment}/versions", PROJECT_ONLY, preview=True, item="id")
def list_versions(exchange: Exchange) -> Response:
    item, comment = _find(exchange, deleted=True)
    return exchange.collection([_shown(exchange, item, comment, version) for version in reversed(comment.versions)])


@endpoints.on("GET", "wit/workitems/{id}/comments/{comment}/reactions", PROJECT_ONLY, preview=True, item="id")
def list_reactions(exchange: Exchange) -> Response:
    _find(exchange)
    return exchange.collection([])


def _find(exchange: Exchange, *, deleted: bool = False) -> tuple[Item, Comment]:
    item = exchange.item(exchange.call["id"])
    wanted = exchange.call["comment"]
    for comment in item.comments:
        if str(comment.id) == wanted and (deleted or not comment.deleted):
            return item, comment
    raise errors.comment_not_found(wanted)


def _text(exchange: Exchange) -> str:
    text = exchange.body().get("text")
    if not isinstance(text, str) or not text.strip():
        raise errors.bad_request("VS403690: The text of a comment cannot be empty.")
    return text
