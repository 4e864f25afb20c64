"""Decides which field of the target takes each field of the source. Pure.

Overrides first, then known pairs, then fields of the same name and a compatible kind on a screen of the project.
What finds no field is shown in the description under a stable heading: nothing disappears silently.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from connectors.domain.mapping.known_fields import (
    CREATED_WHEN_ASKED,
    DECIDED_ELSEWHERE,
    ESTIMATES,
    NEVER_A_TARGET,
    PAIRS,
    POINTS,
    TIME_TRACKING,
    is_noise,
)
from connectors.domain.mapping.names import normalised
from connectors.domain.shapes import SourceField, SourceShape, TargetField, TargetShape, TargetType
from connectors.domain.work_items import DESCRIPTION as DESCRIPTION_TEXT

DESCRIPTION = "description"
"""Route to the section of the description that lists further fields."""
NONE = "none"
"""Route of values that are left out because somebody asked for it."""

_UNSETTABLE = frozenset({"any", "comments-page", "issuelink", "json", "progress", "sd-approvals", "votes", "watches"})
_UNSETTABLE_CUSTOM = (":readonlyfield", ":gh-sprint", ":gh-lexo-rank", ":gh-epic-link", ":importid")

_TEXTUAL = frozenset({"string", "option", "array", "version", "option-with-child"})
_COMPATIBLE: Mapping[str, frozenset[str]] = {
    "number": frozenset({"number", "string", "option"}),
    "date": frozenset({"date", "datetime", "string"}),
    "boolean": frozenset({"option", "array", "string"}),
    "identity": frozenset({"user", "array", "string"}),
    "text": _TEXTUAL,
    "rich": frozenset({"string"}),
}
"""Kinds of target fields that values of a kind can be written to; each value decides once more when it is."""

_KINDS: Mapping[str, str] = {
    "integer": "number",
    "double": "number",
    "picklistinteger": "number",
    "picklistdouble": "number",
    "datetime": "date",
    "boolean": "boolean",
    "identity": "identity",
    "html": "rich",
    "plaintext": "rich",
    "history": "rich",
}


@dataclass(frozen=True, slots=True)
class Route:
    """Where the values of a source field go: a target field's id, DESCRIPTION or NONE. `chosen` routes were asked
    for and hold off screen too; the others hold for types that show the field."""

    source: str
    name: str
    target: str
    reason: str
    confidence: float = 1.0
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class FieldMap:
    """The routes of all fields of the source, and how values are renamed on the way (source field -> folded source
    value -> target value)."""

    routes: Mapping[str, Route] = field(default_factory=dict)
    site: Mapping[str, TargetField] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def route_of(self, reference: str) -> Route:
        """The route of a field; one that the source does not describe is shown in the description."""
        found = self.routes.get(reference)
        return found or Route(reference, reference, DESCRIPTION, "the source does not describe this field")

    def target_of(self, reference: str, target_type: TargetType) -> TargetField | None:
        """The field that takes the values of `reference` in items of a type, None for the description or nowhere."""
        route = self.route_of(reference)
        if route.target in (DESCRIPTION, NONE):
            return None
        on_screen = target_type.fields.get(route.target)
        return on_screen if on_screen is not None or not route.chosen else self.site.get(route.target)

    def targets(self) -> frozenset[str]:
        """Ids of every target field that any route leads to."""
        return frozenset(route.target for route in self.routes.values()) - {DESCRIPTION, NONE}


def kind_of(source_type: str) -> str:
    """What a source field's values are: number, date, boolean, identity, rich, or text."""
    return _KINDS.get(source_type.lower(), "text")


def is_compatible(kind: str, target: TargetField) -> bool:
    """Whether values of a kind can go into a field at all."""
    if target.id in NEVER_A_TARGET or not is_settable(target) or target.kind not in _COMPATIBLE[kind]:
        return False
    if kind == "rich":
        return is_rich(target)
    if target.kind == "array":
        people = target.items == "user"
        return people if kind == "identity" else target.items in ("option", "string", "version")
    return True


def is_settable(target: TargetField) -> bool:
    return target.kind not in _UNSETTABLE and not target.custom.endswith(_UNSETTABLE_CUSTOM)


def is_rich(target: TargetField) -> bool:
    """Fields that hold documents: paragraph fields and the system's environment."""
    return target.custom.endswith(":textarea") or target.id == "environment"


def map_fields(
    source: SourceShape,
    target: TargetShape,
    *,
    overrides: Mapping[str, str],
    created: Mapping[str, str] | None = None,
    values: Mapping[str, Mapping[str, str]] | None = None,
) -> FieldMap:
    """Routes of every described field that means anything. `created` are fields an earlier step made, by reference.

    Overrides that name nothing the target has are left out here; `override_findings` tells them.
    """
    site = {each.id: each for each in target.fields}
    shown = _on_screens(target)
    routes: dict[str, Route] = {}
    for each in source.fields:
        if each.reference in DECIDED_ELSEWHERE or is_noise(each.reference):
            continue
        routes[each.reference] = _route(each, target, shown, site, overrides, created or {})
    folded = {ref: {old.casefold(): new for old, new in renamed.items()} for ref, renamed in (values or {}).items()}
    kinds = {each.reference: kind_of(each.type) for each in source.fields}
    return FieldMap(routes, {**site, **shown}, kinds, folded)


