"""Bodies of `/api/projects…`. Names and casing are the documents'."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from connectors.domain.findings import Severity
from connectors.models import Scan
from connectors.queries import LARGEST_ID
from migrations_app.api.moments import moment
from migrations_app.models import Project, ProjectStatus, System
from migrations_app.queries import status_of
from migrations_app.services import Preflight


class MigrationsNewProject(serializers.Serializer[None]):
    """What makes a project."""

    name = serializers.CharField(max_length=200)
    sourceSystem = serializers.ChoiceField(choices=System.choices)
    targetSystem = serializers.ChoiceField(choices=System.choices)
    description = serializers.CharField(max_length=10_000, required=False, allow_blank=True, allow_null=True)
    sourceConnectorId = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=LARGEST_ID)
    targetConnectorId = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=LARGEST_ID)


class MigrationsProjectChanges(serializers.Serializer[None]):
    """What may be changed; null takes a connector away."""

    name = serializers.CharField(max_length=200, required=False)
    description = serializers.CharField(max_length=10_000, required=False, allow_blank=True, allow_null=True)
    sourceConnectorId = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=LARGEST_ID)
    targetConnectorId = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=LARGEST_ID)


class MigrationsScanSummary(serializers.Serializer[None]):
    """The newest scan of a project's source."""

    scanId = serializers.UUIDField()
    totalWorkItems = serializers.IntegerField()
    typeCounts = serializers.DictField(child=serializers.IntegerField())
    finishedAt = serializers.DateTimeField()


class MigrationsProjectLine(serializers.Serializer[None]):
    """A project in the list."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    status = serializers.ChoiceField(choices=ProjectStatus.choices)
    createdAt = serializers.DateTimeField()
    updatedAt = serializers.DateTimeField()


class MigrationsProject(MigrationsProjectLine):
    """A project."""

    tenantId = serializers.UUIDField()
    description = serializers.CharField()
    sourceSystem = serializers.ChoiceField(choices=System.choices)
    targetSystem = serializers.ChoiceField(choices=System.choices)
    sourceConnectorId = serializers.IntegerField(allow_null=True)
    targetConnectorId = serializers.IntegerField(allow_null=True)
    latestScan = MigrationsScanSummary(allow_null=True, required=False)


def show_project_line(project: Project) -> dict[str, Any]:
    """One row of the list."""
    return {
        "id": str(project.pk),
        "name": project.name,
        "status": status_of(project),
        "createdAt": moment(project.created_at),
        "updatedAt": moment(project.updated_at),
    }


def show_project(project: Project) -> dict[str, Any]:
    """A whole project."""
    return {
        **show_project_line(project),
        "tenantId": str(project.organization_id),
        "description": project.description,
        "sourceSystem": project.source_system,
        "targetSystem": project.target_system,
        "sourceConnectorId": project.source_connector_id,
        "targetConnectorId": project.target_connector_id,
    }


def show_scan_summary(scan: Scan | None) -> dict[str, Any] | None:
    """What a project tells of its newest scan."""
    if scan is None:
        return None
    report = scan.report or {}
    return {
        "scanId": str(scan.pk),
        "totalWorkItems": report.get("totalWorkItems", scan.total_items),
        "typeCounts": report.get("typeCounts", {}),
        "finishedAt": moment(scan.finished_at),
    }


class MigrationsFinding(serializers.Serializer[None]):
    """Something a check found. `blocking` stops a run before its first write."""

    severity = serializers.ChoiceField(choices=[severity.value for severity in Severity])
    code = serializers.CharField()
    message = serializers.CharField()
    count = serializers.IntegerField()
    sampleIds = serializers.ListField(child=serializers.CharField())


class MigrationsTypeChoice(serializers.Serializer[None]):
    """What items of a type become; `target` is empty where nothing fits."""

    source = serializers.CharField()  # type: ignore[assignment]
    target = serializers.CharField()
    count = serializers.IntegerField()


class MigrationsPreflight(serializers.Serializer[None]):
    """What the check before a run found. A project too large to read at once has fewer `checkedItems`."""

    ready = serializers.BooleanField()
    totalItems = serializers.IntegerField()
    checkedItems = serializers.IntegerField()
    types = MigrationsTypeChoice(many=True)
    findings = MigrationsFinding(many=True)


def show_preflight(found: Preflight) -> dict[str, Any]:
    """What the check found."""
    return {
        "ready": not found.is_blocked,
        "totalItems": found.total_items,
        "checkedItems": found.read_items,
        "types": [{"source": each.source, "target": each.target, "count": each.count} for each in found.types],
        "findings": [finding.as_json() for finding in found.findings],
    }
