"""What single items would become: composed as a run composes them, from both ends as they are now, nothing written."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.conf import settings

from connectors.domain.errors import DomainError, PlatformError
from connectors.domain.findings import Finding, Severity
from connectors.domain.ports import SourceTracker, TargetTracker
from connectors.domain.systems import Access
from connectors.domain.work_items import Comment, WorkItem
from connectors.models import Connector
from connectors.opening import access_to, located, open_source, open_target, refused, selected, wished
from migrations_app.engine.config import RunConfig, RunOptions, SliceEnd
from migrations_app.engine.decided import decided_options
from migrations_app.engine.journal import Journal
from migrations_app.engine.ports import Batch, Effect, Event, PlanItem
from migrations_app.engine.prepare import PrepareStage
from migrations_app.engine.runner import Runner
from migrations_app.engine.scene import Scene
from migrations_app.engine.showing import ShownItem, show_item
from migrations_app.engine.state import Control, RunType
from migrations_app.mappings import decisions_of
from migrations_app.models import LedgerScope, MigrationRun, Project
from migrations_app.pool import ThreadPool
from migrations_app.queries import find_project
from migrations_app.run_config import StartRequest, to_json
from migrations_app.scopes import organization_of, source_address, target_address
from migrations_app.services.remembering import remembered
from migrations_app.services.slices import WallClock
from migrations_app.store import DjangoStore
from tenancy.permissions import Action, require
from tenancy.principal import Principal

MOST_ANCESTORS = 12
MOST_AT_ONCE = 5
CALLS_AT_ONCE = 6


@dataclass(frozen=True, slots=True)
class Preview:
    """The items that were asked for, as far as they can be composed, and what a check of them found."""

    items: dict[str, ShownItem]
    findings: tuple[Finding, ...]


class PreviewStore(DjangoStore):
    """Knows what earlier runs of the project moved, and keeps everything else in memory: nothing is ever stored.

    The previewed items themselves count as not moved, so that they are shown as a run would make them anew.
    """

    def __init__(self, run: MigrationRun, *, previewed: Sequence[str]) -> None:
        super().__init__(run, lease_seconds=0)
        self._previewed = frozenset(previewed)
        self._planned: list[PlanItem] = []
        self.events: list[Event] = []

    def commit(self, batch: Batch) -> Control:
        """Remember the plan and what was told."""
        self._planned.extend(batch.new_items)
        self.events.extend(batch.events)
        return Control.GO

    def items(self) -> Iterator[PlanItem]:
        return iter(self._planned)

    def open_effects(self) -> list[Effect]:
        return []

    def moved(self, items: Sequence[str]) -> dict[str, Effect]:
        return super().moved([item for item in items if item not in self._previewed])

    def moved_before(self) -> dict[str, Effect]:
        """Which of the previewed items have become issues already."""
        return super().moved(sorted(self._previewed))

    def lease_left(self) -> float:
        return float("inf")

    def _siblings(self) -> list[int]:
        return super()._siblings() if self._scope_id else []


def preview_items(project_id: UUID, ids: Sequence[str], *, by: Principal) -> Preview:
    """What these items would become; those that cannot be read are left out.

    Raises NotPermitted; DomainError PROJECT_NOT_FOUND, PROJECT_NOT_CONNECTED, CONNECTOR_INACCESSIBLE,
    CREDENTIALS_UNREADABLE, with the code of the platform's refusal, or with that of a finding that keeps these items
    from being composed.
    """
    require(by, Action.SCAN)
    project = find_project(by.organization, project_id)
    source, target = _connected(project.source_connector, "source"), _connected(project.target_connector, "target")
    try:
        with (
            open_source(access_to(source)) as source_opened,
            open_target(access_to(target)) as target_opened,
        ):
            reading = selected(source_opened, source=source, target=target)
            return _preview(project, reading, wished(target_opened, target), list(ids)[:MOST_AT_ONCE])
    except PlatformError as error:
        raise refused(error) from error


def _connected(connector: Connector | None, side: str) -> Connector:
    if connector is None:
        raise DomainError("PROJECT_NOT_CONNECTED", f"The project has no {side} connector yet")
    return connector


def _preview(project: Project, reading: SourceTracker, writing: TargetTracker, ids: list[str]) -> Preview:
    found = {item.id: item for item in reading.read_items(ids)}
    if not found:
        return Preview({}, ())
    family = _with_ancestors(reading, found)
    run = _imagined(project)
    store = PreviewStore(run, previewed=list(found))
    scene = _scene(project, run, store, reading, writing, only=tuple(family))
    with ThreadPool(CALLS_AT_ONCE) as pool:
        runner = Runner(scene.config, store=store, pool=pool, clock=WallClock(), journal=scene.journal)
        result = runner.run([PrepareStage(scene)])
    findings = tuple(_told(store.events))
    if result.end is not SliceEnd.FINISHED:
        words = result.message or "The platforms took too long: try again in a moment"
        raise DomainError(result.code or "PLATFORM_UNREACHABLE", words)
    _name_all_places(project, scene)
    moved = {source: effect.target_key for source, effect in store.moved_before().items()}
    shown = {
        number: show_item(item, scene.items[number], scene, _comments_of(reading, item), moved_to=moved.get(number, ""))
        for number, item in found.items()
        if number in scene.items
    }
    return Preview(shown, findings)


def _with_ancestors(reading: SourceTracker, found: dict[str, WorkItem]) -> dict[str, WorkItem]:
    """The items and everything above them: parents decide what their children become."""
    family = dict(found)
    above = [item.parent for item in found.values() if item.parent and item.parent not in family]
    for _ in range(MOST_ANCESTORS):
        if not above:
            break
        parents = {item.id: item for item in reading.read_items(list(dict.fromkeys(above)))}
        family |= parents
        above = [item.parent for item in parents.values() if item.parent and item.parent not in family]
    return family


def _imagined(project: Project) -> MigrationRun:
    """A run that is never stored, in the place of the one that would be started."""
    ends = _ends(project)
    scope = LedgerScope.objects.for_organization(project.organization).filter(
        source=source_address(ends[0], default_server=settings.AZURE_DEVOPS_URL), target=target_address(ends[1])
    )
    config = to_json(StartRequest(RunType.FULL), source=ends[0], target=ends[1])
    known = scope.first() or LedgerScope(pk=0, organization=project.organization)
    return MigrationRun(pk=uuid.uuid4(), organization=project.organization, project=project, scope=known, config=config)


def _ends(project: Project) -> tuple[Access, Access]:
    assert project.source_connector is not None
    assert project.target_connector is not None
    return located(access_to(project.source_connector)), located(access_to(project.target_connector))


def _scene(
    project: Project,
    run: MigrationRun,
    store: PreviewStore,
    reading: SourceTracker,
    writing: TargetTracker,
    *,
    only: tuple[str, ...],
) -> Scene:
    source, _ = _ends(project)
    config = RunConfig(
        type=RunType.FULL,
        organization=organization_of(owner=source.owner, server=source.server),
        project=source.project,
        options=decided_options(replace(RunOptions(), dry_run=True), decisions_of(project)),
        only=only,
        unclear_wait=0.0,
    )
    return Scene(
        config=config,
        source=reading,
        target=writing,
        store=store,
        clock=WallClock(),
        journal=Journal(),
        checkpoint={},
    )


def _name_all_places(project: Project, scene: Scene) -> None:
    """Names of sprints and components depend on all that are in use, not on those of the previewed items alone."""
    seen = remembered(project)
    if seen is not None:
        scene.checkpoint |= {"all_iterations": list(seen.iterations), "all_areas": list(seen.areas)}


def _comments_of(reading: SourceTracker, item: WorkItem) -> list[Comment]:
    return reading.read_comments(item.id) if item.comment_count != 0 else []


def _told(events: Sequence[Event]) -> Iterator[Finding]:
    for event in events:
        if event.kind == "findings":
            for each in event.data["findings"]:
                yield Finding(
                    Severity(each["severity"]),
                    each["code"],
                    each["message"],
                    each["count"],
                    tuple(each["sampleIds"]),
                )
