"""What the integration surface tells of an external project: its types as two modules, and the fields of each.

A module is what another product calls its requirements or its issues; which of the project's types belong to it is
stored per connector project, with defaults by name. Everything here is plain values: live metadata is read by the
trackers, kept as JSON, and judged here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypedDict

from connectors.domain.mapping.known_fields import AREA, ITERATION, PAIRS, POINTS, TIME_TRACKING, is_noise
from connectors.domain.mapping.names import normalised
from connectors.domain.mapping.places import AreasAs, IterationsAs, Places, read_places
from connectors.domain.mapping.resolve import override_for
from connectors.domain.shapes import SourceField, SourceShape, TargetShape

FILTER_LENGTH = 4_000
MOST_TYPES = 50
_ALWAYS_FILLED = frozenset(
    {
        "project",
        "issuetype",
        "summary",
        "description",
        "labels",
        "priority",
        "assignee",
        "reporter",
        "parent",
        "status",
        TIME_TRACKING,
    }
)
_SPRINT_KIND = ":gh-sprint"
_FILLED_KIND = ":jsw-story-points"


class Module(StrEnum):
    """The two modules of an external project."""

    REQUIREMENT = "requirement"
    ISSUE = "issue"


_DEFAULT_TYPES: Mapping[Module, tuple[str, ...]] = {
    Module.REQUIREMENT: ("story", "user story", "product backlog item", "requirement", "feature", "epic"),
    Module.ISSUE: ("bug", "issue", "defect", "task"),
}
"""The first that the project has is its module's type until somebody chooses."""


class FieldShown(TypedDict):
    """A field as the integration surface answers it."""

    fieldName: str
    fieldId: str
    fieldType: str
    mandatory: bool
    mapped: bool


@dataclass(frozen=True, slots=True)
class ModuleField:
    """A field of a type: `mandatory` as the create metadata says, `custom` the key of a custom field's type."""

    id: str
    name: str
    type: str
    mandatory: bool = False
    custom: str = ""


_ISSUE_FIELDS = (
    ModuleField("title", "Title", "string", mandatory=True),
    ModuleField("body", "Body", "string"),
    ModuleField("labels", "Labels", "array"),
    ModuleField("assignees", "Assignees", "array"),
    ModuleField("milestone", "Milestone", "integer"),
    ModuleField("state", "State", "string"),
)
"""https://docs.github.com/rest/issues/issues#create-an-issue"""


@dataclass(frozen=True, slots=True)
class ModuleType:
    id: str
    name: str
    fields: tuple[ModuleField, ...] = ()


@dataclass(frozen=True, slots=True)
class ProjectModules:
    """An external project with its types, as the live system last told. `source` projects are read, others written."""

    id: str
    key: str
    name: str
    types: tuple[ModuleType, ...] = ()
    is_source: bool = False


@dataclass(frozen=True, slots=True)
class OurMapping:
    """What decides whether a field is mapped: the project's overrides, those of iterations and areas among them, and
    the fields of its source."""

    overrides: Mapping[str, str] = field(default_factory=dict)
    source_fields: frozenset[str] = frozenset()


def target_modules(shape: TargetShape) -> ProjectModules:
    """From a target's shape, which holds its create metadata."""
    types = tuple(
        ModuleType(
            each.id,
            each.name,
            tuple(
                ModuleField(known.id, known.name, known.kind, known.required, known.custom)
                for known in each.fields.values()
            ),
        )
        for each in shape.types
    )
    return ProjectModules(shape.project_id, shape.project_key, shape.project or shape.project_key, types)


def source_modules(shape: SourceShape, *, of_type: Mapping[str, Mapping[str, bool]] | None = None) -> ProjectModules:
    """From a source's shape. `of_type` tells which fields each type has and which of them it always requires; a system
    that has no create metadata of its own has the standard fields of an issue, and what its shape lists besides."""
    by_reference = {known.reference: known for known in shape.fields}
    listed = tuple(_source_field(known, mandatory=False) for known in shape.fields)
    types = []
    for each in shape.types:
        fields = (*_ISSUE_FIELDS, *listed)
        if of_type is not None:
            required = of_type.get(each.name, {})
            fields = tuple(
                _source_field(by_reference[reference], mandatory=mandatory)
                for reference, mandatory in required.items()
                if reference in by_reference
            )
        types.append(ModuleType(each.reference or each.name, each.name, fields))
    return ProjectModules(shape.project_id, shape.project, shape.project, tuple(types), is_source=True)


