"""The audit report's form: the documented answer of `POST /api/connectors/scan` and a superset of it."""

from __future__ import annotations

from typing import TypedDict

from connectors.domain.audit_estimate import EstimateEntry
from connectors.domain.audit_findings import FindingEntry


class IterationEntry(TypedDict):
    path: str
    startDate: str | None
    endDate: str | None
    itemCount: int


class AreaEntry(TypedDict):
    path: str
    depth: int
    itemCount: int


class CustomFieldEntry(TypedDict):
    referenceName: str
    name: str
    type: str
    itemCount: int


class UserEntry(TypedDict):
    id: str
    name: str
    email: str
    active: bool
    created: int
    assigned: int


class PricingEntry(TypedDict):
    totalItems: int
    attachmentGb: float
    basePrice: float
    discountPercent: float
    finalPriceGbp: float
    currency: str


class AuditReport(TypedDict):
    """The report as JSON. `relationCounts` counts relations as each item shows them: a link between two items of
    the project is seen from both ends, as `parent` and as `child`.
    `depthCounts` counts items by how deep they stand below their topmost parent in the project, from "1"."""

    totalWorkItems: int
    typeCounts: dict[str, int]
    iterationPaths: list[IterationEntry]
    areaPaths: list[AreaEntry]
    customFields: list[CustomFieldEntry]
    attachmentTotalGb: float
    attachmentCount: int
    commentCount: int
    pricing: PricingEntry
    stateCounts: dict[str, int]
    relationCounts: dict[str, int]
    depthCounts: dict[str, int]
    tagCounts: dict[str, int]
    users: list[UserEntry]
    estimate: EstimateEntry
    findings: list[FindingEntry]
