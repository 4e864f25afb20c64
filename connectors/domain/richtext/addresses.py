"""Addresses inside texts: which may become links, which name work items, what file they mean."""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qs, unquote, unquote_to_bytes, urlsplit

# What Jira's editor accepts as the target of a link and a browser can follow without running anything.
SAFE_SCHEMES = frozenset(
    {"http", "https", "ftp", "ftps", "mailto", "tel", "sip", "skype", "callto", "facetime", "irc", "onenote"}
)
SHOWN_ADDRESS_LIMIT = 200

_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):")
_IGNORED_BY_BROWSERS = re.compile(r"[\x00-\x1f\x7f]+")
_UNSAFE_IN_ADDRESS = re.compile(r"[\s<>\"`{}|\\^\x80-\xa0\u2028\u2029]")
_HOST = re.compile(r"^[^\s/@\[\]<>\"]+$|^\[[0-9a-fA-F:.]+\]$")
_ITEM_PATHS = re.compile(
    r"/_workitems(?:/edit/|/?\?(?:[^#\s]*&)?id=)(\d{1,10})(?=$|[/?#&])"
    r"|^vstfs:///WorkItemTracking/WorkItem/(\d{1,10})$",
    re.IGNORECASE,
)
_GITHUB_ITEM_PATH = re.compile(r"^/[^/]+/[^/]+/(?:issues|pull)/(\d{1,10})(?:[/?#].*)?$")


@lru_cache(maxsize=4096)
def usable_href(address: str) -> str | None:
    """The address as a link may hold it, or None when it cannot or must not be followed.

    Browsers ignore tabs and line feeds inside an address, so `java\\nscript:` is judged without them.
    Relative addresses mean nothing outside the page they were written for.
    """
    cleaned = _IGNORED_BY_BROWSERS.sub("", address).strip()
    if cleaned.lower().startswith("www."):
        cleaned = "https://" + cleaned
    scheme = _SCHEME.match(cleaned)
    if scheme is None or scheme.group(1).lower() not in SAFE_SCHEMES:
        return None
    if scheme.group(1).lower() in {"http", "https", "ftp", "ftps"} and not _has_host(cleaned):
        return None
    if len(cleaned) == scheme.end():
        return None
    return _UNSAFE_IN_ADDRESS.sub(_percent_encoded, cleaned)


def _has_host(address: str) -> bool:
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        return False
    return bool(parts.netloc) and bool(_HOST.match(host))


def _percent_encoded(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match.group().encode())


def shown_address(address: str) -> str:
    """An address that is not linked, as it is shown beside its text."""
    cleaned = " ".join(_IGNORED_BY_BROWSERS.sub("", address).split())
    if len(cleaned) <= SHOWN_ADDRESS_LIMIT:
        return cleaned
    return cleaned[: SHOWN_ADDRESS_LIMIT - 1] + "…"


def item_of_address(address: str, source_addresses: tuple[str, ...]) -> int | None:
    """The work item (or GitHub issue) that an address names, if it belongs to the source.

    GitHub's addresses are only read when the source is named: they look like any other page.
    """
    known = not source_addresses or address.lower().startswith(tuple(p.lower() for p in source_addresses))
    local = address.lower().startswith("vstfs:") or (address.startswith("/") and not address.startswith("//"))
    if not known and not local:
        return None
    match = _ITEM_PATHS.search(address)
    if match:
        return int(match.group(1) or match.group(2))
    if source_addresses and known:
        return _github_item(address)
    return None


def _github_item(address: str) -> int | None:
    try:
        path = urlsplit(address).path
    except ValueError:
        return None
    match = _GITHUB_ITEM_PATH.match(path)
    return int(match.group(1)) if match else None


@dataclass(frozen=True, slots=True)
class EmbeddedFile:
    """A file that a `data:` address carries."""

    name: str
    content_type: str
    data: bytes


_DATA_ADDRESS = re.compile(r"\s*data:([\w.+-]+/[\w.+-]+)?((?:;[\w.+-]+(?:=[^;,]*)?)*),", re.IGNORECASE)


def embedded_file(address: str) -> EmbeddedFile | None:
    """The file inside a `data:` address, or None when the address is none or is damaged."""
    match = _DATA_ADDRESS.match(address)
    if match is None:
        return None
    content_type = (match.group(1) or "text/plain").lower()
    payload = address[match.end() :]
    data = _decoded(payload) if ";base64" in match.group(2).lower() else unquote_to_bytes(payload)
    if not data:
        return None
    digest = hashlib.sha256(data).hexdigest()[:16]
    extension = content_type.partition("/")[2].partition("+")[0].replace("jpeg", "jpg")
    return EmbeddedFile(f"image-{digest}.{extension}", content_type, data)


def _decoded(payload: str) -> bytes | None:
    compact = "".join(unquote(payload).split())
    try:
        return base64.b64decode(compact + "=" * (-len(compact) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def filename_of(address: str) -> str:
    """The file name that an address suggests: its `fileName` parameter, else its last path segment."""
    try:
        parts = urlsplit(address)
        named = {key.lower(): values for key, values in parse_qs(parts.query).items()}.get("filename")
    except ValueError:
        return "image"
    if named:
        return named[0]
    segment = unquote(parts.path.rstrip("/").rpartition("/")[2])
    return segment or "image"


def is_azure_devops(address: str) -> bool:
    """Whether an address leads to a file that only people signed in to Azure DevOps can read."""
    try:
        parts = urlsplit(address.strip())
        host = (parts.hostname or "").lower()
    except ValueError:
        return True
    hosted = host == "dev.azure.com" or host.endswith((".dev.azure.com", ".visualstudio.com"))
    return hosted or "/_apis/" in parts.path.lower() or "attachmenthandler" in parts.path.lower()
