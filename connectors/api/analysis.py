"""Connectors v2 for analysis tools: `/api/v2/connectors/analysis/`, to read. Staff make them in the admin."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from connectors import queries
from connectors.api.parameter_bodies import PAGE_PARAMETERS, PageEnvelope, envelope
from connectors.models import AnalysisConnector, AnalysisSystem
from tenancy.permissions import Action, May
from tenancy.principal import principal_of


class AnalysisSystemShown(serializers.Serializer[None]):
    id = serializers.CharField()
    name = serializers.CharField()


class AnalysisConnectorShown(serializers.Serializer[None]):
    """An analysis connector as it is answered."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    system = AnalysisSystemShown()
    inaccessible = serializers.BooleanField()


@extend_schema_serializer(many=False)  # the list of an action named `list`, and no list of these
class AnalysisConnectorList(PageEnvelope):
    """All analysis connectors, or a page of them."""

    results = AnalysisConnectorShown(many=True)


class AnalysisConnectors(GenericViewSet[Any]):
    """Analysis connectors of the organization."""

    permission_classes = (May,)
    allowed_actions: ClassVar[dict[str, Action]] = {"list": Action.SEE, "retrieve": Action.SEE}
    serializer_class = AnalysisConnectorShown
    queryset = AnalysisConnector.objects.none()
    pagination_class = None
    filter_backends = ()

    @extend_schema(parameters=PAGE_PARAMETERS, responses=AnalysisConnectorList)
    def list(self, request: Request) -> Response:
        """All analysis connectors, the oldest first."""
        found = queries.analysis_connectors_of(principal_of(request).organization)
        return Response(envelope(request, found, _show))

    @extend_schema(responses=AnalysisConnectorShown)
    def retrieve(self, request: Request, pk: int) -> Response:
        """One analysis connector."""
        return Response(_show(queries.find_analysis_connector(principal_of(request).organization, pk)))


def _show(connector: AnalysisConnector) -> dict[str, Any]:
    system = AnalysisSystem(connector.system)
    return {
        "id": connector.pk,
        "name": connector.name,
        "system": {"id": system.value, "name": system.label},
        "inaccessible": connector.inaccessible,
    }
