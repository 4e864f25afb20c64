"""The fields, types and links of an Azure DevOps project as a side offers them. Pure.

https://learn.microsoft.com/azure/devops/boards/work-items/guidance/work-item-field
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from connectors.clients.azure_devops.values import Json, as_list, as_object, as_text
from connectors.domain.sides import (
    ASSIGNEE,
    LABELS,
    PRIORITY,
    STATE,
    TEXT,
    TITLE,
    SideField,
    SideType,
    ValueKind,
)

PRIORITY_FIELD = "Microsoft.VSTS.Common.Priority"
STANDARD: Mapping[str, str] = {
    "System.Title": TITLE,
    "System.Description": TEXT,
    "System.State": STATE,
    "System.AssignedTo": ASSIGNEE,
    PRIORITY_FIELD: PRIORITY,
    "System.Tags": LABELS,
}
REFERENCES: Mapping[str, str] = {ours: reference for reference, ours in STANDARD.items()}

_FIXED_KINDS: Mapping[str, ValueKind] = {
    "System.Title": ValueKind.TEXT,
    "System.State": ValueKind.STATE,
    "System.Tags": ValueKind.LABELS,
    PRIORITY_FIELD: ValueKind.CHOICE,
}
_KINDS: Mapping[str, ValueKind] = {
    "html": ValueKind.RICH,
    "integer": ValueKind.NUMBER,
    "double": ValueKind.NUMBER,
    "datetime": ValueKind.MOMENT,
    "boolean": ValueKind.FLAG,
    "treepath": ValueKind.PATH,
}
# Told elsewhere in an item, or computed by the service from what is told there.
_LEFT_OUT = frozenset(
    {
        "System.Id",
        "System.Rev",
        "System.Watermark",
        "System.ChangedDate",
        "System.ChangedBy",
        "System.PersonId",
        "System.AuthorizedAs",
        "System.AuthorizedDate",
        "System.RevisedDate",
        "System.AreaId",
        "System.IterationId",
        "System.NodeName",
        "System.TeamProject",
        "System.WorkItemType",
        "System.History",
        "System.Parent",
        "System.IsDeleted",
        "System.CommentCount",
        "System.AttachedFileCount",
        "System.ExternalLinkCount",
        "System.HyperLinkCount",
        "System.RelatedLinkCount",
        "System.RemoteLinkCount",
        "System.BoardColumn",
        "System.BoardColumnDone",
        "System.BoardLane",
    }
)
_LEFT_OUT_PREFIXES = ("System.AreaLevel", "System.IterationLevel", "WEF_")
# The service sets these with the state; and tests hold XML, in which a changed text would break the steps.
_NOT_WRITTEN = frozenset(
    {
        "System.Reason",
        "Microsoft.VSTS.TCM.Steps",
        "Microsoft.VSTS.TCM.Parameters",
        "Microsoft.VSTS.TCM.LocalDataSource",
        *(
            f"Microsoft.VSTS.Common.{name}{part}"
            for name in ("StateChange", "Activated", "Resolved", "Closed")
            for part in ("Date", "By")
        ),
        "Microsoft.VSTS.Common.ResolvedReason",
    }
)
_XML = frozenset({name for name in _NOT_WRITTEN if name.startswith("Microsoft.VSTS.TCM.")})

HIERARCHY = "System.LinkTypes.Hierarchy"


@dataclass(frozen=True, slots=True)
class AzureField:
    """A field with what reading and writing its values needs."""

    id: str
    reference: str
    name: str
    kind: ValueKind
    writable: bool
    whole: bool = False
    """Whether its numbers have no fraction."""


def read_fields(entries: Iterable[Json]) -> tuple[AzureField, ...]:
    """What the project's fields are here; those that only repeat what an item tells elsewhere are left out."""
    return tuple(_field(entry) for entry in entries if _is_offered(entry))


def _is_offered(entry: Json) -> bool:
    reference = as_text(entry.get("referenceName"))
    left_out = reference in _LEFT_OUT or reference.startswith(_LEFT_OUT_PREFIXES)
    return bool(reference) and not left_out and entry.get("isDeleted") is not True


