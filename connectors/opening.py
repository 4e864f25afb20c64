"""From a stored connector, or credentials in a request, to a tracker that can be asked.

The only place where settings meet the clients: address guard, proxy, private CA, shared limits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cache

from django.conf import settings

from connectors.clients.azure_devops.wire.reading import organization_url
from connectors.clients.calls import Call
from connectors.clients.guard import AddressGuard
from connectors.clients.limiter import Limiter
from connectors.clients.retry import Backoff
from connectors.clients.settings import TransportSettings
from connectors.clients.shared_limiter import RedisLimiter, impatient_redis
from connectors.clients.transport import Exchange, Surroundings, Transport
from connectors.credentials import CredentialsUnreadable, unseal_values
from connectors.domain.errors import DomainError, PlatformError
from connectors.domain.modules import ProjectModules, source_modules, target_modules
from connectors.domain.ports import ModuleReader, Probe, ServerProbe, SourceTracker, TargetTracker
from connectors.domain.sides import Side
from connectors.domain.systems import Access, SystemId, find_system, require_available
from connectors.domain.wishes import Wishes, wishes_of
from connectors.models import Connector
from connectors.trackers.registry import make_transport, side_of, source_of, target_of
from connectors.trackers.wished import selecting, writing

Observer = Callable[[Exchange], None]
BeforeSend = Callable[[Call], None]

SECRET = "secret"  # noqa: S105 - the name under which the main secret is sealed
_PATIENT = TransportSettings()
# A person waits for the answer of a connection test: one quick second try, no long silence.
_PROMPT = TransportSettings(
    connect_timeout=5.0, read_timeout=20.0, write_timeout=20.0, backoff=Backoff(base=0.2, cap=1.0, patience=2.0)
)

# A client waits for metadata that was never read: a platform that is silent for this long is given up.
SILENCE_SECONDS = 20.0
_ONCE = TransportSettings(
    connect_timeout=5.0, read_timeout=SILENCE_SECONDS, write_timeout=SILENCE_SECONDS, backoff=Backoff(patience=0.0)
)


def address_of(access: Access) -> str:
    """The full address of an access: a bare organization name is looked up where AZURE_DEVOPS_URL says."""
    if access.system is SystemId.AZURE_DEVOPS:
        return organization_url(access.server, service_url=settings.AZURE_DEVOPS_URL)
    if access.system is SystemId.GITHUB and not access.server:
        return str(settings.GITHUB_API_URL)
    return access.server


def shown_address(connector: Connector) -> str:
    """The address of a stored connector's server, in full; nothing is decrypted for it."""
    return address_of(Access(connector.system_id, server=connector.server))


def located(access: Access) -> Access:
    """The access with the server that stands for none: what is stored about a run holds its place for good."""
    if access.system is SystemId.GITHUB and not access.server:
        return replace(access, server=str(settings.GITHUB_API_URL))
    return access


def access_to(connector: Connector, *, project: str = "") -> Access:
    """What a stored connector gives access to, with another project than its default one where named.

    Raises DomainError SYSTEM_NOT_AVAILABLE, CONNECTOR_INACCESSIBLE, CREDENTIALS_UNREADABLE.
    """
    require_available(find_system(connector.system))
    if connector.inaccessible:
        raise DomainError(
            "CONNECTOR_INACCESSIBLE", f"The connector {connector.name!r} is marked inaccessible: it is never contacted"
        )
    return stored_access(connector, project=project)


def stored_access(connector: Connector, *, project: str = "") -> Access:
    """The same without asking whether it may be used. Raises CREDENTIALS_UNREADABLE."""
    return _access(connector, unseal_values(connector, connector.sealed_credentials), project=project)


def editable_access(connector: Connector) -> tuple[Access, dict[str, str]]:
    """The same for editing, with the further secrets: what no key opens any more is empty, so that it can be entered
    again."""
    try:
        secrets = unseal_values(connector, connector.sealed_credentials)
    except CredentialsUnreadable:
        secrets = {}
    others = {name: value for name, value in secrets.items() if name != SECRET}
    return _access(connector, secrets), others


def _access(connector: Connector, secrets: Mapping[str, str], *, project: str = "") -> Access:
    return Access(
        system=connector.system_id,
        server=connector.server,
        project=project or connector.default_project,
        owner=connector.owner,
        account=connector.account,
        secret=secrets.get(SECRET, ""),
    )


