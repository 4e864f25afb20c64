"""From access to a working tracker: the one place that knows what serves which system.

A transport is made first, so that the caller decides about its life: `make_transport` adds to the caller's
surroundings what is the platform's own (limits, the reading of its words, address, credentials).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from requests.adapters import BaseAdapter

from connectors.clients.auth import Auth, BasicAuth, BearerAuth, NoAuth
from connectors.clients.azure_devops.answers import describe as azure_devops_words
from connectors.clients.azure_devops.client import AzureDevOpsClient
from connectors.clients.azure_devops.wire.reading import organization_url
from connectors.clients.calls import Answer
from connectors.clients.github.client import GitHubClient
from connectors.clients.github.wire.answers import classify as github_event
from connectors.clients.github.wire.answers import describe as github_words
from connectors.clients.github.wire.values import CLOUD_API, RepoName, api_address
from connectors.clients.jira.client import JiraClient
from connectors.clients.jira.wire.answers import read_words
from connectors.clients.jira.wire.values import site_address
from connectors.clients.limits import AZURE_DEVOPS_LIMITS, GITHUB_LIMITS, JIRA_LIMITS, Limits
from connectors.clients.retry import Event
from connectors.clients.transport import Surroundings, Transport
from connectors.domain.errors import DomainError
from connectors.domain.ports import SourceTracker, TargetTracker
from connectors.domain.sides import Side
from connectors.domain.systems import Access, SystemId
from connectors.trackers.azure_devops import AzureDevOpsTracker
from connectors.trackers.github import GitHubSource, GitHubTarget
from connectors.trackers.jira import JiraTracker
from connectors.trackers.sides.azure_devops import AzureDevOpsSide
from connectors.trackers.sides.github import GitHubSide
from connectors.trackers.sides.jira import JiraSide

AZURE_DEVOPS_URL = "https://dev.azure.com"


@dataclass(frozen=True, slots=True)
class Service:
    """What serves a system."""

    limits: Limits
    words: Callable[[Answer], str]
    event: Callable[[Answer], Event | None] | None = None
    source: Callable[[Access, Transport], SourceTracker] | None = None
    target: Callable[[Access, Transport], TargetTracker] | None = None
    side: Callable[[Access, Transport], Side] | None = None


def _azure_devops(access: Access, transport: Transport) -> AzureDevOpsTracker:
    return AzureDevOpsTracker(AzureDevOpsClient(transport, access.secret), access.project)


def _azure_devops_side(access: Access, transport: Transport) -> AzureDevOpsSide:
    return AzureDevOpsSide(AzureDevOpsClient(transport, access.secret), access.project)


def _jira(access: Access, transport: Transport) -> JiraTracker:
    return JiraTracker(JiraClient(transport), access.project)


def _github(access: Access, transport: Transport) -> GitHubClient:
    """Content counts per account: the limiter knows it by a digest of its token."""
    budget = f"content-{hashlib.sha256(access.secret.encode()).hexdigest()[:16]}"
    return GitHubClient(transport, RepoName(access.owner, access.project), budget=budget)


def _jira_words(answer: Answer) -> str:
    return read_words(answer).text


SERVICES: Mapping[SystemId, Service] = {
    SystemId.AZURE_DEVOPS: Service(
        AZURE_DEVOPS_LIMITS, azure_devops_words, source=_azure_devops, side=_azure_devops_side
    ),
    SystemId.JIRA: Service(
        JIRA_LIMITS,
        _jira_words,
        target=_jira,
        side=lambda access, transport: JiraSide(JiraClient(transport), access.project),
    ),
    SystemId.GITHUB: Service(
        GITHUB_LIMITS,
        github_words,
        github_event,
        source=lambda access, transport: GitHubSource(_github(access, transport)),
        target=lambda access, transport: GitHubTarget(_github(access, transport)),
        side=lambda access, transport: GitHubSide(_github(access, transport)),
    ),
}


def make_transport(
    access: Access,
    surroundings: Surroundings,
    *,
    azure_devops_url: str = AZURE_DEVOPS_URL,
    github_api_url: str = CLOUD_API,
    adapter: BaseAdapter | None = None,
) -> Transport:
    """The way to an access's platform; bare organization names are looked up at `azure_devops_url`, repositories
    without an address of a server at `github_api_url`.

    Raises DomainError SYSTEM_NOT_AVAILABLE, Refused (ADDRESS_INVALID).
    """
    service = _service(access)
    around = replace(surroundings, limits=service.limits, describe=service.words, classify=service.event)
    address = access.server
    if access.system is SystemId.AZURE_DEVOPS:
        address = organization_url(access.server, service_url=azure_devops_url)
    elif access.system is SystemId.JIRA:
        address = site_address(access.server)
    elif access.system is SystemId.GITHUB:
        address = api_address(access.server or github_api_url)
    return Transport(address, _auth(access), surroundings=around, adapter=adapter)


def source_of(access: Access, transport: Transport) -> SourceTracker:
    """The tracker that reads. Raises DomainError SYSTEM_NOT_AVAILABLE."""
    make = _service(access).source
    if make is None:
        raise _not_available(access)
    return make(access, transport)


def target_of(access: Access, transport: Transport) -> TargetTracker:
    """The tracker that writes. Raises DomainError SYSTEM_NOT_AVAILABLE."""
    make = _service(access).target
    if make is None:
        raise _not_available(access)
    return make(access, transport)


def side_of(access: Access, transport: Transport) -> Side:
    """The tracker as one side of a synchronization. Raises DomainError SYSTEM_NOT_AVAILABLE."""
    make = _service(access).side
    if make is None:
        raise _not_available(access)
    return make(access, transport)


def _auth(access: Access) -> Auth:
    """Azure DevOps is left to its client, which finds out what kind of token it has."""
    if access.system is SystemId.GITHUB:
        return BearerAuth(access.secret)
    if access.system is not SystemId.JIRA:
        return NoAuth()
    return BasicAuth(access.account, access.secret) if access.account else BearerAuth(access.secret)


def _service(access: Access) -> Service:
    service = SERVICES.get(access.system)
    if service is None:
        raise _not_available(access)
    return service


def _not_available(access: Access) -> DomainError:
    return DomainError("SYSTEM_NOT_AVAILABLE", f"{access.system} is not available for this in this version")
