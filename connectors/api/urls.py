"""Routes below `/api/`, without trailing slashes, as documented."""

from django.urls import URLPattern, path

from connectors.api.integrations import IntegrationInstanceViews
from connectors.api.operations import AuditOperations, ConnectorOperations

urlpatterns: list[URLPattern] = [
    path("connectors", ConnectorOperations.as_view({"get": "list", "post": "create"}), name="operations-connectors"),
    path("connectors/test", ConnectorOperations.as_view({"post": "test"}), name="operations-test"),
    path("connectors/scan", ConnectorOperations.as_view({"post": "scan"}), name="operations-scan"),
    path(
        "connectors/<int:pk>",
        ConnectorOperations.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
        name="operations-connector",
    ),
    path("integrations/instances", IntegrationInstanceViews.as_view({"get": "list"}), name="integration-instances"),
    path("integrations/instances/<int:pk>", IntegrationInstanceViews.as_view({"get": "retrieve"})),
    path(
        "integrations/instances/<int:pk>/projects/<path:external_id>",
        IntegrationInstanceViews.as_view({"patch": "partial_update"}),
    ),
    path("audit/<str:pk>", AuditOperations.as_view({"get": "retrieve"}), name="operations-audit"),
]