def wishes_to(connector: Connector | None) -> Wishes:
    """What a stored connector's parameters change; without a connector nothing."""
    return wishes_of(connector.settings) if connector is not None else Wishes()


def selected(reading: SourceTracker, *, source: Connector | None, target: Connector | None) -> SourceTracker:
    """The source as both connectors wish it: what the target wants, without what the source says to ignore."""
    return selecting(reading, selection=wishes_to(target).selection, ignored_label=wishes_to(source).ignored_label)


def wished(target: TargetTracker, connector: Connector | None) -> TargetTracker:
    """The target as its connector wishes it."""
    return writing(target, wishes_to(connector))


@contextmanager
def open_source(
    access: Access, *, observer: Observer | None = None, before_send: BeforeSend | None = None
) -> Iterator[SourceTracker]:
    """A tracker that reads; its connections are closed at the end. Raises DomainError SYSTEM_NOT_AVAILABLE."""
    transport = _transport(access, _PATIENT, observer=observer, before_send=before_send)
    try:
        yield source_of(access, transport)
    finally:
        transport.close()


@contextmanager
def open_target(
    access: Access, *, observer: Observer | None = None, before_send: BeforeSend | None = None
) -> Iterator[TargetTracker]:
    """A tracker that writes; otherwise as `open_source`."""
    transport = _transport(access, _PATIENT, observer=observer, before_send=before_send)
    try:
        yield target_of(access, transport)
    finally:
        transport.close()


@contextmanager
def open_side(
    access: Access, *, observer: Observer | None = None, before_send: BeforeSend | None = None
) -> Iterator[Side]:
    """One side of a synchronization; otherwise as `open_source`."""
    transport = _transport(access, _PATIENT, observer=observer, before_send=before_send)
    try:
        yield side_of(access, transport)
    finally:
        transport.close()


def probe(access: Access) -> Probe:
    """Test the connection. Raises PlatformError with words for the person who typed the credentials, and DomainError
    SYSTEM_NOT_AVAILABLE."""
    transport = _transport(access, _PROMPT)
    try:
        if find_system(access.system).scannable:
            return source_of(access, transport).probe()
        return target_of(access, transport).probe()
    finally:
        transport.close()


def probe_server(access: Access) -> Probe:
    """Test address and credentials without a project; a tracker that cannot do less tests everything.

    Raises as `probe`.
    """
    transport = _transport(access, _PROMPT)
    try:
        source = find_system(access.system).scannable
        tracker: object = source_of(access, transport) if source else target_of(access, transport)
        return tracker.probe_server() if isinstance(tracker, ServerProbe) else probe(access)
    finally:
        transport.close()


def read_modules(access: Access) -> ProjectModules:
    """Types and fields of the project, live, each request tried once. Raises PlatformError and DomainError
    SYSTEM_NOT_AVAILABLE."""
    transport = _transport(access, _ONCE)
    try:
        if find_system(access.system).scannable:
            source = source_of(access, transport)
            return source.read_modules() if isinstance(source, ModuleReader) else source_modules(source.describe())
        return target_modules(target_of(access, transport).describe())
    finally:
        transport.close()


def refused(error: PlatformError) -> DomainError:
    """A platform's refusal as the answer to whoever asked for something that needs the platform."""
    return DomainError(error.code, error.message)


def _transport(
    access: Access,
    kind: TransportSettings,
    *,
    observer: Observer | None = None,
    before_send: BeforeSend | None = None,
) -> Transport:
    around = Surroundings(
        settings=replace(kind, proxy=settings.OUTBOUND_PROXY, ca_bundle=str(settings.CA_BUNDLE or "")),
        limiter=shared_limiter(),
        guard=AddressGuard(settings.ALLOW_PRIVATE_TARGETS),
        observer=observer,
        before_send=before_send,
    )
    return make_transport(
        access, around, azure_devops_url=settings.AZURE_DEVOPS_URL, github_api_url=settings.GITHUB_API_URL
    )


@cache
def shared_limiter() -> Limiter:
    """This process's one view of the budgets that all workers share, and its share of them while Redis is gone."""
    return RedisLimiter(impatient_redis(settings.REDIS_URL), workers=settings.WORKERS)
