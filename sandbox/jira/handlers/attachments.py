"""Files: multipart in, a signed redirect out."""

from __future__ import annotations

import mimetypes
import re
import uuid
from dataclasses import dataclass
from urllib.parse import unquote

from sandbox.http import Request, Response, empty_response
from sandbox.jira.endpoints import Ask, Endpoints
from sandbox.jira.errors import Refusal, refuse
from sandbox.jira.records import Attachment, Change, Issue, Notice

endpoints = Endpoints()
FILES_PER_CALL = 60
ATTACHMENT_LIMIT = 2_000
_BOUNDARY = re.compile(r'boundary="?([^";]+)"?', re.IGNORECASE)
_NAME = re.compile(r'\bname="((?:\\.|[^"\\])*)"')
_FILENAME = re.compile(r'\bfilename="((?:\\.|[^"\\])*)"')
_FILENAME_STAR = re.compile(r"\bfilename\*=(?:UTF-8|utf-8)''([^;\s]+)")


@dataclass(frozen=True)
class Part:
    """One file of a multipart body."""

    name: str
    filename: str
    mime_type: str
    content: bytes


@endpoints.platform("GET", "attachment/meta", anonymous=True)
def meta(ask: Ask) -> Response:
    """Whether files are allowed, and how big."""
    return ask.json({"enabled": True, "uploadLimit": ask.state.spec.upload_limit})


@endpoints.platform("POST", "issue/{key}/attachments")
def attach(ask: Ask) -> Response:
    """Add files: 200 with an array. Equal names stay separate files."""
    request = ask.call.request
    if request.headers.get("x-atlassian-token", "").lower() not in ("no-check", "nocheck"):
        return Response(403, {"Content-Type": "text/html;charset=UTF-8"}, b"XSRF check failed")
    issue = ask.issue()
    if not ask.caller.may("CREATE_ATTACHMENTS"):
        raise refuse(403, "You do not have permission to create attachments for this issue.")
    parts = [part for part in read_parts(request) if part.name == "file"]
    _check(ask, issue, parts)
    made = [_keep(ask, issue, part) for part in parts]
    return ask.json([ask.wire.attachment(attachment) for attachment in made])


def _check(ask: Ask, issue: Issue, parts: list[Part]) -> None:
    if not parts:
        raise refuse(400, "The multipart body holds no part named 'file'.")
    if len(parts) > FILES_PER_CALL:
        raise refuse(413, f"The maximum number of attachments in one request is {FILES_PER_CALL}.")
    limit = ask.state.spec.upload_limit
    for part in parts:
        if len(part.content) > limit:
            raise _too_large(part, limit)
    if len(issue.attachments) + len(parts) > ATTACHMENT_LIMIT:
        raise refuse(413, "The issue has reached the limit of 2000 attachments.")


def _too_large(part: Part, limit: int) -> Refusal:
    return refuse(413, f"The file '{part.filename}' exceeds its maximum permitted size of {limit} bytes.")


def _keep(ask: Ask, issue: Issue, part: Part) -> Attachment:
    state = ask.state
    attachment = Attachment(
        id=state.id("attachment"),
        media_id=str(uuid.uuid4()),
        issue=issue,
        author=ask.caller.person,
        filename=part.filename,
        mime_type=part.mime_type,
        content=part.content,
        created=state.now(),
    )
    state.attachments[attachment.id] = attachment
    state.media[attachment.media_id] = attachment
    issue.attachments.append(attachment)
    change = Change("Attachment", "attachment", False, None, None, attachment.id, attachment.filename)
    state.touch(issue, ask.caller.person, [change])
    state.notify(Notice("attachment_created", ask.caller.person, issue, attachment=attachment))
    return attachment


