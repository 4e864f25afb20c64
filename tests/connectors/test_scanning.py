"""Scans around the tracker: claims, progress, what survives a dead worker, and what becomes of secrets."""

from datetime import timedelta

import pytest
from django.utils import timezone

from connectors import jobs as scan_jobs
from connectors import scanning
from connectors.domain.errors import AccessLost, DomainError, NotSent, Throttled
from connectors.domain.systems import Access, SystemId
from connectors.models import Connector, Scan, ScanStatus
from connectors.scanning import ScanRequest, start_scan, sweep_scans
from connectors.services import create_connector
from tenancy.errors import QueueUnreachable
from tenancy.queueing import stopping
from tests.builders import cast
from tests.connectors.sources import MemorySource

pytestmark = pytest.mark.django_db

ACCESS = Access(SystemId.AZURE_DEVOPS, server="https://dev.azure.com/contoso", project="Shop", secret="pat-of-scan")


@pytest.fixture
def owner():
    return cast().owner.principal


def raising(error, *, at=1):
    def raise_it(batch):
        if batch >= at:
            raise error

    return raise_it


def rest(scan):
    """Let every lease and wait of the scan be over."""
    Scan.objects.filter(pk=scan.pk).update(
        lease_until=timezone.now() - timedelta(seconds=1), created_at=timezone.now() - timedelta(hours=1)
    )


def test_a_small_project_is_reported_at_once_and_its_secret_forgotten(owner, jobs, monkeypatch):
    source = MemorySource(size=401).install(monkeypatch)

    scan = start_scan(ScanRequest(ACCESS), by=owner)

    assert (scan.status, scan.progress_percent, scan.total_items, scan.read_items) == ("COMPLETED", 100, 401, 401)
    assert scan.report["totalWorkItems"] == 401
    assert scan.sealed_credentials == ""
    assert source.batches == 3
    assert jobs.sent == []


def test_items_that_are_listed_but_not_given_are_a_finding(owner, monkeypatch):
    MemorySource(size=5, hidden=frozenset({"2", "4"})).install(monkeypatch)

    report = start_scan(ScanRequest(ACCESS), by=owner).report

    assert report["totalWorkItems"] == 3
    assert [(each["code"], each["count"], each["sampleIds"]) for each in report["findings"]] == [
        ("ITEM_UNREADABLE", 2, ["2", "4"])
    ]


def test_a_wish_for_the_background_becomes_a_job_that_holds_an_id_only(owner, jobs, monkeypatch):
    source = MemorySource(size=3).install(monkeypatch)

    scan = start_scan(ScanRequest(ACCESS, respond_async=True), by=owner)

    assert (scan.status, scan.total_items, source.batches) == ("PENDING", 3, 0)
    [call] = jobs.sent
    assert (call.queue, call.path, call.args) == ("scans", "connectors.jobs.run_scan", (str(scan.pk),))
    jobs.run_all()
    scan.refresh_from_db()
    assert (scan.status, scan.report["totalWorkItems"], scan.sealed_credentials) == ("COMPLETED", 3, "")
    assert source.opened[-1] == ACCESS


def test_a_project_over_the_limit_goes_to_a_worker_unasked(owner, jobs, monkeypatch):
    MemorySource(size=12_000).install(monkeypatch)

    scan = start_scan(ScanRequest(ACCESS), by=owner)

    assert (scan.status, scan.total_items) == ("PENDING", 12_000)
    jobs.run_all()
    scan.refresh_from_db()
    assert (scan.status, scan.report["totalWorkItems"]) == ("COMPLETED", 12_000)


@pytest.mark.parametrize(("size", "status"), [(10_000, "COMPLETED"), (10_001, "PENDING")])
def test_the_documented_limit_is_ten_thousand_items(owner, monkeypatch, size, status):
    MemorySource(size=size).install(monkeypatch)
    monkeypatch.setattr(scanning, "_read", lambda *_: {"totalWorkItems": size})

    assert start_scan(ScanRequest(ACCESS), by=owner).status == status


