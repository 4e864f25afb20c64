"""From a migration to a synchronization: what a run moved is kept alike from now on.

Items, comments and files go with it as the ledger knows them. The values of both sides are taken as they stand when
the first pass reads them, so that it changes nothing; what was edited on one side between the run and that pass is
carried by an incremental run before, or at the next edit of the same field.
"""

from __future__ import annotations

import time
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from connectors.domain.errors import DomainError
from connectors.domain.sides import ASSIGNEE, PRIORITY, TEXT, TITLE, SideItem, SideShape
from migrations_app import queries as runs
from sync.bulk import chunks, insert
from sync.doors import opened
from sync.engine.base import Both
from sync.engine.config import Problem, problems, read_config
from sync.engine.suggest import suggest
from sync.models import Pair, PairPart, Synchronization
from sync.queries import find_synchronization, sides_of
from sync.services import control
from sync.services.checking import shape_of
from sync.services.configuration import SideChoice, complete, create_synchronization
from sync.services.information import new_pair_columns, new_pair_row
from tenancy.permissions import Action, require
from tenancy.principal import Principal

ENDED = ("COMPLETED", "PARTIAL", "CANCELLED", "FAILED")
READ_AT_ONCE = 100
_FIELDS = (TITLE, TEXT, ASSIGNEE)
"""What is kept alike, with priorities, unless somebody maps more: labels carry the run's own marks."""
_DROPPABLE = ("fieldMappings", "workflowMappings", "linkMappings")


def synchronize_run(run_id: UUID, *, summary: str = "", start: bool = False, by: Principal) -> Synchronization:
    """A synchronization of everything that a finished run's ledger knows, started when that is asked for.

    Raises NotPermitted; DomainError MIGRATION_NOT_FOUND, MIGRATION_NOT_FINISHED, NOTHING_MOVED, CONNECTOR_MISSING,
    ALREADY_SYNCHRONIZED, and as `create_synchronization`; PlatformError.
    """
    require(by, Action.MANAGE_SYNCHRONIZATIONS)
    run = runs.find_run(by.organization, run_id)
    if run.status not in ENDED or run.config.get("options", {}).get("dry_run"):
        raise DomainError("MIGRATION_NOT_FINISHED", f"Run {run_id} has not moved anything for good", status=409)
    if Synchronization.objects.for_organization(by.organization).filter(origin_run=run_id).exists():
        raise DomainError("ALREADY_SYNCHRONIZED", f"Run {run_id} became a synchronization already", status=409)
    choices = [_choice(end) for end in runs.ends_of(run)]
    with transaction.atomic():
        row = create_synchronization(first=choices[0], second=choices[1], summary=summary, by=by)
        Synchronization.objects.filter(pk=row.pk).update(origin_run=run_id)
        if not _take_over(row, run):
            raise DomainError("NOTHING_MOVED", f"The ledger of run {run_id} knows no item", status=409)
    document = {**_document(row, runs.moved_samples(run)), "policy": row.configuration["policy"]}
    Synchronization.objects.filter(pk=row.pk).update(configuration=document)
    row = find_synchronization(by.organization, row.key)
    if start:
        control.start(row, by=by)
    return row


def _choice(end: runs.MovedEnd) -> SideChoice:
    if end.connector is None:
        raise DomainError(
            "CONNECTOR_MISSING", f"Store a connector for {end.project} first: the run brought its own credentials"
        )
    return SideChoice(end.connector, end.project)


def _take_over(row: Synchronization, run: Any) -> int:
    """Pairs with their comments and files; tells how many pairs. The columns of a pair belong to either side."""
    now = int(time.time() * 1000)
    count = 0
    for page in runs.moved_pairs(run):
        known = dict(page)
        insert(
            Pair,
            new_pair_columns(),
            [new_pair_row(row, source, target, now=now) for source, target in known.items()],
            ignore_known=True,
        )
        numbers: dict[str, int] = {}
        for some in chunks(list(known)):
            pairs = Pair.objects.filter(synchronization=row, first_key__in=some)
            numbers.update(pairs.values_list("first_key", "pk"))
        insert(
            PairPart,
            ("organization", "pair", "kind", "first_id", "second_id", "added_by", "fingerprint"),
            [
                (row.organization_id, numbers[item], kind, source, target, 1, {})
                for kind, item, source, target in runs.moved_parts(run, list(known))
                if item in numbers
            ],
            ignore_known=True,
        )
        count += len(numbers)
    return count


