"""Routes below `/rest/`, as documented: the type is glued to `list`, and may stand behind a slash as well."""

from django.urls import URLPattern, path
from drf_spectacular.utils import extend_schema, extend_schema_view

from connectors.api.integrations import IntegrationSurface


@extend_schema_view(list=extend_schema(operation_id="list_integrations_behind_a_slash"))
class SlashedIntegrationSurface(IntegrationSurface):
    """The list with its type behind a slash; the OpenAPI document names each operation once."""


urlpatterns: list[URLPattern] = [
    path("admin/integration/list/<str:kind>", SlashedIntegrationSurface.as_view({"post": "list"})),
    path("admin/integration/list<str:kind>", IntegrationSurface.as_view({"post": "list"}), name="integration-list"),
    path("integration/instance/details", IntegrationSurface.as_view({"get": "details"}), name="integration-details"),
]
