"""The shape of an Azure DevOps project in canonical terms: types with states and levels, fields, paths. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from connectors.clients.azure_devops.values import (
    Json,
    Node,
    as_int,
    as_list,
    as_object,
    as_text,
    read_moment,
    read_nodes,
)
from connectors.domain.shapes import Iteration, SourceField, SourceState, SourceType, StateCategory

_CATEGORIES = {
    "proposed": StateCategory.PROPOSED,
    "inprogress": StateCategory.IN_PROGRESS,
    "resolved": StateCategory.RESOLVED,
    "completed": StateCategory.COMPLETED,
    "removed": StateCategory.REMOVED,
}
_LEVELS_BY_CATEGORY = {
    "Microsoft.EpicCategory": 2,
    "Microsoft.FeatureCategory": 1,
    "Microsoft.RequirementCategory": 0,
    "Microsoft.BugCategory": 0,
    "Microsoft.TaskCategory": -1,
}
_REQUIREMENTS, _TASKS = 0, -1
_VENDOR_PREFIXES = ("System.", "Microsoft.", "WEF_")


def read_types(entries: Iterable[Json], levels: Mapping[str, int]) -> tuple[SourceType, ...]:
    """Types in the service's order. `levels` is by type name; types on no backlog have none."""
    return tuple(
        SourceType(
            name=as_text(entry.get("name")),
            reference=as_text(entry.get("referenceName")),
            states=read_states(as_list(entry.get("states"))),
            level=levels.get(as_text(entry.get("name"))),
            disabled=entry.get("isDisabled") is True,
        )
        for entry in entries
    )


def read_states(entries: Sequence[object]) -> tuple[SourceState, ...]:
    """States with their category; an unknown category counts as work under way."""
    states = [as_object(entry) for entry in entries]
    return tuple(
        SourceState(
            as_text(state.get("name")),
            _CATEGORIES.get(as_text(state.get("category")).lower(), StateCategory.IN_PROGRESS),
        )
        for state in states
    )


def read_type_fields(entries: Iterable[Json]) -> dict[str, dict[str, bool]]:
    """Type name -> its fields -> whether it always requires them. Newer versions call the list `fieldInstances`."""
    found: dict[str, dict[str, bool]] = {}
    for entry in entries:
        listed = as_list(entry.get("fields")) or as_list(entry.get("fieldInstances"))
        instances = [as_object(each) for each in listed]
        found[as_text(entry.get("name"))] = {
            as_text(each.get("referenceName")): each.get("alwaysRequired") is True for each in instances
        }
    return found


def levels_of_categories(categories: Iterable[Json]) -> dict[str, int]:
    """Backlog levels by the five categories that every process has; a type in two takes the higher one."""
    levels: dict[str, int] = {}
    for category in categories:
        level = _LEVELS_BY_CATEGORY.get(as_text(category.get("referenceName")))
        if level is not None:
            for name in _names(category):
                levels[name] = max(level, levels.get(name, level))
    return levels


def levels_of_backlogs(backlogs: Iterable[Json]) -> dict[str, int]:
    """Backlog levels as the team configures them, customers' own portfolio levels included. Bugs are listed where
    the team puts them, with requirements or with tasks."""
    entries = list(backlogs)
    portfolio = sorted(_of_kind(entries, "portfolio"), key=lambda backlog: as_int(backlog.get("rank")) or 0)
    levels: dict[str, int] = {}
    for level, backlog in [
        *((_TASKS, backlog) for backlog in _of_kind(entries, "task")),
        *((_REQUIREMENTS, backlog) for backlog in _of_kind(entries, "requirement")),
        *enumerate(portfolio, start=1),
    ]:
        levels.update(dict.fromkeys(_names(backlog), level))
    return levels


def _of_kind(backlogs: Iterable[Json], kind: str) -> list[Json]:
    return [backlog for backlog in backlogs if as_text(backlog.get("type")).lower() == kind]


def read_fields(entries: Iterable[Json]) -> tuple[SourceField, ...]:
    """Fields that are still there. Customers' own are named without the vendor's prefixes, inherited processes
    write `Custom.X`."""
    return tuple(
        SourceField(
            reference=as_text(entry.get("referenceName")),
            name=as_text(entry.get("name")),
            type=_field_type(entry),
            custom=not as_text(entry.get("referenceName")).startswith(_VENDOR_PREFIXES),
        )
        for entry in entries
        if entry.get("isDeleted") is not True
    )


def read_areas(roots: Iterable[Json]) -> tuple[str, ...]:
    """Area paths, the project's root first."""
    return tuple(node.path for node in _nodes_of(roots, "area"))


def read_iterations(roots: Iterable[Json]) -> tuple[Iteration, ...]:
    """Iterations, the project's root first."""
    return tuple(Iteration(node.path, node.start, node.finish) for node in _nodes_of(roots, "iteration"))


def with_team_dates(iterations: Sequence[Iteration], team: Iterable[Json]) -> tuple[Iteration, ...]:
    """Iterations that have no dates of their own take those of the team's list."""
    dates = {}
    for entry in team:
        attributes = as_object(entry.get("attributes"))
        start, finish = read_moment(attributes.get("startDate")), read_moment(attributes.get("finishDate"))
        if start or finish:
            dates[as_text(entry.get("path")).casefold()] = (start, finish)
    return tuple(
        iteration
        if iteration.start or iteration.finish or iteration.path.casefold() not in dates
        else Iteration(iteration.path, *dates[iteration.path.casefold()])
        for iteration in iterations
    )


def _nodes_of(roots: Iterable[Json], structure: str) -> list[Node]:
    """Older versions write the structure as a number: 0 areas, 1 iterations."""
    numbers = {"area": "0", "iteration": "1"}
    wanted = (structure, numbers[structure])
    return [node for root in roots if as_text(root.get("structureType")).lower() in wanted for node in read_nodes(root)]


def _names(group: Json) -> list[str]:
    types = [as_object(entry) for entry in as_list(group.get("workItemTypes"))]
    return [as_text(entry.get("name")) for entry in types if entry.get("name")]


def _field_type(entry: Json) -> str:
    """The service says `string` for people and offers `isIdentity`, and `string` with `isPicklist`."""
    if entry.get("isIdentity") is True:
        return "identity"
    kind = as_text(entry.get("type"))
    if entry.get("isPicklist") is True and not kind.lower().startswith("picklist"):
        return f"picklist{kind[:1].upper()}{kind[1:]}"
    return kind
