"""What people paste as a server: the whole address from a browser, taken apart into the form's own fields."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from connectors.domain.forms.parameters import CONTEXT_ROOT, METHOD, OWNER, PROJECT, SERVER
from connectors.domain.systems import SystemId

_AZURE_CLOUD = "dev.azure.com"
_GITHUB_CLOUD = ("github.com", "www.github.com")


def taken_apart(system: SystemId, values: Mapping[str, str]) -> dict[str, str]:
    """The values with an address in the server's place spread over the fields it names. A field that was filled in
    keeps what stands there, and a plain host name changes nothing."""
    text = values.get(SERVER, "").strip()
    if "/" not in text:
        return dict(values)
    try:
        parts = urlsplit(text if "://" in text else f"//{text}")
    except ValueError:
        return dict(values)  # no address: the field's own check says so
    if not parts.netloc:
        return dict(values)
    found = {SERVER: parts.netloc}
    if parts.scheme:
        found[METHOD] = parts.scheme
    segments = [unquote(segment) for segment in parts.path.split("/") if segment]
    named = {**_by_path(system, parts.netloc.lower(), segments)}
    if named.pop(SERVER, ""):
        found[SERVER] = "api.github.com"
    return {**values, **found, **{name: text for name, text in named.items() if not values.get(name)}}


def _by_path(system: SystemId, host: str, segments: list[str]) -> dict[str, str]:
    if system is SystemId.AZURE_DEVOPS:
        if host.endswith(".visualstudio.com"):
            return _named((PROJECT,), segments)
        return _named((CONTEXT_ROOT, PROJECT), segments)
    if system is SystemId.GITHUB and host in _GITHUB_CLOUD:
        return {SERVER: host, **_named((OWNER, PROJECT), segments)}
    if system is SystemId.JIRA and host.endswith(".atlassian.net"):
        return _named((PROJECT,), segments[segments.index("projects") + 1 :]) if "projects" in segments else {}
    return {CONTEXT_ROOT: "/".join(segments)} if segments else {}


def _named(names: tuple[str, ...], segments: list[str]) -> dict[str, str]:
    """The first segments by name; what begins with `_` is a page of the platform, no name."""
    return {name: segment for name, segment in zip(names, segments, strict=False) if not segment.startswith("_")}
