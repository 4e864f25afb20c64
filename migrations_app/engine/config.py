"""What a run was asked to do, and how a slice of it ends. Plain values; the service builds and stores them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from connectors.domain.ports import ItemFilter
from migrations_app.engine.state import RunType


@dataclass(frozen=True, slots=True)
class RunOptions:
    """The options of a start call, names as in the API. Defaults are the documented ones (docs/api.md)."""

    migrate_attachments: bool = True
    migrate_comments: bool = True
    migrate_links: bool = True
    dry_run: bool = False
    type_overrides: Mapping[str, str] = field(default_factory=dict)
    state_overrides: Mapping[str, str] = field(default_factory=dict)
    field_overrides: Mapping[str, str] = field(default_factory=dict)
    priority_overrides: Mapping[str, str] = field(default_factory=dict)
    """From the project's mapping, as the next four: source priority (`1` to `4`, `unset`) -> target priority."""
    link_overrides: Mapping[str, str] = field(default_factory=dict)
    """Link kind -> link type."""
    value_overrides: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Source field -> source value -> value of the target's field."""
    iteration_names: Mapping[str, str] = field(default_factory=dict)
    """Iteration path -> sprint or version; empty for none."""
    area_names: Mapping[str, str] = field(default_factory=dict)
    """Area path -> component; empty for none."""
    people: Mapping[str, str] = field(default_factory=dict)
    """Source e-mail or name -> target account id."""
    people_policy: str = "fallback"
    """`fallback`: unknown people are named in the text and the field falls back to the calling account or stays
    empty; `unassigned`: never fall back."""
    create_missing_fields: bool = False
    history: str = "none"
    remote_links: bool = False
    sample_size: int = 10
    keep_mentions: bool = False
    recreate_deleted: bool = False
    """Items whose issue was deleted in the target are created again instead of only being reported."""
    quick_verification: bool = False
    """Verify without reading files again."""


@dataclass(frozen=True, slots=True)
class RunConfig:
    """Everything the engine needs to know about a run besides its doors. Times in seconds."""

    type: RunType
    organization: str
    """The source organization's name, part of every mark."""
    project: str
    """The source project's name, part of every mark."""
    selection: ItemFilter = field(default_factory=ItemFilter)
    options: RunOptions = field(default_factory=RunOptions)
    only: tuple[str, ...] | None = None
    """Exactly these items, whatever the selection says: what an earlier run failed at."""
    attempt: int = 1
    unclear_wait: float = 60.0
    commit_every: float = 0.5
    slice_seconds: float = 120.0
    lease_margin: float = 2.0
    """A call is not sent when less than this is left of the lease."""


class SliceEnd(StrEnum):
    CONTINUE = "continue"
    """Budget used: enqueue the next slice."""
    WAIT = "wait"
    """Nothing to do before `resume_in` seconds: the platform asked for it, or an unclear effect must settle."""
    PAUSED = "paused"
    CANCELLED = "cancelled"
    FINISHED = "finished"
    """Every item has an outcome and verification is done; COMPLETED or PARTIAL follows from the counters."""
    FAILED = "failed"
    """Ended before or without moving on: a blocking preflight finding, refused credentials at start, an invariant."""
    LOST = "lost"
    """Another worker owns the run: write nothing."""


@dataclass(frozen=True, slots=True)
class SliceResult:
    end: SliceEnd
    resume_in: float = 0.0
    code: str = ""
    message: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
