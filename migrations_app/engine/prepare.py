"""Phase 1: read both shapes, plan every item, check, then make what the items need.

Until the plan is stored nothing was written anywhere, so a crash before that simply begins again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from dataclasses import replace
from typing import Any

from connectors.domain.errors import Refused
from connectors.domain.findings import Finding, Severity
from connectors.domain.mapping.resolve import override_for
from connectors.domain.work_items import Person
from migrations_app.engine.inventory import Inventory, missing_fields
from migrations_app.engine.plan import Sketch, people_of, pick_sample, plan_items, settle_levels, sketch, usage_of
from migrations_app.engine.ports import Effect, EffectKey, PlanItem
from migrations_app.engine.preflight import inspect, plan_findings, selection_findings
from migrations_app.engine.provide import Provider, created_fields, load_provided
from migrations_app.engine.runner import RunFailed
from migrations_app.engine.scene import Scene
from migrations_app.engine.state import EffectKind, EffectState, ItemStage, Outcome, Phase, RunType
from migrations_app.engine.steps import Commit, Idle, Read, Step, Task

SHARED_STEPS = frozenset({"Shared Steps"})
STEPS_FIELD = "Microsoft.VSTS.TCM.Steps"
WINDOW = 200
KEYS = 100
"""Items per read, the ceiling of Azure DevOps' batch read."""
PEOPLE_AT_ONCE = 5


