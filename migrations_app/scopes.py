"""Which ledger a run writes to: both ends as addresses in one normal form, whoever spelled them."""

from __future__ import annotations

from typing import Protocol
from urllib.parse import urlsplit

from connectors.domain.systems import Access

_AZURE_DEVOPS = "dev.azure.com"
_OLD_AZURE_DEVOPS = ".visualstudio.com"


def organization_name(server: str) -> str:
    """The organization's name out of `contoso`, `https://dev.azure.com/contoso` or `https://contoso.visualstudio.com`."""
    parts = urlsplit(server if "://" in server else f"//{server}")
    host = parts.hostname or ""
    if host.endswith(_OLD_AZURE_DEVOPS):
        return host.removesuffix(_OLD_AZURE_DEVOPS)
    segments = [segment for segment in parts.path.split("/") if segment]
    return segments[-1] if segments else parts.netloc


def organization_of(*, owner: str, server: str) -> str:
    """What stands above the source project in every mark: the owner of a repository, else the organization."""
    return owner or organization_name(server)


def source_address(access: Access, *, default_server: str) -> str:
    """`host/organization/project` in lower case: neither Azure DevOps nor GitHub tells letters' cases apart.

    `default_server` is where a bare organization name is looked up.
    """
    if access.owner:
        return _repository_address(access)
    server = access.server if "://" in access.server else f"{default_server.rstrip('/')}/{access.server}"
    parts = urlsplit(server)
    host = parts.netloc
    if (parts.hostname or "").endswith(_OLD_AZURE_DEVOPS):
        host = _AZURE_DEVOPS
    return f"{host}/{organization_name(server)}/{access.project}".lower()


def target_address(access: Access) -> str:
    """`host/PROJECT`; a path before the project belongs to the site's address."""
    if access.owner:
        return _repository_address(access)
    parts = urlsplit(access.server)
    return f"{parts.netloc.lower()}{parts.path.rstrip('/')}/{access.project.upper()}"


class _Scope(Protocol):
    source: str
    target: str


def sites_of(scope: _Scope) -> tuple[str, str]:
    """The source organization and the target site of a ledger: its two addresses without their projects."""
    return scope.source.rpartition("/")[0], scope.target.rpartition("/")[0]


def _repository_address(access: Access) -> str:
    parts = urlsplit(access.server)
    return f"{parts.netloc}{parts.path.rstrip('/')}/{access.owner}/{access.project}".lower()