def _source_field(known: SourceField, *, mandatory: bool) -> ModuleField:
    return ModuleField(known.reference, known.name, known.type, mandatory)


def to_json(modules: ProjectModules) -> dict[str, Any]:
    """As a connector project keeps it."""
    return {
        "id": modules.id,
        "key": modules.key,
        "name": modules.name,
        "isSource": modules.is_source,
        "types": [
            {
                "id": each.id,
                "name": each.name,
                "fields": [[f.id, f.name, f.type, f.mandatory, f.custom] for f in each.fields],
            }
            for each in modules.types
        ],
    }


def from_json(stored: Mapping[str, Any]) -> ProjectModules:
    """What `to_json` kept; nothing yet is a project without types."""
    return ProjectModules(
        id=stored.get("id", ""),
        key=stored.get("key", ""),
        name=stored.get("name", ""),
        is_source=stored.get("isSource", False),
        types=tuple(
            ModuleType(each["id"], each["name"], tuple(ModuleField(*values) for values in each["fields"]))
            for each in stored.get("types", ())
        ),
    )


def choose_types(modules: ProjectModules, chosen: Sequence[str], module: Module) -> list[ModuleType]:
    """The module's types: the chosen ones, by id or name, or the default one."""
    if chosen:
        wanted = {name.casefold() for name in chosen}
        return [each for each in modules.types if each.id.casefold() in wanted or each.name.casefold() in wanted]
    by_name = {each.name.casefold(): each for each in reversed(modules.types)}
    return [by_name[name] for name in _DEFAULT_TYPES[module] if name in by_name][:1]


def unknown_types(modules: ProjectModules, chosen: Iterable[str]) -> list[str]:
    """Chosen types that the project does not have."""
    known = {name.casefold() for each in modules.types for name in (each.id, each.name)}
    return [name for name in chosen if name.casefold() not in known]


def show_fields(modules: ProjectModules, types: Sequence[ModuleType], mapping: OurMapping) -> list[FieldShown]:
    """The fields of a module's types, each once; one that any of the types demands is mandatory."""
    found: dict[str, ModuleField] = {}
    for each in types:
        for known in each.fields:
            before = found.get(known.id)
            if before is None or (known.mandatory and not before.mandatory):
                found[known.id] = known
    judge = _source_is_mapped if modules.is_source else _target_is_mapped
    return [
        {
            "fieldName": known.name,
            "fieldId": known.id,
            "fieldType": known.type,
            "mandatory": known.mandatory,
            "mapped": judge(known, mapping),
        }
        for known in found.values()
    ]


def _source_is_mapped(known: ModuleField, mapping: OurMapping) -> bool:
    """Everything of a source arrives, as a field or in the description, but what only the service counts and what
    somebody left out."""
    wanted = override_for(mapping.overrides, known.id, known.name) or ""
    return not is_noise(known.id) and wanted.casefold() != "none"


def _target_is_mapped(known: ModuleField, mapping: OurMapping) -> bool:
    """Filled by every run, by iterations or areas, by an override, by a known pair, or from a source field of the same
    name."""
    if known.id in _ALWAYS_FILLED or known.custom.endswith(_FILLED_KIND):
        return True
    placed = _is_filled_by_places(known, _places(mapping))
    if placed is not None:
        return placed
    named = {known.id.casefold(), normalised(known.name)}
    for source, target in mapping.overrides.items():
        if {target.casefold(), normalised(target)} & named:
            return True
        if target.casefold() in ("none", "description") and normalised(source) in named:
            return False
    paired = (name for source, names in PAIRS.items() if source in mapping.source_fields for name in names)
    if any({name.casefold(), normalised(name)} & named for name in paired):
        return True
    if any(points in mapping.source_fields for points in POINTS) and "story point" in normalised(known.name):
        return True
    return normalised(known.name) in {normalised(name) for name in mapping.source_fields}


def _is_filled_by_places(known: ModuleField, places: Places) -> bool | None:
    """Whether sprints, versions or components are made of iterations and areas; None for every other field."""
    if known.custom.endswith(_SPRINT_KIND):
        return places.iterations is IterationsAs.SPRINT
    if known.id == "fixVersions":
        return places.iterations is IterationsAs.VERSION
    if known.id == "components":
        return places.areas is not AreasAs.NONE
    return None


def _places(mapping: OurMapping) -> Places:
    """A word that a run would refuse decides nothing here."""
    wanted = {name: override_for(mapping.overrides, name) for name in (ITERATION, AREA)}
    try:
        return read_places({name: word for name, word in wanted.items() if word})
    except ValueError:
        return Places()
