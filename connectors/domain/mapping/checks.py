"""Checks what people asked for against what both projects really have, before anything is written. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from connectors.domain.findings import Finding, Severity
from connectors.domain.mapping import defaults
from connectors.domain.mapping.fields import (
    DESCRIPTION,
    NONE,
    FieldMap,
    find_source,
    find_target,
    fits,
    wants_own_field,
)
from connectors.domain.mapping.known_fields import AREA, DECIDED_ELSEWHERE, ITERATION
from connectors.domain.mapping.names import find_option
from connectors.domain.mapping.resolve import Maps, Usage, override_for
from connectors.domain.shapes import SourceShape, TargetShape, TargetType

ADMINISTER = "ADMINISTER"
_PLACES = frozenset({ITERATION.casefold(), AREA.casefold()})


def field_findings(
    source: SourceShape, target: TargetShape, usage: Usage, overrides: Mapping[str, str]
) -> Iterator[Finding]:
    """Overrides of fields that name something which is not there or cannot hold the values."""
    for name, wanted in overrides.items():
        if name.casefold() in _PLACES:
            continue
        if name in DECIDED_ELSEWHERE:
            words = f"{name} cannot be led to a field: it becomes {DECIDED_ELSEWHERE[name]}."
            yield _blocking("FIELD_NOT_MAPPABLE", words, usage.filled(name), usage.sample("field", name))
            continue
        each = find_source(name, source)
        if each is None:
            yield _unused("field_overrides", name, "field")
        elif wanted.casefold() not in (DESCRIPTION, NONE):
            count, sample = usage.filled(each.reference), usage.sample("field", each.reference)
            found = find_target(wanted, target)
            if found is None:
                yield _blocking(
                    "FIELD_NOT_IN_TARGET",
                    f"{count} items fill {each.name} ({each.reference}), which field_overrides leads to {wanted}, a "
                    f"field that the site does not have or that project {target.project_key} may not use.",
                    count,
                    sample,
                )
            elif not fits(each, found):
                yield _blocking(
                    "FIELD_NOT_MAPPABLE",
                    f"{count} items fill {each.name} ({each.reference}), whose values of type {each.type} the field "
                    f"{found.name} ({found.id}) cannot take.",
                    count,
                    sample,
                )


def name_findings(
    source: SourceShape, usage: Usage, *, types: Mapping[str, str], states: Mapping[str, str]
) -> Iterator[Finding]:
    """Overrides for source types and states that do not exist: a wish that would silently come to nothing."""
    known_types = {each.name.casefold() for each in source.types} | {name.casefold() for name in usage.types}
    yield from (_unused("type_overrides", name, "type") for name in types if name.casefold() not in known_types)
    known = {state.name.casefold() for each in source.types for state in each.states}
    known |= {state.casefold() for _, state in usage.states}
    known |= {f"{each.name}:{state.name}".casefold() for each in source.types for state in each.states}
    known |= {f"{name}:{state}".casefold() for name, state in usage.states}
    yield from (_unused("state_overrides", name, "state") for name in states if name.casefold() not in known)


def people_findings(wanted: Mapping[str, str], known: Mapping[str, bool], usage: Usage) -> Iterator[Finding]:
    """People of the target that do not exist or have left. `known` tells of every account found whether it is active;
    accounts without an entry do not exist."""
    for account in dict.fromkeys(wanted.values()):
        names = [name for name, chosen in wanted.items() if chosen == account]
        count = sum(usage.people.get(name.casefold(), 0) for name in names)
        who = f"{count} items name {', '.join(names)}, who should become the account {account}"
        if account not in known:
            yield _blocking("PERSON_NOT_IN_TARGET", f"{who}, which the site does not have.", count)
        elif not known[account]:
            words = f"{who}, which is inactive: the names are kept in the text only."
            yield Finding(Severity.WARNING, "PERSON_INACTIVE", words, count=count)


def value_findings(usage: Usage, maps: Maps) -> Iterator[Finding]:
    """Values that the chosen field does not offer: they are shown in the description instead."""
    fields: FieldMap = maps.fields
    for reference, values in usage.values.items():
        offered = _offered(reference, usage, maps)
        if not offered:
            continue
        renamed = fields.values.get(reference, {})
        missing = {text: count for text, count in values.items() if not _is_offered(text, renamed, offered)}
        if missing:
            count = sum(missing.values())
            route = fields.route_of(reference)
            yield Finding(
                Severity.INFO,
                "VALUE_NOT_OFFERED",
                f"{count} items hold values of {route.name} that the field {route.target} does not offer "
                f"({', '.join(sorted(missing)[:5])}); these values are shown in the description.",
                count=count,
            )


def creation_findings(
    source: SourceShape, target: TargetShape, usage: Usage, fields: FieldMap, *, create: bool
) -> Iterator[Finding]:
    """Custom fields in use that have no field in the target: made when asked, which needs the right to it, else shown
    in the description."""
    missing = [
        each
        for each in source.fields
        if usage.filled(each.reference) and wants_own_field(each, fields.route_of(each.reference))
    ]
    if missing:
        names = ", ".join(each.name for each in missing)
        words = "are made" if create else "have no field in the target; their values are shown in the description"
        code = "FIELDS_CREATED" if create else "FIELDS_IN_DESCRIPTION"
        yield Finding(Severity.INFO, code, f"{len(missing)} fields {words}: {names}.", count=len(missing))
    if missing and create and ADMINISTER not in target.permissions:
        yield _blocking(
            "PERMISSIONS_MISSING",
            f"Making {len(missing)} fields needs the right to administer the site. Give it to the account, or start "
            "with create_missing_fields false.",
            len(missing),
        )


def required_findings(usage: Usage, maps: Maps, used: Mapping[str, tuple[TargetType, int]]) -> Iterator[Finding]:
    """Required fields of the target for which some items have no value. `used` holds, per target type id, the type
    and how many items become it."""
    for target_type, count in used.values():
        for needed in target_type.fields.values():
            if not needed.required or needed.has_default or needed.id in FILLED_BY_US:
                continue
            empty = count - _filled(needed.id, target_type, usage, maps)
            if empty > 0:
                yield _blocking(
                    "REQUIRED_FIELD_EMPTY",
                    f"{target_type.name} demands the field {needed.name} ({needed.id}), for which "
                    f"{empty} items have no value. Give the field a default, make it optional, or map a source "
                    "field to it with field_overrides.",
                    empty,
                )


FILLED_BY_US = frozenset({"summary", "issuetype", "project", "description", "labels", "parent", "reporter", "priority"})
"""Fields that every item gets, whatever is mapped."""


def _filled(target_id: str, target_type: TargetType, usage: Usage, maps: Maps) -> int:
    """Items of a target type that bring a value for a field, by the best filled of the fields led to it."""
    counts: dict[str, int] = {}
    for (source_type, reference), count in usage.fields.items():
        found = maps.fields.target_of(reference, target_type)
        if found is not None and found.id == target_id and _may_become(source_type, target_type, maps):
            counts[reference] = counts.get(reference, 0) + count
    return max(counts.values(), default=0)


def _may_become(source_type: str, target_type: TargetType, maps: Maps) -> bool:
    becomes = maps.types.get(source_type)
    if becomes is None:
        return False
    is_task = source_type.casefold() in defaults.TASK_TYPES
    return becomes.id == target_type.id or (is_task and maps.subtask is not None and maps.subtask.id == target_type.id)


def _offered(reference: str, usage: Usage, maps: Maps) -> tuple[tuple[str, str], ...]:
    found: dict[str, str] = {}
    for source_type, name in usage.fields:
        becomes = maps.types.get(source_type)
        target = maps.fields.target_of(reference, becomes) if becomes is not None and name == reference else None
        if target is not None and (target.kind in ("option", "version") or target.items in ("option", "version")):
            found.update(dict(target.allowed))
    return tuple(found.items())


def _is_offered(text: str, renamed: Mapping[str, str], offered: tuple[tuple[str, str], ...]) -> bool:
    wanted = override_for(renamed, text) or text
    parts = [part.strip() for part in wanted.split(";") if part.strip()]
    return find_option(wanted, offered) is not None or all(find_option(part, offered) for part in parts)


def _blocking(code: str, words: str, count: int, sample: tuple[str, ...] = ()) -> Finding:
    return Finding(Severity.BLOCKING, code, words, count=count, sample_ids=sample)


def _unused(option: str, name: str, what: str) -> Finding:
    return Finding(
        Severity.WARNING, "OVERRIDE_UNUSED", f"{option} names the {what} {name}, which the source does not have."
    )
