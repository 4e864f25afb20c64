"""Names of sprints, versions and components made from paths: the leaf, and more of the path only where leaves
collide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from connectors.domain.mapping.places import AreasAs, IterationsAs, Places

SPRINT_NAME_LIMIT = 30
VERSION_NAME_LIMIT = 255
COMPONENT_NAME_LIMIT = 255
AS_CHOSEN = Places()


def iteration_names(paths: Iterable[str], project: str, places: Places = AS_CHOSEN) -> dict[str, str]:
    """Path -> name of its sprint or version, distinct without regard to case, in the order given. Names that people
    chose are kept, and two paths may share one; paths with an empty name are left out."""
    limit = VERSION_NAME_LIMIT if places.iterations is IterationsAs.VERSION else SPRINT_NAME_LIMIT
    if places.iterations is IterationsAs.NONE:
        return {}
    return _with_chosen(list(dict.fromkeys(paths)), places.iteration_names, project, limit=limit)


def sprint_names(paths: Iterable[str], project: str) -> dict[str, str]:
    """Path -> a name of at most 30 characters, when nobody chose any."""
    return iteration_names(paths, project)


def component_names(paths: Iterable[str], project: str, places: Places = AS_CHOSEN) -> dict[str, str]:
    """Path -> component name; the root area has none unless somebody chose one."""
    used = list(dict.fromkeys(paths))
    if places.areas is AreasAs.NONE:
        return {}
    if places.areas is AreasAs.COLLAPSED:
        return {path: name for path in used if (name := _collapsed(path, project, places))}
    below = [path for path in used if path != project or path in places.area_names]
    if places.areas is AreasAs.PATH:
        whole = {path: places.area_names.get(path, " / ".join(_below_root(path, project))) for path in below}
        return _shorten({path: name for path, name in whole.items() if name}, COMPONENT_NAME_LIMIT)
    return _with_chosen(below, places.area_names, project, limit=COMPONENT_NAME_LIMIT)


def _collapsed(path: str, project: str, places: Places) -> str:
    """The name of the nearest area above that has one, itself included; else the first part below the project."""
    parts = path.split("\\")
    for depth in range(len(parts), 0, -1):
        chosen = places.area_names.get("\\".join(parts[:depth]))
        if chosen is not None:
            return chosen[:COMPONENT_NAME_LIMIT]
    return "" if path == project else _below_root(path, project)[0][:COMPONENT_NAME_LIMIT]


def _with_chosen(paths: list[str], chosen: Mapping[str, str], project: str, *, limit: int) -> dict[str, str]:
    names = dict(chosen)
    made = _names((path for path in paths if path not in names), project, limit=limit, taken=set(names.values()))
    everything = {**made, **{path: names[path][:limit] for path in paths if names.get(path)}}
    return {path: everything[path] for path in paths if path in everything}


def _names(paths: Iterable[str], project: str, *, limit: int, taken: set[str]) -> dict[str, str]:
    segments = {path: _below_root(path, project) for path in dict.fromkeys(paths)}
    depth = dict.fromkeys(segments, 1)
    while True:
        names = {path: " / ".join(parts[-depth[path] :]) for path, parts in segments.items()}
        counts = Counter(name.casefold() for name in (*names.values(), *taken))
        collided = [p for p, name in names.items() if counts[name.casefold()] > 1 and depth[p] < len(segments[p])]
        if not collided:
            return _shorten(names, limit, taken)
        for path in collided:
            depth[path] += 1


def _below_root(path: str, project: str) -> list[str]:
    parts = [part for part in path.split("\\") if part]
    return parts[1:] if len(parts) > 1 and parts[0] == project else parts


def _shorten(names: dict[str, str], limit: int, chosen: Iterable[str] = ()) -> dict[str, str]:
    """Cut what is too long in the middle of the path, then number what is still the same."""
    taken = {name.casefold() for name in chosen}
    result: dict[str, str] = {}
    for path, name in names.items():
        short = name if len(name) <= limit else "…" + name[-(limit - 1) :]
        candidate, number = short, 2
        while candidate.casefold() in taken:
            suffix = f" ({number})"
            candidate, number = short[: limit - len(suffix)] + suffix, number + 1
        taken.add(candidate.casefold())
        result[path] = candidate
    return result
