"""Trying again what a run failed at: a new run, linked to the first, over its failed and partial items only.

What the target refused for good is asked for again, and what verification found to be missing is made again. What
people edited in the target stays as they left it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from connectors.credentials import seal_values, unseal_values
from connectors.domain.errors import DomainError
from migrations_app.engine.ports import Event
from migrations_app.engine.state import EffectKind, EffectState, RunStatus, RunType
from migrations_app.models import LedgerEntry, LedgerScope, MigrationRun, Project, ProjectStatus
from migrations_app.proofs import differences_of, newest_proof
from migrations_app.queries import find_project, find_run, status_of
from migrations_app.run_config import ONLY_FAILED, failed_items
from migrations_app.services.dispatch import dispatch
from migrations_app.services.starting import NOT_DISPATCHED, already_running, require_no_active
from migrations_app.statuses import change_status
from migrations_app.store import write_events
from tenancy import audit
from tenancy.errors import QueueUnreachable
from tenancy.permissions import Action, require
from tenancy.principal import Principal

AT_ONCE = 400
"""Ids per IN list."""
_MADE_AGAIN = {"COMMENT_MISSING": EffectKind.COMMENT, "FILE_MISSING": EffectKind.FILE}
_LINKED_AGAIN = {
    "LINK_MISSING": EffectKind.LINK,
    "PARENT_LINK_MISSING": EffectKind.LINK,
    "REMOTE_LINK_MISSING": EffectKind.REMOTE_LINK,
    "REMOTE_LINK_DIFFERS": EffectKind.REMOTE_LINK,
}


def retry_failed(run_id: UUID, *, by: Principal) -> MigrationRun:
    """A new run over what the ended one failed at, with the same ends and options.

    Raises NotPermitted, DomainError MIGRATION_NOT_FOUND, MIGRATION_NOT_ENDED, NOTHING_TO_RETRY,
    MIGRATION_ALREADY_RUNNING, or ENGINE_DISPATCH_FAILED after which the new run is there as FAILED.
    """
    require(by, Action.OPERATE_RUNS)
    first = find_run(by.organization, run_id)
    if not first.state.is_ended:
        raise DomainError("MIGRATION_NOT_ENDED", f"Run {first.pk} has not ended: {first.status}", status=409)
    items = failed_items(first.pk)
    if not items:
        raise DomainError("NOTHING_TO_RETRY", f"No item of run {first.pk} failed")
    try:
        with transaction.atomic():
            run = _create(first, items, by=by)
            dispatch(run)
    except IntegrityError:
        raise already_running(first.project) from None
    except QueueUnreachable as error:
        change_status(run.pk, RunStatus.FAILED, reason=NOT_DISPATCHED)
        raise DomainError(NOT_DISPATCHED.code, NOT_DISPATCHED.message, status=502) from error
    return find_run(by.organization, run.pk)


def _create(first: MigrationRun, items: Sequence[str], *, by: Principal) -> MigrationRun:
    project = Project.objects.select_for_update().get(pk=first.project_id)
    scope = LedgerScope.objects.select_for_update().get(pk=first.scope_id)
    require_no_active(project, scope)
    run = MigrationRun(
        organization=by.organization,
        project=project,
        scope=scope,
        parent_run=first,
        type=RunType.FULL.value if first.type == RunType.SAMPLE else first.type,
        started_by=by.user,
        config={**first.config, "start_at": None, ONLY_FAILED: True},
        source_connector=first.source_connector,
        target_connector=first.target_connector,
        project_status_before=status_of(find_project(by.organization, project.pk)),
        event_seq=1,
    )
    run.sealed_credentials = seal_values(run, unseal_values(first, first.sealed_credentials))
    run.save(force_insert=True)
    write_events(run, [Event("status", {"status": RunStatus.PENDING.lower()})])
    Project.objects.filter(pk=project.pk).update(status=ProjectStatus.MIGRATING, updated_at=timezone.now())
    if not first.config.get("options", {}).get("dry_run", False):
        _reopen(first, items)
    after = {"run": str(first.pk), "items": len(items)}
    audit.record(organization=by.organization, actor=by.user, action="run.retry", target=run, after=after)
    return run


# --- What is asked for again ---


def _reopen(first: MigrationRun, items: Sequence[str]) -> None:
    """Let the ledger forget refusals, and effects that verification did not find."""
    ledger = LedgerEntry.objects.filter(scope_id=first.scope_id)
    wanted = set(items)
    for start in range(0, len(items), AT_ONCE):
        rows = ledger.filter(item__in=items[start : start + AT_ONCE])
        rows.filter(state=EffectState.REFUSED.value).delete()
        for row in rows.filter(kind=EffectKind.ITEM.value, state=EffectState.DONE.value):
            row.extra = {**row.extra, "complete": False}
            row.save(update_fields=["extra"])
    refused = ledger.filter(kind=EffectKind.LINK.value, state=EffectState.REFUSED.value)
    ends = [pk for pk, source in refused.values_list("pk", "source") if source.rpartition("/")[2] in wanted]
    ledger.filter(pk__in=ends).delete()
    for found in differences_of(first, newest_proof(first)).iterator(chunk_size=2000):
        if found.item in wanted:
            _forget(ledger, found.item, found.field, found.code, found.source_value)


def _forget(ledger: Any, item: str, field: str, code: str, value: str) -> None:
    """The rows behind one difference. Links are upserts: all of the item's are written once more."""
    if code in _MADE_AGAIN:
        part = f"c/{field.removeprefix('comment ')}" if code == "COMMENT_MISSING" else f"f/{value}"
        ledger.filter(kind=_MADE_AGAIN[code].value, source=f"{item}/{part}").delete()
    elif code in _LINKED_AGAIN:
        ends = Q(source__startswith=f"{item}/") | Q(source__endswith=f"/{item}")
        ledger.filter(ends, kind=_LINKED_AGAIN[code].value).delete()