def _field(entry: Json) -> AzureField:
    reference = as_text(entry.get("referenceName"))
    stored = as_text(entry.get("type")).lower()
    writable = entry.get("readOnly") is not True and reference not in _NOT_WRITTEN
    whole = stored in ("integer", "picklistinteger") or reference == PRIORITY_FIELD
    name = as_text(entry.get("name")) or reference
    return AzureField(STANDARD.get(reference, reference), reference, name, _kind(entry, stored), writable, whole)


def _kind(entry: Json, stored: str) -> ValueKind:
    reference = as_text(entry.get("referenceName"))
    if reference in _FIXED_KINDS:
        return _FIXED_KINDS[reference]
    if entry.get("isIdentity") is True or stored == "identity":
        return ValueKind.PERSON
    if reference in _XML:
        return ValueKind.TEXT
    if entry.get("isPicklist") is True or stored.startswith("picklist"):
        return ValueKind.CHOICE
    return _KINDS.get(stored, ValueKind.TEXT)


@dataclass(frozen=True, slots=True)
class TypeFields:
    """What the types say about their fields: the values each allows, and which of them all types require."""

    by_type: Mapping[str, frozenset[str]]
    options: Mapping[str, tuple[str, ...]]
    required: frozenset[str]


def read_type_fields(by_type: Mapping[str, Sequence[Json]]) -> TypeFields:
    """From each type's own list of fields."""
    options: dict[str, dict[str, None]] = {}
    required: list[frozenset[str]] = []
    for entries in by_type.values():
        for entry in entries:
            found = options.setdefault(_reference(entry), {})
            found.update({as_text(value): None for value in as_list(entry.get("allowedValues")) if _is_plain(value)})
        required.append(frozenset(_reference(entry) for entry in entries if entry.get("alwaysRequired") is True))
    return TypeFields(
        {name: frozenset(map(_reference, entries)) for name, entries in by_type.items()},
        {reference: tuple(values) for reference, values in options.items()},
        frozenset.intersection(*required) if required else frozenset(),
    )


def _reference(entry: Json) -> str:
    return as_text(entry.get("referenceName"))


def _is_plain(value: object) -> bool:
    return isinstance(value, (str, int, float)) and not isinstance(value, bool)


def side_fields(
    fields: Iterable[AzureField], types: TypeFields, *, paths: Mapping[str, tuple[str, ...]]
) -> tuple[SideField, ...]:
    """The fields that some type has. A text with a list of allowed values is a choice."""
    used = frozenset().union(*types.by_type.values())
    return tuple(_side_field(field, types, paths) for field in fields if field.reference in used)


def _side_field(field: AzureField, types: TypeFields, paths: Mapping[str, tuple[str, ...]]) -> SideField:
    listed = types.options.get(field.reference, ())
    kind = ValueKind.CHOICE if field.kind is ValueKind.TEXT and listed else field.kind
    options = listed if kind in (ValueKind.CHOICE, ValueKind.STATE) else paths.get(field.reference, ())
    return SideField(field.id, field.name, kind, field.writable, field.reference in types.required, options)


def side_types(entries: Iterable[Json], fields: Iterable[SideField], types: TypeFields) -> tuple[SideType, ...]:
    """The types that items can have."""
    offered = {REFERENCES.get(field.id, field.id): field.id for field in fields}
    return tuple(
        SideType(
            name=as_text(entry.get("name")),
            states=tuple(as_text(as_object(state).get("name")) for state in as_list(entry.get("states"))),
            fields=frozenset(
                offered[each] for each in types.by_type.get(as_text(entry.get("name")), frozenset()) if each in offered
            ),
        )
        for entry in entries
    )


def link_stems(entries: Iterable[Json]) -> dict[str, bool]:
    """Kinds of links between items without their direction -> whether they have two ends of different meaning. The
    hierarchy is no link but the parent; remote links lead into other organizations."""
    found: dict[str, bool] = {}
    for entry in entries:
        about = as_object(entry.get("attributes"))
        stem = stem_of(as_text(entry.get("referenceName")))
        if about.get("usage") == "workItemLink" and about.get("remote") is not True and stem != HIERARCHY:
            found[stem] = about.get("directional") is True
    return found


def stem_of(reference: str) -> str:
    """A relation's reference name without its direction, as the reporting stream writes it."""
    return reference.removesuffix("-Forward").removesuffix("-Reverse")
