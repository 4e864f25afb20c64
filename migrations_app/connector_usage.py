"""Which projects and runs use a connector."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from django.db.models import Count, Q

from connectors.usage import Use
from migrations_app.models import ACTIVE_STATUSES, MigrationRun, Project
from migrations_app.queries import projects_of, status_of
from tenancy.models import Organization

PROJECT, RUN = "project", "run"


class MigrationsUsage:
    """Answers `connectors.usage` for projects and runs."""

    def count(self, organization: Organization, connectors: Collection[int]) -> Mapping[int, Mapping[str, int]]:
        """Two queries. A connector on both ends of a project counts once."""
        found: dict[int, Counter[str]] = {each: Counter() for each in connectors}
        for kind, model in ((PROJECT, Project), (RUN, MigrationRun)):
            rows = model.objects.for_organization(organization).filter(_uses_any(connectors)).order_by()
            pairs = rows.values_list("source_connector", "target_connector").annotate(Count("pk"))
            for source, target, count in pairs:
                for connector in {source, target} & {*connectors}:
                    found[connector][kind] += count
        return found

    def uses(self, organization: Organization, connector: int, *, most: int) -> Sequence[Use]:
        """Projects, then runs, each the newest first; active runs before all others."""
        mine = _uses_any([connector])
        projects = projects_of(organization).filter(mine)[:most]
        runs = MigrationRun.objects.for_organization(organization).filter(mine).select_related("project")
        active = list(runs.filter(status__in=ACTIVE_STATUSES)[:most])
        ended = list(runs.exclude(status__in=ACTIVE_STATUSES)[: most - len(active)])
        return [
            *(
                Use(PROJECT, each.name, status_of(each), "migrations_console:project", {"project": str(each.pk)})
                for each in projects
            ),
            *(
                Use(
                    RUN,
                    f"{each.project.name}, {each.get_type_display().lower()}",
                    each.status,
                    "migrations_console:run",
                    {"run": str(each.pk)},
                    active=each in active,
                )
                for each in (*active, *ended)
            ),
        ]


def _uses_any(connectors: Collection[int]) -> Q:
    return Q(source_connector__in=connectors) | Q(target_connector__in=connectors)
