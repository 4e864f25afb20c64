"""What a synchronization is and does: made, changed, deleted. Every change leaves an audit entry."""

from __future__ import annotations

import copy
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from connectors.credentials import seal
from connectors.domain.errors import DomainError
from connectors.domain.systems import find_system, invalid, require_available
from connectors.models import Connector, ConnectorProject
from sync.engine.config import read_config, write_config
from sync.models import Matter, Pair, PairPart, Synchronization, SynchronizationSide, SynchronizationStatus
from sync.queries import find_synchronization
from sync.services.keys import next_number, side_key
from sync.services.wished_policy import with_wished_policy
from tenancy import audit
from tenancy.permissions import Action, require
from tenancy.principal import Principal

LONGEST_SUMMARY = 255
LONGEST_QUERY = 8_000
MOST_SYNCHRONIZATIONS = 1_000
_LISTS = ("issueTypeMappings", "fieldMappings", "valueMappings", "workflowMappings", "linkMappings")
_SINGLE = ("commentMapping", "attachmentMapping")
_SHORTEST_SECRET = 16


@dataclass(frozen=True, slots=True)
class SideChoice:
    """One project of a connector; without a project the connector's default one."""

    connector: int
    project: str = ""
    query: str = ""


@dataclass(frozen=True, slots=True)
class SynchronizationChanges:
    """New values; None leaves a part alone."""

    summary: str | None = None
    description: str | None = None
    first_query: str | None = None
    second_query: str | None = None


@transaction.atomic
def create_synchronization(
    *,
    first: SideChoice,
    second: SideChoice,
    summary: str = "",
    description: str = "",
    configuration: Mapping[str, Any] | None = None,
    by: Principal,
) -> Synchronization:
    """A new synchronization, stopped. Mappings without an id get one; a policy that is not named is the connectors'.

    Raises NotPermitted; DomainError CONNECTOR_NOT_FOUND, CONNECTOR_INACCESSIBLE, SYSTEM_NOT_RUNNABLE,
    VALIDATION_FAILED, CONFIGURATION_INVALID, LIMIT_REACHED.
    """
    require(by, Action.MANAGE_SYNCHRONIZATIONS)
    if Synchronization.objects.for_organization(by.organization).count() >= MOST_SYNCHRONIZATIONS:
        raise DomainError(
            "LIMIT_REACHED", f"An organization has at most {MOST_SYNCHRONIZATIONS} synchronizations", status=409
        )
    projects = [_project(choice, name, by=by) for choice, name in ((first, "first"), (second, "second"))]
    if projects[0].pk == projects[1].pk:
        raise invalid({"second": ["The second side is the same project as the first."]})
    row = Synchronization.objects.create(
        organization=by.organization,
        number=next_number(by.organization, "INT"),
        summary=_summary(summary) or f"{projects[0].name} <> {projects[1].name}"[:LONGEST_SUMMARY],
        description=_description(description),
        configuration=complete(
            with_wished_policy(configuration or {}, first=projects[0].connector, second=projects[1].connector)
        ),
        created_by=by.user,
        changed_by=by.user,
    )
    for position, (project, choice) in enumerate(zip(projects, (first, second), strict=True), start=1):
        _make_side(row, position, project, choice.query)
    audit.record(
        organization=by.organization, actor=by.user, action="synchronization.created", target=row, after=facts(row)
    )
    return find_synchronization(by.organization, row.key)


@transaction.atomic
def update_synchronization(
    synchronization: Synchronization, changes: SynchronizationChanges, *, by: Principal
) -> Synchronization:
    """Change words and filters. A new filter is looked through by the next full comparison, which is then due.

    Raises NotPermitted, DomainError VALIDATION_FAILED, SYNCHRONIZATION_ENDED.
    """
    require(by, Action.MANAGE_SYNCHRONIZATIONS)
    row = lock(synchronization, by=by)
    before = facts(row)
    if changes.summary is not None:
        row.summary = _summary(changes.summary) or row.summary
    if changes.description is not None:
        row.description = _description(changes.description)
    row.changed_by = by.user
    row.save(update_fields=["summary", "description", "changed_by", "updated_at"])
    for position, query in ((1, changes.first_query), (2, changes.second_query)):
        if query is not None:
            _set_query(row, position, query)
    audit.record(
        organization=by.organization,
        actor=by.user,
        action="synchronization.updated",
        target=row,
        before=before,
        after=facts(row),
    )
    return find_synchronization(by.organization, row.key)


