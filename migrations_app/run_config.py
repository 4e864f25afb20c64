"""What a run was asked to do: from a validated request to the row's `config`, and from there to the engine.

`config` is a stored format, `{"source": …, "target": …, "selection": …, "options": …}`, without any secret. Rows
outlive versions: a name that is missing there has its default.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from connectors.domain.ports import ItemFilter
from connectors.domain.systems import Access, SystemId
from migrations_app.engine.config import RunConfig, RunOptions
from migrations_app.engine.state import Outcome, RunType
from migrations_app.models import MigrationRun, RunItem
from migrations_app.scopes import organization_of

LEASE_MARGIN = 2.0
ONLY_FAILED = "only_failed"
"""In a run's `config`: it takes what its parent run failed at, and nothing else."""


@dataclass(frozen=True, slots=True)
class StartRequest:
    """A start call, validated in itself. An end that is None is the project's connector.

    `source_project` and `target_project` choose another project of a connector than its default one.
    """

    type: RunType
    source: Access | None = None
    target: Access | None = None
    source_project: str = ""
    target_project: str = ""
    selection: ItemFilter = field(default_factory=ItemFilter)
    options: RunOptions = field(default_factory=RunOptions)
    start_at: datetime | None = None


def to_json(request: StartRequest, *, source: Access, target: Access) -> dict[str, Any]:
    """The `config` of a new run with both ends settled."""
    selection = request.selection
    return {
        "source": _end_to_json(source),
        "target": _end_to_json(target),
        "selection": {"area": selection.area, "types": list(selection.types)},
        "options": asdict(request.options),
        "start_at": request.start_at.isoformat() if request.start_at else None,
    }


def _end_to_json(access: Access) -> dict[str, str]:
    return {
        "system": access.system.value,
        "server": access.server,
        "project": access.project,
        "owner": access.owner,
        "account": access.account,
    }


def stored_end(run: MigrationRun, side: str, *, secret: str) -> Access:
    """One end of a run with inline credentials, as it was given."""
    end = run.config[side]
    return Access(
        system=SystemId(end["system"]),
        server=end["server"],
        project=end["project"],
        owner=end.get("owner", ""),
        account=end.get("account", ""),
        secret=secret,
    )


def options_of(config: Mapping[str, Any]) -> RunOptions:
    """The options of a stored `config`; names of another version are ignored."""
    known = {each.name for each in fields(RunOptions)}
    return RunOptions(**{name: value for name, value in config.get("options", {}).items() if name in known})


def failed_items(run_id: UUID) -> tuple[str, ...]:
    """The items that failed or arrived in part, in the order of the plan."""
    failures = [outcome.value for outcome in Outcome if outcome.is_failure]
    failed = RunItem.objects.filter(run_id=run_id, outcome__in=failures)
    return tuple(failed.order_by("position", "pk").values_list("source", flat=True))


def engine_config(run: MigrationRun) -> RunConfig:
    """What the engine gets to know of a claimed run."""
    selection = run.config.get("selection", {})
    source = run.config["source"]
    return RunConfig(
        type=RunType(run.type),
        organization=organization_of(owner=source.get("owner", ""), server=source["server"]),
        project=source["project"],
        selection=ItemFilter(area=selection.get("area") or None, types=tuple(selection.get("types", ()))),
        options=options_of(run.config),
        only=failed_items(run.parent_run_id) if run.config.get(ONLY_FAILED) and run.parent_run_id else None,
        attempt=run.attempt,
        unclear_wait=float(settings.UNCLEAR_WAIT),
        lease_margin=min(LEASE_MARGIN, settings.LEASE_SECONDS / 4),
    )
