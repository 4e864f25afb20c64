"""Reads of what verification found: the run's own, or the newest one that was asked for afterwards."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet

from migrations_app.engine.state import Outcome
from migrations_app.follow_up_models import UNFINISHED, FollowUp, FollowUpKind, FollowUpStatus, RollbackItem
from migrations_app.models import LedgerScope, MigrationRun, RunEvent, RunItem, VerificationDifference

LAST_EVENTS = 1000
PENDING = "pending"
COLUMNS = ("created", "updated", "partial", "failed", "skipped", "filtered")
"""What becomes of a scanned item; what is still pending comes on top while a run has not ended."""


@dataclass(frozen=True, slots=True)
class Proof:
    """The newest verification of a run that came to its end. `follow_up` is None for the run's own."""

    verified_at: datetime | None = None
    summary: dict[str, Any] = field(default_factory=dict)
    follow_up: FollowUp | None = None

    @property
    def is_through(self) -> bool:
        """Whether any verification came to its end."""
        return self.verified_at is not None


def newest_proof(run: MigrationRun) -> Proof:
    """The one that was asked for last and is through, else the run's own."""
    asked = verifications_of(run).filter(status=FollowUpStatus.COMPLETED).first()
    if asked is not None:
        return Proof(verified_at=asked.finished_at, summary=asked.result, follow_up=asked)
    # It is one of a run's last events; a run that has none yet would be searched from end to end.
    last = RunEvent.objects.filter(run=run, seq__gt=run.event_seq - LAST_EVENTS)
    through = last.filter(kind="verified").order_by("-seq").first()
    return Proof(verified_at=through.created_at, summary=through.data) if through else Proof()


def verifications_of(run: MigrationRun) -> QuerySet[FollowUp]:
    """Verifications that were asked for, the newest first."""
    return FollowUp.objects.filter(run=run, kind=FollowUpKind.VERIFICATION.value).order_by("-created_at", "-pk")


def rollbacks_of(run: MigrationRun) -> QuerySet[FollowUp]:
    """Rollbacks of a run, the newest first."""
    return FollowUp.objects.filter(run=run, kind=FollowUpKind.ROLLBACK.value).order_by("-created_at", "-pk")


def rollback_under_way(scope: LedgerScope) -> FollowUp | None:
    """The rollback that deletes from a scope now, if any: nothing may be moved there meanwhile."""
    active = FollowUp.objects.filter(kind=FollowUpKind.ROLLBACK.value, status__in=UNFINISHED)
    return active.filter(run__scope=scope).first()


def is_running(follow_up: FollowUp | None) -> bool:
    """Whether somebody works on it or will."""
    return follow_up is not None and follow_up.status in UNFINISHED


def differences_of(run: MigrationRun, proof: Proof) -> QuerySet[VerificationDifference]:
    """What that verification found, in the order it was found."""
    return VerificationDifference.objects.filter(run=run, follow_up=proof.follow_up).order_by("pk")


def rolled_back(follow_up: FollowUp) -> QuerySet[RollbackItem]:
    """What a rollback did, issue by issue."""
    return RollbackItem.objects.filter(follow_up=follow_up).order_by("pk")


@dataclass(frozen=True, slots=True)
class Reckoning:
    """What became of the items of one type: `scanned` is the sum of the columns, and of what is pending."""

    type: str
    counts: Counter[str]
    scanned: int

    @property
    def holds(self) -> bool:
        """Whether every scanned item is accounted for."""
        return self.scanned == sum(self.counts[column] for column in COLUMNS)


def reckon(run: MigrationRun) -> list[Reckoning]:
    """Counted from the rows, not from the counters: items by type and outcome, and what the selection left out."""
    types: dict[str, Counter[str]] = {}
    planned: Counter[str] = Counter()
    rows = RunItem.objects.filter(run=run).order_by().values_list("type", "outcome").annotate(Count("pk"))
    for name, outcome, count in rows:
        types.setdefault(name, Counter())[Outcome(outcome).value or PENDING] += count
        planned[name] += count
    for name, count in (run.checkpoint.get("filtered") or {}).items():
        types.setdefault(name, Counter())["filtered"] += count
        planned[name] += count
    return [Reckoning(name, counts, planned[name]) for name, counts in sorted(types.items())]
