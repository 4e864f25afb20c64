"""What people decided about a project's mapping: the stored and exported form. Pure.

Names stand for themselves on both sides, so that a mapping can be read, edited and used for another project; ids are
understood too. What nobody decided is left to defaults and proposals.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from connectors.domain.mapping.known_fields import AREA, ITERATION
from connectors.domain.mapping.places import AreasAs, IterationsAs
from connectors.domain.mapping.resolve import override_for

SEVERITY = "Microsoft.VSTS.Common.Severity"

Names = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Decisions:
    """Each part maps a name of the source to one of the target.

    `states` are keyed `Type:State`, or by the state alone for all types; `priorities` by number or `unset`; `fields`
    lead to a field, `description` or `none`; `values` are per field; empty names in `iteration_names` and
    `area_names` mean none.
    """

    types: Names = field(default_factory=dict)
    states: Names = field(default_factory=dict)
    priorities: Names = field(default_factory=dict)
    fields: Names = field(default_factory=dict)
    values: Mapping[str, Names] = field(default_factory=dict)
    link_types: Names = field(default_factory=dict)
    iterations: str = ""
    iteration_names: Names = field(default_factory=dict)
    areas: str = ""
    area_names: Names = field(default_factory=dict)
    people: Names = field(default_factory=dict)

    @property
    def field_overrides(self) -> dict[str, str]:
        """Fields with the choices of iterations and areas in the form that a start call takes."""
        places = {ITERATION: self.iterations, AREA: self.areas}
        return {**self.fields, **{name: choice for name, choice in places.items() if choice}}


def from_document(document: Mapping[str, Any]) -> Decisions:
    """The decisions of a stored document. What another version wrote and this one does not know is left out."""
    iterations, areas = _part(document, "iterations"), _part(document, "areas")
    return Decisions(
        types=_names(document.get("types")),
        states=_names(document.get("states")),
        priorities=_names(document.get("priorities")),
        fields=_names(document.get("fields")),
        values={name: _names(each) for name, each in _part(document, "values").items()},
        link_types=_names(document.get("linkTypes")),
        iterations=iterations.get("as", "") if iterations.get("as") in set(IterationsAs) else "",
        iteration_names=_names(iterations.get("names")),
        areas=areas.get("as", "") if areas.get("as") in set(AreasAs) else "",
        area_names=_names(areas.get("names")),
        people=_names(document.get("people")),
    )


def as_document(decisions: Decisions) -> dict[str, Any]:
    """The stored form, keys sorted."""
    return {
        "types": _sorted(decisions.types),
        "states": _sorted(decisions.states),
        "priorities": _sorted(decisions.priorities),
        "fields": _sorted(decisions.fields),
        "values": {name: _sorted(each) for name, each in sorted(decisions.values.items()) if each},
        "linkTypes": _sorted(decisions.link_types),
        "iterations": {"as": decisions.iterations, "names": _sorted(decisions.iteration_names)},
        "areas": {"as": decisions.areas, "names": _sorted(decisions.area_names)},
        "people": _sorted(decisions.people),
    }


def overridden(decisions: Decisions, *, types: Names, states: Names, fields: Names, people: Names) -> Decisions:
    """The decisions where a start call did not decide itself. A state that the call names for all types takes away
    what the mapping says of single types."""
    asked = {name.casefold() for name in states}
    kept = {name: wanted for name, wanted in decisions.states.items() if not asked & _state_names(name)}
    return replace(
        decisions,
        types={**_without(decisions.types, types), **types},
        states={**kept, **states},
        fields={**_without(decisions.field_overrides, fields), **fields},
        iterations="",
        areas="",
        people={**_without(decisions.people, people), **people},
    )


def _state_names(name: str) -> set[str]:
    return {name.casefold(), name.casefold().rpartition(":")[2]}


def _without(decided: Names, asked: Names) -> dict[str, str]:
    return {name: wanted for name, wanted in decided.items() if override_for(asked, name) is None}


def _part(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = document.get(name)
    return part if isinstance(part, Mapping) else {}


def _names(part: object) -> dict[str, str]:
    if not isinstance(part, Mapping):
        return {}
    return {str(name): wanted for name, wanted in part.items() if isinstance(wanted, str)}


def _sorted(names: Names) -> dict[str, str]:
    return dict(sorted(names.items()))
