"""Resync: what one side has is carried to the other for all items of a query, whatever changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from connectors.domain.systems import invalid
from sync.engine.config import read_config
from sync.engine.mappings import Position
from sync.models import AsyncTask, SynchronizationSide, TaskKind
from sync.services.checking import check_query
from sync.services.control import require_running
from sync.services.tasks import make_task
from tenancy import audit
from tenancy.permissions import Action, require
from tenancy.principal import Principal


@dataclass(frozen=True, slots=True)
class ResyncOrder:
    """What the documents ask for. `field_mappings` are ids; `responsibility` also makes the side win fields that the
    other one is responsible for; `send_status` forces the partner's state."""

    field_mappings: Sequence[str]
    query: str = ""
    responsibility: bool = False
    send_status: bool = False


def start_resync(side: SynchronizationSide, order: ResyncOrder, *, by: Principal) -> AsyncTask:
    """Order a resync from this side to its partner.

    Raises NotPermitted; DomainError VALIDATION_FAILED naming unknown mappings, QUERY_REFUSED with the platform's
    words, SYNCHRONIZATION_NOT_RUNNING, and as `sync.doors.opened`; PlatformError.
    """
    require(by, Action.RESYNC)
    _check_mappings(side, order)
    require_running(side.synchronization)
    check_query(side, order.query)
    with transaction.atomic():
        task = make_task(
            TaskKind.RESYNC,
            synchronization=side.synchronization,
            side=side,
            message=f"Starting resync for connector {side.key}",
            by=by,
            parameters={
                "jql": order.query,
                "fieldMappings": list(dict.fromkeys(order.field_mappings)),
                "responsibility": order.responsibility,
                "sendStatusField": order.send_status,
            },
        )
        audit.record(
            organization=by.organization,
            actor=by.user,
            action="synchronization.resync",
            target=side,
            after=task.parameters,
        )
    return task


def _check_mappings(side: SynchronizationSide, order: ResyncOrder) -> None:
    config = read_config(side.synchronization.configuration)
    if not order.field_mappings:
        raise invalid({"fieldMappings": ["Name at least one field mapping."]})
    unknown = [each for each in order.field_mappings if config.field_mapping(each) is None]
    if unknown:
        raise invalid({"fieldMappings": [f"There is no field mapping {each[:60]}." for each in unknown[:20]]})
    source = Position(side.position)
    closed = [
        each
        for each in order.field_mappings
        if (mapping := config.field_mapping(each)) is not None and not mapping.direction.carries(source)
    ]
    if closed:
        raise invalid({"fieldMappings": [f"Field mapping {each} does not go this way." for each in closed[:20]]})
