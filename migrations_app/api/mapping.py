"""`/api/projects/{id}/mapping…`: how a project's terms become the target's, to be read, edited and reused."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from connectors.domain.systems import invalid
from migrations_app.api.downloads import CSV, AlwaysJson, csv_answer
from migrations_app.api.mapping_bodies import (
    PEOPLE_COLUMNS,
    MigrationsMapping,
    MigrationsMappingChanges,
    decided_by,
    people_of_table,
    people_rows,
    show_export,
    show_mapping,
)
from migrations_app.api.reading import project_id_of, read_body
from migrations_app.models import Project
from migrations_app.services import mapping as services
from tenancy.permissions import Action, May
from tenancy.principal import principal_of

VERSION = OpenApiParameter("version", int, required=False, description="The version that was changed; left out: any.")


class TableParser(BaseParser):
    """A CSV body as text."""

    media_type = "text/csv"

    def parse(  # type: ignore[override]
        self, stream: Any, media_type: str | None = None, parser_context: Any = None
    ) -> str:
        """Raises DomainError VALIDATION_FAILED for what is no UTF-8."""
        try:
            return str(stream.read().decode("utf-8"))
        except UnicodeDecodeError:
            raise invalid({"body": ["The table must be written in UTF-8."]}) from None


class ProjectMapping(GenericViewSet[Project]):
    """The mapping of one project."""

    permission_classes = (May,)
    allowed_actions: ClassVar[dict[str, Action]] = {
        "retrieve": Action.SCAN,
        "update": Action.MANAGE_MAPPINGS,
        "export": Action.SEE,
    }
    serializer_class = MigrationsMapping  # type: ignore[assignment]
    queryset = Project.objects.none()
    pagination_class = None
    filter_backends = ()

    @extend_schema(operation_id="get_mapping", responses=MigrationsMapping, tags=["projects"])
    def retrieve(self, request: Request, project_id: str) -> Response:
        """Reads both ends with the project's connectors: every name in use, what becomes of it, how sure that is."""
        view = services.read_mapping(project_id_of(project_id), by=principal_of(request))
        return Response(show_mapping(view))

    @extend_schema(
        operation_id="update_mapping", request=MigrationsMappingChanges, responses=MigrationsMapping, tags=["projects"]
    )
    def update(self, request: Request, project_id: str) -> Response:
        """Stores what was decided. An answer of GET or an export can be sent as it is; entries with `confirmed` false
        stay proposals."""
        body, by = read_body(MigrationsMappingChanges, request), principal_of(request)
        standing = services.read_decisions(project_id_of(project_id), by=by).decisions
        view = services.save_mapping(
            project_id_of(project_id), decisions=decided_by(body, standing), version=body.get("version"), by=by
        )
        return Response(show_mapping(view))

    @extend_schema(operation_id="export_mapping", responses=MigrationsMappingChanges, tags=["projects"])
    def export(self, request: Request, project_id: str) -> Response:
        """What was decided, to be kept or used for another project."""
        view = services.read_decisions(project_id_of(project_id), by=principal_of(request))
        headers = {"Content-Disposition": f'attachment; filename="mapping-{project_id_of(project_id)}.json"'}
        return Response(show_export(view), headers=headers)


class ProjectMappingPeople(GenericViewSet[Project]):
    """The people of a mapping as a table."""

    permission_classes = (May,)
    allowed_actions: ClassVar[dict[str, Action]] = {
        "retrieve": Action.SCAN,
        "update": Action.MANAGE_MAPPINGS,
    }
    parser_classes = (TableParser,)
    content_negotiation_class: type[BaseContentNegotiation] = AlwaysJson
    serializer_class = MigrationsMapping  # type: ignore[assignment]
    queryset = Project.objects.none()
    pagination_class = None
    filter_backends = ()

    @extend_schema(operation_id="get_mapping_people", responses=CSV, tags=["projects"])
    def retrieve(self, request: Request, project_id: str) -> HttpResponse:
        """Everybody whom items name, who they are in the target, and how sure that is."""
        number = project_id_of(project_id)
        view = services.read_mapping(number, by=principal_of(request))
        return csv_answer(PEOPLE_COLUMNS, people_rows(view), name=f"people-{number}.csv")

    @extend_schema(
        operation_id="update_mapping_people",
        request={"text/csv": OpenApiTypes.STR},
        parameters=[VERSION],
        responses=MigrationsMapping,
        tags=["projects"],
    )
    def update(self, request: Request, project_id: str) -> Response:
        """Replaces the mapping's people by the rows that have a `source` and an `account_id` and do not say `no` under
        `confirmed`."""
        view = services.save_people(
            project_id_of(project_id),
            people=people_of_table(str(request.data)),
            version=_version(request),
            by=principal_of(request),
        )
        return Response(show_mapping(view))


def _version(request: Request) -> int | None:
    text = request.query_params.get("version", "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise invalid({"version": ["A whole number."]})
    return int(text)
