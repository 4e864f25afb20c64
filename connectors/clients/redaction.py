"""Keeping credentials out of every text that leaves a client: messages, logs, stored reasons.

Two nets: the exact secrets somebody told us (`Redactor.add`), in every encoding in which they travel, and patterns
that catch what nobody told us. Applied by the clients before they raise, and once more by a logging filter.
"""

from __future__ import annotations

import base64
import html
import logging
import re
import threading
from collections.abc import Iterable

MASK = "********"
SHORTEST_SECRET = 6
"""Shorter texts are not masked by value: they would blot out ordinary words."""

_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(r"(?i)\b(basic|bearer|token|apikey)(\s+|\s*[:=]\s*)[\"']?[A-Za-z0-9+/=_.~-]{12,}[\"']?"),
        rf"\1\2{MASK}",
    ),
    (
        re.compile(
            r"(?i)([?&;](?:access_?token|refresh_?token|token|api_?key|apikey|pat|password|secret|sig|signature|ticket"
            r"|client_secret|x-amz-(?:signature|credential|security-token))=)[^&\s\"'<>#]+"
        ),
        rf"\1{MASK}",
    ),
    (
        re.compile(
            r"(?i)([\"']?(?:authorization|x-api-key|apikey|api_token|personal_access_token|password|access_token|pat)[\"']?"
            r"\s*[:=]\s*[\"']?)(?!basic\b|bearer\b|token\b)[^\s\"',;}&]{6,}"
        ),
        rf"\1{MASK}",
    ),
    (re.compile(r"(?i)(https?://)[^/\s:@]*:[^/\s@]+@"), rf"\1{MASK}@"),
    (re.compile(r"\bATATT[A-Za-z0-9_\-=+/.]{20,}"), MASK),
    (re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,})"), MASK),
    (re.compile(r"\b[A-Za-z0-9]{52}\b|\b[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}\b"), MASK),
    (re.compile(r"\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]*"), MASK),
)
"""Authorization values, secret query parameters, secret members, user info in URLs, Atlassian API tokens, GitHub
tokens, Azure DevOps PATs (52 characters, or 84 with their marker), JSON web tokens."""


class Redactor:
    """Masks known secrets and whatever looks like one. Safe to share between threads."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._lock = threading.Lock()
        self._forms: frozenset[str] = frozenset()
        self._known: re.Pattern[str] | None = None
        self.add(*secrets)

    def add(self, *secrets: str) -> None:
        """Remember secrets with the forms in which they travel: plain and in a Basic header, and either of them with
        any of its signs percent-encoded or escaped for JSON or HTML."""
        forms = {form for secret in secrets if len(secret) >= SHORTEST_SECRET for form in _forms_of(secret)}
        if not forms:
            return
        with self._lock:
            self._forms |= forms
            longest_first = sorted(self._forms, key=len, reverse=True)
            self._known = re.compile("|".join(_spellings(form) + _PADDING for form in longest_first))

    def scrub(self, text: str) -> str:
        """The text without credentials."""
        if self._known is not None:
            text = self._known.sub(MASK, text)
        for pattern, replacement in _PATTERNS:
            text = pattern.sub(replacement, text)
        return text

    def scrub_error(self, error: BaseException) -> str:
        """What an exception says, without credentials; its type's name when it says nothing."""
        return self.scrub(str(error)) or type(error).__name__


class RedactingFilter(logging.Filter):
    """Scrubs a record's message, its arguments and its traceback before any handler formats it."""

    def __init__(self, redactor: Redactor | None = None) -> None:
        super().__init__()
        self._redactor = redactor or Redactor()
        self._formatter = logging.Formatter()

    def filter(self, record: logging.LogRecord) -> bool:
        """Always lets the record pass, changed where it has to be."""
        record.msg = self._redactor.scrub(record.getMessage())
        record.args = ()
        if record.exc_info and not record.exc_text:
            record.exc_text = self._formatter.formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = self._redactor.scrub(record.exc_text)
        return True


_PADDING = "(?:=|%3[Dd])*"
"""Of base64; some repeat a text without it."""


def _forms_of(secret: str) -> set[str]:
    in_header = base64.b64encode(f":{secret}".encode()).decode()
    return {secret.rstrip("=") or secret, in_header.rstrip("=")}


def _spellings(form: str) -> str:
    """A pattern for the text with each of its signs in any encoding; letters and digits stay as they are."""
    return "".join(each if each.isascii() and each.isalnum() else _sign(each) for each in form)


def _sign(sign: str) -> str:
    percent = "".join(f"%{byte:02X}" for byte in sign.encode(errors="surrogatepass"))
    alternatives = [
        re.escape(sign),
        f"(?i:{percent})",
        rf"\\(?i:u{ord(sign):04x})",
        rf"\\{re.escape(sign)}",
        f"&#{ord(sign)};",
        f"(?i:&#x{ord(sign):x};)",
        re.escape(html.escape(sign)),
    ]
    return f"(?:{'|'.join([*alternatives, *([re.escape('+')] if sign == ' ' else [])])})"
