"""Single values as Jira writes them: times, keys, addresses, names."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime

SPRINT_NAME_LIMIT = 30
"""Longest sprint name `POST /rest/agile/1.0/sprint` takes."""

_MEDIA = re.compile(r"/file/([0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12})(?:[/?#]|$)")
_PAGE = re.compile(r"(?<=[^/:])/(?:jira|browse|secure|rest|wiki|projects|issues)(?:/.*)?$")
_ACCOUNT_ID = re.compile(r"(?:[0-9a-f]{24}|\d+:[0-9a-fA-F-]{36}|qm:[0-9a-fA-F:-]+)\Z")


def parse_time(value: object) -> datetime | None:
    """An aware UTC time, None when absent or unreadable.

    Issues carry milliseconds and an offset without a colon in the site's time zone, sprints UTC with `Z`,
    bulk tasks and some attachment answers epoch milliseconds: all name one instant and become UTC here.
    """
    if isinstance(value, bool) or not value:
        return None
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value / 1000, UTC)
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def format_time(moment: datetime) -> str:
    """A time as sprints take it: UTC with milliseconds and `Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def key_number(key: str, project_key: str) -> int | None:
    """The number of an item key of this project; None for another project's key (the item was moved)."""
    prefix, dash, digits = key.rpartition("-")
    if not dash or prefix != project_key or not digits.isascii() or not digits.isdigit():
        return None
    return int(digits)


def media_id_in(location: str) -> str | None:
    """The media-services id in the redirect of an attachment's content, the only place that tells it."""
    found = _MEDIA.search(location)
    return found.group(1).lower() if found else None


def looks_like_account_id(text: str) -> bool:
    """Whether a text has the form of an Atlassian account id, old (24 hex digits) or new (`site:uuid`)."""
    return _ACCOUNT_ID.match(text) is not None


def fit_sprint_name(name: str) -> str:
    """A sprint name within the limit. A longer one keeps its start and gets a digest of the whole, so that
    two long names with one beginning stay two and the same name always becomes the same."""
    tidy = " ".join(name.split())
    if len(tidy) <= SPRINT_NAME_LIMIT:
        return tidy
    digest = hashlib.sha256(tidy.encode()).hexdigest()[:5]
    return f"{tidy[: SPRINT_NAME_LIMIT - 7].rstrip()}… {digest}"


def quote_jql(text: str) -> str:
    """A value as a JQL string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def site_address(text: str) -> str:
    """A site's base address from what people paste: with or without scheme, or the address of a page on it."""
    trimmed = text.strip()
    if trimmed and "://" not in trimmed:
        trimmed = f"https://{trimmed}"
    trimmed = re.split(r"[?#]", trimmed, maxsplit=1)[0]
    return _PAGE.sub("", trimmed).rstrip("/")
