"""`/api/projects…` as documented: camel case, no trailing slash, a bare array as the list.

https://docs.migrayt.ai/api-reference/projects
"""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from migrations_app import queries, services
from migrations_app.api.project_bodies import (
    MigrationsNewProject,
    MigrationsPreflight,
    MigrationsProject,
    MigrationsProjectChanges,
    MigrationsProjectLine,
    show_preflight,
    show_project,
    show_project_line,
    show_scan_summary,
)
from migrations_app.api.reading import project_id_of, read_body
from migrations_app.models import Project
from migrations_app.services import ProjectChanges
from tenancy.permissions import Action, May
from tenancy.principal import principal_of


class ProjectOperations(GenericViewSet[Project]):
    """Projects: what is to be moved where."""

    permission_classes = (May,)
    allowed_actions: ClassVar[dict[str, Action]] = {
        "list": Action.SEE,
        "retrieve": Action.SEE,
        "create": Action.MANAGE_PROJECTS,
        "partial_update": Action.MANAGE_PROJECTS,
        "destroy": Action.MANAGE_PROJECTS,
        "preflight": Action.SCAN,
    }
    serializer_class = MigrationsProject  # type: ignore[assignment]
    queryset = Project.objects.none()  # what the schema needs to know; reads start from the organization
    pagination_class = None
    filter_backends = ()

    @extend_schema(operation_id="list_projects", responses=MigrationsProjectLine(many=True), tags=["projects"])
    def list(self, request: Request) -> Response:
        """All projects of the organization, the newest first."""
        found = queries.projects_of(principal_of(request).organization)
        return Response([show_project_line(project) for project in found])

    @extend_schema(
        operation_id="create_project",
        request=MigrationsNewProject,
        responses={201: MigrationsProject},
        tags=["projects"],
    )
    def create(self, request: Request) -> Response:
        """Makes a project, with connectors or without."""
        body = read_body(MigrationsNewProject, request)
        by = principal_of(request)
        project = services.create_project(
            source_system=body["sourceSystem"], target_system=body["targetSystem"], values=_changes(body), by=by
        )
        shown = show_project(queries.find_project(by.organization, project.pk))
        return Response(shown, status=status.HTTP_201_CREATED)

    @extend_schema(operation_id="get_project", responses=MigrationsProject, tags=["projects"])
    def retrieve(self, request: Request, project_id: str) -> Response:
        """One project with the newest scan of its source."""
        project = queries.find_project(principal_of(request).organization, project_id_of(project_id))
        return Response({**show_project(project), "latestScan": show_scan_summary(queries.latest_scan(project))})

    @extend_schema(
        operation_id="update_project", request=MigrationsProjectChanges, responses=MigrationsProject, tags=["projects"]
    )
    def partial_update(self, request: Request, project_id: str) -> Response:
        """Changes what is sent; null takes a connector away."""
        body = read_body(MigrationsProjectChanges, request)
        by = principal_of(request)
        project = services.update_project(project_id_of(project_id), values=_changes(body), by=by)
        return Response(show_project(queries.find_project(by.organization, project.pk)))

    @extend_schema(operation_id="delete_project", responses={204: OpenApiResponse()}, tags=["projects"])
    def destroy(self, request: Request, project_id: str) -> Response:
        """Removes the project with its runs, mapping and scans; nothing on the platforms changes."""
        services.delete_project(project_id_of(project_id), by=principal_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(operation_id="check_project", responses=MigrationsPreflight, tags=["projects"])
    def preflight(self, request: Request, project_id: str) -> Response:
        """Reads both ends with the project's connectors and tells what would stop a run, or arrive differently."""
        found = services.check_project(project_id_of(project_id), by=principal_of(request))
        return Response(show_preflight(found))


def _changes(body: dict[str, Any]) -> ProjectChanges:
    return ProjectChanges(
        name=body.get("name"),
        description=(body["description"] or "") if "description" in body else None,
        source_connector=_connector(body, "sourceConnectorId"),
        target_connector=_connector(body, "targetConnectorId"),
    )


def _connector(body: dict[str, Any], name: str) -> int | None:
    """None when it was not sent, 0 when it was sent as null."""
    return (body[name] or 0) if name in body else None