@transaction.atomic
def delete_synchronization(synchronization: Synchronization, *, by: Principal) -> None:
    """Stop and remove it with everything it knows; the items stay. Raises NotPermitted."""
    require(by, Action.MANAGE_SYNCHRONIZATIONS)
    row = lock(synchronization, by=by)
    audit.record(
        organization=by.organization, actor=by.user, action="synchronization.deleted", target=row, before=facts(row)
    )
    # By hand, because a cascade would load a million pairs to find out that nothing hangs on them.
    pairs = Pair.objects.filter(synchronization=row)
    Matter.objects.filter(synchronization=row).delete()
    for bulk in (PairPart.objects.filter(pair__in=pairs.values("pk")), pairs, row.pending.all(), row.effects.all()):
        bulk._raw_delete(bulk.db)
    row.delete()


@transaction.atomic
def set_hook_secret(side: SynchronizationSide, secret: str, *, by: Principal) -> None:
    """What the side's platform signs its webhooks with from now on; an empty secret closes the address.

    Raises NotPermitted, DomainError VALIDATION_FAILED.
    """
    require(by, Action.MANAGE_SYNCHRONIZATIONS)
    if secret and not _SHORTEST_SECRET <= len(secret) <= 255:
        raise invalid({"secret": [f"A secret has {_SHORTEST_SECRET} to 255 characters."]})
    row = SynchronizationSide.objects.for_organization(by.organization).select_for_update().get(pk=side.pk)
    row.sealed_hook_secret = seal_hook_secret(row, secret)
    row.save(update_fields=["sealed_hook_secret"])
    audit.record(organization=by.organization, actor=by.user, action="synchronization.webhook_secret_set", target=row)


def seal_hook_secret(side: SynchronizationSide, secret: str) -> str:
    """The secret as the saved side's column holds it."""
    return seal(secret, organization=side.organization_id, row=f"sync.synchronizationside:{side.pk}")


