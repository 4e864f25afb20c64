"""Plans a run: which items, as which target type, under which parent, in which order.

The type of an item follows its real parent: a task under a story becomes a sub-task; where the target's hierarchy
has no such level, or the parent is not a level above, the relation is kept as a link. Nothing is dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from connectors.domain.mapping import defaults
from connectors.domain.mapping.known_fields import is_noise
from connectors.domain.mapping.resolve import STANDARD_LEVEL, SUBTASK_LEVEL, Maps, Usage, forward
from connectors.domain.shapes import TargetType
from connectors.domain.work_items import LinkKind, Person, WorkItem
from migrations_app.engine.ports import PlanItem

UNRANKED = float("inf")


@dataclass(frozen=True, slots=True)
class Sketch:
    """What planning needs of an item; the rest is read again when its turn comes."""

    source: str
    rev: int
    type: str
    title: str
    state: str
    parent: str | None
    rank: float | None
    iteration: str
    area: str
    links: tuple[tuple[str, str], ...]
    comment_count: int | None
    people: tuple[Person, ...]


def sketch(item: WorkItem) -> Sketch:
    return Sketch(
        source=item.id,
        rev=item.rev,
        type=item.type,
        title=item.title,
        state=item.state,
        parent=item.parent,
        rank=item.rank,
        iteration=item.iteration,
        area=item.area,
        links=tuple((link.kind.value, link.target) for link in item.links if link.kind not in _HIERARCHY),
        comment_count=item.comment_count,
        people=people_in(item),
    )


def people_in(item: WorkItem) -> tuple[Person, ...]:
    """Author and assignee, then whoever fields of people name."""
    named = (value for reference, value in item.fields.items() if not is_noise(reference))
    return tuple(person for person in (item.author, item.assignee, *named) if isinstance(person, Person))


_HIERARCHY = (LinkKind.PARENT, LinkKind.CHILD)


def usage_of(sketches: Iterable[Sketch]) -> Usage:
    """Counts of types, states and links: what the maps must cover."""
    samples: dict[tuple[str, ...], list[str]] = {}
    types: dict[str, int] = {}
    states: dict[tuple[str, str], int] = {}
    links: dict[LinkKind, int] = {}
    for item in sketches:
        types[item.type] = types.get(item.type, 0) + 1
        states[item.type, item.state] = states.get((item.type, item.state), 0) + 1
        for of in (("type", item.type), ("state", item.type, item.state)):
            keep_sample(samples, of, item.source)
        for kind, _ in item.links:
            forward_kind, _ = forward(LinkKind(kind))
            links[forward_kind] = links.get(forward_kind, 0) + 1
    return Usage(types=types, states=states, links=links, samples={of: tuple(ids) for of, ids in samples.items()})


MOST_SAMPLES = 10


def keep_sample(samples: dict[tuple[str, ...], list[str]], of: tuple[str, ...], item: str) -> None:
    """Remember the first few items of a kind."""
    known = samples.setdefault(of, [])
    if len(known) < MOST_SAMPLES:
        known.append(item)


def people_of(sketches: Iterable[Sketch]) -> list[Person]:
    """Everybody named as author, assignee or in a field, once, in order of appearance."""
    return list({person.id: person for item in sketches for person in item.people}.values())


def plan_items(sketches: Sequence[Sketch], maps: Maps, *, moved_level: Callable[[str], int | None]) -> list[PlanItem]:
    """The plan in creation order: level by level from the top, within a level in backlog order.

    `moved_level` tells the level of a parent that an earlier run moved and this selection leaves out.
    """
    by_id = {item.source: item for item in sketches}
    types = _choose_types(sketches, by_id, maps, moved_level)
    planned = [
        _plan_item(item, types[item.source], by_id, types, moved_level) for item in sketches if item.source in types
    ]
    order = _backlog_order(by_id)
    planned.sort(key=lambda item: (-item.level, order[item.source]))
    return [replace(item, position=position) for position, item in enumerate(planned)]


def pick_sample(sketches: Sequence[Sketch], *, size: int) -> list[Sketch]:
    """A small representative set: two of each type where there are, up to `size`, plus the ancestors they need."""
    by_id = {item.source: item for item in sketches}
    seen: dict[str, int] = {}
    picked: dict[str, Sketch] = {}
    for item in sketches:
        if seen.get(item.type, 0) < 2 and len(picked) < max(size, 1):
            seen[item.type] = seen.get(item.type, 0) + 1
            picked[item.source] = item
    for item in list(picked.values()):
        parent = item.parent
        while parent is not None and parent in by_id and parent not in picked:
            picked[parent] = by_id[parent]
            parent = by_id[parent].parent
    return [item for item in sketches if item.source in picked]


def settle_levels(
    planned: Sequence[PlanItem],
    maps: Maps,
    levels: Mapping[str, int],
    moved_level: Callable[[str], int | None],
) -> list[PlanItem]:
    """The plan again after items that exist already got back the type they were created with: who may be whose
    parent follows from the types that really stand in the target."""
    by_id = {item.source: item for item in planned}
    for item in planned:
        if item.moved_before:
            item.level = levels.get(item.target_type, item.level)
    for item in planned:
        parent = item.parent or item.parent_link
        if parent is None:
            continue
        above = by_id[parent].level if parent in by_id else moved_level(parent)
        if not item.moved_before and item.level == SUBTASK_LEVEL and above != STANDARD_LEVEL and maps.standard:
            item.target_type, item.level = maps.standard.id, maps.standard.level
        fits = above == item.level + 1
        item.parent, item.parent_link = (parent, None) if fits else (None, parent)
    ordered = sorted(planned, key=lambda item: (-item.level, item.position))
    return [replace(item, position=position) for position, item in enumerate(ordered)]


# types and levels


def _choose_types(
    sketches: Sequence[Sketch],
    by_id: Mapping[str, Sketch],
    maps: Maps,
    moved_level: Callable[[str], int | None],
) -> dict[str, TargetType]:
    """Target type per item. Parents are decided before their children, so that a chain of tasks alternates
    between levels instead of nesting sub-tasks in sub-tasks."""
    chosen: dict[str, TargetType] = {}
    for item in sketches:
        for link in reversed(_ancestry(item, by_id, chosen)):
            decided = _choose_type(link, by_id, chosen, maps, moved_level)
            if decided is not None:
                chosen[link.source] = decided
    return chosen


def _ancestry(item: Sketch, by_id: Mapping[str, Sketch], decided: Mapping[str, TargetType]) -> list[Sketch]:
    """The item and its undecided ancestors, nearest first; a ring of parents is cut where it closes."""
    chain: list[Sketch] = []
    seen: set[str] = set()
    current: Sketch | None = item
    while current is not None and current.source not in decided and current.source not in seen:
        seen.add(current.source)
        chain.append(current)
        current = by_id.get(current.parent) if current.parent else None
    return chain


def _choose_type(
    item: Sketch,
    by_id: Mapping[str, Sketch],
    chosen: Mapping[str, TargetType],
    maps: Maps,
    moved_level: Callable[[str], int | None],
) -> TargetType | None:
    own = maps.types.get(item.type)
    if own is None:
        return None
    parent_level = _parent_level(item, by_id, chosen, moved_level)
    is_task = item.type.casefold() in defaults.TASK_TYPES or own.name.casefold() == "task"
    if is_task and own.level == parent_level == STANDARD_LEVEL and maps.subtask is not None:
        return maps.subtask
    if own.level == SUBTASK_LEVEL and parent_level != STANDARD_LEVEL:
        return maps.standard or own
    return own


def _parent_level(
    item: Sketch,
    by_id: Mapping[str, Sketch],
    chosen: Mapping[str, TargetType],
    moved_level: Callable[[str], int | None],
) -> int | None:
    if item.parent is None:
        return None
    if item.parent in chosen:
        return chosen[item.parent].level
    if item.parent in by_id:
        return None
    return moved_level(item.parent)


def _plan_item(
    item: Sketch,
    own: TargetType,
    by_id: Mapping[str, Sketch],
    types: Mapping[str, TargetType],
    moved_level: Callable[[str], int | None],
) -> PlanItem:
    level = _parent_level(item, by_id, types, moved_level)
    fits = level == own.level + 1
    return PlanItem(
        source=item.source,
        position=0,
        rev=item.rev,
        type=item.type,
        title=item.title,
        state=item.state,
        level=own.level,
        target_type=own.id,
        parent=item.parent if fits else None,
        parent_link=None if fits else item.parent,
        links=item.links,
        comment_count=item.comment_count,
    )


# order


def _backlog_order(by_id: Mapping[str, Sketch]) -> dict[str, int]:
    """Place of every item in a walk through the backlog: by rank, the unranked last and by id; children follow
    their parents' order."""
    keys: dict[str, tuple[tuple[float, int, str], ...]] = {}
    for item in by_id.values():
        chain: list[Sketch] = []
        current: Sketch | None = item
        seen: set[str] = set()
        while current is not None and current.source not in keys and current.source not in seen:
            seen.add(current.source)
            chain.append(current)
            current = by_id.get(current.parent) if current.parent else None
        prefix = keys.get(current.source, ()) if current is not None else ()
        for link in reversed(chain):
            prefix = (*prefix, _rank_key(link))
            keys[link.source] = prefix
    ordered = sorted(keys, key=keys.__getitem__)
    return {source: place for place, source in enumerate(ordered)}


def _rank_key(item: Sketch) -> tuple[float, int, str]:
    number = int(item.source) if item.source.isdigit() else 0
    return (UNRANKED if item.rank is None else item.rank, number, item.source)
