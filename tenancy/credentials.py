"""Texts people and programs sign in with: making them, and the keyed digests that are stored instead."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from django.conf import settings

PREFIXES = {
    "token": "isth_token_",
    "apikey": "isth_apikey_",
    "refresh": "isth_refresh_",
    "invitation": "isth_invitation_",
}
SHOWN = 6  # characters after the prefix that may be stored to recognise a token by


def new_secret(kind: str) -> str:
    """A fresh text of 256 bits. The prefix lets people and secret scanners recognise a leaked one."""
    return PREFIXES[kind] + secrets.token_urlsafe(32)


def shown_prefix(kind: str, secret: str) -> str:
    """The beginning that may be stored and shown."""
    return secret[: len(PREFIXES[kind]) + SHOWN][:20]


def digest(purpose: str, text: str) -> str:
    """A keyed digest: without SECRET_KEY a stolen table says nothing, and one purpose's digest fits no other."""
    return hmac.new(signing_key(purpose).encode(), text.encode(), hashlib.sha256).hexdigest()


def signing_key(purpose: str) -> str:
    """A key of its own per purpose, derived from SECRET_KEY."""
    return hmac.new(settings.SECRET_KEY.encode(), f"isthmus.{purpose}".encode(), hashlib.sha256).hexdigest()