def find_target(name: str, target: TargetShape) -> TargetField | None:
    """A target field by id, else by name; among namesakes one on a screen of the project wins."""
    shown = _on_screens(target)
    everything = {**{each.id: each for each in target.fields}, **shown}
    if name in everything:
        return everything[name]
    wanted = normalised(name)
    namesakes = [each for each in (*shown.values(), *everything.values()) if normalised(each.name) == wanted]
    return next(iter(namesakes), None)


def find_source(name: str, source: SourceShape) -> SourceField | None:
    """A source field by reference or name, without regard to case."""
    folded = name.casefold()
    by_reference = (each for each in source.fields if each.reference.casefold() == folded)
    by_name = (each for each in source.fields if each.name.casefold() == folded)
    return next(by_reference, None) or next(by_name, None)


def wants_own_field(each: SourceField, route: Route) -> bool:
    """Whether `create_missing_fields` makes a field for it."""
    made = each.custom or each.reference in CREATED_WHEN_ASKED
    return made and route.target == DESCRIPTION and not route.chosen and not is_noise(each.reference)


def _route(
    each: SourceField,
    target: TargetShape,
    shown: Mapping[str, TargetField],
    site: Mapping[str, TargetField],
    overrides: Mapping[str, str],
    created: Mapping[str, str],
) -> Route:
    asked = _override(each, overrides)
    if asked is not None:
        chosen = _chosen(each, asked, target)
        if chosen is not None:
            return chosen
    if each.reference in created and created[each.reference] in {**site, **shown}:
        return Route(each.reference, each.name, created[each.reference], "made for this field", chosen=True)
    return _known(each, target, shown) or _same_name(each, shown) or _nowhere(each)


def _override(each: SourceField, overrides: Mapping[str, str]) -> str | None:
    folded = {name.casefold(): wanted for name, wanted in overrides.items()}
    return folded.get(each.reference.casefold(), folded.get(each.name.casefold()))


def _chosen(each: SourceField, asked: str, target: TargetShape) -> Route | None:
    if asked.casefold() in (DESCRIPTION, NONE):
        return Route(each.reference, each.name, asked.casefold(), "asked for", chosen=True)
    found = find_target(asked, target)
    if found is None or not fits(each, found):
        return None
    return Route(each.reference, each.name, found.id, "asked for", chosen=True)


def fits(each: SourceField, found: TargetField) -> bool:
    """Whether a field may be led to a target field."""
    if found.id == TIME_TRACKING:
        return each.reference in ESTIMATES
    return is_compatible(kind_of(each.type), found)


def _known(each: SourceField, target: TargetShape, shown: Mapping[str, TargetField]) -> Route | None:
    if each.reference in POINTS and target.story_points_field in shown:
        return Route(each.reference, each.name, target.story_points_field, "story points")
    if each.reference in ESTIMATES and TIME_TRACKING in shown:
        return Route(each.reference, each.name, TIME_TRACKING, "time tracking")
    for wanted in PAIRS.get(each.reference, ()):
        found = shown.get(wanted) or next(iter(_named(wanted, shown.values())), None)
        if found is not None and fits(each, found):
            return Route(each.reference, each.name, found.id, "known pair")
    return None


def _same_name(each: SourceField, shown: Mapping[str, TargetField]) -> Route | None:
    fitting = [found for found in _named(each.name, shown.values()) if fits(each, found)]
    if not fitting:
        return None
    sure = len(fitting) == 1
    reason = "same name" if sure else f"same name, the first of {len(fitting)} such fields"
    return Route(each.reference, each.name, fitting[0].id, reason, confidence=0.95 if sure else 0.7)


def _nowhere(each: SourceField) -> Route:
    if each.reference == DESCRIPTION_TEXT:
        return Route(each.reference, each.name, NONE, "the description")
    return Route(each.reference, each.name, DESCRIPTION, "no field on the screens fits")


def _named(name: str, candidates: Iterable[TargetField]) -> list[TargetField]:
    wanted = normalised(name)
    return [each for each in candidates if normalised(each.name) == wanted]


def _on_screens(target: TargetShape) -> dict[str, TargetField]:
    """Fields by id that any type's create screen shows, those on more screens first."""
    found: dict[str, TargetField] = {}
    counts: dict[str, int] = {}
    for target_type in target.types:
        for each in target_type.fields.values():
            found.setdefault(each.id, each)
            counts[each.id] = counts.get(each.id, 0) + 1
    return dict(sorted(found.items(), key=lambda entry: (-counts[entry[0]], entry[0])))
