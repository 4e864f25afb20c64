"""Log lines without secrets, as text or as one JSON object per line.

Redaction happens in the formatter, on the finished text: so it covers messages, arguments, and tracebacks alike, and
no logger can be added that escapes it.
"""

import json
import logging
import re
from datetime import UTC, datetime
from http import HTTPStatus

MASK = "********"

_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    # Authorization: Basic …, Bearer …, Token … (also as 'Authorization': 'Basic …')
    (re.compile(r"(?i)(authorization[\"']?\s*[:=]\s*[\"']?(?:basic|bearer|token)\s+)[^\s\"',;]+"), rf"\1{MASK}"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{12,}"), rf"\1 {MASK}"),
    # ?token=…, password=…, 'api_token': '…'
    (
        re.compile(
            r"(?i)\b([\w-]*(?:token|password|passwd|secret|apikey|api_key|ticket|personal_access_token|pat|alm_pass)"
            r"[\"']?\s*[:=]\s*[\"']?)(?!\*)[^\s\"'&,;})]+"
        ),
        rf"\1{MASK}",
    ),
    # https://user:password@host, redis://:password@host
    (re.compile(r"(\b[a-z][a-z0-9+.-]*://[^\s/:@]*:)[^\s/@]+@"), rf"\1{MASK}@"),
    # our own tokens and signed access tokens, wherever they stand
    (re.compile(r"\b(isth_[a-z]+_)[A-Za-z0-9_-]{8,}"), rf"\1{MASK}"),
    (re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+"), MASK),
)


def redact(text: str) -> str:
    """The text with everything that looks like a credential replaced by a mask."""
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text


def worth_a_line(record: logging.LogRecord) -> bool:
    """Not every probe of `/readyz` during a start: the answer itself says what is missing."""
    return getattr(record, "status_code", None) != HTTPStatus.SERVICE_UNAVAILABLE


class TextFormatter(logging.Formatter):
    """One readable line per record."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """Format, then redact."""
        return redact(super().format(record))


class JsonFormatter(logging.Formatter):
    """One JSON object per record: time, level, logger, message, and the traceback where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """Redact each text on its own, so that the object stays valid JSON."""
        line = {
            "time": datetime.fromtimestamp(record.created, tz=UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redact(record.getMessage()),
        }
        if record.exc_info:
            line["exception"] = redact(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)
