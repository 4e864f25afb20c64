"""`POST /api/migrations/{runId}/synchronize`: a finished run becomes a synchronization that has nothing to do yet."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from connectors.domain.errors import DomainError
from migrations_app.queries import find_run
from sync import queries
from sync.api.integration_bodies import SyncIntegration, show_synchronization
from sync.api.surface import read_body, read_object
from sync.services.from_run import synchronize_run
from tenancy.permissions import Action, May
from tenancy.principal import principal_of


def _run_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise DomainError("MIGRATION_NOT_FOUND", f"Migration run {text[:60]} not found", status=404) from None


class SynchronizeBody(serializers.Serializer[None]):
    """How the synchronization is to behave; what is left out follows from the run's mapping."""

    summary = serializers.CharField(required=False, allow_blank=True, max_length=255, default="")
    start = serializers.BooleanField(default=False, help_text="Whether it begins at once.")


class RunSynchronization(ViewSet):
    """Keeping alike what a run moved."""

    permission_classes = (May,)
    allowed_actions: ClassVar[dict[str, Action]] = {"create": Action.MANAGE_SYNCHRONIZATIONS}

    @extend_schema(
        operation_id="synchronize_migration",
        request=SynchronizeBody,
        responses={201: SyncIntegration},
        tags=["migrations"],
    )
    def create(self, request: Request, run_id: str) -> Response:
        """Makes a synchronization of everything the run moved: items, comments, files and links go with it, and its
        first pass changes nothing."""
        principal = principal_of(request)
        body = read_body(SynchronizeBody, read_object(request.data or {}))
        run = find_run(principal.organization, _run_id(run_id))
        row = synchronize_run(run.pk, summary=body["summary"], start=body["start"], by=principal)
        return Response(show_synchronization(row, queries.errors_of([row])[row.pk]), status=status.HTTP_201_CREATED)
