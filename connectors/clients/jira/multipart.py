"""A file as the body of an upload, read from its source while it is sent."""

from __future__ import annotations

import mimetypes
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import IO, Protocol

from requests_toolbelt import MultipartEncoder

from connectors.clients.calls import Upload
from connectors.domain.errors import NotSent, Unclear
from connectors.domain.ports import FileContent

_CHUNK = 64 * 1024
_SPOOL_IN_MEMORY = 256 * 1024


class Readable(Protocol):
    """What the encoder needs of a part: bytes on demand and how many are left."""

    def read(self, size: int = -1) -> bytes: ...

    @property
    def len(self) -> int: ...


class SourceReader:
    """Reads a source's chunks as a file of known size. The encoder asks for `len` bytes and never for more.

    Raises NotSent when the source breaks off, ends early or goes on after its announced size: the request is then
    incomplete on purpose, and a server does not act upon an incomplete request.
    """

    def __init__(self, chunks: Iterator[bytes], size: int) -> None:
        self._chunks = chunks
        self._left = size
        self._held = b""

    @property
    def len(self) -> int:
        return self._left

    def read(self, size: int = -1) -> bytes:
        wanted = self._left if size < 0 else min(size, self._left)
        while len(self._held) < wanted:
            chunk = self._next()
            if not chunk:
                raise NotSent("The file ended before its announced size.", code="SOURCE_FILE_CHANGED")
            self._held += chunk
        if wanted == self._left and (len(self._held) > wanted or self._next()):
            raise NotSent("The file is longer than its announced size.", code="SOURCE_FILE_CHANGED")
        piece, self._held = self._held[:wanted], self._held[wanted:]
        self._left -= wanted
        return piece

    def _next(self) -> bytes:
        """The next chunk that holds anything, empty at the end."""
        try:
            return next((chunk for chunk in self._chunks if chunk), b"")
        except Unclear as error:
            raise NotSent(error.message, code=error.code, retry_after=error.retry_after) from error


class SpooledReader:
    """A spooled file that can be sent again."""

    def __init__(self, spool: IO[bytes], size: int) -> None:
        spool.seek(0)
        self._spool = spool
        self._left = size

    @property
    def len(self) -> int:
        return self._left

    def read(self, size: int = -1) -> bytes:
        piece = self._spool.read(size)
        self._left -= len(piece)
        return piece


def opened_upload(name: str, content: FileContent) -> AbstractContextManager[Callable[[], Upload]]:
    """A maker of upload bodies, one per try.

    A file of known size streams straight through; it can be read once, so a second try raises NotSent and the caller
    opens its source again. A file of unknown size goes through a temporary file first: the length must be announced.
    """
    if content.size is None:
        return _Spooled(name, content)
    return nullcontext(_Streamed(name, content, content.size))


class _Streamed:
    def __init__(self, name: str, content: FileContent, size: int) -> None:
        self._name = name
        self._content = content
        self._size = size
        self._used = False

    def __call__(self) -> Upload:
        if self._used:
            raise NotSent("The upload was put off; the file is read again from its source.", code="UPLOAD_PUT_OFF")
        self._used = True
        return encoded(self._name, SourceReader(iter(self._content), self._size))


class _Spooled:
    def __init__(self, name: str, content: FileContent) -> None:
        self._name = name
        self._content = content
        self._spool = tempfile.SpooledTemporaryFile(max_size=_SPOOL_IN_MEMORY)  # noqa: SIM115  # closed in __exit__

    def __enter__(self) -> Callable[[], Upload]:
        for chunk in self._content:
            self._spool.write(chunk)
        size = self._spool.tell()
        return lambda: encoded(self._name, SpooledReader(self._spool, size))

    def __exit__(self, *_: object) -> None:
        self._spool.close()


def encoded(name: str, part: Readable) -> Upload:
    """One part named `file`, as Jira wants it, in chunks of a readable size."""
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    encoder = MultipartEncoder({"file": (name, part, kind)})
    size: int = encoder.len
    return Upload(content_type=encoder.content_type, data=_chunks(encoder), size=size)


def _chunks(encoder: MultipartEncoder) -> Iterator[bytes]:
    while piece := encoder.read(_CHUNK):
        yield piece
