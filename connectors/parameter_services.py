"""Writes of connectors that come as parameters: made, replaced, changed in part, tested.

The same rows as `connectors.services` writes; a change by one surface is seen by all.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings
from django.db import transaction

from connectors import opening
from connectors.domain.forms.parameters import (
    Parameters,
    keep_secrets,
    merge_parameters,
    read_parameters,
    write_parameters,
)
from connectors.domain.systems import MASK, Access, SystemId, find_system, require_available
from connectors.models import Connector, Health
from connectors.project_metadata import ensure_project
from connectors.services import ConnectionCheck, check_connection, check_connector, connector_facts, take_access
from tenancy import audit
from tenancy.permissions import Action, require
from tenancy.principal import Principal

_DEPTH = "test_alm"


def default_servers() -> dict[SystemId, str]:
    """Where bare names of a system are looked up."""
    return {SystemId.AZURE_DEVOPS: settings.AZURE_DEVOPS_URL, SystemId.GITHUB: settings.GITHUB_API_URL}


def shown_parameters(connector: Connector) -> dict[str, str]:
    """A connector's parameters with every secret masked; nothing is decrypted for it."""
    secrets = {name: MASK for name, value in connector.settings.items() if value == MASK}
    access = Access(
        system=connector.system_id,
        server=connector.server,
        project=connector.default_project,
        owner=connector.owner,
        account=connector.account,
        secret=MASK if connector.sealed_credentials else "",
    )
    plain = {name: value for name, value in connector.settings.items() if name not in secrets}
    return write_parameters(Parameters(access, plain, secrets), default_servers=default_servers())


@transaction.atomic
def create_from_parameters(
    *, by: Principal, name: str, system: str, parameters: Mapping[str, object], inaccessible: bool = False
) -> Connector:
    """A new connector. Raises NotPermitted; DomainError SYSTEM_UNKNOWN, VALIDATION_FAILED."""
    require(by, Action.MANAGE_CONNECTORS)
    read = _settled(read_parameters(find_system(system).id, parameters), None)
    connector = Connector(
        organization=by.organization,
        name=name,
        system=read.access.system.value,
        inaccessible=inaccessible,
        created_by=by.user,
    )
    connector.save()
    _take(connector, read)
    connector.save()
    ensure_project(connector)
    audit.record(
        organization=by.organization,
        actor=by.user,
        action="connector.created",
        target=connector,
        after=_facts(connector),
    )
    return connector


@transaction.atomic
def update_from_parameters(
    connector: Connector,
    *,
    by: Principal,
    name: str | None = None,
    parameters: Mapping[str, object] | None = None,
    partial: bool = False,
    inaccessible: bool | None = None,
) -> Connector:
    """Change what is given; `parameters` replace the stored ones as a whole, or one by one when `partial`.

    Raises NotPermitted; DomainError VALIDATION_FAILED, also for a mask that stands for what no key opens any more.
    """
    require(by, Action.MANAGE_CONNECTORS)
    locked = Connector.objects.for_organization(by.organization).select_for_update().get(pk=connector.pk)
    before = _facts(locked)
    if name is not None:
        locked.name = name
    if inaccessible is not None:
        locked.inaccessible = inaccessible
    if parameters is not None:
        stored = stored_parameters(locked)
        if partial:
            parameters = merge_parameters(stored, parameters, default_servers=default_servers())
        _take(locked, _settled(read_parameters(locked.system_id, parameters), stored))
        locked.health = Health.UNKNOWN
        locked.health_code = locked.health_message = ""
    locked.save()
    if parameters is not None:
        ensure_project(locked)
    audit.record(
        organization=by.organization,
        actor=by.user,
        action="connector.updated",
        target=locked,
        before=before,
        after=_facts(locked) | ({"params": "changed"} if parameters is not None else {}),
    )
    return locked


def check_parameters(
    *, by: Principal, system: str, parameters: Mapping[str, object] | None, connector: Connector | None = None
) -> ConnectionCheck:
    """Test what a request describes; the mask stands for what the named connector stores. Without parameters the
    connector itself is tested, and the result remembered as its health.

    Raises NotPermitted; DomainError SYSTEM_UNKNOWN, SYSTEM_NOT_RUNNABLE, SYSTEM_NOT_AVAILABLE, VALIDATION_FAILED,
    CONNECTOR_INACCESSIBLE, CREDENTIALS_UNREADABLE.
    """
    require(by, Action.SCAN)
    if connector is not None:
        access = opening.access_to(connector)
        if parameters is None:
            return check_connector(connector, server_only=not access.project, by=by)
    known = find_system(system)
    stored = stored_parameters(connector) if connector is not None else None
    read = _settled(read_parameters(known.id, parameters or {}), stored)
    require_available(known)
    depth = (parameters or {}).get(_DEPTH)
    return check_connection(read.access, server_only=depth == "server" or not read.access.project, by=by)


def stored_parameters(connector: Connector) -> Parameters:
    """A stored connector as its parameters make it; secrets that no key opens any more are missing."""
    access, others = opening.editable_access(connector)
    plain = {name: value for name, value in connector.settings.items() if value != MASK}
    return Parameters(access, plain, others)


def _settled(read: Parameters, stored: Parameters | None) -> Parameters:
    return keep_secrets(read, stored, default_servers=default_servers())


def _take(connector: Connector, read: Parameters) -> None:
    """Secrets are sealed; in the settings their names stand with the mask, so that showing needs no key."""
    take_access(connector, read.access, others=read.secrets)
    connector.settings = {**read.settings, **dict.fromkeys(read.secrets, MASK)}


def _facts(connector: Connector) -> dict[str, object]:
    return {**connector_facts(connector), "params": dict(connector.settings)}
