"""What items need to exist in the target before they do: components, sprints or versions, and custom fields.

Serial: each is told apart by its name, so that what an unclear answer left behind is taken over instead of doubled.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from datetime import UTC, datetime
from typing import Any, cast

from connectors.domain.errors import Refused, Unclear
from connectors.domain.mapping.fields import kind_of, wants_own_field
from connectors.domain.mapping.places import IterationsAs
from connectors.domain.shapes import FieldKind, FieldWish, Iteration, SourceField, Sprint
from migrations_app.engine.naming import component_names, iteration_names
from migrations_app.engine.ports import Effect, EffectKey
from migrations_app.engine.scene import Scene
from migrations_app.engine.settle import wait_until_clear
from migrations_app.engine.state import EffectKind, EffectState
from migrations_app.engine.steps import Read, Step, Write

Steps = Generator[Step, Any, None]


class Provider:
    """Makes what is missing and puts everything into the scene."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def run(self) -> Steps:
        """Everything the items of the plan need."""
        yield from self._add_components()
        if self._scene.maps.places.iterations is IterationsAs.VERSION:
            yield from self._add_versions()
        else:
            yield from self._add_sprints()

    def add_fields(self) -> Generator[Step, Any, bool]:
        """One field for each source field in use that has none; True when any was made, so that the target must be
        described again."""
        scene = self._scene
        wanted = scene.checkpoint.get("missing_fields", {})
        described = {each.reference: each for each in scene.source_shape.fields}
        types = [target_type.id for target_type in scene.target_shape.types]
        made = False
        left = _left(scene, EffectKind.FIELD)
        if left:
            yield from wait_until_clear(scene, left)
        for reference, options in wanted.items():
            each = described.get(reference)
            if each is None or reference in scene.created_fields:
                continue
            if not wants_own_field(each, scene.maps.fields.route_of(reference)):
                continue
            effect = Effect(EffectKey(EffectKind.FIELD, reference), EffectState.INTENDED)
            wish = wish_for(each, options)
            field_id = yield from self._serial(
                effect,
                lambda wish=wish: scene.target.add_field(wish, type_ids=types).id,  # type: ignore[misc]
            )
            if field_id is not None:
                scene.created_fields[reference] = field_id
                scene.journal.done(effect, target_id=field_id, name=each.name)
                made = True
        return made

    def _add_components(self) -> Steps:
        """One component per used area that has a name; an existing one of that name is taken over."""
        scene = self._scene
        existing = {component.name.casefold(): component.id for component in scene.target_shape.components}
        names = component_names(scene.checkpoint.get("areas", []), scene.config.project, scene.maps.places)
        for area, name in names.items():
            if area in scene.components:
                continue
            effect = Effect(EffectKey(EffectKind.COMPONENT, area), EffectState.INTENDED)
            component = existing.get(name.casefold())
            made = component is None
            if made:
                component = yield from self._serial(effect, lambda name=name: scene.target.add_component(name))  # type: ignore[misc]
            if component is not None:
                existing[name.casefold()] = component
                scene.components[area] = component
                scene.journal.done(effect, target_id=component, name=name, made=made)

    def _add_versions(self) -> Steps:
        """One version per used iteration, with its dates; released when its end has passed."""
        scene = self._scene
        existing = {version.name.casefold(): version.id for version in scene.target_shape.versions}
        today = datetime.fromtimestamp(scene.clock.now(), UTC)
        for path, name, dated in self._used_iterations():
            if path in scene.versions:
                continue
            effect = Effect(EffectKey(EffectKind.VERSION, path), EffectState.INTENDED)
            version = existing.get(name.casefold())
            if version is None:
                released = dated is not None and dated.finish is not None and dated.finish < today
                version = yield from self._serial(
                    effect,
                    lambda name=name, dated=dated, released=released: scene.target.add_version(  # type: ignore[misc]
                        name,
                        start=dated.start if dated else None,
                        finish=dated.finish if dated else None,
                        released=released,
                    ),
                )
            if version is not None:
                existing[name.casefold()] = version
                scene.versions[path] = version
                scene.journal.done(effect, target_id=version, name=name)

    def _add_sprints(self) -> Steps:
        """One sprint per used iteration, in the order of their dates. An unclear create is settled by name."""
        scene = self._scene
        if not scene.target_shape.boards:
            return
        left = _left(scene, EffectKind.SPRINT)
        begun = {effect.key.source for effect in left}
        existing = {sprint.name.casefold(): sprint for sprint in (yield from self._standing_sprints(left))}
        taken = {sprint.id for sprint in scene.sprints.values()}
        shared = {name.casefold() for name in scene.maps.places.iteration_names.values()}
        for path, name, dated in self._used_iterations():
            if path in scene.sprints:
                continue
            effect = Effect(EffectKey(EffectKind.SPRINT, path), EffectState.INTENDED)
            sprint = existing.get(name.casefold())
            missing = sprint is None or (sprint.id in taken and name.casefold() not in shared)
            if missing:
                start, finish = (dated.start, dated.finish) if dated else (None, None)
                sprint = yield from self._sprint(effect, name, start, finish)
            if sprint is not None:
                taken.add(sprint.id)
                existing.setdefault(name.casefold(), sprint)
                scene.sprints[path] = sprint
                scene.journal.done(effect, target_id=sprint.id, name=name, made=missing or path in begun)

    def _standing_sprints(self, left: Sequence[Effect]) -> Generator[Step, Any, Sequence[Sprint]]:
        """The board's sprints. Two may have one name, so those that an earlier slice may have made are waited for."""
        scene = self._scene
        if not left:
            return scene.target_shape.sprints
        yield from wait_until_clear(scene, left)
        return cast(Sequence[Sprint], (yield Read(scene.target.sprints)))

    def _used_iterations(self) -> list[tuple[str, str, Iteration | None]]:
        """(path, name, the iteration as the source describes it) in the order of their dates."""
        scene = self._scene
        dates = {iteration.path: iteration for iteration in scene.source_shape.iterations}
        used = sorted(scene.checkpoint.get("iterations", []), key=lambda path: _date_key(dates.get(path)))
        names = iteration_names(used, scene.config.project, scene.maps.places)
        return [(path, name, dates.get(path)) for path, name in names.items()]

    def _sprint(
        self, effect: Effect, name: str, start: datetime | None, finish: datetime | None
    ) -> Generator[Step, Any, Sprint | None]:
        scene = self._scene
        while True:
            try:
                made: Sprint = yield Write(lambda: scene.target.add_sprint(name, start=start, finish=finish), (effect,))
                return made
            except Unclear:
                yield from wait_until_clear(scene, [effect])
                found = [s for s in (yield Read(scene.target.sprints)) if s.name.casefold() == name.casefold()]
                if found:
                    return cast(Sprint, found[0])
            except Refused as refusal:
                scene.journal.refused(effect, reason=refusal.message)
                scene.journal.log(f"✗ Sprint {name}: {refusal.message}", code=refusal.code)
                return None

    def _serial(self, effect: Effect, call: Callable[[], str]) -> Generator[Step, Any, str | None]:
        """A create that finds an existing one of the same name by itself: repeat it while the answer is unclear, but
        not before the call without an answer can no longer act."""
        while True:
            try:
                made: str = yield Write(call, (effect,))
                return made
            except Unclear:
                yield from wait_until_clear(self._scene, [effect])
            except Refused as refusal:
                self._scene.journal.refused(effect, reason=refusal.message)
                self._scene.journal.log(f"✗ {effect.key.source}: {refusal.message}", code=refusal.code)
                return None


