"""Rows for tests of runs: an organization with a project and a run that a worker holds."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from migrations_app.engine.ports import PlanItem
from migrations_app.engine.state import RunStatus, RunType
from migrations_app.models import LedgerScope, MigrationRun, Project
from tenancy.models import Organization
from tests import recipes

_numbers = count(1)
TARGET = {"system": "jira", "server": "https://contoso.atlassian.net", "project": "PARTS", "account": "a@b.example"}
CONFIG = {
    "source": {"system": "azure_devops", "server": "contoso", "project": "Parts"},
    "target": TARGET,
    "selection": {"area": None, "types": []},
    "options": {},
}


def make_project(organization: Organization | None = None, **fields: Any) -> Project:
    owner = organization or recipes.organization.make()
    return Project.objects.create(organization=owner, **{"name": "Parts", **fields})


def make_run(project: Project | None = None, *, status: RunStatus = RunStatus.PENDING, **fields: Any) -> MigrationRun:
    owner = project or make_project()
    scope = fields.pop("scope", None) or LedgerScope.objects.create(
        organization=owner.organization,
        source=f"dev.azure.com/contoso/parts-{next(_numbers)}",
        target="contoso.atlassian.net/PARTS",
    )
    return MigrationRun.objects.create(
        organization=owner.organization,
        project=owner,
        scope=scope,
        **{"type": RunType.FULL.value, "status": status.value, "config": CONFIG, **fields},
    )


def make_held_run(project: Project | None = None, **fields: Any) -> MigrationRun:
    """A run that a worker has claimed: attempt 1, lease in the future."""
    now = timezone.now()
    held = {"attempt": 1, "lease_until": now + timedelta(seconds=30), "started_at": now, "worker": "tests"}
    return make_run(project, status=RunStatus.RUNNING, **{**held, **fields})


def plan_item(source: str, *, position: int | None = None, **fields: Any) -> PlanItem:
    known = {"rev": 3, "type": "User Story", "title": f"Story {source}", "position": int(source)}
    if position is not None:
        known["position"] = position
    return PlanItem(source=source, **{**known, **fields})
