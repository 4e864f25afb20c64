"""Contents of files nobody uploaded: the same bytes for the same seed, made when asked for."""

from __future__ import annotations

import random
import struct
import zlib

from sandbox.ado.model import Attachment

_SENTENCES = (
    "The crossing left on time.", "Two passengers asked for a refund.", "The ramp sensor reported a fault.",
    "Tide and wind were within limits.", "The queue at gate four was long.", "A crew change delayed boarding.",
)  # fmt: skip


def content_of(attachment: Attachment) -> bytes:
    """The bytes of a file, exactly as many as its size says."""
    if attachment.content is not None:
        return attachment.content
    suffix = attachment.name.rpartition(".")[2].lower()
    if suffix in ("txt", "log", "csv", "md", "json"):
        return _text(attachment.seed, attachment.size)
    return random.Random(attachment.seed).randbytes(attachment.size)


def png(seed: str, *, width: int = 96, height: int = 64) -> bytes:
    """A small valid picture: coloured tiles."""
    dice = random.Random(seed)
    palette = [bytes(dice.randrange(256) for _ in range(3)) for _ in range(6)]
    rows = []
    for y in range(height):
        row = b"".join(palette[(x // 16 + y // 16 * 3) % 6] for x in range(width))
        rows.append(b"\x00" + row)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"".join(rows))
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _text(seed: str, size: int) -> bytes:
    dice = random.Random(seed)
    lines: list[str] = []
    length = 0
    while length < size:
        line = f"{len(lines):05d} {dice.choice(_SENTENCES)}\n"
        lines.append(line)
        length += len(line)
    return "".join(lines).encode()[:size]
