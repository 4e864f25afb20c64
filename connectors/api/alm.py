"""Connectors v2: `/api/v2/connectors/alm/` and its newer spelling `…/issue-tracker/`, as documented.

Lists and creation with a trailing slash, a single connector with and without.
"""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from connectors import parameter_services, queries, services
from connectors.api.parameter_bodies import (
    PAGE_PARAMETERS,
    AlmConnector,
    AlmConnectorBody,
    AlmConnectorChanges,
    AlmConnectorList,
    AlmTestAnswer,
    AlmTestBody,
    envelope,
    show_connector,
)
from connectors.api.spelling import ALM, ISSUE_TRACKER, Spelling
from connectors.domain.errors import DomainError
from connectors.domain.systems import SystemId, find_system, invalid
from connectors.models import Connector
from tenancy.permissions import Action, May
from tenancy.principal import principal_of

_SYSTEM = OpenApiParameter("system", str, description="Only connectors of this system.")


class AlmConnectors(GenericViewSet[Any]):
    """Stored connectors by their parameters."""

    spelling: ClassVar[Spelling] = ALM
    permission_classes = (May,)
    allowed_actions: ClassVar[dict[str, Action]] = {
        "list": Action.SEE,
        "retrieve": Action.SEE,
        "create": Action.MANAGE_CONNECTORS,
        "update": Action.MANAGE_CONNECTORS,
        "partial_update": Action.MANAGE_CONNECTORS,
        "destroy": Action.MANAGE_CONNECTORS,
        "test": Action.SCAN,
    }
    serializer_class = AlmConnector
    queryset = Connector.objects.none()  # what the schema needs to know; reads start from the organization
    pagination_class = None
    filter_backends = ()

    def handle_exception(self, exc: Exception) -> Response:
        """Errors name the parameters as this spelling does."""
        return super().handle_exception(self.spelling.error(exc) if isinstance(exc, DomainError) else exc)

    @extend_schema(parameters=[*PAGE_PARAMETERS, _SYSTEM], responses=AlmConnectorList)
    def list(self, request: Request) -> Response:
        """All connectors of the organization, the oldest first; secrets are masked."""
        found = queries.connectors_of(principal_of(request).organization).order_by("pk")
        if named := request.query_params.get("system"):
            found = found.filter(system=_system(named, within="system").value)
        return Response(envelope(request, found, self._show))

    @extend_schema(responses=AlmConnector)
    def retrieve(self, request: Request, pk: int) -> Response:
        """One connector; its secrets are masked."""
        return Response(self._show(queries.find_connector(principal_of(request).organization, pk)))

    @extend_schema(request=AlmConnectorBody, responses={201: AlmConnector})
    def create(self, request: Request) -> Response:
        """Stores a connector. Required parameters that are missing are named below `params`."""
        body = _read(AlmConnectorBody, request)
        connector = parameter_services.create_from_parameters(
            by=principal_of(request),
            name=body["name"],
            system=_system(body["system"]),
            parameters=self.spelling.inward(body["params"]),
            inaccessible=body["inaccessible"],
        )
        return Response(self._show(connector), status=status.HTTP_201_CREATED)

    @extend_schema(request=AlmConnectorBody, responses=AlmConnector)
    def update(self, request: Request, pk: int) -> Response:
        """Replaces name, accessibility and all parameters. A mask keeps its secret while method, server, context root
        and user stay."""
        return self._change(AlmConnectorBody, request, pk, partial=False)

    @extend_schema(request=AlmConnectorChanges, responses=AlmConnector)
    def partial_update(self, request: Request, pk: int) -> Response:
        """Changes what is sent."""
        return self._change(AlmConnectorChanges, request, pk, partial=True)

    @extend_schema(responses={204: OpenApiResponse()})
    def destroy(self, request: Request, pk: int) -> Response:
        """Removes a connector; reports of its scans stay."""
        by = principal_of(request)
        services.delete_connector(queries.find_connector(by.organization, pk), by=by)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(operation_id="test_alm_connector", request=AlmTestBody, responses=AlmTestAnswer)
    def test(self, request: Request) -> Response:
        """Tests the connection, nothing is stored. Without a project, or with `test_alm: server`, address and
        credentials only. A platform that refuses is an answer of its own: 200 with `success: false`."""
        by = principal_of(request)
        body = _read(AlmTestBody, request)
        connector = queries.find_connector(by.organization, body["id"]) if "id" in body else None
        if connector is None:
            _require(body, "system", "params")
        elif "system" in body:
            _require_same_system(connector, body["system"])
        params = body.get("params")
        check = parameter_services.check_parameters(
            by=by,
            system=connector.system if connector is not None else _system(body["system"]),
            parameters=self.spelling.inward(params) if params is not None else None,
            connector=connector,
        )
        if check.success:
            return Response({"success": True})
        return Response({"success": False, "message": check.message, "code": check.code})

    def _change(
        self, serializer_class: type[serializers.Serializer[None]], request: Request, pk: int, *, partial: bool
    ) -> Response:
        by = principal_of(request)
        connector = queries.find_connector(by.organization, pk)
        body = _read(serializer_class, request)
        if "system" in body:
            _require_same_system(connector, body["system"])
        params = body.get("params")
        changed = parameter_services.update_from_parameters(
            connector,
            by=by,
            name=body.get("name"),
            parameters=self.spelling.inward(params) if params is not None else None,
            partial=partial,
            inaccessible=body.get("inaccessible"),
        )
        return Response(self._show(changed))

    def _show(self, connector: Connector) -> dict[str, Any]:
        shown = show_connector(connector)
        return {**shown, "params": self.spelling.outward(shown["params"])}


class IssueTrackerConnectors(AlmConnectors):
    """The same connectors under the newer names."""

    spelling = ISSUE_TRACKER

    @extend_schema(operation_id="test_issue_tracker_connector", request=AlmTestBody, responses=AlmTestAnswer)
    def test(self, request: Request) -> Response:
        """Tests the connection, nothing is stored."""
        return super().test(request)


def _system(named: str, *, within: str = "system.id") -> SystemId:
    try:
        return find_system(named).id
    except DomainError as error:
        raise DomainError(error.code, error.message, errors={within: [error.message]}) from error


def _require_same_system(connector: Connector, named: str) -> None:
    if _system(named) != connector.system_id:
        raise invalid({"system.id": [f"The connector is of the system {connector.system}, which cannot change."]})


def _require(body: dict[str, Any], *names: str) -> None:
    missing = {name: ["This field is required."] for name in names if name not in body}
    if missing:
        raise invalid(missing)


def _read(serializer_class: type[serializers.Serializer[None]], request: Request) -> dict[str, Any]:
    body = serializer_class(data=request.data)
    body.is_valid(raise_exception=True)
    found: dict[str, Any] = body.validated_data
    return found
