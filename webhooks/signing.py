"""The signature of a delivery, over the raw body, so that a receiver can check it before parsing anything."""

from __future__ import annotations

import hashlib
import hmac
import secrets

SIGNATURE_HEADER = "X-Isthmus-Signature-256"
DELIVERY_HEADER = "X-Isthmus-Delivery"
EVENT_HEADER = "X-Isthmus-Event"
SHORTEST_SECRET = 16


def new_secret() -> str:
    """A fresh secret of 256 bits."""
    return "isth_webhook_" + secrets.token_urlsafe(32)


def signature(secret: str, body: bytes) -> str:
    """`sha256=` and the HMAC of the body in hexadecimal."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
