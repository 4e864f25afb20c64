"""Checks before the first write: what would stop the run, and what would arrive differently. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from connectors.domain.findings import Finding, Severity
from connectors.domain.mapping.checks import (
    creation_findings,
    field_findings,
    name_findings,
    people_findings,
    required_findings,
    value_findings,
)
from connectors.domain.mapping.fields import map_fields
from connectors.domain.mapping.known_fields import ITERATION as ITERATION_FIELD
from connectors.domain.mapping.places import Places, read_places
from connectors.domain.mapping.resolve import Maps, Usage, resolve_maps
from connectors.domain.ports import ItemFilter
from connectors.domain.shapes import SourceShape, TargetShape, TargetType
from migrations_app.engine.config import RunOptions
from migrations_app.engine.ports import PlanItem

NEEDED_PERMISSIONS: Mapping[str, str] = {
    "BROWSE_PROJECTS": "Browse projects",
    "CREATE_ISSUES": "Create issues",
    "EDIT_ISSUES": "Edit issues",
    "TRANSITION_ISSUES": "Transition issues",
}
OPTIONAL_PERMISSIONS: Mapping[str, tuple[str, str]] = {
    "ADD_COMMENTS": ("Add comments", "migrate_comments"),
    "CREATE_ATTACHMENTS": ("Create attachments", "migrate_attachments"),
    "LINK_ISSUES": ("Link issues", "migrate_links"),
}

SAMPLE_SIZE = 10


@dataclass(frozen=True, slots=True)
class Inspection:
    """The maps a run will use and everything found while deciding them."""

    maps: Maps
    findings: tuple[Finding, ...]

    @property
    def blocking(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.severity is Severity.BLOCKING]


def inspect(
    source: SourceShape,
    target: TargetShape,
    usage: Usage,
    options: RunOptions,
    *,
    iterations_used: int = 0,
    accounts: Mapping[str, bool] | None = None,
    created: Mapping[str, str] | None = None,
) -> Inspection:
    """Everything that both shapes and the counts alone tell. Findings are in a stable order, blocking ones first.

    `accounts` tells of the accounts that `options.people` names which exist and whether they are active; without it
    they are not checked. `created` are target fields that an earlier step made, by source field.
    """
    maps, findings = resolve_maps(
        source,
        target,
        usage,
        type_overrides=options.type_overrides,
        state_overrides=options.state_overrides,
        priority_overrides=options.priority_overrides,
        link_overrides=options.link_overrides,
    )
    places, complaint = _places(options)
    findings.extend(complaint)
    fields = map_fields(
        source, target, overrides=options.field_overrides, created=created, values=options.value_overrides
    )
    maps = replace(maps, fields=fields, places=places)
    findings.extend(_permissions(target, options))
    findings.extend(_checked(source, target, usage, maps, options))
    if accounts is not None:
        findings.extend(people_findings(options.people, accounts, usage))
    if iterations_used and places.needs_board:
        findings.extend(_boards(target, iterations_used))
    if options.migrate_attachments and target.links_files:
        findings.append(_attachments_linked())
    elif options.migrate_attachments and not target.attachments_enabled:
        findings.append(_attachments_disabled())
    if not usage.types:
        findings.append(Finding(Severity.WARNING, "NOTHING_TO_MOVE", "The selection holds no items."))
    order = (Severity.BLOCKING, Severity.WARNING, Severity.INFO)
    return Inspection(maps, tuple(sorted(findings, key=lambda finding: order.index(finding.severity))))


def selection_findings(source: SourceShape, selection: ItemFilter) -> list[Finding]:
    """Types that were asked for and that the project does not have: with none of them there is nothing to move."""
    known = {each.name.casefold() for each in source.types}
    unknown = [name for name in selection.types if name.casefold() not in known]
    if not unknown or not known:
        return []
    offered = ", ".join(each.name for each in source.types)
    names = f"type_filter names {', '.join(unknown)}, which project {source.project} does not have (it has {offered})"
    if len(unknown) == len(selection.types):
        words = f"{names}. Correct the names, or start without type_filter."
        return [Finding(Severity.BLOCKING, "TYPE_FILTER_UNKNOWN", words, count=len(unknown))]
    return [Finding(Severity.WARNING, "TYPE_FILTER_UNKNOWN", f"{names}: only the others are moved.", len(unknown))]


def plan_findings(planned: Sequence[PlanItem], unread: Sequence[str]) -> list[Finding]:
    """What the plan itself shows: listed items that could not be read, parents kept as links."""
    findings = []
    if unread:
        findings.append(
            Finding(
                Severity.WARNING,
                "ITEM_UNREADABLE",
                f"{len(unread)} listed items cannot be read with these credentials and stay behind. Give the account "
                "the right to view work items in their area paths.",
                count=len(unread),
                sample_ids=tuple(unread[:SAMPLE_SIZE]),
            )
        )
    linked = [item.source for item in planned if item.parent_link is not None]
    if linked:
        findings.append(
            Finding(
                Severity.INFO,
                "PARENT_AS_LINK",
                f"{len(linked)} items keep their parent as a link, because the target has no level for it.",
                count=len(linked),
                sample_ids=tuple(linked[:SAMPLE_SIZE]),
            )
        )
    return findings


def _permissions(target: TargetShape, options: RunOptions) -> list[Finding]:
    missing = [words for name, words in NEEDED_PERMISSIONS.items() if name not in target.permissions]
    for name, (words, option) in OPTIONAL_PERMISSIONS.items():
        not_needed = name == "CREATE_ATTACHMENTS" and target.links_files
        if name not in target.permissions and getattr(options, option) and not not_needed:
            missing.append(words)
    if not missing:
        return []
    return [
        Finding(
            Severity.BLOCKING,
            "PERMISSIONS_MISSING",
            f"The account lacks rights in project {target.project_key}: {', '.join(missing)}. "
            "Give it a project role that has them.",
            count=len(missing),
        )
    ]


def _places(options: RunOptions) -> tuple[Places, list[Finding]]:
    try:
        places = read_places(
            options.field_overrides, iteration_names=options.iteration_names, area_names=options.area_names
        )
    except ValueError as error:
        return Places(), [Finding(Severity.BLOCKING, "FIELD_NOT_MAPPABLE", str(error))]
    return places, []


def _checked(
    source: SourceShape, target: TargetShape, usage: Usage, maps: Maps, options: RunOptions
) -> Iterator[Finding]:
    yield from field_findings(source, target, usage, options.field_overrides)
    yield from name_findings(source, usage, types=options.type_overrides, states=options.state_overrides)
    yield from value_findings(usage, maps)
    yield from creation_findings(source, target, usage, maps.fields, create=options.create_missing_fields)
    yield from required_findings(usage, maps, _used_types(usage, maps))


def _used_types(usage: Usage, maps: Maps) -> dict[str, tuple[TargetType, int]]:
    counts: dict[str, int] = {}
    used: dict[str, TargetType] = {}
    for name, count in usage.types.items():
        target_type = maps.types.get(name)
        if target_type is not None:
            used[target_type.id] = target_type
            counts[target_type.id] = counts.get(target_type.id, 0) + count
    if maps.subtask is not None and any(name.casefold() == "task" for name in usage.types):
        used.setdefault(maps.subtask.id, maps.subtask)
        counts.setdefault(maps.subtask.id, usage.types.get("Task", 0))
    return {type_id: (used[type_id], counts[type_id]) for type_id in used}


def _boards(target: TargetShape, iterations_used: int) -> list[Finding]:
    if target.boards:
        return []
    return [
        Finding(
            Severity.BLOCKING,
            "NO_SCRUM_BOARD",
            f"Items are planned in {iterations_used} iterations, which become sprints, but project "
            f"{target.project_key} has no scrum board. Create one, or start with field_overrides "
            f'{{"{ITERATION_FIELD}": "none"}} to leave sprints out.',
            count=iterations_used,
        )
    ]


def _attachments_linked() -> Finding:
    return Finding(
        Severity.WARNING,
        "ATTACHMENTS_UNSUPPORTED",
        "The target takes no files over its interface: they stay in the source, and the descriptions link to them.",
    )


def _attachments_disabled() -> Finding:
    return Finding(
        Severity.BLOCKING,
        "ATTACHMENTS_DISABLED",
        "The site does not accept attachments. Switch them on, or start with migrate_attachments false.",
    )
