"""Projects by what another surface calls them: id, name, or the key made from the name."""

from __future__ import annotations

import re
from uuid import UUID

from connectors.project_directory import ProjectRef
from migrations_app.models import Project
from tenancy.models import Organization

_NOT_IN_KEYS = re.compile(r"[^A-Z0-9]+")
_LONGEST_KEY = 10


def project_key(name: str) -> str:
    """The key of a project: the letters and digits of its name, in capitals, ten at most."""
    return _NOT_IN_KEYS.sub("", name.upper())[:_LONGEST_KEY]


def find_named_project(organization: Organization, named: str) -> ProjectRef | None:
    """The project of that id, name or key, case aside; the oldest of several."""
    projects = Project.objects.for_organization(organization).order_by("created_at", "pk")
    try:
        found = projects.filter(pk=UUID(named)).first()
    except ValueError:
        found = projects.filter(name__iexact=named).first() or _by_key(list(projects), named)
    return _ref(found) if found is not None else None


def _by_key(projects: list[Project], named: str) -> Project | None:
    key = named.upper()
    return next((each for each in projects if key and project_key(each.name) == key), None)


def _ref(project: Project) -> ProjectRef:
    return ProjectRef(project.pk, project.source_connector_id, project.target_connector_id)
