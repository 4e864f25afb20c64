"""Where a side's platform is and who signs in there: the connector's own address and credentials, changed from here."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.domain.errors import DomainError
from connectors.domain.systems import Part, find_system
from connectors.services import update_connector
from sync.models import SynchronizationSide, SynchronizationStatus
from tenancy.permissions import Action, require
from tenancy.principal import Principal


@dataclass(frozen=True, slots=True)
class ConnectionChanges:
    """What is to change; None leaves it. The secret is a password or a token."""

    address: str | None = None
    account: str | None = None
    secret: str | None = None


def change_connection(side: SynchronizationSide, changes: ConnectionChanges, *, by: Principal) -> None:
    """Change the connector behind a side, for everything that uses it. Only while the synchronization is stopped: a
    wrong password tried again and again locks an account out.

    Raises NotPermitted, DomainError SYNCHRONIZATION_RUNNING, VALIDATION_FAILED naming the connector's own parameters.
    """
    require(by, Action.MANAGE_SYNCHRONIZATIONS)
    if side.synchronization.status == SynchronizationStatus.RUNNING:
        raise DomainError(
            "SYNCHRONIZATION_RUNNING", f"{side.synchronization.key} is running: stop it first", status=409
        )
    connector = side.connector_project.connector
    given = {Part.SERVER: changes.address, Part.ACCOUNT: changes.account, Part.SECRET: changes.secret}
    credentials = {
        parameter.name: given[parameter.part]
        for parameter in find_system(connector.system).credentials
        if given.get(parameter.part) is not None
    }
    update_connector(connector, by=by, credentials=credentials)
