"""Building the calls that change an Azure DevOps project. Pure.

A work item is changed by a JSON Patch document; relations are removed by their index, which the revision protects
only in part: edits of links do not move it.
https://learn.microsoft.com/rest/api/azure/devops/wit/work-items/update
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from connectors.clients.azure_devops.wire.reading import API_VERSION, COMMENTS_VERSION, HEADERS
from connectors.clients.calls import Call, Effect, Upload, json_body, path_of

PATCH_TYPE: Final = "application/json-patch+json"
OCTETS: Final = "application/octet-stream"

Operation = dict[str, object]


def set_field(reference: str, value: object) -> Operation:
    """Give a field a value; an empty text clears it. Added tags would join those that are there."""
    verb = "replace" if reference == "System.Tags" else "add"
    return {"op": verb, "path": f"/fields/{reference}", "value": "" if value is None else value}


def set_format(reference: str, markup: str) -> Operation:
    """Say how a long text is written; refused without a value of that field in the same document."""
    return {"op": "add", "path": f"/multilineFieldsFormat/{reference}", "value": markup}


def test_revision(rev: int) -> Operation:
    """The document is refused (REVISION_CHANGED) when somebody else was faster."""
    return {"op": "test", "path": "/rev", "value": rev}


def add_relation(reference: str, url: str, *, comment: str = "", name: str = "") -> Operation:
    """A link, a file or a hyperlink."""
    attributes = {key: text for key, text in (("comment", comment), ("name", name)) if text}
    value: dict[str, object] = {"rel": reference, "url": url}
    if attributes:
        value["attributes"] = attributes
    return {"op": "add", "path": "/relations/-", "value": value}


def remove_relation(index: int) -> Operation:
    """The relation at that place of the item's list as it is now."""
    return {"op": "remove", "path": f"/relations/{index}"}


def create_item(project: str, type_name: str, operations: Sequence[Operation], *, quiet: bool) -> Call:
    """https://learn.microsoft.com/rest/api/azure/devops/wit/work-items/create"""
    template = "/{project}/_apis/wit/workitems/${type}"
    path = path_of(template, project=project, type=type_name)
    return _patch("POST", template, path, operations, quiet=quiet, effect=Effect.CREATE)


def update_item(project: str, item: int, operations: Sequence[Operation], *, quiet: bool, once: bool = False) -> Call:
    """`once` is for documents that must not be sent again on a guess: a second try would add a file twice, or remove
    what stands at the index by then.
    https://learn.microsoft.com/rest/api/azure/devops/wit/work-items/update"""
    effect = Effect.CREATE if once else Effect.IDEMPOTENT
    template = "/{project}/_apis/wit/workitems/{id}"
    path = path_of(template, project=project, id=item)
    return _patch("PATCH", template, path, operations, quiet=quiet, effect=effect)


def _patch(method: str, route: str, path: str, operations: Sequence[Operation], *, quiet: bool, effect: Effect) -> Call:
    """`suppressNotifications` keeps mails from being sent; it needs a right of its own."""
    query = [("$expand", "relations"), ("api-version", API_VERSION)]
    if quiet:
        query.insert(0, ("suppressNotifications", "true"))
    body = json_body(list(operations))
    return Call(method, path, route, effect, tuple(query), body, content_type=PATCH_TYPE, headers=HEADERS)


_COMMENTS: Final = "/{project}/_apis/wit/workItems/{id}/comments"
_COMMENT: Final = "/{project}/_apis/wit/workItems/{id}/comments/{comment}"


def get_comment(project: str, item: int, comment: str) -> Call:
    """https://learn.microsoft.com/rest/api/azure/devops/wit/comments/get-comment"""
    path = path_of(_COMMENT, project=project, id=item, comment=comment)
    return Call("GET", path, _COMMENT, query=(("api-version", COMMENTS_VERSION),), headers=HEADERS)


def add_comment(project: str, item: int, text: str, *, markup: str) -> Call:
    """https://learn.microsoft.com/rest/api/azure/devops/wit/comments/add-work-item-comment"""
    path = path_of(_COMMENTS, project=project, id=item)
    query = (("format", markup), ("api-version", COMMENTS_VERSION))
    return Call("POST", path, _COMMENTS, Effect.CREATE, query, json_body({"text": text}), headers=HEADERS)


def edit_comment(project: str, item: int, comment: str, text: str) -> Call:
    """It stays in the markup it was made in.
    https://learn.microsoft.com/rest/api/azure/devops/wit/comments/update-work-item-comment"""
    path = path_of(_COMMENT, project=project, id=item, comment=comment)
    query = (("api-version", COMMENTS_VERSION),)
    return Call("PATCH", path, _COMMENT, Effect.IDEMPOTENT, query, json_body({"text": text}), headers=HEADERS)


def delete_comment(project: str, item: int, comment: str) -> Call:
    """https://learn.microsoft.com/rest/api/azure/devops/wit/comments/delete"""
    path = path_of(_COMMENT, project=project, id=item, comment=comment)
    query = (("api-version", COMMENTS_VERSION),)
    return Call("DELETE", path, _COMMENT, Effect.IDEMPOTENT, query, headers=HEADERS)


_ATTACHMENTS: Final = "/{project}/_apis/wit/attachments"


def upload_file(project: str, name: str, upload: Callable[[], Upload]) -> Call:
    """A file in one piece. Uploading alone changes no item: it may be repeated.
    https://learn.microsoft.com/rest/api/azure/devops/wit/attachments/create"""
    query = (("fileName", name), ("api-version", API_VERSION))
    path = path_of(_ATTACHMENTS, project=project)
    return Call("POST", path, _ATTACHMENTS, Effect.IDEMPOTENT, query, upload=upload, headers=HEADERS)


def start_upload(project: str, name: str) -> Call:
    """Announce a file that comes in pieces."""
    query = (("fileName", name), ("uploadType", "chunked"), ("api-version", API_VERSION))
    path = path_of(_ATTACHMENTS, project=project)
    return Call("POST", path, _ATTACHMENTS, Effect.IDEMPOTENT, query, content_type=OCTETS, headers=HEADERS)


def upload_piece(project: str, guid: str, piece: bytes, *, start: int, size: int) -> Call:
    """The next piece of a file of `size` bytes. A piece whose answer was lost is not repeated: the file is begun anew.
    https://learn.microsoft.com/rest/api/azure/devops/wit/attachments/upload-attachment-chunk"""
    template = _ATTACHMENTS + "/{id}"
    span = f"bytes {start}-{start + len(piece) - 1}/{size}"
    query = (("uploadType", "chunked"), ("api-version", API_VERSION))
    return Call(
        "PUT",
        path_of(template, project=project, id=guid),
        template,
        Effect.CREATE,
        query,
        piece,
        content_type=OCTETS,
        headers={**HEADERS, "Content-Range": span},
    )
