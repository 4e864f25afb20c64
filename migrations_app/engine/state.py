"""States of a run and of its items, and which may follow which. Few states decide, reason codes explain."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum, StrEnum


class RunType(StrEnum):
    FULL = "FULL"
    SAMPLE = "SAMPLE"
    INCREMENTAL = "INCREMENTAL"


class RunStatus(StrEnum):
    PENDING = "PENDING"
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    COMPLETED = "COMPLETED"
    PARTIAL = "PARTIAL"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"

    @property
    def is_active(self) -> bool:
        return self in ACTIVE

    @property
    def is_ended(self) -> bool:
        return self not in ACTIVE


ACTIVE = frozenset({RunStatus.PENDING, RunStatus.RUNNING, RunStatus.PAUSED})

TRANSITIONS: Mapping[RunStatus, frozenset[RunStatus]] = {
    RunStatus.PENDING: frozenset({RunStatus.RUNNING, RunStatus.PAUSED, RunStatus.CANCELLED, RunStatus.FAILED}),
    RunStatus.RUNNING: frozenset(
        {RunStatus.PAUSED, RunStatus.COMPLETED, RunStatus.PARTIAL, RunStatus.FAILED, RunStatus.CANCELLED}
    ),
    RunStatus.PAUSED: frozenset({RunStatus.RUNNING, RunStatus.CANCELLED, RunStatus.FAILED}),
    RunStatus.COMPLETED: frozenset(),
    RunStatus.PARTIAL: frozenset(),
    RunStatus.FAILED: frozenset(),
    RunStatus.CANCELLED: frozenset(),
}
"""Which status may follow which. Every change is a conditional update on the old status."""


class Phase(IntEnum):
    """`currentPhase` is the lowest phase with unfinished work; phases overlap."""

    PREFLIGHT = 1
    WORK_ITEMS = 2
    CONTENT = 3
    LINKS = 4
    VERIFICATION = 5

    @property
    def label(self) -> str:
        return _PHASE_LABELS[self]


_PHASE_LABELS = {
    Phase.PREFLIGHT: "preflight",
    Phase.WORK_ITEMS: "work items",
    Phase.CONTENT: "comments and attachments",
    Phase.LINKS: "links",
    Phase.VERIFICATION: "verification",
}


class Outcome(StrEnum):
    """What became of an item: the worst of its phases. Empty while it is unfinished."""

    PENDING = ""
    CREATED = "created"
    UPDATED = "updated"
    SKIPPED = "skipped"
    PARTIAL = "partial"
    FAILED = "failed"

    @property
    def is_success(self) -> bool:
        return self in (Outcome.CREATED, Outcome.UPDATED)

    @property
    def is_failure(self) -> bool:
        return self in (Outcome.PARTIAL, Outcome.FAILED)


class ItemStage(IntEnum):
    """How far an item is. Stages only grow within a run."""

    PLANNED = 0
    """To be created."""
    CREATED = 1
    """The target item exists; its status, files, comments and final body are open."""
    FILLED = 2
    """Everything of the item itself is there; links to others are open."""
    FINISHED = 3
    """Nothing is left to do; `outcome` is set."""


class EffectKind(StrEnum):
    """What a ledger row stands for. One row per effect on the target."""

    ITEM = "item"
    BODY = "body"
    STATUS = "status"
    FILE = "file"
    COMMENT = "comment"
    LINK = "link"
    REMOTE_LINK = "remote_link"
    COMPONENT = "component"
    SPRINT = "sprint"
    SPRINT_STATE = "sprint_state"
    VERSION = "version"
    FIELD = "field"
    RESOLUTION = "resolution"


UNREPEATABLE = frozenset(
    {
        EffectKind.ITEM,
        EffectKind.FILE,
        EffectKind.COMMENT,
        EffectKind.SPRINT,
        EffectKind.COMPONENT,
        EffectKind.VERSION,
        EffectKind.FIELD,
    }
)
"""Effects that a second call would double; the others are states or upserts, repeated after any doubt."""


class EffectState(StrEnum):
    INTENDED = "intended"
    """Committed before the call; without a result it is unclear and gets settled."""
    DONE = "done"
    REFUSED = "refused"
    """The target said no for good; the item's outcome says why."""
    WAITING = "waiting"
    """Its other end is not moved yet (links to items outside the selection)."""


class Control(StrEnum):
    """What the user wants of a running run: data in its row, obeyed at the next commit."""

    GO = "go"
    PAUSE = "pause"
    CANCEL = "cancel"
