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
class ResyncWish:
    """What the documents ask for. `mappings` are ids of field mappings; `responsibility` also makes the side win for
    fields that the other one is responsible for; `state` forces the partner's state."""

    mappings: Sequence[str]
    query: str = ""
    responsibility: bool = False
    state: bool = False


def request_resync(side: SynchronizationSide, wish: ResyncWish, *, by: Principal) -> AsyncTask:
    """Order a resync from this side to its partner.

    Raises NotPermitted; DomainError VALIDATION_FAILED naming unknown mappings, QUERY_REFUSED with the platform's
    words, SYNCHRONIZATION_NOT_RUNNING, and as `sync.doors.opened`; PlatformError.
    """
    require(by, Action.RESYNC)
    _check_mappings(side, wish)
    require_running(side.synchronization)
    check_query(side, wish.query)
    with transaction.atomic():
        task = make_task(
            TaskKind.RESYNC,
            synchronization=side.synchronization,
            side=side,
            message=f"Starting resync for connector {side.key}",
            by=by,
            parameters={
                "jql": wish.query,
                "fieldMappings": list(dict.fromkeys(wish.mappings)),
                "responsibility": wish.responsibility,
                "sendStatusField": wish.state,
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


def _check_mappings(side: SynchronizationSide, wish: ResyncWish) -> None:
    config = read_config(side.synchronization.configuration)
    if not wish.mappings:
        raise invalid({"fieldMappings": ["Name at least one field mapping."]})
    unknown = [each for each in wish.mappings if config.field_mapping(each) is None]
    if unknown:
        raise invalid({"fieldMappings": [f"There is no field mapping {each[:60]}." for each in unknown[:20]]})
    source = Position(side.position)
    closed = [
        each
        for each in wish.mappings
        if (mapping := config.field_mapping(each)) is not None and not mapping.direction.carries(source)
    ]
    if closed:
        raise invalid({"fieldMappings": [f"Field mapping {each} does not go this way." for each in closed[:20]]})
