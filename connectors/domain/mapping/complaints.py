"""What stands in the way of a map, in words for a person, counting the items that it concerns. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.domain.findings import Finding, Severity
from connectors.domain.mapping import defaults
from connectors.domain.mapping.guess import Guess
from connectors.domain.shapes import TargetShape, TargetStatus, TargetType

Ids = Sequence[str]


def missing_type(name: str, wanted: str | None, count: int, target: TargetShape, sample: Ids = ()) -> Finding:
    expected = wanted or " or ".join(defaults.TYPES.get(name.casefold(), (name,)))
    offered = ", ".join(t.name for t in target.types) or "none"
    return Finding(
        Severity.BLOCKING,
        "TYPE_NOT_IN_TARGET",
        f"{count} items of type {name} need the issue type {expected}, which project {target.project_key} does not "
        f"offer (it offers {offered}). Add the type to the project, or map {name} to another with type_overrides.",
        count=count,
        sample_ids=tuple(sample),
    )


def guessed_type(name: str, guess: Guess[TargetType], count: int, sample: Ids = ()) -> Finding:
    becomes = f"{guess.target.name} ({guess.reason})"
    words = f"{count} items of type {name} become {becomes}, because no default covers this type."
    if guess.needs_confirmation:
        return _unconfirmed(words, f"type_overrides {{{name!r}: …}}", count, sample)
    words = f"{words} Choose another with type_overrides."
    return Finding(Severity.WARNING, "TYPE_GUESSED", words, count=count, sample_ids=tuple(sample))


def _unconfirmed(words: str, option: str, count: int, sample: Ids) -> Finding:
    return Finding(
        Severity.BLOCKING,
        "MAPPING_UNCONFIRMED",
        f"{words} Nothing makes this likely: confirm it in the project's mapping, or choose with {option}.",
        count=count,
        sample_ids=tuple(sample),
    )


def guessed_status(type_name: str, state: str, guess: Guess[TargetStatus], count: int, sample: Ids = ()) -> Finding:
    words = f"{count} items of type {type_name} in state {state} get the status {guess.target.name} ({guess.reason})."
    return _unconfirmed(words, f"state_overrides {{'{type_name}:{state}': …}}", count, sample)


def missing_status(
    type_name: str, state: str, target_type: TargetType, count: int, sample: Ids = (), *, wanted: str
) -> Finding:
    offered = ", ".join(status.name for status in target_type.workflow.statuses) or "none"
    return Finding(
        Severity.BLOCKING,
        "STATUS_NOT_IN_TARGET",
        f"{count} items of type {type_name} in state {state} need the status {wanted}, which the workflow of "
        f"{target_type.name} does not have (it has {offered}). Add the status, or map {state} with state_overrides.",
        count=count,
        sample_ids=tuple(sample),
    )


def not_offered(code: str, words: str, offered: Sequence[str], count: int, sample: Ids = ()) -> Finding:
    listed = ", ".join(offered) or "none"
    words = f"{words}, which the site does not offer (it offers {listed})."
    return Finding(Severity.BLOCKING, code, words, count=count, sample_ids=tuple(sample))
