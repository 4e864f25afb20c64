"""What verification expects of an item in the target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.domain.richtext.references import References


@dataclass(frozen=True, slots=True)
class Expectation:
    """What the run's decisions say the target must show for an item.

    `files` maps SHA-256 and name of every file that was carried over to how often; `overflow` is the text kept in
    files because it did not fit.
    """

    status: str = ""
    needs_resolution: bool = False
    parent_key: str | None = None
    sprint: str | None = None
    component: str | None = None
    priority: str | None = None
    assignee: str | None = None
    excused: frozenset[str] = frozenset()
    """Fields whose deviation is already reported as the item's problem."""
    comments: bool = True
    resolve: References = field(default_factory=References)
    overflow: str = ""
    fields: Mapping[str, object] = field(default_factory=dict)
    """Values by target field id, in the shapes in which they were sent."""
    section: str = ""
    """Words of values without a field, shown in the description."""
    carried: frozenset[str] = frozenset()
    """Texts of the source that stand in a field of their own instead of the description, or were left out."""
