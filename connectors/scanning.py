"""Scans: a read-only inventory of a project, in the answer when it is small, by a worker when it is large.

A scan is claimed by conditional update; each claim raises `attempt`, and every later write of the worker holds only
while the attempt is still its own. Reading changes nothing anywhere, so a scan that lost its worker starts again.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from connectors import opening
from connectors.credentials import seal_values, unseal_values
from connectors.domain.audit import Audit
from connectors.domain.audit_report import AuditReport
from connectors.domain.errors import AccessLost, DomainError, NotSent, PlatformError, Unclear
from connectors.domain.ports import ItemFilter, SourceTracker
from connectors.domain.systems import Access, SystemId, find_system, require_scannable
from connectors.models import UNFINISHED, Connector, Scan, ScanStatus
from connectors.queries import price_rules
from connectors.reading import ReadAhead
from tenancy.errors import QueueUnreachable
from tenancy.permissions import Action, require
from tenancy.principal import Principal
from tenancy.queueing import enqueue, stopping
from webhooks.emitting import emit

log = logging.getLogger(__name__)

IN_ANSWER_ITEMS = 10_000
"""The documented size up to which the report stands in the answer."""
JOB = "connectors.jobs.run_scan"
QUEUE = "scans"
_SAVE_SECONDS = 2.0
_MOST_ATTEMPTS = 6


@dataclass(frozen=True, slots=True)
class ScanRequest:
    """What is to be scanned: an access, the connector it came from, the project of ours that asks."""

    access: Access
    connector: Connector | None = None
    migration_project: UUID | None = None
    respond_async: bool = False


@dataclass(slots=True)
class _Listing:
    """The ids of a project: all of them while they are few, else how many there are."""

    total: int = 0
    ids: list[str] = field(default_factory=list)

    @property
    def is_small(self) -> bool:
        return self.total <= IN_ANSWER_ITEMS


class _ClaimLost(Exception):
    """Another worker has the scan now."""


class _Stopped(Exception):
    """The worker process was asked to end."""


def start_scan(request: ScanRequest, *, by: Principal) -> Scan:
    """A stored scan: finished with its report for a small project, waiting for a worker otherwise.

    Raises NotPermitted; DomainError SYSTEM_NOT_AVAILABLE, SYSTEM_NOT_SCANNABLE, CONNECTOR_INACCESSIBLE,
    PROJECT_REQUIRED, ENGINE_DISPATCH_FAILED, or with the code of the platform's refusal.
    """
    require(by, Action.SCAN)
    access = request.access
    require_scannable(find_system(access.system))
    if not access.project:
        raise DomainError("PROJECT_REQUIRED", "Name the project: the connector has no default project")
    scan = _store(request, by=by)
    try:
        with opening.open_source(access) as source:
            listing = _list(source)
            Scan.objects.filter(pk=scan.pk).update(total_items=listing.total)
            scan.total_items = listing.total
            if listing.is_small and not request.respond_async:
                _read_in_answer(scan, source, listing)
                return scan
    except PlatformError as error:
        _fail(scan, code=error.code, message=error.message)
        raise opening.refused(error) from error
    _hand_over(scan)
    return scan


def run_scan(scan_id: UUID) -> None:
    """Do a waiting scan, as a job. Ends quietly when somebody else has it or it is finished.

    A platform that is down, or asks for a pause, leaves the scan for the sweep to start again; a definite refusal
    ends it FAILED with the reason.
    """
    scan = _claim(scan_id)
    if scan is None:
        return
    try:
        with opening.open_source(_stored_access(scan)) as source:
            if not scan.total_items:
                scan.total_items = _list(source).total
            report = _read(scan, source, _all_ids(source))
    except _ClaimLost:
        log.info("Scan %s was taken over", scan.pk)
    except _Stopped:
        _release(scan, seconds=0)
        enqueue(QUEUE, JOB, str(scan.pk), job_id=_job_id(scan))
    except (NotSent, Unclear) as error:
        if scan.attempt >= _MOST_ATTEMPTS:
            _fail(scan, code=error.code, message=error.message)
        else:
            _release(scan, seconds=error.retry_after or settings.SWEEP_SECONDS)
    except (PlatformError, DomainError) as error:
        _fail(scan, code=error.code, message=error.message)
    except Exception:
        # The edge of the job: whatever it was, the scan must not stay RUNNING for ever.
        log.exception("Scan %s failed", scan.pk)
        _fail(scan, code="SCAN_FAILED", message="The scan ended with an internal error; the log has the details")
    else:
        _complete(scan, report)


def sweep_scans() -> int:
    """Hand over scans that wait or lost their worker. Returns how many; called by the scheduler."""
    now = timezone.now()
    late = Q(status=ScanStatus.PENDING, created_at__lt=now - timedelta(seconds=settings.SWEEP_SECONDS))
    dead = Q(status=ScanStatus.RUNNING, lease_until__lt=now)
    rested = Q(lease_until=None) | Q(lease_until__lt=now)
    found = list(Scan.objects.filter(late & rested | dead).order_by("created_at")[:500])
    for scan in found:
        enqueue(QUEUE, JOB, str(scan.pk), job_id=_job_id(scan))
    return len(found)


def _store(request: ScanRequest, *, by: Principal) -> Scan:
    """The row, held by this request from the start: no sweep takes it while its project is being listed."""
    access = request.access
    with transaction.atomic():
        scan = Scan.objects.create(
            organization=by.organization,
            connector=request.connector,
            migration_project=request.migration_project,
            system=access.system.value,
            server=opening.address_of(access),
            owner=access.owner,
            account=access.account,
            external_project=access.project,
            started_by=by.user,
            lease_until=_lease_end(),
        )
        if request.connector is None:
            scan.sealed_credentials = seal_values(scan, {"secret": access.secret})
            scan.save(update_fields=["sealed_credentials"])
        _tell(scan)
    return scan


def _stored_access(scan: Scan) -> Access:
    """What the scan was asked with. Raises DomainError when the connector or its credentials are gone."""
    if scan.connector is not None:
        return opening.access_to(scan.connector, project=scan.external_project)
    secrets = unseal_values(scan, scan.sealed_credentials)
    if not secrets:
        raise DomainError("CONNECTOR_NOT_FOUND", "The connector of this scan was deleted", status=404)
    return Access(
        system=SystemId(scan.system),
        server=scan.server,
        project=scan.external_project,
        owner=scan.owner,
        account=scan.account,
        secret=secrets["secret"],
    )


def _list(source: SourceTracker) -> _Listing:
    """What there is to read. A token without the scope may be refused in words about something else, or be shown an
    empty project (https://learn.microsoft.com/azure/devops/integrate/get-started/authentication/oauth#scopes): the
    connection test knows the precise reason and raises it."""
    listing = _Listing()
    try:
        for page in source.list_ids(ItemFilter()):
            listing.total += len(page)
            listing.ids = [*listing.ids, *page] if listing.is_small else []
    except AccessLost:
        source.probe()
        raise
    if not listing.total:
        source.probe()
    return listing


def _all_ids(source: SourceTracker) -> Iterator[str]:
    for page in source.list_ids(ItemFilter()):
        yield from page


def _read_in_answer(scan: Scan, source: SourceTracker, listing: _Listing) -> None:
    with transaction.atomic():
        taken = Scan.objects.filter(pk=scan.pk, status=ScanStatus.PENDING, attempt=0).update(
            status=ScanStatus.RUNNING, attempt=1, started_at=timezone.now(), lease_until=_lease_end()
        )
        if taken:
            _tell(Scan.objects.get(pk=scan.pk))
    scan.attempt = 1
    try:
        if not taken:
            raise _ClaimLost
        _complete(scan, _read(scan, source, listing.ids))
    except (_ClaimLost, _Stopped) as error:
        raise DomainError(
            "SCAN_INTERRUPTED", f"The scan goes on in the background: GET /api/audit/{scan.pk}", status=409
        ) from error


def _read(scan: Scan, source: SourceTracker, ids: Iterable[str]) -> AuditReport:
    """Fold every item into the report, saving the progress now and then. Raises _ClaimLost and _Stopped."""
    audit = Audit(source.describe())
    read = 0
    saved = timezone.now()
    with ReadAhead(source, ids) as batches:
        for batch in batches:
            for item in batch.items:
                audit.add(item)
            audit.add_unreadable(batch.unreadable)
            read += len(batch.ids)
            if stopping.is_set():
                raise _Stopped
            now = timezone.now()
            if (now - saved).total_seconds() >= _SAVE_SECONDS:
                _save_progress(scan, read)
                saved = now
    _save_progress(scan, read)
    return audit.report(price_rules(scan.organization))


def _save_progress(scan: Scan, read: int) -> None:
    changed = _mine(scan).update(read_items=read, total_items=max(read, scan.total_items), lease_until=_lease_end())
    if not changed:
        raise _ClaimLost


def _mine(scan: Scan) -> QuerySet[Scan]:
    """Our own row, while it is ours."""
    return Scan.objects.filter(pk=scan.pk, attempt=scan.attempt, status=ScanStatus.RUNNING)


def _claim(scan_id: UUID) -> Scan | None:
    now = timezone.now()
    free = Q(status=ScanStatus.PENDING) | Q(status=ScanStatus.RUNNING, lease_until__lt=now)
    with transaction.atomic():
        taken = Scan.objects.filter(free, pk=scan_id).update(
            status=ScanStatus.RUNNING,
            attempt=F("attempt") + 1,
            lease_until=_lease_end(),
            started_at=now,
            read_items=0,
        )
        if not taken:
            return None
        scan = Scan.objects.select_related("connector", "organization").get(pk=scan_id)
        if scan.attempt == 1:
            _tell(scan)
    return scan


def _release(scan: Scan, *, seconds: float) -> None:
    """Give the scan back: it waits so long, then the sweep hands it over again."""
    _mine(scan).update(status=ScanStatus.PENDING, lease_until=timezone.now() + timedelta(seconds=seconds))


def _complete(scan: Scan, report: AuditReport) -> None:
    with transaction.atomic():
        changed = _mine(scan).update(
            status=ScanStatus.COMPLETED,
            report=report,
            finished_at=timezone.now(),
            lease_until=None,
            sealed_credentials="",
            error_code="",
            error_message="",
        )
        scan.refresh_from_db()
        if changed:
            _tell(scan)


def _fail(scan: Scan, *, code: str, message: str) -> None:
    with transaction.atomic():
        changed = Scan.objects.filter(pk=scan.pk, attempt=scan.attempt, status__in=UNFINISHED).update(
            status=ScanStatus.FAILED,
            error_code=code,
            error_message=message,
            finished_at=timezone.now(),
            lease_until=None,
            sealed_credentials="",
        )
        if changed:
            _tell(Scan.objects.get(pk=scan.pk))


def _tell(scan: Scan) -> None:
    """Those who subscribed to the scan's new status; in the transaction that made it so."""
    told = {
        "scanId": str(scan.pk),
        "status": scan.status,
        "connectorId": scan.connector_id,
        "projectId": str(scan.migration_project) if scan.migration_project else None,
        "externalProject": scan.external_project,
        "totalWorkItems": scan.total_items,
        "error": scan.error_message or None,
        "code": scan.error_code or None,
    }
    emit(scan.organization_id, f"scan.{scan.status.lower()}", told)


def _hand_over(scan: Scan) -> None:
    Scan.objects.filter(pk=scan.pk).update(lease_until=None)
    try:
        enqueue(QUEUE, JOB, str(scan.pk), job_id=_job_id(scan))
    except QueueUnreachable as error:
        message = "Could not start the scan worker: the job queue is unreachable"
        _fail(scan, code="ENGINE_DISPATCH_FAILED", message=message)
        raise DomainError("ENGINE_DISPATCH_FAILED", message, status=502) from error


def _job_id(scan: Scan) -> str:
    return f"scan-{scan.pk}"


def _lease_end() -> datetime:
    # One batch may take as long as a platform's slowest answer, several times over.
    return timezone.now() + timedelta(seconds=4 * settings.LEASE_SECONDS)
