"""The integration surface: `POST /rest/admin/integration/list{type}`, `GET /rest/integration/instance/details`, and
the same under readable addresses below `/api/integrations/instances`.

https://web-docs-qmetry-test-management-cloud.pages.dev/en/integration/automation/open-api-v8-25-x/api-for-integration
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from connectors import opening, project_metadata, queries
from connectors.api.integration_bodies import (
    HEADERS,
    IntegrationDetails,
    IntegrationInstanceDetails,
    IntegrationListBody,
    IntegrationModuleChoices,
    IntegrationProject,
    IntegrationResponseEntity,
    Wanted,
    read_headers,
    read_list_body,
    read_type,
    read_wanted,
    show_instance,
    show_project,
)
from connectors.domain.modules import Module, OurMapping
from connectors.models import Connector
from connectors.project_directory import find_project
from connectors.project_metadata import ModuleChoice
from tenancy.authentication import ApikeyAuthentication
from tenancy.models import Organization
from tenancy.permissions import Action, May
from tenancy.principal import principal_of

_HEADERS = [OpenApiParameter(name, str, OpenApiParameter.HEADER, required=True) for name in HEADERS]
_WANTED = [
    OpenApiParameter("instance", int, description="Details of this instance; also in a JSON body."),
    OpenApiParameter("fetchFields", bool, description="With the fields of its modules; also in a JSON body."),
]


class IntegrationSurface(ViewSet):
    """The documented addresses; every call carries an apikey."""

    authentication_classes = (ApikeyAuthentication,)
    permission_classes = (May,)
    allowed_actions: ClassVar[dict[str, Action]] = {"list": Action.SEE, "details": Action.SEE}

    @extend_schema(operation_id="list_integrations", request=IntegrationListBody, responses=IntegrationResponseEntity)
    def list(self, request: Request, kind: str) -> Response:
        """All integrations, or those of one type: `all`, `jira`, `azure`, `github`."""
        system = read_type(kind)
        start, limit = read_list_body(request)
        found = queries.instances_of(principal_of(request).organization)
        if system is not None:
            found = found.filter(system=system.value)
        body = {"data": _instances(found[start : start + limit]), "total": found.count()}
        return Response({"statusCode": "OK", "headers": {}, "body": body})

    @extend_schema(
        operation_id="get_integration_details", parameters=[*_HEADERS, *_WANTED], responses=IntegrationDetails
    )
    def details(self, request: Request) -> Response:
        """All instances, or one with its external projects and, when asked for, the fields of their modules."""
        organization = principal_of(request).organization
        project = read_headers(request, organization)
        wanted = read_wanted(request)
        if wanted.instance is None:
            found = _instances(queries.instances_of(organization))
            return Response({"data": found, "total": len(found)})
        mapping = project_metadata.mapping_for(organization, project) if wanted.fetch_fields else None
        return Response({"data": [_details(organization, wanted, mapping)], "total": 1})


class IntegrationInstanceViews(ViewSet):
    """The same under readable addresses, and the choice of a module's types."""

    permission_classes = (May,)
    allowed_actions: ClassVar[dict[str, Action]] = {
        "list": Action.SEE,
        "retrieve": Action.SEE,
        "partial_update": Action.MANAGE_CONNECTORS,
    }

    @extend_schema(operation_id="list_integration_instances", responses=IntegrationDetails)
    def list(self, request: Request) -> Response:
        """All instances."""
        found = _instances(queries.instances_of(principal_of(request).organization))
        return Response({"data": found, "total": len(found)})

    @extend_schema(
        operation_id="get_integration_instance",
        parameters=[
            OpenApiParameter("fields", bool, description="With the fields of its modules."),
            OpenApiParameter("project", str, description="Whose mapping tells which fields are mapped."),
        ],
        responses=IntegrationInstanceDetails,
    )
    def retrieve(self, request: Request, pk: int) -> Response:
        """One instance with its external projects."""
        organization = principal_of(request).organization
        mapping = None
        if request.query_params.get("fields", "").lower() in ("true", "1"):
            named = request.query_params.get("project", "")
            mapping = OurMapping()
            if named:
                mapping = project_metadata.mapping_for(organization, find_project(organization, named))
        return Response(_details(organization, Wanted(instance=pk), mapping))

    @extend_schema(
        operation_id="choose_integration_modules", request=IntegrationModuleChoices, responses=IntegrationProject
    )
    def partial_update(self, request: Request, pk: int, external_id: str) -> Response:
        """Chooses the types and the filter of a project's modules."""
        by = principal_of(request)
        project = queries.find_connector_project(queries.find_connector(by.organization, pk), external_id)
        body = IntegrationModuleChoices(data=request.data)
        body.is_valid(raise_exception=True)
        choices = {
            module: ModuleChoice(types=chosen.get("types"), filter=chosen.get("jqlFilterString"))
            for module in Module
            if (chosen := body.validated_data.get(module.value)) is not None
        }
        return Response(show_project(project_metadata.choose_modules(project, choices, by=by), mapping=None))


def _instances(found: QuerySet[Connector]) -> list[dict[str, Any]]:
    return [_instance(connector) for connector in found]


def _instance(connector: Connector) -> dict[str, Any]:
    return show_instance(connector, address=opening.shown_address(connector))


def _details(organization: Organization, wanted: Wanted, mapping: OurMapping | None) -> dict[str, Any]:
    connector = queries.find_connector(organization, wanted.instance or 0)
    projects = [show_project(project, mapping=mapping) for project in connector.projects.select_related("connector")]
    return {**_instance(connector), "externalProjects": projects}
