"""Files: download, upload in one piece, upload in chunks.

https://learn.microsoft.com/rest/api/azure/devops/wit/attachments
"""

from __future__ import annotations

import re
from urllib.parse import quote

from sandbox.ado import errors
from sandbox.ado.blobs import content_of
from sandbox.ado.exchange import Exchange
from sandbox.ado.routes.registry import ORG_AND_PROJECT, Endpoints
from sandbox.http import Response

endpoints = Endpoints()

SIZE_LIMIT = 60 * 1024 * 1024
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)$")


@endpoints.on("GET", "wit/attachments/{file}", ORG_AND_PROJECT)
def download(exchange: Exchange) -> Response:
    guid = exchange.call["file"].lower()
    attachment = exchange.org.attachments.get(guid)
    if attachment is None:
        raise errors.attachment_not_found(guid)
    name = exchange.text("fileName") or attachment.name
    headers = {
        "Content-Type": "application/octet-stream",
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
    }
    return Response(200, headers, content_of(attachment))


@endpoints.on("POST", "wit/attachments", ORG_AND_PROJECT)
def upload(exchange: Exchange) -> Response:
    name = exchange.text("fileName") or "file"
    if exchange.text("uploadType").lower() == "chunked":
        guid = exchange.org.add_file(name, content=b"").id
        exchange.org.uploading[guid] = bytearray()
        return exchange.json(_reference(exchange, guid, name), 202)
    sent = exchange.request.headers.get("Content-Type", "application/octet-stream").partition(";")[0]
    if sent not in ("application/octet-stream", "text/plain"):
        raise errors.ApiError(415, "VssServiceException", f"The Content-Type {sent} is not supported for this method.")
    body = exchange.request.body
    if len(body) > SIZE_LIMIT:
        raise errors.attachment_too_large(SIZE_LIMIT)
    attachment = exchange.org.add_file(name, content=body)
    return exchange.json(_reference(exchange, attachment.id, name), 201)


@endpoints.on("PUT", "wit/attachments/{file}", ORG_AND_PROJECT)
def upload_chunk(exchange: Exchange) -> Response:
    guid = exchange.call["file"].lower()
    pending = exchange.org.uploading.get(guid)
    if pending is None:
        raise errors.attachment_not_found(guid)
    found = _RANGE.match(exchange.request.headers.get("Content-Range", ""))
    if found is None or int(found.group(1)) != len(pending):
        raise errors.bad_request("The Content-Range of the chunk does not follow what was sent before.")
    pending += exchange.request.body
    if len(pending) < int(found.group(3)):
        return exchange.json(_reference(exchange, guid, ""), 200)
    name = exchange.org.attachments[guid].name
    exchange.org.add_file(name, content=bytes(pending), guid=guid)
    del exchange.org.uploading[guid]
    return exchange.json(_reference(exchange, guid, name), 201)


def _reference(exchange: Exchange, guid: str, name: str) -> dict[str, object]:
    url = exchange.url("_apis", "wit", "attachments", guid)
    return {"id": guid, "url": f"{url}?fileName={quote(name)}" if name else url}