def complete(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document as it is stored: checked, with every default written out and an id on every mapping.

    Raises DomainError CONFIGURATION_INVALID.
    """
    made = write_config(read_config(with_ids(document)))
    if not _is_storable(made):
        raise DomainError("CONFIGURATION_INVALID", "The configuration holds characters that no database can keep")
    return made


def with_ids(document: Mapping[str, Any]) -> dict[str, Any]:
    """A copy in which mappings that came without an id have a new one."""
    made = copy.deepcopy(dict(document))
    lists = [made.get(name) for name in _LISTS]
    defaults = made.get("fieldDefaults")
    if isinstance(defaults, dict):
        lists += list(defaults.values())
    found = [each for one in lists if isinstance(one, list) for each in one]
    for mapping in (*found, *(made.get(name) for name in _SINGLE)):
        if isinstance(mapping, dict) and mapping.get("id") in (None, ""):
            mapping["id"] = str(uuid.uuid4())
    return made


def lock(synchronization: Synchronization, *, by: Principal) -> Synchronization:
    """The row, held until the transaction ends. Raises DomainError SYNCHRONIZATION_NOT_FOUND."""
    rows = Synchronization.objects.for_organization(by.organization).select_for_update()
    row = rows.filter(pk=synchronization.pk).first()
    if row is None:
        raise DomainError("SYNCHRONIZATION_NOT_FOUND", f"There is no synchronization {synchronization.key}", status=404)
    return row


def require_not_ended(row: Synchronization) -> None:
    """Raise DomainError SYNCHRONIZATION_ENDED for one that was cut over."""
    if row.status == SynchronizationStatus.CUT_OVER:
        raise DomainError("SYNCHRONIZATION_ENDED", f"{row.key} was cut over and has ended", status=409)


def compare_again(synchronization_id: Any) -> None:
    """Have everything compared by the next passes: the configuration or a filter changed."""
    Synchronization.objects.filter(pk=synchronization_id).update(reconcile={}, reconciled_at=None)
    Synchronization.objects.filter(pk=synchronization_id, status=SynchronizationStatus.RUNNING).update(
        due_at=timezone.now()
    )


def facts(row: Synchronization) -> dict[str, Any]:
    """What the audit trail keeps of a synchronization."""
    sides = SynchronizationSide.objects.filter(synchronization=row).order_by("position")
    return {
        "summary": row.summary,
        "description": row.description,
        "status": row.status,
        "version": row.version,
        "sides": [{"key": side.key, "query": side.query} for side in sides],
    }


def raise_version(row: Synchronization) -> None:
    """Count a change of what is in force."""
    Synchronization.objects.filter(pk=row.pk).update(version=F("version") + 1)


def _is_storable(value: Any) -> bool:
    """Whether its texts are free of NUL and of halves of surrogate pairs, at any depth."""
    if isinstance(value, str):
        return "\0" not in value and value == value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return all(_is_storable(name) and _is_storable(inner) for name, inner in value.items())
    return all(_is_storable(inner) for inner in value) if isinstance(value, list | tuple) else True


def _project(choice: SideChoice, name: str, *, by: Principal) -> ConnectorProject:
    connector = Connector.objects.for_organization(by.organization).filter(pk=choice.connector).first()
    if connector is None:
        raise DomainError("CONNECTOR_NOT_FOUND", f"There is no connector {choice.connector}", status=404)
    require_available(find_system(connector.system))
    if connector.inaccessible:
        raise DomainError(
            "CONNECTOR_INACCESSIBLE", f"The connector {connector.name!r} is marked inaccessible: it is never contacted"
        )
    key = (choice.project or connector.default_project).strip()
    if not key or len(key) > 255:
        raise invalid({f"{name}.project": ["Name a project: this connector has no default one."]})
    known = connector.projects.filter(key__iexact=key).first() or connector.projects.filter(external_id=key).first()
    return known or ConnectorProject.objects.create(
        organization_id=connector.organization_id, connector=connector, external_id=key, key=key, name=key
    )


def _make_side(row: Synchronization, position: int, project: ConnectorProject, query: str) -> None:
    side = SynchronizationSide.objects.create(
        organization_id=row.organization_id,
        synchronization=row,
        position=position,
        connector_project=project,
        key=side_key(row.organization, project.key),
        query=_query(query, position),
        hook_slug=secrets.token_urlsafe(24),
    )
    side.sealed_hook_secret = seal_hook_secret(side, secrets.token_urlsafe(32))
    side.save(update_fields=["sealed_hook_secret"])


def _set_query(row: Synchronization, position: int, query: str) -> None:
    require_not_ended(row)
    query = _query(query, position)
    changed = SynchronizationSide.objects.filter(synchronization=row, position=position).exclude(query=query)
    if changed.update(query=query, cursor=None, quiet_cursor=None):
        raise_version(row)
        compare_again(row.pk)


def _query(query: str, position: int) -> str:
    if len(query) > LONGEST_QUERY or not _is_storable(query):
        name = "first" if position == 1 else "second"
        raise invalid({f"{name}.query": [f"A filter has at most {LONGEST_QUERY} characters."]})
    return query.strip()


def _description(description: str) -> str:
    if not _is_storable(description):
        raise invalid({"description": ["This holds characters that no database can keep."]})
    return description


def _summary(summary: str) -> str:
    cleaned = " ".join(summary.split())
    if len(cleaned) > LONGEST_SUMMARY or not _is_storable(cleaned):
        raise invalid({"summary": [f"A summary has at most {LONGEST_SUMMARY} characters."]})
    return cleaned
