"""Single values as GitHub writes them: times, addresses, and what an answer left out of what was sent. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import unquote, urlsplit

from connectors.clients.calls import path_of
from connectors.clients.github.wire.payloads import Issue, Label, NewIssue, User

CLOUD_API = "https://api.github.com"
CLOUD_SITE = "https://github.com"
_API_PATHS = re.compile(r"/api(?:/v3|/uploads)?$")
_ISSUE_ADDRESS = re.compile(r"/(?:repos/([^/]+)/([^/]+)|repositories/(\d+))/issues/(\d+)$")
_IMAGE_HOSTS = ("user-images.githubusercontent.com", "private-user-images.githubusercontent.com")
_UPLOAD_PATH = re.compile(r"^/(?:user-attachments|[^/]+/[^/]+)/(?:assets|files)/(?P<rest>.+)$")
_GUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RepoName:
    """A repository as addresses name it."""

    owner: str
    name: str

    @property
    def full(self) -> str:
        return f"{self.owner}/{self.name}"

    @property
    def path(self) -> str:
        """Where its resources begin."""
        return path_of("/repos/{owner}/{repo}", owner=self.owner, repo=self.name)


def api_address(text: str) -> str:
    """The address of an API. People paste what their browser shows: github.com stands for the cloud's API, and an
    Enterprise Server without a path has its API below `/api/v3`. Addresses without TLS are taken as they are.

    https://docs.github.com/enterprise-server/rest/quickstart
    """
    address = text.strip().rstrip("/") or CLOUD_API
    parts = urlsplit(address)
    host = (parts.hostname or "").lower()
    if host in ("github.com", "www.github.com", "api.github.com"):
        return CLOUD_API
    if host.endswith(".ghe.com") and not host.startswith("api."):
        return f"{parts.scheme}://api.{parts.netloc}"
    if parts.scheme == "https" and parts.path in ("", "/") and not host.startswith("api."):
        return f"{address}/api/v3"
    return address


def site_address(api: str) -> str:
    """Where people open what an API address serves."""
    parts = urlsplit(api)
    host = parts.hostname or ""
    if host == "api.github.com":
        return CLOUD_SITE
    if host.startswith("api.") and host.endswith(".ghe.com"):
        return f"{parts.scheme}://{parts.netloc[len('api.') :]}"
    return f"{parts.scheme}://{parts.netloc}{_API_PATHS.sub('', parts.path)}"


def parse_time(value: object) -> datetime | None:
    """An aware UTC time, None when absent or unreadable."""
    if not isinstance(value, str) or not value:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def format_time(moment: datetime) -> str:
    """UTC to the second, as every parameter wants it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def token_end(headers: Mapping[str, str]) -> datetime | None:
    """When the token of an answered request ends.
    https://docs.github.com/rest/authentication/authenticating-to-the-rest-api"""
    told = headers.get("github-authentication-token-expiration", "").removesuffix(" UTC").strip()
    return parse_time(f"{told}+00:00" if told and not re.search(r"[+-]\d{4}$", told) else told.replace(" -", "-"))


def label_names(labels: Iterable[Label | str]) -> tuple[str, ...]:
    """Labels are objects, and plain names in old answers."""
    return tuple(label if isinstance(label, str) else str(label.get("name") or "") for label in labels)


def is_pull(issue: Issue) -> bool:
    """Pull requests are in every list of issues. Answers of 2012 carry the member, with nothing in it, on issues too.
    https://docs.github.com/rest/issues/issues#list-repository-issues"""
    pull = issue.get("pull_request") or {}
    return any(pull.values())


def login_of(user: User | None) -> str:
    """A login, nothing for an account that was deleted."""
    return str((user or {}).get("login") or "")


def number_in(address: object) -> int | None:
    """The issue number at the end of an API address."""
    match = _ISSUE_ADDRESS.search(address) if isinstance(address, str) else None
    return int(match.group(4)) if match else None


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that somebody put into a text. `id` is stable however the address is signed."""

    id: str
    name: str


def upload_of(address: str, *, site: str) -> Upload | None:
    """The uploaded file behind an address in a text, None for any other address. The same picture has three forms:
    `{site}/user-attachments/assets/{guid}`, older ones with the repository before `assets`, and addresses on
    githubusercontent.com, signed ones for private repositories."""
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return None
    path = unquote(parts.path)
    if parts.netloc.lower() not in _IMAGE_HOSTS:
        match = _UPLOAD_PATH.match(path) if parts.netloc.lower() == urlsplit(site).netloc.lower() else None
        path = match["rest"] if match else ""
    name = path.rpartition("/")[2]
    if not name:
        return None
    guid = _GUID.search(path)
    return Upload(guid.group().lower() if guid else path.strip("/"), name)


def dropped_fields(sent: NewIssue, made: Issue) -> Mapping[str, str]:
    """What of a create or an edit GitHub left out without a word, by field.

    Without push access labels, assignees and milestone are dropped; people who cannot be assigned always are.
    https://docs.github.com/rest/issues/issues#create-an-issue
    """
    found: dict[str, str] = {}
    standing = {name.casefold() for name in label_names(made.get("labels") or ())}
    labels = [name for name in sent.get("labels", ()) if name.casefold() not in standing]
    if labels:
        found["labels"] = f"GitHub did not take the labels {', '.join(labels)}"
    people = {login_of(user).casefold() for user in (*(made.get("assignees") or ()), made.get("assignee"))}
    assignees = [login for login in sent.get("assignees", ()) if login.casefold() not in people]
    if assignees:
        found["assignee"] = f"GitHub did not assign {', '.join(assignees)}"
    milestone = sent.get("milestone")
    if milestone is not None and (made.get("milestone") or {}).get("number") != milestone:
        found["milestone"] = f"GitHub did not put the issue into milestone {milestone}"
    kind = sent.get("type")
    if kind and str((made.get("type") or {}).get("name") or "").casefold() != kind.casefold():
        found["type"] = f"GitHub did not give the issue the type {kind}"
    if sent.get("state") and made.get("state") != sent["state"]:
        found["state"] = f"GitHub left the issue {made.get('state')}"
    return found
