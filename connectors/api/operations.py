"""The operations surface: `/api/connectors…` and `/api/audit/{scanId}`, as documented, camel case, no trailing slash.

https://docs.migrayt.ai/api-reference/connectors is the page whose clients must work here.
"""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from connectors import opening, queries, scanning, services
from connectors.api.operations_bodies import (
    OperationsAccess,
    OperationsAudit,
    OperationsConnector,
    OperationsConnectorChanges,
    OperationsNewConnector,
    OperationsScanAnswer,
    OperationsTestAnswer,
    show_connector,
    show_scan,
)
from connectors.domain.errors import DomainError
from connectors.domain.systems import find_system, invalid, read_access, require_available, require_scannable
from connectors.models import Connector, Scan
from connectors.scanning import ScanRequest
from tenancy.permissions import Action, May
from tenancy.principal import Principal, principal_of

_PREFER = OpenApiParameter(
    "Prefer", str, OpenApiParameter.HEADER, description="`respond-async`: answer at once, scan in the background."
)


class ConnectorOperations(GenericViewSet[Connector]):
    """Stored connectors, and the two calls that need none: test a connection, scan a project."""

    permission_classes = (May,)
    allowed_actions: ClassVar[dict[str, Action]] = {
        "list": Action.SEE,
        "retrieve": Action.SEE,
        "create": Action.MANAGE_CONNECTORS,
        "partial_update": Action.MANAGE_CONNECTORS,
        "destroy": Action.MANAGE_CONNECTORS,
        "test": Action.SCAN,
        "scan": Action.SCAN,
    }
    serializer_class = OperationsConnector
    queryset = Connector.objects.none()  # what the schema needs to know; reads start from the organization
    pagination_class = None
    filter_backends = ()

    @extend_schema(operation_id="test_connection", request=OperationsAccess, responses=OperationsTestAnswer)
    def test(self, request: Request) -> Response:
        """Validates that the credentials have access to the platform and returns basic metadata.

        A platform that refuses is an answer of its own: 200 with `success: false`.
        """
        by = principal_of(request)
        body = _read(OperationsAccess, request)
        if body.get("connectorId") is not None:
            connector = _named_connector(body, by)
            require_available(find_system(connector.system))
            check = services.check_connector(connector, project=body.get("project", ""), by=by)
        else:
            system = find_system(_required(body, "type"))
            require_available(system)
            check = services.check_connection(read_access(system, _required(body, "credentials")), by=by)
        if check.success:
            return Response({"success": True, "message": check.message, "metadata": check.metadata})
        return Response({"success": False, "message": check.message, "code": check.code})

    @extend_schema(
        operation_id="scan_project",
        request=OperationsAccess,
        parameters=[_PREFER],
        responses=OperationsScanAnswer,
    )
    def scan(self, request: Request) -> Response:
        """Scans a project and returns the full audit report; a project of over 10,000 items, or one asked for with
        `Prefer: respond-async`, is scanned in the background, and the answer names the scan to poll."""
        by = principal_of(request)
        wish = _scan_request(_read(OperationsAccess, request), by, respond_async=_prefers_async(request))
        scan = scanning.start_scan(wish, by=by)
        if scan.report is not None:
            return Response({"scanId": str(scan.pk), **scan.report})
        return Response({"scanId": str(scan.pk), "status": scan.status, "totalWorkItems": scan.total_items})

    @extend_schema(operation_id="list_connectors", responses=OperationsConnector(many=True))
    def list(self, request: Request) -> Response:
        """The organization's connectors, the newest first; secrets are masked."""
        found = queries.connectors_of(principal_of(request).organization)
        return Response([show_connector(connector) for connector in found])

    @extend_schema(operation_id="get_connector", responses=OperationsConnector)
    def retrieve(self, request: Request, pk: int) -> Response:
        """One connector; its secret is masked."""
        return Response(show_connector(queries.find_connector(principal_of(request).organization, pk)))

    @extend_schema(
        operation_id="create_connector", request=OperationsNewConnector, responses={201: OperationsConnector}
    )
    def create(self, request: Request) -> Response:
        """Stores a connector. The project in its credentials is the default one and may be left out."""
        body = _read(OperationsNewConnector, request)
        connector = services.create_connector(
            by=principal_of(request),
            name=body["name"],
            system=body["type"],
            credentials=body["credentials"],
            inaccessible=body["inaccessible"],
        )
        return Response(show_connector(connector), status=status.HTTP_201_CREATED)

    @extend_schema(operation_id="update_connector", request=OperationsConnectorChanges, responses=OperationsConnector)
    def partial_update(self, request: Request, pk: int) -> Response:
        """Changes what is sent. A masked secret stays as it is while server and account stay."""
        by = principal_of(request)
        connector = queries.find_connector(by.organization, pk)
        body = _read(OperationsConnectorChanges, request)
        changed = services.update_connector(
            connector,
            by=by,
            name=body.get("name"),
            credentials=body.get("credentials"),
            inaccessible=body.get("inaccessible"),
        )
        return Response(show_connector(changed))

    @extend_schema(operation_id="delete_connector", responses={204: OpenApiResponse()})
    def destroy(self, request: Request, pk: int) -> Response:
        """Removes a connector; reports of its scans stay."""
        by = principal_of(request)
        services.delete_connector(queries.find_connector(by.organization, pk), by=by)
        return Response(status=status.HTTP_204_NO_CONTENT)


