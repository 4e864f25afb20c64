"""How far a project is: what each of its steps depends on, read in a fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from connectors.models import Mapping, Scan, ScanStatus
from migrations_app.engine.state import RunType
from migrations_app.mappings import stored_mapping
from migrations_app.models import MigrationRun, Project
from migrations_app.queries import runs_of
from migrations_app.services.mapping import COMPLETE

_DRY = Q(config__options__dry_run=True)
# Where the option is not named, a database neither finds it true nor finds it not true.
_WRITING = ~_DRY | Q(config__options__dry_run__isnull=True)


@dataclass(frozen=True, slots=True)
class ProjectProgress:
    """The newest of everything. `report` is the newest finished scan, `scan` the newest of all; both without their
    reports. `run` is the newest that writes, `preview` the newest that does not."""

    project: Project
    scan: Scan | None
    report: Scan | None
    mapping: Mapping | None
    run: MigrationRun | None
    preview: MigrationRun | None

    @property
    def is_mapped(self) -> bool:
        """Whether nothing was left to decide when the mapping was last looked at."""
        return self.mapping is not None and bool(self.mapping.document.get(COMPLETE))

    @property
    def is_moved(self) -> bool:
        """Whether more than a sample was moved, or is being moved."""
        return self.run is not None and self.run.type != RunType.SAMPLE.value


def progress_of(project: Project) -> ProjectProgress:
    """Read what the steps depend on."""
    runs = runs_of(project.organization).filter(project=project)
    scan = scans_for(project).first()
    report = scan
    if scan is not None and scan.status != ScanStatus.COMPLETED:
        report = scans_for(project).filter(status=ScanStatus.COMPLETED).first()
    return ProjectProgress(
        project=project,
        scan=scan,
        report=report,
        mapping=stored_mapping(project),
        run=runs.filter(_WRITING).first(),
        preview=runs.filter(_DRY).first(),
    )


def scans_for(project: Project) -> QuerySet[Scan]:
    """Scans that were made for the project, or of its source by the same connector, the newest first, without their
    reports."""
    made_for = Q(migration_project=project.pk)
    source = project.source_connector
    if source is not None:
        made_for |= Q(connector=source, external_project__iexact=source.default_project)
    rows = Scan.objects.filter(made_for, organization=project.organization_id)
    return rows.select_related("connector", "started_by").defer("report", "sealed_credentials")
