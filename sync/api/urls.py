"""Routes of the synchronization surface, without trailing slashes, as documented. Mounted twice: below the servlet's
path and at the root."""

from __future__ import annotations

from django.urls import URLPattern, path

from sync.api.drafts import SyncDrafts, SyncFieldDefaults, view_of_mappings
from sync.api.health import SyncHealth
from sync.api.information import SyncConnectors
from sync.api.integrations import SyncIntegrations
from sync.api.matters import SyncMatters
from sync.api.tasks import SyncTasks

_MAPPINGS = {
    "issueTypeMappings": "issue_type_mapping",
    "fieldMappings": "field_mapping",
    "valueMappings": "value_mapping",
    "workflowMappings": "workflow_mapping",
    "linkMappings": "link_mapping",
}
_EDITS = {"post": "create", "put": "update", "delete": "destroy"}
_ONE = "integrations/<str:key>"


def _integration(route: str, actions: dict[str, str]) -> URLPattern:
    return path(f"{_ONE}/{route}", SyncIntegrations.as_view(actions))  # type: ignore[arg-type]


def _mapping_routes() -> list[URLPattern]:
    routes = []
    for kind, label in _MAPPINGS.items():
        view = view_of_mappings(kind, label)
        routes += [
            path(f"{_ONE}/draft/{kind}", view.as_view(_EDITS)),  # type: ignore[arg-type]
            path(f"{_ONE}/draft/{kind}/bulk", view.as_view({"post": "bulk"})),
        ]
    return routes


def _draft(route: str, actions: dict[str, str]) -> URLPattern:
    return path(f"{_ONE}/draft{route}", SyncDrafts.as_view(actions))  # type: ignore[arg-type]


def _connector(route: str, actions: dict[str, str]) -> URLPattern:
    return path(f"connectors/<str:connector_key>/{route}", SyncConnectors.as_view(actions))  # type: ignore[arg-type]


urlpatterns: list[URLPattern] = [
    path("health", SyncHealth.as_view({"get": "list"})),
    path("integrations", SyncIntegrations.as_view({"get": "list", "post": "create"})),
    path(_ONE, SyncIntegrations.as_view({"get": "retrieve", "put": "update", "delete": "destroy"})),
    _integration("status", {"get": "status"}),
    _integration("conflicts", {"get": "conflicts"}),
    _integration("activity", {"get": "activity"}),
    _integration("start", {"post": "start", "put": "start"}),
    _integration("stop", {"post": "stop", "put": "stop"}),
    _integration("cutOver", {"post": "cut_over"}),
    _integration("reconcile", {"post": "reconcile"}),
    _integration("applicationConnection", {"put": "set_connection"}),
    _integration("webhooks", {"get": "webhooks", "put": "set_webhook"}),
    path(f"{_ONE}/matters", SyncMatters.as_view({"get": "list"})),
    path(f"{_ONE}/matters/retry", SyncMatters.as_view({"post": "retry"})),
    path(f"{_ONE}/matters/<int:matter_id>", SyncMatters.as_view({"get": "retrieve"})),
    path(f"{_ONE}/matters/<int:matter_id>/resolve", SyncMatters.as_view({"post": "resolve"})),
    _draft("", {"get": "retrieve", "post": "create", "put": "update", "delete": "destroy"}),
    _draft("/conflicts", {"get": "conflicts"}),
    _draft("/publish", {"post": "publish"}),
    *_mapping_routes(),
    path(f"{_ONE}/draft/fieldDefaults/<str:connector_key>", SyncFieldDefaults.as_view({"post": "create"})),
    path(
        f"{_ONE}/draft/fieldDefaults/<str:connector_key>/<str:default_key>",
        SyncFieldDefaults.as_view({"put": "update", "delete": "destroy"}),
    ),
    _connector("resync", {"post": "resync"}),
    _connector("syncInformation", {"get": "list", "post": "create", "delete": "destroy"}),
    _connector("syncInformation/restore", {"post": "restore"}),
    path("async-tasks/<str:task_id>", SyncTasks.as_view({"get": "retrieve", "delete": "destroy"})),
    path("async-tasks/<str:task_id>/cancel", SyncTasks.as_view({"post": "cancel"})),
]