def _document(row: Synchronization, samples: Sequence[tuple[str, str, str]]) -> dict[str, Any]:
    """What the run did to types and states, read off moved items, and the fields that need no decision."""
    first, second = sides_of(row)
    shapes = Both(shape_of(first), shape_of(second))
    pairs = dict(
        Pair.objects.filter(synchronization=row, first_key__in=[source for _, _, source in samples]).values_list(
            "first_key", "second_key"
        )
    )
    with opened(second) as live:
        keys = sorted(set(pairs.values()))
        items = {item.key: item for some in chunks(keys, READ_AT_ONCE) for item in live.read(some)}
    seen = [
        (kind, state, items[pairs[source]])
        for kind, state, source in samples
        if source in pairs and pairs[source] in items
    ]
    files = shapes.first.takes_files or shapes.second.takes_files
    direction = "BOTH" if shapes.first.takes_files and shapes.second.takes_files else "FIRST_TO_SECOND"
    if not shapes.second.takes_files:
        direction = "SECOND_TO_FIRST"
    proposal = suggest(shapes.first, shapes.second, new_id=lambda: str(uuid.uuid4()))
    document = {
        "issueTypeMappings": [*_type_mappings(_types(seen)), *_exceptions(seen)],
        "fieldMappings": [
            *({"firstField": name, "secondField": name} for name in _FIELDS),
            *(each for each in proposal["fieldMappings"] if each["firstField"] == PRIORITY),
        ],
        "valueMappings": proposal["valueMappings"],
        "workflowMappings": _workflows(seen, proposal["workflowMappings"]),
        "linkMappings": proposal["linkMappings"],
        "parents": True,
        "commentMapping": {"direction": "BOTH"},
        "attachmentMapping": {"direction": direction} if files else None,
        "initialPass": "now",
    }
    return _without_problems(complete(document), shapes)


def _types(seen: Sequence[tuple[str, str, SideItem]]) -> dict[str, str]:
    """First type -> the second type that most of its items became."""
    votes: dict[str, Counter[str]] = {}
    for kind, _, item in seen:
        votes.setdefault(kind, Counter())[item.type] += 1
    return {kind: found.most_common(1)[0][0] for kind, found in votes.items()}


def _exceptions(seen: Sequence[tuple[str, str, SideItem]]) -> list[dict[str, str]]:
    """Pairs of types that only some items of a type became (a task without a parent, say): they stay pairs."""
    usual = _types(seen)
    found = dict.fromkeys((kind, item.type) for kind, _, item in seen if item.type != usual[kind])
    return [{"firstType": kind, "secondType": other, "direction": "BOTH"} for kind, other in found]


def _type_mappings(types: Mapping[str, str]) -> list[dict[str, str]]:
    """Where several types became one, new items come back as the type of the same name, else as the first."""
    back: dict[str, str] = {}
    for one, other in sorted(types.items(), key=lambda entry: entry[0] != entry[1]):
        back.setdefault(other, one)
    return [
        {"firstType": one, "secondType": other, "direction": "BOTH" if back[other] == one else "FIRST_TO_SECOND"}
        for one, other in types.items()
    ]


def _workflows(
    seen: Sequence[tuple[str, str, SideItem]], proposed: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """What the run did to states; for those that no item was in, what is proposed."""
    types = _types(seen)
    steps: dict[str, dict[str, str]] = {}
    for kind, state, item in seen:
        there = item.values.get("state")
        if state and isinstance(there, str) and item.type == types[kind]:
            steps.setdefault(kind, {})[state] = there
    further = {(each["firstType"], each["secondType"]): each for each in proposed}
    made = []
    for kind, found in steps.items():
        rest = further.get((kind, types[kind]), {"firstToSecond": [], "secondToFirst": []})
        there = {step["from"]: step["to"] for step in rest["firstToSecond"]} | found
        back = {step["from"]: step["to"] for step in rest["secondToFirst"]} | _inverted(found)
        made.append(
            {
                "firstType": kind,
                "secondType": types[kind],
                "firstToSecond": [{"from": one, "to": other} for one, other in there.items()],
                "secondToFirst": [{"from": one, "to": other} for one, other in back.items()],
            }
        )
    return made


def _inverted(steps: Mapping[str, str]) -> dict[str, str]:
    """The way back; where several states became one, the first of them."""
    found: dict[str, str] = {}
    for one, other in steps.items():
        found.setdefault(other, one)
    return found


def _without_problems(document: dict[str, Any], shapes: Both[SideShape]) -> dict[str, Any]:
    """The document without the mappings that its sides cannot follow; people add what they want instead."""
    found: Sequence[Problem] = problems(read_config(document), shapes.first, shapes.second)
    places = {problem.where.partition(".")[0] for problem in found}
    kept = dict(document)
    for name in _DROPPABLE:
        kept[name] = [each for number, each in enumerate(document[name]) if f"{name}[{number}]" not in places]
    return kept
