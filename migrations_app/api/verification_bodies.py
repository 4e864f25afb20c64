"""Bodies of verifications and rollbacks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rest_framework import serializers

from migrations_app.api.moments import moment
from migrations_app.follow_up_models import FollowUp, FollowUpKind, FollowUpStatus, RollbackItem
from migrations_app.models import MigrationRun, VerificationDifference
from migrations_app.proofs import COLUMNS, PENDING, Proof, Reckoning, is_running


class MigrationsDifference(serializers.Serializer[None]):
    """One thing that is not on the target as it is in the source."""

    id = serializers.CharField()
    targetKey = serializers.CharField(allow_null=True)
    field = serializers.CharField()
    code = serializers.CharField()
    sourceValue = serializers.CharField()
    targetValue = serializers.CharField()


class MigrationsReckoning(serializers.Serializer[None]):
    """What became of the items of one type: `scanned` = created + updated + partial + failed + skipped + filtered, and
    pending while the run has not ended. `filtered` are items that the selection left out."""

    type = serializers.CharField()
    scanned = serializers.IntegerField()
    created = serializers.IntegerField()
    updated = serializers.IntegerField()
    partial = serializers.IntegerField()  # type: ignore[assignment]
    failed = serializers.IntegerField()
    skipped = serializers.IntegerField()
    filtered = serializers.IntegerField()
    pending = serializers.IntegerField()


class MigrationsChecked(serializers.Serializer[None]):
    """How much was read on both sides and compared."""

    items = serializers.IntegerField()
    words = serializers.IntegerField()
    comments = serializers.IntegerField()
    files = serializers.IntegerField()
    links = serializers.IntegerField()


class MigrationsFollowUp(serializers.Serializer[None]):
    """Work on an ended run, carried out in the background."""

    id = serializers.UUIDField()
    runId = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=FollowUpKind.values)
    status = serializers.ChoiceField(choices=FollowUpStatus.choices)
    code = serializers.CharField(help_text="Why it failed; empty otherwise.")
    message = serializers.CharField()
    createdAt = serializers.DateTimeField()
    finishedAt = serializers.DateTimeField(allow_null=True)


class MigrationsVerification(serializers.Serializer[None]):
    """What the newest verification found: the run's own, or one that was asked for. It is clean when it is `verified`
    and `differenceCount` is 0."""

    id = serializers.UUIDField()
    verified = serializers.BooleanField()
    verifiedAt = serializers.DateTimeField(allow_null=True)
    requested = MigrationsFollowUp(allow_null=True, help_text="The newest one that was asked for, if any.")
    running = serializers.BooleanField(help_text="Whether one is under way.")
    totalItems = serializers.IntegerField()
    reconciles = serializers.BooleanField(help_text="Whether every scanned item is accounted for.")
    types = MigrationsReckoning(many=True)
    checked = MigrationsChecked()
    changedSince = serializers.IntegerField(help_text="Items edited in the source since they were moved.")
    doublesRemoved = serializers.IntegerField(help_text="Second issues for one item that were removed.")
    summary = serializers.DictField()
    differenceCount = serializers.IntegerField()
    differences = MigrationsDifference(many=True)
    next = serializers.CharField(allow_null=True)


class MigrationsRollbackItem(serializers.Serializer[None]):
    """What a rollback did with one issue: `deleted`, `gone` (it was not there any more), or `kept` and why."""

    id = serializers.CharField()
    targetKey = serializers.CharField()
    outcome = serializers.ChoiceField(choices=["deleted", "gone", "kept"])
    code = serializers.CharField()
    message = serializers.CharField()


class MigrationsRollback(MigrationsFollowUp):
    """A rollback. `kept` issues are listed first page by page in `items` with the reason why they stayed."""

    deleted = serializers.IntegerField()
    gone = serializers.IntegerField()
    kept = serializers.IntegerField()
    sprintsDeleted = serializers.IntegerField()
    componentsDeleted = serializers.IntegerField()
    items = MigrationsRollbackItem(many=True)
    next = serializers.CharField(allow_null=True)


NOTHING_CHECKED = {"items": 0, "words": 0, "comments": 0, "files": 0, "links": 0}


def show_follow_up(follow_up: FollowUp) -> dict[str, Any]:
    """One piece of work on an ended run."""
    return {
        "id": str(follow_up.pk),
        "runId": str(follow_up.run_id),
        "kind": follow_up.kind,
        "status": follow_up.status,
        "code": follow_up.reason_code,
        "message": follow_up.reason_message,
        "createdAt": moment(follow_up.created_at),
        "finishedAt": moment(follow_up.finished_at),
    }


def show_verification(
    run: MigrationRun, proof: Proof, *, reckoning: list[Reckoning], requested: FollowUp | None, count: int
) -> dict[str, Any]:
    """Everything but the differences themselves."""
    return {
        "id": str(run.pk),
        "verified": proof.is_through,
        "verifiedAt": moment(proof.verified_at),
        "requested": show_follow_up(requested) if requested is not None else None,
        "running": is_running(requested) or not run.state.is_ended,
        "totalItems": run.total,
        "reconciles": all(row.holds for row in reckoning),
        "types": [show_reckoning(row) for row in reckoning],
        "checked": {**NOTHING_CHECKED, **proof.summary.get("checked", {})},
        "changedSince": proof.summary.get("changedSince", 0),
        "doublesRemoved": proof.summary.get("doublesRemoved", 0),
        "summary": proof.summary,
        "differenceCount": count,
    }


def show_reckoning(row: Reckoning) -> dict[str, Any]:
    """The row of one type."""
    return {"type": row.type, "scanned": row.scanned, **{name: row.counts[name] for name in (*COLUMNS, PENDING)}}


def add_up(rows: Iterable[Reckoning]) -> dict[str, int]:
    """The last row of the table."""
    found = dict.fromkeys(("scanned", *COLUMNS, PENDING), 0)
    for row in rows:
        found["scanned"] += row.scanned
        for name in (*COLUMNS, PENDING):
            found[name] += row.counts[name]
    return found


def show_difference(found: VerificationDifference) -> dict[str, Any]:
    """One difference."""
    return {
        "id": found.item,
        "targetKey": found.target_key or None,
        "field": found.field,
        "code": found.code,
        "sourceValue": found.source_value,
        "targetValue": found.target_value,
    }


def show_rolled_back(item: RollbackItem) -> dict[str, Any]:
    """What was done with one issue."""
    return {
        "id": item.item,
        "targetKey": item.target_key,
        "outcome": item.outcome,
        "code": item.code,
        "message": item.message,
    }