def read_parts(request: Request) -> list[Part]:
    """The files of a multipart body. Raises Refusal 415 for another kind of body."""
    kind = request.headers.get("content-type", "")
    boundary = _BOUNDARY.search(kind)
    if not kind.lower().startswith("multipart/form-data") or boundary is None:
        raise refuse(415, "Unsupported media type. Send multipart/form-data.")
    line = re.compile(rb"\r\n--" + re.escape(boundary.group(1).encode()) + rb"(?=\r\n|--\s*\Z)")
    chunks = line.split(b"\r\n" + request.body)[1:-1]
    parts: list[Part] = []
    for chunk in chunks:
        head, _, content = chunk.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        parts.append(_part(head.decode("utf-8", "replace"), content))
    return parts


def _part(head: str, content: bytes) -> Part:
    headers = {
        name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in head.split("\r\n"))
    }
    disposition = headers.get("content-disposition", "")
    star = _FILENAME_STAR.search(disposition)
    plain = _FILENAME.search(disposition)
    name = _NAME.search(disposition)
    filename = unquote(star.group(1)) if star else plain.group(1) if plain else "file"
    guessed = mimetypes.guess_type(filename)[0] or "application/octet-stream"
    return Part(name.group(1) if name else "", _unescaped(filename), headers.get("content-type") or guessed, content)


def _unescaped(name: str) -> str:
    return re.sub(r"\\(.)", r"\1", name).replace("%22", '"')


def _attachment(ask: Ask) -> Attachment:
    attachment = ask.state.attachments.get(ask.call["id"])
    if attachment is None or not ask.caller.may("BROWSE_PROJECTS"):
        raise refuse(404, f"The attachment with id '{ask.call['id']}' does not exist")
    return attachment


@endpoints.platform("GET", "attachment/{id}")
def get(ask: Ask) -> Response:
    """What a file is; its bytes are elsewhere. The id is a number here and a text in issues."""
    attachment = _attachment(ask)
    return ask.json({**ask.wire.attachment(attachment), "id": int(attachment.id)})


@endpoints.platform("DELETE", "attachment/{id}")
def delete(ask: Ask) -> Response:
    """Remove a file."""
    attachment = _attachment(ask)
    if not ask.caller.may("DELETE_ALL_ATTACHMENTS"):
        raise refuse(403, "You do not have permission to delete this attachment.")
    issue = attachment.issue
    issue.attachments.remove(attachment)
    del ask.state.attachments[attachment.id]
    del ask.state.media[attachment.media_id]
    change = Change("Attachment", "attachment", False, attachment.id, attachment.filename, None, None)
    ask.state.touch(issue, ask.caller.person, [change])
    ask.state.notify(Notice("attachment_deleted", ask.caller.person, issue, attachment=attachment))
    return empty_response(204)


@endpoints.platform("GET", "attachment/content/{id}")
def content(ask: Ask) -> Response:
    """A redirect to a signed address, or the bytes themselves when asked."""
    attachment = _attachment(ask)
    if not ask.flag("redirect", default=True):
        return _bytes(attachment)
    path = ask.service.files.path(attachment, now=ask.state.now())
    base = ask.service.base_url or ask.wire.base
    return empty_response(303, {"Location": base + path})


@endpoints.root("GET", "file/{media}/binary")
def signed_file(ask: Ask) -> Response:
    """The bytes behind a signed address; no credentials are asked, and none must be sent."""
    attachment = ask.state.media.get(ask.call["media"])
    signed = ask.service.files.is_valid(
        ask.call["media"],
        expires=ask.param("expires") or "",
        signature=ask.param("signature") or "",
        now=ask.state.now(),
    )
    if attachment is None or not signed:
        return ask.json({"error": {"code": "Forbidden", "title": "The token is not valid"}}, 403)
    return _bytes(attachment)


def _bytes(attachment: Attachment) -> Response:
    name = attachment.filename.replace('"', "'").encode("ascii", "replace").decode()
    headers = {"Content-Type": attachment.mime_type, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(200, headers, attachment.content)