class AuditOperations(GenericViewSet[Scan]):
    """Scans by id: how far they are, and their reports."""

    permission_classes = (May,)
    allowed_actions: ClassVar[dict[str, Action]] = {"retrieve": Action.SEE}
    serializer_class = OperationsAudit
    queryset = Scan.objects.none()
    pagination_class = None
    filter_backends = ()

    @extend_schema(operation_id="get_audit", responses=OperationsAudit)
    def retrieve(self, request: Request, pk: str) -> Response:
        """A scan's progress, and the report's keys once it is completed."""
        try:
            scan_id = UUID(pk)
        except ValueError:
            raise Http404 from None
        return Response(show_scan(queries.find_scan(principal_of(request).organization, scan_id)))


def _read(serializer_class: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    body = serializer_class(data=request.data)
    body.is_valid(raise_exception=True)
    found: dict[str, Any] = body.validated_data
    return found


def _required(body: dict[str, Any], name: str) -> Any:
    if body.get(name) in (None, ""):
        raise invalid({name: ["This field is required."]})
    return body[name]


def _scan_request(body: dict[str, Any], by: Principal, *, respond_async: bool) -> ScanRequest:
    if body.get("connectorId") is not None:
        connector = _named_connector(body, by)
        require_scannable(find_system(connector.system))
        access = opening.access_to(connector, project=body.get("project", ""))
        return ScanRequest(access, connector=connector, respond_async=respond_async)
    system = find_system(_required(body, "type"))
    require_scannable(system)
    return ScanRequest(read_access(system, _required(body, "credentials")), respond_async=respond_async)


def _named_connector(body: dict[str, Any], by: Principal) -> Connector:
    connector = queries.find_connector(by.organization, body["connectorId"])
    if body.get("credentials") is not None:
        raise invalid({"credentials": ["Send either credentials or connectorId."]})
    if body.get("type") and find_system(body["type"]).id != connector.system_id:
        raise DomainError(
            "VALIDATION_FAILED",
            "The request is not valid",
            errors={"type": [f"The connector is of type {connector.system}."]},
        )
    return connector


def _prefers_async(request: Request) -> bool:
    """https://www.rfc-editor.org/rfc/rfc7240#section-4.1"""
    wishes = request.headers.get("Prefer", "").split(",")
    return any(wish.partition(";")[0].strip().lower() == "respond-async" for wish in wishes)