def test_progress_is_the_share_of_items_read(owner, jobs, monkeypatch):
    seen = []
    source = MemorySource(size=2_000)
    source.on_read = lambda _batch: seen.append(1)
    source.install(monkeypatch)
    monkeypatch.setattr(scanning, "_SAVE_SECONDS", 0)
    shown = []
    save = scanning._save_progress
    monkeypatch.setattr(
        scanning,
        "_save_progress",
        lambda scan, read: (save(scan, read), shown.append(Scan.objects.get().progress_percent)),
    )

    start_scan(ScanRequest(ACCESS, respond_async=True), by=owner)
    jobs.run_all()

    assert shown == [10, 20, 30, 40, 50, 60, 70, 80, 90, 99, 99]
    assert Scan.objects.get().progress_percent == 100


def test_a_definite_refusal_ends_the_scan_with_its_reason(owner, jobs, monkeypatch):
    source = MemorySource(size=3).install(monkeypatch)
    scan = start_scan(ScanRequest(ACCESS, respond_async=True), by=owner)
    source.on_read = raising(AccessLost("The token has expired", code="CREDENTIALS_REFUSED"))

    jobs.run_all()

    scan.refresh_from_db()
    assert (scan.status, scan.error_code, scan.error_message) == (
        "FAILED",
        "CREDENTIALS_REFUSED",
        "The token has expired",
    )
    assert (scan.sealed_credentials, scan.finished_at is not None, scan.report) == ("", True, None)


def test_a_refusal_while_listing_is_the_answer_and_stays_on_record(owner, monkeypatch):
    source = MemorySource()
    source.on_list = lambda: (_ for _ in ()).throw(AccessLost("No", code="CREDENTIALS_REFUSED"))
    source.install(monkeypatch)

    with pytest.raises(DomainError) as caught:
        start_scan(ScanRequest(ACCESS), by=owner)

    assert (caught.value.code, caught.value.status, caught.value.message) == ("CREDENTIALS_REFUSED", 400, "No")
    scan = Scan.objects.get()
    assert (scan.status, scan.error_code, scan.sealed_credentials) == ("FAILED", "CREDENTIALS_REFUSED", "")


def test_the_connection_test_words_a_refusal_and_an_empty_project(owner, monkeypatch):
    """Without the scope a query is refused vaguely, or answered with nothing at all."""
    precise = AccessLost("PAT does not have Work Items (Read) permission", code="PERMISSION_MISSING")
    refusing = MemorySource()
    refusing.on_list = lambda: (_ for _ in ()).throw(AccessLost("401", code="CREDENTIALS_REFUSED"))
    for source in (refusing, MemorySource(size=0)):
        source.probe = lambda: (_ for _ in ()).throw(precise)
        source.install(monkeypatch)
        with pytest.raises(DomainError) as caught:
            start_scan(ScanRequest(ACCESS), by=owner)
        assert (caught.value.code, caught.value.message) == (precise.code, precise.message)


def test_an_empty_project_is_a_report_of_nothing(owner, monkeypatch):
    MemorySource(size=0).install(monkeypatch)

    assert start_scan(ScanRequest(ACCESS), by=owner).report["totalWorkItems"] == 0


def test_a_platform_that_is_down_is_asked_again_by_the_sweep_until_it_answers(owner, jobs, monkeypatch):
    source = MemorySource(size=3).install(monkeypatch)
    scan = start_scan(ScanRequest(ACCESS, respond_async=True), by=owner)
    source.on_read = raising(Throttled("Wait", retry_after=60))
    jobs.run_all()
    scan.refresh_from_db()
    assert (scan.status, sweep_scans()) == ("PENDING", 0)
    assert 50 < (scan.lease_until - timezone.now()).total_seconds() <= 60

    source.on_read = lambda _batch: None
    rest(scan)
    assert sweep_scans() == 1
    jobs.run_all()

    scan.refresh_from_db()
    assert (scan.status, scan.attempt) == ("COMPLETED", 2)


def test_a_platform_that_stays_down_ends_the_scan(owner, jobs, monkeypatch):
    source = MemorySource(size=3).install(monkeypatch)
    scan = start_scan(ScanRequest(ACCESS, respond_async=True), by=owner)
    source.on_read = raising(NotSent("Nobody answers"))

    for _ in range(6):
        jobs.run_all()
        rest(scan)
        sweep_scans()

    scan.refresh_from_db()
    assert (scan.status, scan.error_code, scan.attempt) == ("FAILED", "PLATFORM_UNREACHABLE", 6)
    assert sweep_scans() == 0