def load_provided(scene: Scene) -> None:
    """What earlier slices and runs provided, as far as it still stands in the target."""
    sprints = {sprint.id: sprint for sprint in scene.target_shape.sprints}
    for path, sprint_id in _done(scene, EffectKind.SPRINT):
        if sprint_id in sprints:
            scene.sprints[path] = sprints[sprint_id]
    components = {component.id for component in scene.target_shape.components}
    scene.components.update((path, made) for path, made in _done(scene, EffectKind.COMPONENT) if made in components)
    versions = {version.id for version in scene.target_shape.versions}
    scene.versions.update((path, made) for path, made in _done(scene, EffectKind.VERSION) if made in versions)
    scene.created_fields.update(created_fields(scene))


def created_fields(scene: Scene) -> dict[str, str]:
    """Source field -> the target field that an earlier step made for it and that is still there."""
    standing = {each.id for each in scene.target_shape.fields}
    return {source: made for source, made in _done(scene, EffectKind.FIELD) if made in standing}


def wish_for(each: SourceField, values: Sequence[str]) -> FieldWish:
    """The field that takes a source field's values: one with options where the source offers a list."""
    kind = kind_of(each.type)
    if kind == "boolean":
        return FieldWish(each.name, FieldKind.OPTION, ("Yes", "No"))
    if each.type.lower().startswith("picklist") and kind == "text" and values:
        return FieldWish(each.name, FieldKind.OPTION, tuple(values))
    kinds = {
        "number": FieldKind.NUMBER,
        "date": FieldKind.DATETIME,
        "identity": FieldKind.USER,
        "rich": FieldKind.PARAGRAPH,
    }
    return FieldWish(each.name, kinds.get(kind, FieldKind.TEXT))


def _left(scene: Scene, kind: EffectKind) -> list[Effect]:
    """What an earlier slice intended and nobody knows the end of."""
    return [effect for effect in scene.store.shared_effects(kind) if effect.state is EffectState.INTENDED]


def _done(scene: Scene, kind: EffectKind) -> list[tuple[str, str]]:
    effects = scene.store.shared_effects(kind)
    return [(effect.key.source, effect.target_id) for effect in effects if effect.state is EffectState.DONE]


def _date_key(iteration: Iteration | None) -> tuple[bool, float]:
    start = iteration.start if iteration else None
    return (start is None, start.timestamp() if start else 0.0)
