"""Reading a project's stored mapping."""

from __future__ import annotations

from connectors.domain.mapping.decisions import Decisions, from_document
from connectors.models import Mapping
from migrations_app.models import Project


def stored_mapping(project: Project) -> Mapping | None:
    """The row, None while nobody decided anything."""
    rows = Mapping.objects.for_organization(project.organization)
    return rows.filter(migration_project=project.pk).first()


def decisions_of(project: Project) -> Decisions:
    """What people decided; empty while nobody did."""
    stored = stored_mapping(project)
    return from_document(stored.document) if stored is not None else Decisions()