def test_a_slow_workers_scan_is_taken_over_and_its_late_writes_change_nothing(owner, jobs, monkeypatch):
    MemorySource(size=600).install(monkeypatch)
    scan = start_scan(ScanRequest(ACCESS, respond_async=True), by=owner)
    slow = scanning._claim(scan.pk)
    rest(scan)
    sweep_scans()
    jobs.run_all()

    with pytest.raises(scanning._ClaimLost):
        scanning._save_progress(slow, 5)
    scanning._complete(slow, {"totalWorkItems": -1})
    scanning._fail(slow, code="LATE", message="too late")

    scan.refresh_from_db()
    assert (scan.status, scan.attempt, scan.read_items, scan.report["totalWorkItems"]) == ("COMPLETED", 2, 600, 600)


def test_a_scan_that_is_being_read_is_left_alone(owner, jobs, monkeypatch):
    source = MemorySource(size=3).install(monkeypatch)
    scan = start_scan(ScanRequest(ACCESS, respond_async=True), by=owner)
    Scan.objects.filter(pk=scan.pk).update(
        status=ScanStatus.RUNNING, attempt=1, lease_until=timezone.now() + timedelta(seconds=60)
    )

    scan_jobs.run_scan(str(scan.pk))

    assert source.batches == 0
    assert sweep_scans() == 0


def test_a_worker_that_is_asked_to_end_gives_the_scan_back(owner, jobs, monkeypatch):
    source = MemorySource(size=3).install(monkeypatch)
    scan = start_scan(ScanRequest(ACCESS, respond_async=True), by=owner)
    source.on_read = lambda _batch: stopping.set()
    try:
        call = jobs.sent[0]
        scan_jobs.run_scan(*call.args)
    finally:
        stopping.clear()

    scan.refresh_from_db()
    assert (scan.status, len(jobs.sent)) == ("PENDING", 2)
    source.on_read = lambda _batch: None
    jobs.run_all()
    scan.refresh_from_db()
    assert scan.status == "COMPLETED"


def test_an_internal_error_ends_the_scan_without_its_details(owner, jobs, monkeypatch, caplog):
    source = MemorySource(size=3).install(monkeypatch)
    scan = start_scan(ScanRequest(ACCESS, respond_async=True), by=owner)
    source.on_read = raising(ZeroDivisionError("inside"))

    jobs.run_all()

    scan.refresh_from_db()
    assert (scan.status, scan.error_code) == ("FAILED", "SCAN_FAILED")
    assert "inside" not in scan.error_message
    assert "ZeroDivisionError" in caplog.text


def test_an_unreachable_queue_fails_the_scan_at_once(owner, jobs, monkeypatch):
    MemorySource(size=3).install(monkeypatch)

    def unreachable(*_args, **_options):
        raise QueueUnreachable("gone")

    monkeypatch.setattr(scanning, "enqueue", unreachable)

    with pytest.raises(DomainError) as caught:
        start_scan(ScanRequest(ACCESS, respond_async=True), by=owner)

    assert (caught.value.code, caught.value.status) == ("ENGINE_DISPATCH_FAILED", 502)
    scan = Scan.objects.get()
    assert (scan.status, scan.error_code, scan.sealed_credentials) == ("FAILED", "ENGINE_DISPATCH_FAILED", "")


def test_a_connectors_scan_stores_no_secret_of_its_own_and_reads_the_connectors(owner, jobs, monkeypatch):
    source = MemorySource(size=3).install(monkeypatch)
    connector = create_connector(
        by=owner,
        name="Shop",
        system="azure_devops",
        credentials={"organization_url": "contoso", "project": "Shop", "personal_access_token": "stored-pat"},
    )

    scan = start_scan(ScanRequest(ACCESS, connector=connector, respond_async=True), by=owner)

    assert Scan.objects.get(pk=scan.pk).sealed_credentials == ""
    jobs.run_all()
    assert (source.opened[-1].server, source.opened[-1].secret) == ("contoso", "stored-pat")


def test_a_scan_whose_connector_was_deleted_says_so(owner, jobs, monkeypatch):
    MemorySource(size=3).install(monkeypatch)
    connector = Connector.objects.create(
        organization=owner.organization, name="C", system="azure_devops", server="contoso", default_project="Shop"
    )
    scan = start_scan(ScanRequest(ACCESS, connector=connector, respond_async=True), by=owner)
    connector.delete()

    jobs.run_all()

    scan.refresh_from_db()
    assert (scan.status, scan.error_code) == ("FAILED", "CONNECTOR_NOT_FOUND")
