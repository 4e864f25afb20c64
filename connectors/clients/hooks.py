"""What the wire halves share in checking requests that platforms send to us."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac


class HookRefused(Exception):
    """A request that its platform did not send as it is, or that cannot be read. `message` holds no secret."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def check_signature(secret: str, told: str, body: bytes) -> None:
    """That `told` is `sha256=` and the HMAC of the raw body under the secret. Raises HookRefused."""
    if not secret:
        raise HookRefused("No secret is set to check the signature with.")
    wanted = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(wanted.encode(), told.strip().lower().encode()):
        raise HookRefused("The signature is missing or wrong.")


def check_password(secret: str, authorization: str) -> None:
    """That an Authorization header holds the secret as the password of HTTP Basic, whatever the user name. Raises
    HookRefused."""
    if not secret:
        raise HookRefused("No secret is set to compare the password with.")
    if not hmac.compare_digest(_password(authorization).encode(), secret.encode()):
        raise HookRefused("The password is missing or wrong.")


def _password(authorization: str) -> str:
    scheme, _, encoded = authorization.strip().partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return ""
    return decoded.partition(":")[2]
