"""Bodies of `/api/projects/{id}/mapping…`: the same shape is answered, exported, sent back and imported."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from rest_framework import serializers

from connectors.domain.mapping.decisions import SEVERITY, Decisions
from connectors.domain.mapping.guess import THRESHOLD
from connectors.domain.mapping.places import AreasAs, IterationsAs
from connectors.domain.systems import invalid
from connectors.domain.work_items import LinkKind
from migrations_app.api.project_bodies import MigrationsFinding
from migrations_app.engine.entries import Entry, Proposals, as_decided
from migrations_app.services.mapping import MappingView

MOST_ENTRIES = 20_000
NONE = "none"
PRIORITIES = ("0", "1", "2", "3", "4", "unset")
PEOPLE_COLUMNS = ("source", "name", "account_id", "account_name", "confidence", "reason", "count", "confirmed")


class MigrationsMappedValue(serializers.Serializer[None]):
    """A value of a field and the value it becomes."""

    source = serializers.CharField(max_length=500)  # type: ignore[assignment]
    target = serializers.CharField(max_length=500, allow_blank=True)
    confidence = serializers.FloatField(required=False)
    reason = serializers.CharField(required=False, allow_blank=True)
    count = serializers.IntegerField(required=False)
    confirmed = serializers.BooleanField(default=True, help_text="False: only a proposal; not stored.")
    proposal = serializers.CharField(required=False, allow_blank=True)


class MigrationsMapped(MigrationsMappedValue):
    """A name of the source and what becomes of it. `proposal` is a likely target that is not used unconfirmed."""

    name = serializers.CharField(required=False, allow_blank=True, help_text="The source's friendlier word.")
    targetName = serializers.CharField(required=False, allow_blank=True)


class MigrationsMappedState(MigrationsMapped):
    """A state, of one type or of all."""

    type = serializers.CharField(max_length=255, required=False, allow_blank=True, default="")


class MigrationsMappedField(MigrationsMapped):
    """A field: `target` is a field's id or name, `description` or `none`."""

    values = MigrationsMappedValue(many=True, required=False)


class MigrationsMappedIterations(serializers.Serializer[None]):
    """What iterations become; entries name single ones, `none` leaves one out."""

    entries = MigrationsMapped(many=True, required=False)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        choices = [each.value for each in IterationsAs]
        return {"as": serializers.ChoiceField(choices=choices, required=False), **super().get_fields()}


class MigrationsMappedAreas(serializers.Serializer[None]):
    """What areas become; entries name the component of single ones, `none` gives them none."""

    entries = MigrationsMapped(many=True, required=False)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        choices = [each.value for each in AreasAs]
        return {"as": serializers.ChoiceField(choices=choices, required=False), **super().get_fields()}


class MigrationsMappingChanges(serializers.Serializer[None]):
    """Decisions about a mapping. Parts that are left out stay as they are."""

    version = serializers.IntegerField(
        required=False, allow_null=True, min_value=0, help_text="The version that was changed; left out: any."
    )
    types = MigrationsMapped(many=True, required=False)
    states = MigrationsMappedState(many=True, required=False)
    priorities = MigrationsMapped(many=True, required=False)
    severities = MigrationsMappedValue(many=True, required=False)
    fields = MigrationsMappedField(many=True, required=False)  # type: ignore[assignment]
    linkTypes = MigrationsMapped(many=True, required=False)
    iterations = MigrationsMappedIterations(required=False)
    areas = MigrationsMappedAreas(required=False)
    people = MigrationsMapped(many=True, required=False)


class MigrationsMapping(MigrationsMappingChanges):
    """A project's mapping. `open` counts what must be decided before a run may write; `checked` is false when neither
    end was looked at, and `problem` says why."""

    checked = serializers.BooleanField()
    complete = serializers.BooleanField()
    open = serializers.IntegerField()
    threshold = serializers.FloatField()
    problem = serializers.CharField(allow_blank=True)
    findings = MigrationsFinding(many=True)


def show_mapping(view: MappingView) -> dict[str, Any]:
    """The whole mapping."""
    shown = view.proposals or as_decided(view.decisions)
    return {
        "version": view.version,
        "checked": view.proposals is not None,
        "complete": view.proposals is not None and not shown.open_entries,
        "open": len(shown.open_entries),
        "threshold": THRESHOLD,
        "problem": view.problem,
        **_show_parts(shown),
        "findings": [finding.as_json() for finding in view.findings],
    }


def show_export(view: MappingView) -> dict[str, Any]:
    """What people decided, in the form in which it is imported again."""
    return _show_parts(as_decided(view.decisions))


def _show_parts(shown: Proposals) -> dict[str, Any]:
    return {
        "types": _entries(shown.types),
        "states": [{"type": entry.type, **_entry(entry)} for entry in shown.states],
        "priorities": _entries(shown.priorities),
        "severities": _entries(shown.severities),
        "fields": [{**_entry(entry), "values": _entries(entry.values)} for entry in shown.fields],
        "linkTypes": _entries(shown.link_types),
        "iterations": {"as": shown.iterations_as, "entries": _entries(shown.iterations)},
        "areas": {"as": shown.areas_as, "entries": _entries(shown.areas)},
        "people": _entries(shown.people),
    }


