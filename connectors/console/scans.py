"""Audits: started, watched, read, downloaded and compared."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django_htmx.http import HttpResponseClientRefresh

from connectors import opening, queries, scanning
from connectors.console.advice import after_failure
from connectors.console.asking import asked_choice, asked_text
from connectors.console.report_tables import PARTS
from connectors.console.reports import view_of
from connectors.domain.audit_compare import compare_reports
from connectors.domain.errors import DomainError
from connectors.domain.systems import SYSTEMS
from connectors.models import UNFINISHED, Connector, Scan, ScanStatus
from connectors.scanning import ScanRequest
from tenancy.console.base import ConsoleView
from tenancy.console.forms import ConsoleForm
from tenancy.models import Organization
from tenancy.permissions import Action
from tenancy.spreadsheets import csv_answer

SCANNABLE = tuple(each.id.value for each in SYSTEMS if each.scannable)
_MOST_CHOICES = 50
_HEAVY = ("report", "sealed_credentials")


class ScanList(ConsoleView):
    """All scans of the organization, the newest first."""

    section = "scans"

    def get(self, request: HttpRequest) -> HttpResponse:
        """A page of them, narrowed by project and status."""
        asked = {"q": asked_text(request, "q"), "status": asked_choice(request, "status", ScanStatus.values)}
        page = self.paged(_narrowed(queries.scans_of(self.organization), asked))
        return self.page(
            "console/scans/list.html",
            page=page,
            scans=page,
            asked=asked,
            statuses=ScanStatus.choices,
            narrowed=any(asked.values()),
        )


class ScanForm(ConsoleForm):
    """Which project of which connector."""

    connector = forms.ModelChoiceField(
        Connector.objects.none(), label="Connector", empty_label="Choose one", help_text="The source to be read."
    )
    project = forms.CharField(
        max_length=255,
        required=False,
        label="Project",
        help_text="Empty: the connector's default project.",
    )

    def __init__(self, organization: Organization, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["connector"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = scannable_connectors(organization)


class StartScan(ConsoleView):
    """The form that starts a scan. Reading changes nothing on the platform."""

    section = "scans"
    action = Action.SCAN
    post_action = Action.SCAN

    def get(self, request: HttpRequest) -> HttpResponse:
        """The form, with the connector that the address names."""
        return self._drawn(ScanForm(self.organization, initial={"connector": request.GET.get("connector", "")}))

    def post(self, request: HttpRequest) -> HttpResponse:
        """List the project now, so that a refusal is answered here; read it in the background."""
        form = ScanForm(self.organization, request.POST)
        if not form.is_valid():
            return self._drawn(form, status=422)
        connector: Connector = form.cleaned_data["connector"]
        try:
            access = opening.access_to(connector, project=form.cleaned_data["project"])
            scan = scanning.start_scan(ScanRequest(access, connector=connector, respond_async=True), by=self.principal)
        except DomainError as error:
            form.refuse(error)
            return self._drawn(form, status=422, advice=after_failure(error.code))
        return self.go("connectors_console:scan", scan=scan.pk)

    def _drawn(self, form: ScanForm, *, status: int = 200, **context: Any) -> HttpResponse:
        return self.page(
            "console/scans/start.html",
            status=status,
            form=form,
            has_connectors=scannable_connectors(self.organization).exists(),
            **context,
        )


class ScanPage(ConsoleView):
    """One scan: its progress while it is read, then its report, or why it failed."""

    section = "scans"

    def get(self, request: HttpRequest, scan: UUID) -> HttpResponse:
        """The page; it asks for the progress by itself until there is a report."""
        found = queries.find_scan(self.organization, scan)
        if found.status == ScanStatus.COMPLETED:
            return self.page(
                "console/scans/report.html", scan=found, view=view_of(found), others=_comparable(found), parts=PARTS
            )
        return self.page(
            "console/scans/progress.html", scan=found, advice=after_failure(found.error_code), waiting=_waits(found)
        )


class ScanProgress(ConsoleView):
    """The part of a scan's page that changes; loads the whole page anew once the scan has ended."""

    def get(self, request: HttpRequest, scan: UUID) -> HttpResponse:
        """Fetched every other second."""
        found = queries.find_scan(self.organization, scan)
        if not _waits(found):
            return HttpResponseClientRefresh()
        return self.fragment("console/scans/_progress.html", scan=found)


class ScanTable(ConsoleView):
    """One table of a report as a download, with all its rows."""

    def get(self, request: HttpRequest, scan: UUID, part: str) -> HttpResponse:
        """CSV."""
        table = PARTS.get(part)
        found = queries.find_scan(self.organization, scan)
        if table is None or found.report is None:
            raise Http404
        return csv_answer(table.header, table.rows(found.report), name=f"audit-{part}-{found.pk}.csv")


class CompareScans(ConsoleView):
    """What changed from one report to another."""

    section = "scans"

    def get(self, request: HttpRequest) -> HttpResponse:
        """`?before=` and `?after=` name the scans; given the wrong way round, the older one is first."""
        pair = [queries.find_scan(self.organization, _id_of(request.GET.get(name))) for name in ("before", "after")]
        if any(each.report is None for each in pair):
            raise DomainError("SCAN_NOT_FOUND", "Only finished scans can be compared: wait for both reports")
        before, after = sorted(pair, key=lambda scan: scan.created_at)
        found = compare_reports(before.report or {}, after.report or {})
        parts = (
            ("Types", found.types),
            ("States", found.states),
            ("Areas", found.areas),
            ("Iterations", found.iterations),
            ("Custom fields", found.fields),
            ("Tags", found.tags),
        )
        return self.page(
            "console/scans/compare.html",
            before=before,
            after=after,
            found=found,
            parts=[(title, changes[:200], len(changes)) for title, changes in parts if changes],
            elsewhere=_place(before) != _place(after),
        )


def scannable_connectors(organization: Organization) -> QuerySet[Connector]:
    """Connectors whose projects can be read from here, by name."""
    rows = queries.connectors_of(organization).filter(system__in=SCANNABLE, inaccessible=False)
    return rows.order_by("name", "pk")


def _narrowed(rows: QuerySet[Scan], asked: dict[str, str]) -> QuerySet[Scan]:
    rows = rows.select_related("connector", "started_by").defer(*_HEAVY)
    text = asked["q"]
    if text:
        rows = rows.filter(Q(external_project__icontains=text) | Q(connector__name__icontains=text))
    return rows.filter(status=asked["status"]) if asked["status"] else rows


def _waits(scan: Scan) -> bool:
    return scan.status in UNFINISHED


def _comparable(scan: Scan) -> list[Scan]:
    """Other finished scans of the same project, the newest first."""
    rows = Scan.objects.for_organization(scan.organization).filter(
        system=scan.system,
        server=scan.server,
        owner=scan.owner,
        external_project=scan.external_project,
        status=ScanStatus.COMPLETED,
    )
    return list(rows.exclude(pk=scan.pk).defer(*_HEAVY)[:_MOST_CHOICES])


def _place(scan: Scan) -> tuple[str, ...]:
    return scan.system, scan.server, scan.owner, scan.external_project


def _id_of(text: str | None) -> UUID:
    try:
        return UUID(text or "")
    except ValueError:
        raise Http404 from None
