"""An item and what a run would make of it, side by side in words, before anything is written. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.domain.mapping.fields import NONE
from connectors.domain.mapping.known_fields import is_noise
from connectors.domain.mapping.places import IterationsAs
from connectors.domain.mapping.resolve import forward
from connectors.domain.mapping.values import shown
from connectors.domain.ports import Document
from connectors.domain.work_items import Comment, LinkKind, Person, WorkItem
from migrations_app.engine.compose import Composed, compose_comment, compose_item
from migrations_app.engine.naming import component_names, iteration_names
from migrations_app.engine.ports import PlanItem
from migrations_app.engine.scene import Scene
from migrations_app.engine.values import ELSEWHERE, Placement, place_values

IN_THE_TEXT = "in the description"
LEFT_OUT = "left out"
REPORTER = "Reporter"
"""Whom the platform sets to the calling account where no other one is given."""


@dataclass(frozen=True, slots=True)
class Line:
    """One fact of an item: what the source says, what the target would, and why they differ where they do."""

    name: str
    before: str
    after: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class ShownComment:
    """A comment as it would arrive."""

    id: str
    document: Document


@dataclass(frozen=True, slots=True)
class ShownItem:
    """What an item would become. `moved_to` is the issue it has become already; `payload` is what would be sent."""

    item: WorkItem
    title: str
    target_type: str
    document: Document
    lines: tuple[Line, ...]
    comments: tuple[ShownComment, ...]
    payload: Mapping[str, Any]
    pictures: int = 0
    overflows: bool = False
    moved_to: str = ""


def show_item(item: WorkItem, plan: PlanItem, scene: Scene, comments: list[Comment], *, moved_to: str) -> ShownItem:
    """Composed as a run composes it, with the names behind the ids."""
    composed = compose_item(item, plan, scene)
    return ShownItem(
        item=item,
        title=composed.draft.title,
        target_type=scene.target_type(plan).name,
        document=composed.body.document,
        lines=tuple(_lines(item, plan, composed, scene)),
        comments=tuple(_comments(comments, scene)),
        payload=scene.target.preview(composed.draft),
        pictures=len(composed.body.images),
        overflows=composed.body.overflow is not None,
        moved_to=moved_to,
    )


def _comments(comments: list[Comment], scene: Scene) -> Iterator[ShownComment]:
    if scene.config.options.migrate_comments:
        for comment in comments:
            yield ShownComment(comment.id, compose_comment(comment, scene, media=lambda _url: None).document)


def _lines(item: WorkItem, plan: PlanItem, composed: Composed, scene: Scene) -> Iterator[Line]:
    draft, target_type = composed.draft, scene.target_type(plan)
    yield Line("Type", item.type, target_type.name)
    if draft.title != item.title:
        yield Line("Title", item.title, draft.title, "the full title stands in the description")
    status = next((each.name for each in target_type.workflow.statuses if each.id == composed.status), "")
    yield Line("State", item.state, status, "reached in several steps" if composed.hops else "")
    priorities = {each.id: each.name for each in scene.target_shape.priorities}
    priority = str(item.priority) if item.priority is not None else ""
    yield Line("Priority", priority, priorities.get(draft.priority_id or "", "the target's default"))
    yield _person("Assignee", item.assignee, draft.assignee_id, scene)
    yield _person(REPORTER, item.author, draft.reporter_id, scene)
    yield from _family(item, plan, scene)
    yield from _places(item, scene)
    if item.tags or draft.labels:
        yield Line("Tags", ", ".join(item.tags), ", ".join(draft.labels))
    yield from _fields(item, scene, place_values(item, scene))
    yield from _files(item, scene)


def _person(name: str, person: Person | None, account: str | None, scene: Scene) -> Line:
    before = shown(person, "identity") if person is not None else ""
    known = {each.id: each.name for each in scene.people.values()}
    me = scene.target_shape.me
    if me is not None:
        known.setdefault(me.id, me.name)
    after = known.get(account, account) if account else ""
    if person is None:
        return Line(name, before, after)
    if not account:
        caller = me.name if me is not None and name == REPORTER else ""
        return Line(name, before, caller or "nobody", f"not known in the target; named {IN_THE_TEXT}")
    found = scene.people.get(person.id)
    is_other = found is None or found.id != account
    return Line(name, before, after, f"not known in the target; named {IN_THE_TEXT}" if is_other else "")


def _family(item: WorkItem, plan: PlanItem, scene: Scene) -> Iterator[Line]:
    if item.parent is not None:
        becomes = "parent" if plan.parent is not None else "a link, because the levels do not fit"
        yield Line("Parent", scene.name_of(item.parent), scene.key_of(item.parent) or "its issue", becomes)
    if not scene.config.options.migrate_links:
        return
    for kind, other in plan.links:
        name = scene.maps.links.get(forward(LinkKind(kind))[0], "")
        yield Line("Link", f"{kind.replace('_', ' ')} {scene.name_of(other)}", name, scene.key_of(other) or "")


def _places(item: WorkItem, scene: Scene) -> Iterator[Line]:
    places = scene.maps.places
    if item.iteration:
        used = scene.checkpoint.get("all_iterations") or [item.iteration]
        name = iteration_names(used, scene.config.project, places).get(item.iteration, "")
        what = "version" if places.iterations is IterationsAs.VERSION else "sprint"
        is_root = "\\" not in item.iteration
        after = name if name and not is_root else "the backlog" if is_root else LEFT_OUT
        yield Line("Iteration", item.iteration, after, what if name and not is_root else "")
    if item.area:
        used = scene.checkpoint.get("all_areas") or [item.area]
        name = component_names(used, scene.config.project, places).get(item.area, "")
        yield Line("Area", item.area, name or "no component", "component" if name else "")


def _fields(item: WorkItem, scene: Scene, placed: Placement) -> Iterator[Line]:
    """Every filled field: the target's that takes it, the description, or nowhere."""
    fields, plan = scene.maps.fields, scene.items[item.id]
    rest = set(placed.rest)
    for reference in sorted(item.fields):
        value = item.fields[reference]
        if reference in ELSEWHERE or is_noise(reference) or value is None:
            continue
        route = fields.route_of(reference)
        before = shown(value, fields.kinds.get(reference, "text"))
        target = fields.target_of(reference, scene.target_type(plan))
        if route.target == NONE:
            yield Line(route.name, before, LEFT_OUT)
        elif target is not None and target.id in placed.fields and (route.name, before.strip()) not in rest:
            yield Line(route.name, before, target.name, "a field of its own")
        elif before.strip():
            yield Line(route.name, before, IN_THE_TEXT)


def _files(item: WorkItem, scene: Scene) -> Iterator[Line]:
    for file in item.attachments:
        size = f"{file.size:,} bytes" if file.size is not None else ""
        if scene.carries_files:
            yield Line("File", file.name, file.name, size)
        else:
            yield Line("File", file.name, "a link to the source" if scene.links_files else LEFT_OUT, size)
    if scene.config.options.remote_links:
        for link in item.remote_links:
            yield Line("Web link", link.title or link.url, link.title or link.url)
