"""Writes: connectors, their health, and price lists. Every change leaves an audit entry in its transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import RestrictedError
from django.utils import timezone

from connectors import opening
from connectors.credentials import seal_values
from connectors.domain.errors import DomainError, PlatformError
from connectors.domain.forms.parameters import AUTH_MODE
from connectors.domain.pricing import PriceRulesInvalid, parse_rules
from connectors.domain.systems import MASK, Access, find_system, invalid, keep_secret, read_access, write_access
from connectors.models import Connector, Health, PriceList
from connectors.project_metadata import ensure_project
from connectors.usage import uses_of
from tenancy import audit
from tenancy.permissions import Action, require
from tenancy.principal import Principal


@dataclass(frozen=True, slots=True)
class ConnectionCheck:
    """What a connection test found; `code` and `message` say why it failed."""

    success: bool
    message: str
    code: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    expires: datetime | None = None


def check_connection(access: Access, *, server_only: bool = False, by: Principal) -> ConnectionCheck:
    """Ask the platform whether it takes the credentials and, unless `server_only`, shows the project. A refusal is a
    result, not an error.

    Raises NotPermitted.
    """
    require(by, Action.SCAN)
    try:
        found = opening.probe_server(access) if server_only else opening.probe(access)
    except PlatformError as error:
        return ConnectionCheck(success=False, message=error.message, code=error.code)
    return ConnectionCheck(
        success=True,
        message="Connection verified",
        metadata={"organisation": found.organisation, "project": found.project, "itemCount": found.item_count},
        expires=found.expires,
    )


def check_connector(
    connector: Connector, *, project: str = "", server_only: bool = False, by: Principal
) -> ConnectionCheck:
    """The same for a stored connector, remembering the result as its health.

    Raises NotPermitted; DomainError SYSTEM_NOT_AVAILABLE, CONNECTOR_INACCESSIBLE, CREDENTIALS_UNREADABLE.
    """
    check = check_connection(opening.access_to(connector, project=project), server_only=server_only, by=by)
    Connector.objects.for_organization(by.organization).filter(pk=connector.pk).update(
        health=Health.OK if check.success else Health.FAILING,
        health_code=check.code,
        health_message="" if check.success else check.message,
        checked_at=timezone.now(),
        **({"credentials_expire_at": check.expires} if check.success else {}),
    )
    return check


@transaction.atomic
def create_connector(
    *, by: Principal, name: str, system: str, credentials: Mapping[str, object], inaccessible: bool = False
) -> Connector:
    """A new connector; the project in its credentials becomes the default one and may be left out.

    Raises NotPermitted; DomainError SYSTEM_UNKNOWN, SYSTEM_NOT_AVAILABLE, VALIDATION_FAILED.
    """
    require(by, Action.MANAGE_CONNECTORS)
    access = read_access(find_system(system), credentials, project_optional=True)
    connector = Connector(
        organization=by.organization,
        name=name,
        system=access.system.value,
        inaccessible=inaccessible,
        created_by=by.user,
    )
    connector.save()
    take_access(connector, keep_secret(access, Access(access.system, server=access.server, account=access.account)))
    connector.save()
    ensure_project(connector)
    audit.record(
        organization=by.organization,
        actor=by.user,
        action="connector.created",
        target=connector,
        after=connector_facts(connector),
    )
    return connector


@transaction.atomic
def update_connector(
    connector: Connector,
    *,
    by: Principal,
    name: str | None = None,
    credentials: Mapping[str, object] | None = None,
    inaccessible: bool | None = None,
) -> Connector:
    """Change what is given. Credentials left out keep their value; so does a secret that is sent as its mask while
    server and account stay.

    Raises NotPermitted; DomainError VALIDATION_FAILED, CREDENTIALS_UNREADABLE.
    """
    require(by, Action.MANAGE_CONNECTORS)
    locked = Connector.objects.for_organization(by.organization).select_for_update().get(pk=connector.pk)
    before = connector_facts(locked)
    if name is not None:
        locked.name = name
    if inaccessible is not None:
        locked.inaccessible = inaccessible
    if credentials is not None:
        _change_access(locked, credentials)
    locked.save()
    if credentials is not None:
        ensure_project(locked)
    audit.record(
        organization=by.organization,
        actor=by.user,
        action="connector.updated",
        target=locked,
        before=before,
        after=connector_facts(locked) | ({"credentials": "changed"} if credentials is not None else {}),
    )
    return locked


@transaction.atomic
def delete_connector(connector: Connector, *, by: Principal) -> None:
    """Remove a connector with its projects; reports of its scans stay.

    Raises NotPermitted, DomainError CONNECTOR_IN_USE naming what cannot be without it.
    """
    require(by, Action.MANAGE_CONNECTORS)
    audit.record(
        organization=by.organization,
        actor=by.user,
        action="connector.deleted",
        target=connector,
        before=connector_facts(connector),
    )
    try:
        connector.delete()
    except RestrictedError as error:
        raise DomainError("CONNECTOR_IN_USE", _in_use(connector), status=409) from error


@transaction.atomic
def set_price_list(rules: Mapping[str, object], *, by: Principal) -> PriceList:
    """The organization's own prices from now on. Raises NotPermitted, DomainError VALIDATION_FAILED."""
    require(by, Action.MANAGE_PRICES)
    try:
        parse_rules(rules)
    except PriceRulesInvalid as error:
        raise invalid({f"rules.{part}": texts for part, texts in error.errors.items()}) from error
    price_list, _ = PriceList.objects.update_or_create(organization=by.organization, defaults={"rules": dict(rules)})
    audit.record(
        organization=by.organization,
        actor=by.user,
        action="price_list.set",
        target=price_list,
        after={"rules": dict(rules)},
    )
    return price_list


def _in_use(connector: Connector) -> str:
    used_by = [f"{use.kind} {use.name}" for use in uses_of(connector.organization, connector.pk, most=5) if use.keeps]
    return f"This connector is used by {', '.join(used_by)}: delete what uses it first"


def _change_access(connector: Connector, credentials: Mapping[str, object]) -> None:
    stored, _ = opening.editable_access(connector)
    known = {name: value for name, value in write_access(stored).items() if value}
    given = {name: value for name, value in credentials.items() if value is not None}
    new = read_access(find_system(connector.system), known | given, project_optional=True)
    take_access(connector, keep_secret(new, stored))
    connector.health = Health.UNKNOWN
    connector.health_code = connector.health_message = ""


def take_access(connector: Connector, access: Access, *, others: Mapping[str, str] | None = None) -> None:
    """Put an access into a saved row, with its secrets sealed. Secrets besides the main one stay while the place does,
    and are forgotten with it; `others` replaces them. The caller saves."""
    stays = (connector.server, connector.account) == (access.server, access.account)
    if others is None:
        others = opening.editable_access(connector)[1] if stays else {}
        gone = {name for name, value in connector.settings.items() if value == MASK and name not in others}
        # Credentials of this surface are an account with a token, or a token that needs none: no further mode.
        connector.settings = {n: v for n, v in connector.settings.items() if n not in {*gone, AUTH_MODE}}
    connector.server = access.server
    connector.owner = access.owner
    connector.account = access.account
    connector.default_project = access.project
    connector.sealed_credentials = seal_values(connector, {**others, opening.SECRET: access.secret})
    connector.credentials_expire_at = None


def connector_facts(connector: Connector) -> dict[str, object]:
    """What the audit trail keeps of a connector."""
    return {
        "name": connector.name,
        "system": connector.system,
        "server": connector.server,
        "account": connector.account,
        "project": connector.default_project,
        "inaccessible": connector.inaccessible,
    }
