"""From what people decided about a project, and what a start call asks for, to the options of a run. Pure."""

from __future__ import annotations

from dataclasses import replace

from connectors.domain.mapping.decisions import Decisions, overridden
from migrations_app.engine.config import RunOptions


def decided_options(options: RunOptions, decisions: Decisions) -> RunOptions:
    """The options with the project's decisions wherever the call does not decide itself."""
    merged = overridden(
        decisions,
        types=options.type_overrides,
        states=options.state_overrides,
        fields=options.field_overrides,
        people=options.people,
    )
    return replace(
        options,
        type_overrides=merged.types,
        state_overrides=merged.states,
        field_overrides=merged.field_overrides,
        people=merged.people,
        priority_overrides=merged.priorities,
        link_overrides=merged.link_types,
        value_overrides=merged.values,
        iteration_names=merged.iteration_names,
        area_names=merged.area_names,
    )
