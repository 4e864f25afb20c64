"""Verbs that change a project: items, comments, files."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from typing import IO

from connectors.clients.azure_devops.answers import Code, read_json
from connectors.clients.azure_devops.session import AzureDevOpsSession
from connectors.clients.azure_devops.values import Json, as_text
from connectors.clients.azure_devops.wire import writing
from connectors.clients.azure_devops.wire.writing import Operation
from connectors.clients.calls import Call, Upload
from connectors.domain.errors import AccessLost, Missing, NotSent, PlatformError, Refused, Unclear
from connectors.domain.ports import FileContent

CHUNK_FROM = 100 * 1024 * 1024
"""Files from this size on go in pieces: one request takes 130 MB at most.
https://learn.microsoft.com/rest/api/azure/devops/wit/attachments/create"""
PIECE = 16 * 1024 * 1024
_BLOCK = 64 * 1024
_IN_MEMORY = 256 * 1024


class WriteVerbs(AzureDevOpsSession):
    """Writes ask the service to send no notifications while the token has the right to that."""

    _quiet = True

    def create_item(self, project: str, type_name: str, operations: Sequence[Operation]) -> Json:
        """The new item. Raises Unclear when it may exist, Refused (RULE_BROKEN, FIELD_UNKNOWN, PATH_INVALID)."""
        return self._change(lambda quiet: writing.create_item(project, type_name, operations, quiet=quiet))

    def update_item(self, project: str, item: int, operations: Sequence[Operation], *, once: bool = False) -> Json:
        """The changed item with its relations. Raises Missing, and Refused as `create_item` and REVISION_CHANGED; with
        `once` Unclear as soon as one try has no answer."""
        return self._change(lambda quiet: writing.update_item(project, item, operations, quiet=quiet, once=once))

    def _change(self, make: Callable[[bool], Call]) -> Json:
        """Quietly, else loudly: keeping notifications back is a permission that few tokens have."""
        if not self._quiet:
            return self._ask(make(False), read_json)
        try:
            return self._ask(make(True), read_json)
        except (Refused, AccessLost) as error:
            if not _is_about_notifications(error):
                raise
        self._quiet = False
        return self._ask(make(False), read_json)

    # comments

    def get_comment(self, project: str, item: int, comment: str) -> Json:
        """Raises Missing for a deleted or unknown one."""
        return self._ask(writing.get_comment(project, item, comment), read_json)

    def add_comment(self, project: str, item: int, text: str, *, markup: str) -> Json:
        """The new comment. Raises Unclear when it may exist."""
        return self._ask(writing.add_comment(project, item, text, markup=markup), read_json)

    def edit_comment(self, project: str, item: int, comment: str, text: str) -> None:
        self._ask(writing.edit_comment(project, item, comment, text), read_json)

    def delete_comment(self, project: str, item: int, comment: str) -> None:
        """One that is gone is fine."""
        try:
            self._ask(writing.delete_comment(project, item, comment), read_json)
        except Missing:
            return

    # files

    def upload_file(
        self, project: str, name: str, content: FileContent, *, chunk_from: int = CHUNK_FROM, piece: int = PIECE
    ) -> str:
        """The address of a stored file, which belongs to no item yet; it goes through a temporary file, so that its
        length is known and a try can be repeated. Raises Refused (ATTACHMENT_TOO_LARGE)."""
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as spool:
            size = _copy(content, spool)
            if size >= chunk_from:
                return self._in_pieces(project, name, spool, size=size, piece=piece)
            call = writing.upload_file(project, name, lambda: _upload(spool, size))
            return as_text(self._ask(call, read_json).get("url"))

    def _in_pieces(self, project: str, name: str, spool: IO[bytes], *, size: int, piece: int) -> str:
        begun = self._ask(writing.start_upload(project, name), read_json)
        guid = as_text(begun.get("id"))
        spool.seek(0)
        start = 0
        while data := spool.read(piece):
            try:
                self._ask(writing.upload_piece(project, guid, data, start=start, size=size), read_json)
            except Unclear as error:
                # The file belongs to no item: whatever became of it, it is begun anew.
                raise NotSent(error.message, code=error.code, retry_after=error.retry_after) from None
            start += len(data)
        return as_text(begun.get("url"))


def _is_about_notifications(error: PlatformError) -> bool:
    """Whether a refusal names the right to keep notifications back."""
    refused = error.code in (Code.PERMISSION_MISSING, Code.REFUSED)
    return refused and "notification" in error.message.lower()


def _copy(content: FileContent, spool: IO[bytes]) -> int:
    """Fill the temporary file. Raises NotSent when the source gives another length than it announced."""
    for chunk in content:
        spool.write(chunk)
    size = spool.tell()
    if content.size is not None and size != content.size:
        raise NotSent("The file has another length than was announced.", code="SOURCE_FILE_CHANGED")
    return size


def _upload(spool: IO[bytes], size: int) -> Upload:
    spool.seek(0)
    return Upload(writing.OCTETS, _blocks(spool), size)


def _blocks(spool: IO[bytes]) -> Iterator[bytes]:
    while block := spool.read(_BLOCK):
        yield block
