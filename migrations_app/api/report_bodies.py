"""Bodies of what became of a run's items."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from migrations_app.api.run_bodies import OUTCOMES, MigrationsOutcomes, MigrationsRequests
from migrations_app.engine.state import ItemStage, Outcome, RunStatus
from migrations_app.models import MigrationRun, RunItem
from migrations_app.queries import RunReport

PENDING = "pending"


class MigrationsProblem(serializers.Serializer[None]):
    """What went wrong with an item, or was left out."""

    code = serializers.CharField()
    message = serializers.CharField()


class MigrationsItem(serializers.Serializer[None]):
    """One item of a run."""

    id = serializers.CharField()
    type = serializers.CharField()
    title = serializers.CharField()
    state = serializers.CharField()
    parentId = serializers.CharField(allow_null=True)
    outcome = serializers.ChoiceField(choices=[outcome.value or PENDING for outcome in Outcome])
    stage = serializers.ChoiceField(choices=[stage.name.lower() for stage in ItemStage])
    targetKey = serializers.CharField(allow_null=True)
    problems = MigrationsProblem(many=True)


class MigrationsItemPage(serializers.Serializer[None]):
    """Items in creation order. `next` is the `after` of the next page, null on the last."""

    total = serializers.IntegerField()
    next = serializers.CharField(allow_null=True)
    items = MigrationsItem(many=True)


class MigrationsTypeReport(MigrationsOutcomes):
    """What became of the items of one type."""

    type = serializers.CharField()
    total = serializers.IntegerField()
    pending = serializers.IntegerField()


class MigrationsReport(serializers.Serializer[None]):
    """What a run came to. `effects` counts what is on the target by kind: item, comment, file, link and others."""

    id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=[status.value for status in RunStatus])
    totalItems = serializers.IntegerField()
    types = MigrationsTypeReport(many=True)
    effects = serializers.DictField(child=serializers.IntegerField())
    requests = MigrationsRequests()
    seconds = serializers.FloatField(allow_null=True)
    itemsPerSecond = serializers.FloatField(allow_null=True)
    verified = serializers.BooleanField()
    differenceCount = serializers.IntegerField()
    summary = serializers.DictField()


def show_report(run: MigrationRun, report: RunReport) -> dict[str, Any]:
    """What a run came to."""
    seconds = (run.finished_at - run.started_at).total_seconds() if run.finished_at and run.started_at else None
    return {
        "id": str(run.pk),
        "status": run.status,
        "totalItems": run.total,
        "types": [
            {"type": name, "total": counts.total(), **{each: counts[each] for each in (*OUTCOMES, PENDING)}}
            for name, counts in report.types.items()
        ],
        "effects": report.effects,
        "requests": {"source": run.source_requests, "target": run.target_requests},
        "seconds": round(seconds, 1) if seconds is not None else None,
        "itemsPerSecond": round(run.finished / seconds, 1) if seconds else None,
        "verified": report.verified is not None,
        "differenceCount": report.difference_count,
        "summary": report.verified or {},
    }


def show_item(item: RunItem) -> dict[str, Any]:
    """One item."""
    return {
        "id": item.source,
        "type": item.type,
        "title": item.title,
        "state": item.state,
        "parentId": item.parent or item.parent_link,
        "outcome": item.outcome or PENDING,
        "stage": ItemStage(item.stage).name.lower(),
        "targetKey": item.target_key or None,
        "problems": [{"code": code, "message": words} for code, words in item.problems],
    }
