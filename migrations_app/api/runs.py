"""`/api/migrations…`: starting, watching and steering runs, as documented.

https://docs.migrayt.ai/api-reference/migrations
"""

from __future__ import annotations

import json
from typing import ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from connectors.domain.systems import invalid
from migrations_app import queries, services
from migrations_app.api.reading import project_id_of, read_body, read_query, run_id_of
from migrations_app.api.run_bodies import (
    MigrationsRun,
    MigrationsRunChanged,
    MigrationsRunStatus,
    show_run,
    show_status,
)
from migrations_app.api.start_body import MigrationsResume, MigrationsStart, new_credentials, start_request
from migrations_app.api.tickets import MigrationsStreamTicket, issue_ticket
from migrations_app.engine.state import RunStatus
from migrations_app.models import MigrationRun
from migrations_app.services import Idempotency
from tenancy.credentials import digest
from tenancy.permissions import Action, May
from tenancy.principal import principal_of

LONGEST_KEY = 255
_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="Repeating a call with the same key and body answers the first run.",
)


class MigrationsRunQuery(serializers.Serializer[None]):
    """Query parameters of the list."""

    projectId = serializers.UUIDField()
    status = serializers.ChoiceField(choices=[status.value for status in RunStatus], required=False)


class RunOperations(GenericViewSet[MigrationRun]):
    """Runs of the organization's projects."""

    permission_classes = (May,)
    allowed_actions: ClassVar[dict[str, Action]] = {
        "list": Action.SEE,
        "retrieve": Action.SEE,
        "status": Action.SEE,
        "stream_ticket": Action.SEE,
        "start": Action.OPERATE_RUNS,
        "pause": Action.OPERATE_RUNS,
        "resume": Action.OPERATE_RUNS,
        "cancel": Action.OPERATE_RUNS,
        "retry_failed": Action.OPERATE_RUNS,
    }
    serializer_class = MigrationsRun  # type: ignore[assignment]
    queryset = MigrationRun.objects.none()  # what the schema needs to know; reads start from the organization
    pagination_class = None
    filter_backends = ()

    @extend_schema(
        operation_id="start_migration",
        request=MigrationsStart,
        responses=MigrationsRun,
        parameters=[_KEY],
        tags=["migrations"],
    )
    def start(self, request: Request, project_id: str) -> Response:
        """Starts a run for the project: PENDING until a worker takes it."""
        project = project_id_of(project_id)
        by = principal_of(request)
        queries.find_project(by.organization, project)  # what is not ours is not found, whatever the body
        wish = start_request(read_body(MigrationsStart, request))
        run = services.start_run(project, request=wish, by=by, idempotency=_idempotency(request))
        return Response(show_run(run))

    @extend_schema(
        operation_id="list_migrations",
        parameters=[MigrationsRunQuery],
        responses=MigrationsRun(many=True),
        tags=["migrations"],
    )
    def list(self, request: Request) -> Response:
        """All runs of a project, the newest first."""
        query = read_query(MigrationsRunQuery, request)
        status = RunStatus(query["status"]) if "status" in query else None
        runs = queries.runs_of_project(principal_of(request).organization, query["projectId"], status=status)
        return Response([show_run(run) for run in runs])

    @extend_schema(operation_id="get_migration", responses=MigrationsRun, tags=["migrations"])
    def retrieve(self, request: Request, run_id: str) -> Response:
        """One run."""
        return Response(show_run(self._run(request, run_id)))

    @extend_schema(operation_id="get_migration_status", responses=MigrationsRunStatus, tags=["migrations"])
    def status(self, request: Request, run_id: str) -> Response:
        """Status and counts."""
        return Response(show_status(self._run(request, run_id)))

    @extend_schema(operation_id="pause_migration", request=None, responses=MigrationsRunChanged, tags=["migrations"])
    def pause(self, request: Request, run_id: str) -> Response:
        """Stops the run at its next checkpoint, within seconds. The answer waits for it, and tells the truth when the
        platforms keep requests in flight for longer."""
        return _changed(services.pause_run(run_id_of(run_id), by=principal_of(request)))

    @extend_schema(
        operation_id="resume_migration",
        request=MigrationsResume,
        responses=MigrationsRunChanged,
        tags=["migrations"],
    )
    def resume(self, request: Request, run_id: str) -> Response:
        """Goes on from the last checkpoint, with new credentials where the body brings some."""
        found = self._run(request, run_id)
        credentials = new_credentials(read_body(MigrationsResume, request))
        return _changed(services.resume_run(found.pk, by=principal_of(request), credentials=credentials))

    @extend_schema(operation_id="cancel_migration", request=None, responses=MigrationsRunChanged, tags=["migrations"])
    def cancel(self, request: Request, run_id: str) -> Response:
        """Ends the run for good. What was moved stays."""
        return _changed(services.cancel_run(run_id_of(run_id), by=principal_of(request)))

    @extend_schema(operation_id="retry_failed_items", request=None, responses=MigrationsRun, tags=["migrations"])
    def retry_failed(self, request: Request, run_id: str) -> Response:
        """A new run over the failed and partial items of an ended one, with its ends and options; `parentRunId` names
        the first."""
        return Response(show_run(services.retry_failed(run_id_of(run_id), by=principal_of(request))))

    @extend_schema(
        operation_id="create_stream_ticket", request=None, responses=MigrationsStreamTicket, tags=["migrations"]
    )
    def stream_ticket(self, request: Request, run_id: str) -> Response:
        """A ticket for this run's stream only, which lives longer than an access token: for browsers, whose
        EventSource sends the same address again when it reconnects."""
        return Response(issue_ticket(self._run(request, run_id), principal_of(request)))

    def _run(self, request: Request, run_id: str) -> MigrationRun:
        return queries.find_run(principal_of(request).organization, run_id_of(run_id))


def _changed(run: MigrationRun) -> Response:
    return Response({"id": str(run.pk), "status": run.status})


def _idempotency(request: Request) -> Idempotency | None:
    """The key and a keyed digest of the body: the body holds credentials, so it is not kept in any other form."""
    key = request.headers.get("Idempotency-Key", "").strip()
    if not key:
        return None
    if len(key) > LONGEST_KEY or not key.isprintable():
        raise invalid({"Idempotency-Key": [f"Send up to {LONGEST_KEY} printable characters."]})
    body = json.dumps(request.data, sort_keys=True, ensure_ascii=False)
    return Idempotency(key=key, digest=digest("idempotency", body))
