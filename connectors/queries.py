"""Reads. Every one starts from an organization; what belongs to another one does not exist (404)."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from connectors.domain.errors import DomainError
from connectors.domain.pricing import DEFAULT_RULES, PriceRules, parse_rules
from connectors.models import AnalysisConnector, Connector, ConnectorProject, PriceList, Scan, ScanStatus
from tenancy.models import Organization

LARGEST_ID = 2**63 - 1
"""Of an integer key; a database cannot even compare with more."""


def connectors_of(organization: Organization) -> QuerySet[Connector]:
    """The organization's connectors, the newest first, with who made them."""
    return Connector.objects.for_organization(organization).select_related("created_by").order_by("-pk")


def find_connector(organization: Organization, connector_id: int) -> Connector:
    """One connector. Raises DomainError CONNECTOR_NOT_FOUND."""
    found = None
    if 0 < connector_id <= LARGEST_ID:
        found = connectors_of(organization).filter(pk=connector_id).first()
    if found is None:
        raise DomainError("CONNECTOR_NOT_FOUND", f"Connector {connector_id} not found", status=404)
    return found


def analysis_connectors_of(organization: Organization) -> QuerySet[AnalysisConnector]:
    """The organization's analysis connectors, the oldest first."""
    return AnalysisConnector.objects.for_organization(organization).order_by("pk")


def find_analysis_connector(organization: Organization, connector_id: int) -> AnalysisConnector:
    """One analysis connector. Raises DomainError CONNECTOR_NOT_FOUND."""
    found = None
    if 0 < connector_id <= LARGEST_ID:
        found = analysis_connectors_of(organization).filter(pk=connector_id).first()
    if found is None:
        raise DomainError("CONNECTOR_NOT_FOUND", f"Connector {connector_id} not found", status=404)
    return found


def instances_of(organization: Organization) -> QuerySet[Connector]:
    """The organization's connectors as the integration surface lists them: the oldest first, who made them."""
    return Connector.objects.for_organization(organization).select_related("created_by").order_by("pk")


def find_connector_project(connector: Connector, external_id: str) -> ConnectorProject:
    """One external project of a connector. Raises DomainError PROJECT_NOT_FOUND."""
    found = None
    if "\0" not in external_id:  # PostgreSQL cannot even compare with it
        found = connector.projects.filter(external_id=external_id).first()
    if found is None:
        raise DomainError("PROJECT_NOT_FOUND", f"Project {external_id[:200]!r} not found", status=404)
    return found


def scans_of(organization: Organization) -> QuerySet[Scan]:
    """The organization's scans, the newest first."""
    return Scan.objects.for_organization(organization)


def find_scan(organization: Organization, scan_id: UUID) -> Scan:
    """One scan with its report. Raises DomainError SCAN_NOT_FOUND."""
    found = scans_of(organization).filter(pk=scan_id).first()
    if found is None:
        raise DomainError("SCAN_NOT_FOUND", f"Scan {scan_id} not found", status=404)
    return found


def latest_scan(organization: Organization, *, migration_project: UUID, completed: bool = False) -> Scan | None:
    """The newest scan made for a project of the migrations app; the newest with a report when `completed`."""
    scans = scans_of(organization).filter(migration_project=migration_project)
    if completed:
        scans = scans.filter(status=ScanStatus.COMPLETED)
    return scans.first()


def price_rules(organization: Organization) -> PriceRules:
    """The organization's own price list, or the default one."""
    own = PriceList.objects.for_organization(organization).first()
    return DEFAULT_RULES if own is None else parse_rules(own.rules)
