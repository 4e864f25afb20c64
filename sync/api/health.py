"""`/health`: whether the surface answers, for clients that monitor it."""

from __future__ import annotations

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from sync import queries
from sync.api.surface import SyncSurface, caller
from sync.models import SynchronizationStatus
from tenancy.permissions import Action


class SyncHealthShown(serializers.Serializer[None]):
    """How many synchronizations there are, and which run."""

    status = serializers.CharField()
    synchronizations = serializers.IntegerField()
    running = serializers.IntegerField()


class SyncHealth(SyncSurface):
    """The surface's health."""

    allowed_actions: ClassVar[dict[str, Action]] = {"list": Action.SEE}

    @extend_schema(operation_id="get_sync_health", responses=SyncHealthShown, tags=["synchronization"])
    def list(self, request: Request) -> Response:
        """Answers when database and sign-in work."""
        found = list(queries.synchronizations_of(caller(request)[1]).values_list("status", flat=True))
        running = sum(status == SynchronizationStatus.RUNNING for status in found)
        return Response({"status": "UP", "synchronizations": len(found), "running": running})
