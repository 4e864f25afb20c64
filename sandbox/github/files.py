"""Images in texts: the short-lived signed addresses that `body_html` holds."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
import zlib

from sandbox.github.models import Asset

SIGNED_PATH = "/private-user-images"
LIFETIME = 300
_KEY = b"stand-in"


def signed_address(page: str, asset: Asset, *, now: float) -> str:
    """An address that opens an image for five minutes without a credential."""
    ends = int(now) + LIFETIME
    return f"{page}{SIGNED_PATH}/{asset.guid}?jwt={ends}.{_signature(asset.guid, ends)}"


def is_valid(guid: str, ticket: str, *, now: float) -> bool:
    """Whether a signed address is ours and has not ended."""
    ends, _, signature = ticket.partition(".")
    if not ends.isdigit() or int(ends) < now:
        return False
    return hmac.compare_digest(signature, _signature(guid, int(ends)))


def picture(seed: int) -> bytes:
    """A small PNG that differs by seed."""
    digest = hashlib.sha256(str(seed).encode()).digest()
    rows = b"".join(b"\0" + digest[line : line + 24] for line in range(8))
    header = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


def _signature(guid: str, ends: int) -> str:
    made = hmac.new(_KEY, f"{guid}:{ends}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made).decode().rstrip("=")
