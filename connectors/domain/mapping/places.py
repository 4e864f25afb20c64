"""What iterations and areas become, and under which names. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from connectors.domain.mapping.known_fields import AREA, ITERATION


class IterationsAs(StrEnum):
    SPRINT = "sprint"
    VERSION = "version"
    NONE = "none"


class AreasAs(StrEnum):
    """Components named by the last part of the path (more of it where leaves collide), by the whole path below the
    project, by its first part below the project, or none at all."""

    LEAF = "leaf"
    PATH = "path"
    COLLAPSED = "collapsed"
    NONE = "none"


_ALIASES: Mapping[str, str] = {"component": "leaf", "components": "leaf", "sprints": "sprint", "versions": "version"}


@dataclass(frozen=True, slots=True)
class Places:
    """`iteration_names` and `area_names` hold names people chose, by path; an empty name means none. An area without
    a name of its own takes that of its nearest named ancestor when areas are collapsed."""

    iterations: IterationsAs = IterationsAs.SPRINT
    areas: AreasAs = AreasAs.LEAF
    iteration_names: Mapping[str, str] = field(default_factory=dict)
    area_names: Mapping[str, str] = field(default_factory=dict)

    @property
    def needs_board(self) -> bool:
        """Sprints live on boards, versions in the project."""
        return self.iterations is IterationsAs.SPRINT


def read_places(
    overrides: Mapping[str, str],
    *,
    iteration_names: Mapping[str, str] | None = None,
    area_names: Mapping[str, str] | None = None,
) -> Places:
    """The places asked for by `field_overrides`. Raises ValueError with words for a person about a word that means
    nothing."""
    folded = {name.casefold(): wanted.strip().casefold() for name, wanted in overrides.items()}
    iterations = _word(folded.get(ITERATION.casefold(), "sprint"))
    areas = _word(folded.get(AREA.casefold(), "leaf"))
    if iterations not in set(IterationsAs):
        raise ValueError(f"{ITERATION} can become sprint, version or none, not {iterations}.")
    if areas not in set(AreasAs):
        raise ValueError(f"{AREA} can become leaf, path, collapsed (all of them components) or none, not {areas}.")
    return Places(IterationsAs(iterations), AreasAs(areas), dict(iteration_names or {}), dict(area_names or {}))


def _word(word: str) -> str:
    return _ALIASES.get(word, word)