def _entries(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    return [_entry(entry) for entry in entries]


def _entry(entry: Entry) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "source": entry.source,
        "target": entry.target,
        "confidence": entry.confidence,
        "reason": entry.reason,
        "count": entry.count,
        "confirmed": entry.confirmed,
    }
    extra = {"name": entry.name, "targetName": entry.target_name, "proposal": entry.proposal}
    return shown | {name: value for name, value in extra.items() if value}


# from a body to decisions


def decided_by(body: Mapping[str, Any], standing: Decisions) -> Decisions:
    """The standing decisions with the parts that a valid body brings. Raises DomainError VALIDATION_FAILED."""
    _check(body)
    changes: dict[str, Any] = {}
    for part, name in (("types", "types"), ("priorities", "priorities"), ("linkTypes", "link_types")):
        if part in body:
            changes[name] = _names(body[part])
    if "people" in body:
        changes["people"] = _names(body["people"])
    if "states" in body:
        changes["states"] = {
            (f"{each['type']}:{each['source']}" if each["type"] else each["source"]): each["target"]
            for each in _confirmed(body["states"])
        }
    values = dict(standing.values)
    if "fields" in body:
        changes["fields"] = _names(body["fields"])
        values = {each["source"]: named for each in body["fields"] if (named := _names(each.get("values", ())))}
        if SEVERITY in standing.values:
            values.setdefault(SEVERITY, standing.values[SEVERITY])
    if "severities" in body:
        values[SEVERITY] = _names(body["severities"])
    changes["values"] = {name: each for name, each in values.items() if each}
    for part, name in (("iterations", "iteration_names"), ("areas", "area_names")):
        if part in body:
            changes[part] = body[part].get("as", getattr(standing, part))
            if "entries" in body[part]:
                changes[name] = _place_names(body[part]["entries"])
    return replace(standing, **changes)


def _confirmed(entries: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [each for each in entries if each["confirmed"] and each["target"]]


def _names(entries: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    return {each["source"]: each["target"] for each in _confirmed(entries)}


def _place_names(entries: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    return {source: "" if target == NONE else target for source, target in _names(entries).items()}


def _check(body: Mapping[str, Any]) -> None:
    errors: dict[str, list[str]] = {}
    for part in ("types", "states", "priorities", "severities", "fields", "linkTypes", "people"):
        if len(body.get(part, ())) > MOST_ENTRIES:
            errors[part] = [f"No more than {MOST_ENTRIES} entries."]
    kinds = {kind.value for kind in LinkKind}
    unknown = sorted({each["source"] for each in body.get("linkTypes", ())} - kinds)
    if unknown:
        errors["linkTypes"] = [f"Unknown kinds of links: {', '.join(unknown)}."]
    unknown = sorted({each["source"] for each in _confirmed(body.get("priorities", ()))} - set(PRIORITIES))
    if unknown:
        errors["priorities"] = [f"Unknown priorities: {', '.join(unknown)}. There are {', '.join(PRIORITIES)}."]
    if errors:
        raise invalid(errors)


# people as a table


def people_rows(view: MappingView) -> list[tuple[Any, ...]]:
    """One row for everybody, in the order of `PEOPLE_COLUMNS`."""
    shown = view.proposals or as_decided(view.decisions)
    return [
        (
            entry.source,
            entry.name,
            entry.target,
            entry.target_name,
            entry.confidence,
            entry.reason,
            entry.count,
            "yes" if entry.confirmed else "no",
        )
        for entry in shown.people
    ]


def people_of_table(text: str) -> dict[str, str]:
    """E-mail or name -> account id, of every row that names both and does not say `no` under `confirmed`.

    The columns `source` and `account_id` are needed, in any order, others may be there. Raises DomainError
    VALIDATION_FAILED naming the line.
    """
    rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    header = rows.fieldnames or ()
    missing = [name for name in ("source", "account_id") if name not in header]
    if missing:
        raise invalid({"header": [f"The column {name} is missing." for name in missing]})
    people: dict[str, str] = {}
    try:
        for row in rows:
            source, account = _cell(row, "source"), _cell(row, "account_id")
            if source and account and _cell(row, "confirmed").casefold() != "no":
                people[source] = account
            if len(people) > MOST_ENTRIES:
                raise invalid({"rows": [f"No more than {MOST_ENTRIES} people."]})
    except csv.Error as error:
        raise invalid({f"line {rows.line_num}": [str(error)]}) from error
    return people


def _cell(row: Mapping[str, Any], name: str) -> str:
    """A cell without the quote that protects tables from being taken for formulas."""
    value = row.get(name)
    text = value.strip() if isinstance(value, str) else ""
    return text[1:] if text[:1] == "'" and text[1:2] in ("=", "+", "-", "@") else text