class PrepareStage:
    """Ends with a scene that is ready to move items, and all items in `scene.items`."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._tasks: deque[Task] = deque([self._prepare()])
        self._sketches: dict[str, Sketch] = {}
        self._inventory = Inventory()
        self._shared_steps: dict[str, tuple[str, str]] = {}
        self._recreated: set[str] = set()
        self._open = 0

    def next_task(self) -> Task | None:
        return self._tasks.popleft() if self._tasks else None

    def finished(self) -> bool:
        return not self._tasks

    def _prepare(self) -> Task:
        scene = self._scene
        try:
            if not scene.checkpoint.get("planned"):
                # The probes know the precise reasons why a door stays shut.
                yield Read(scene.source.probe)
                yield Read(scene.target.probe)
            scene.source_shape = yield Read(scene.source.describe)
            scene.target_shape = yield Read(scene.target.describe)
        except Refused as refusal:
            raise RunFailed(refusal.code, refusal.message) from refusal
        if not scene.checkpoint.get("planned"):
            scene.journal.phase(Phase.PREFLIGHT)
            yield from self._plan()
            yield Commit()
        self._load()
        if not scene.checkpoint.get("prepared"):
            yield from self._match_people()
            if not scene.config.options.dry_run:
                yield from self._provide()
            scene.remember_checkpoint(prepared=True)
            scene.journal.phase(Phase.WORK_ITEMS)
        yield Commit()

    def _provide(self) -> Generator[Step, Any, None]:
        provider = Provider(self._scene)
        if self._scene.config.options.create_missing_fields and (yield from provider.add_fields()):
            # Only a new description shows the options and screens of new fields.
            self._scene.target_shape = yield Read(self._scene.target.describe)
            self._load()
        yield from provider.run()

    # planning

    def _plan(self) -> Generator[Step, Any, None]:
        scene = self._scene
        selected = selection_findings(scene.source_shape, scene.config.selection)
        if any(finding.severity is Severity.BLOCKING for finding in selected):
            raise _blocked(selected)
        try:
            listed = yield from self._list_ids()
        except Refused as refusal:
            raise RunFailed(refusal.code, refusal.message) from refusal
        for start in range(0, len(listed), WINDOW):
            self._spawn(self._read_window(listed[start : start + WINDOW]))
        while self._open:
            yield Idle()
        sketches = [self._sketches[source] for source in listed if source in self._sketches]
        if scene.config.type is RunType.SAMPLE:
            sketches = pick_sample(sketches, size=scene.config.options.sample_size)
        moved = scene.store.moved([item.source for item in sketches])
        if scene.config.options.recreate_deleted:
            self._recreated = yield from self._forget_deleted(moved)
        accounts = yield from self._known_accounts()
        self._store_plan(sketches, listed, moved, accounts, selected)

    def _arriving(self, planned: list[PlanItem], moved: dict[str, Effect]) -> set[str]:
        """Items that moved texts name without a key so far and that have one now, or will."""
        named = {number for effect in moved.values() for number in effect.extra.get("unresolved", ())}
        here = {item.source for item in planned}
        return (named & here) | set(self._scene.store.moved(sorted(named - here)))

    def _names_new_keys(self, item: PlanItem, effect: Effect, arriving: set[str]) -> bool:
        """Whether a moved item names, or stands below, one that gets its key, or another key, in this run."""
        around = {*effect.extra.get("named", ()), item.parent, item.parent_link}
        return bool(arriving & set(effect.extra.get("unresolved", ())) or self._recreated & around)

    def _forget_deleted(self, moved: dict[str, Effect]) -> Generator[Step, Any, set[str]]:
        """Take items out of `moved` whose issue is gone from the target, so that they are made anew: these."""
        scene = self._scene
        by_key = {effect.target_key: source for source, effect in moved.items()}
        keys = list(by_key)
        present: set[str] = set()
        for start in range(0, len(keys), KEYS):
            part = keys[start : start + KEYS]
            present |= set((yield Read(lambda part=part: scene.target.statuses(part))))  # type: ignore[misc]
        gone = {by_key[key] for key in keys if key not in present}
        for effect in scene.store.effects_of(list(gone)):
            scene.journal.keep(replace(effect, state=EffectState.WAITING))
        for link in scene.store.link_effects():
            a, _, b = link.split("/")
            if a in gone or b in gone:
                scene.journal.keep(Effect(EffectKey(EffectKind.LINK, link), EffectState.WAITING, item=a))
        for source in gone:
            del moved[source]
        return gone

    def _list_ids(self) -> Generator[Step, Any, list[str]]:
        """All ids in one step: a listing that breaks off on the way is begun again, never gone on with."""
        scene = self._scene
        if scene.config.only is not None:
            return list(scene.config.only)
        listed: list[str] = yield Read(
            lambda: [source for page in scene.source.list_ids(scene.config.selection) for source in page]
        )
        return listed

    def _read_window(self, ids: list[str]) -> Task:
        items = yield Read(lambda: self._scene.source.read_items(ids))
        for item in items:
            self._sketches[item.id] = sketch(item)
            self._inventory.add(item)
            if item.type in SHARED_STEPS and STEPS_FIELD in item.texts:
                self._shared_steps[item.id] = (item.title, item.texts[STEPS_FIELD].value)
        self._open -= 1

    def _spawn(self, task: Task) -> None:
        self._open += 1
        self._tasks.append(task)

    def _known_accounts(self) -> Generator[Step, Any, dict[str, Person]]:
        """The accounts that the options name, as far as they exist."""
        wanted = [Person(account, "") for account in dict.fromkeys(self._scene.config.options.people.values())]
        found: dict[str, Person] = {}
        for start in range(0, len(wanted), PEOPLE_AT_ONCE):
            part = wanted[start : start + PEOPLE_AT_ONCE]
            found |= yield Read(lambda part=part: self._scene.target.find_people(part))  # type: ignore[misc]
        return found

    def _store_plan(
        self,
        sketches: list[Sketch],
        listed: list[str],
        moved: dict[str, Effect],
        accounts: dict[str, Person],
        selected: list[Finding],
    ) -> None:
        scene = self._scene
        iterations = _used_iterations(sketches, scene.config.project)
        usage = self._inventory.added_to(usage_of(sketches))
        checked = inspect(
            scene.source_shape,
            scene.target_shape,
            usage,
            scene.config.options,
            iterations_used=len(iterations),
            accounts={account: person.active for account, person in accounts.items()},
            created=created_fields(scene),
        )
        if checked.blocking:
            raise _blocked(checked.blocking)
        parents = [item.parent for item in sketches if item.parent]
        elsewhere = scene.store.moved([parent for parent in parents if parent not in self._sketches])
        levels = {t.id: t.level for t in scene.target_shape.types}

        def moved_level(parent: str) -> int | None:
            effect = elsewhere.get(parent)
            return levels.get(str(effect.extra.get("type"))) if effect else None

        planned = plan_items(sketches, checked.maps, moved_level=moved_level)
        arriving = self._arriving(planned, moved)
        for item in planned:
            effect = moved.get(item.source)
            if effect is not None:
                rewrite = self._names_new_keys(item, effect, arriving)
                _recognise(item, effect, rewrite=rewrite, updates=scene.config.type is RunType.INCREMENTAL)
        planned = settle_levels(planned, checked.maps, levels, moved_level)
        findings = [*selected, *checked.findings, *plan_findings(planned, self._unread(listed))]
        scene.journal.plan(planned)
        scene.journal.event("findings", findings=[finding.as_json() for finding in findings])
        scene.remember_checkpoint(
            planned=True,
            recreated=sorted(self._recreated),
            iterations=iterations,
            shared_steps=self._shared_steps,
            areas=sorted({item.area for item in sketches if item.area}),
            people=[[p.id, p.name, p.email, p.active] for p in people_of(sketches)],
            chosen={account: [p.id, p.name, p.email, p.active] for account, p in accounts.items()},
            missing_fields=missing_fields(scene.source_shape, usage, checked.maps.fields),
        )

    def _unread(self, listed: list[str]) -> list[str]:
        return [source for source in listed if source not in self._sketches]

    def _load(self) -> None:
        """The scene from what is stored: the plan, the maps, what earlier slices and runs made."""
        scene = self._scene
        planned = list(scene.store.items())
        scene.items = {item.source: item for item in planned}
        checked = inspect(
            scene.source_shape,
            scene.target_shape,
            _usage_of_plan(planned),
            scene.config.options,
            created=created_fields(scene) | scene.created_fields,
        )
        scene.maps = checked.maps
        scene.types = {t.id: t for t in scene.target_shape.types}
        outside = {item.parent for item in planned if item.parent} | {
            item.parent_link for item in planned if item.parent_link
        }
        outside |= {other for item in planned for _, other in item.links}
        scene.elsewhere = scene.store.neighbours([other for other in outside if other and other not in scene.items])
        scene.people = {source: Person(*values) for source, values in scene.checkpoint.get("accounts", {}).items()}
        scene.shared_steps = {
            source: (title, steps) for source, (title, steps) in scene.checkpoint.get("shared_steps", {}).items()
        }
        scene.unassignable = set(scene.checkpoint.get("unassignable", ()))
        load_provided(scene)

    # people

    def _match_people(self) -> Generator[Step, Any, None]:
        scene = self._scene
        people = [Person(*values) for values in scene.checkpoint.get("people", [])]
        for start in range(0, len(people), PEOPLE_AT_ONCE):
            self._spawn(self._match(people[start : start + PEOPLE_AT_ONCE]))
        while self._open:
            yield Idle()
        chosen = {account: Person(*values) for account, values in scene.checkpoint.get("chosen", {}).items()}
        for person in chosen.values():
            yield from self._note_assignable(person)
        for person in people:
            account = override_for(scene.config.options.people, person.email, person.name, person.id)
            if account in chosen:
                scene.people[person.id] = chosen[account]
        scene.remember_checkpoint(
            accounts={source: [p.id, p.name, p.email, p.active] for source, p in scene.people.items()},
            unassignable=sorted(scene.unassignable),
        )

    def _match(self, people: list[Person]) -> Task:
        found = yield Read(lambda: self._scene.target.find_people(people))
        self._scene.people.update(found)
        for person in found.values():
            yield from self._note_assignable(person)
        self._open -= 1

    def _note_assignable(self, person: Person) -> Generator[Step, Any, None]:
        """People of the site who may not be assigned in this project are unknown as assignees."""
        if person.active and not (yield Read(lambda: self._scene.target.may_assign(person))):
            self._scene.unassignable.add(person.id)


def _blocked(findings: list[Finding]) -> RunFailed:
    first = findings[0]
    more = f" ({len(findings) - 1} more findings)" if len(findings) > 1 else ""
    return RunFailed(first.code, first.message + more, findings=[finding.as_json() for finding in findings])


def _recognise(item: PlanItem, effect: Effect, *, rewrite: bool, updates: bool) -> None:
    """An item that an earlier run moved: skipped when it was completed, needs no `rewrite` and, where `updates` are
    wanted, has not changed since; else gone on with. Changed links show in the plan itself and need no revision."""
    item.target_id, item.target_key = effect.target_id, effect.target_key
    item.target_type = str(effect.extra.get("type") or item.target_type)
    item.moved_before = True
    item.stage = ItemStage.CREATED
    is_current = not updates or effect.extra.get("rev") == item.rev
    if effect.extra.get("complete") and is_current and not rewrite:
        item.stage, item.outcome = ItemStage.FINISHED, Outcome.SKIPPED


def _used_iterations(sketches: list[Sketch], project: str) -> list[str]:
    """Iterations below the root; the root is the backlog."""
    return sorted({item.iteration for item in sketches if item.iteration and "\\" in item.iteration} - {project})


def _usage_of_plan(planned: list[PlanItem]) -> Any:
    return usage_of(
        Sketch(item.source, item.rev, item.type, item.title, item.state, None, None, "", "", item.links, None, ())
        for item in planned
    )
