"""Short-lived signed addresses of attachment bytes.

``GET /attachment/content/{id}`` redirects to one; whoever has it may download without credentials, for a
few minutes. The UUID in its path is what media nodes of rich text want.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from sandbox.jira.records import Attachment

LIFETIME = 600


class SignedFiles:
    """Signs and checks addresses with a key of its own."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    def path(self, attachment: Attachment, *, now: float) -> str:
        """A path with its expiry and signature."""
        expires = int(now) + LIFETIME
        signature = self._sign(attachment.media_id, expires)
        return f"/file/{attachment.media_id}/binary?expires={expires}&signature={signature}"

    def is_valid(self, media_id: str, *, expires: str, signature: str, now: float) -> bool:
        """Whether an address was signed here and is still good."""
        if not expires.isdigit() or now > int(expires):
            return False
        return hmac.compare_digest(self._sign(media_id, int(expires)), signature)

    def _sign(self, media_id: str, expires: int) -> str:
        return hmac.new(self._key, f"{media_id}:{expires}".encode(), hashlib.sha256).hexdigest()
