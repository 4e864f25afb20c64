"""Routes below `/api/v2/`: with trailing slashes, as documented; a single connector answers with and without."""

from typing import Any

from django.urls import URLPattern, path
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.viewsets import ViewSetMixin

from connectors.api.alm import AlmConnectors, IssueTrackerConnectors
from connectors.api.analysis import AnalysisConnectors
from connectors.api.plugins import AlmPlugins, IssueTrackerPlugins

Verbs = dict[str, Any]
ALL: Verbs = {"get": "list", "post": "create"}
ONE: Verbs = {"get": "retrieve", "put": "update", "patch": "partial_update", "delete": "destroy"}
READ_ONE: Verbs = {"get": "retrieve"}


_NAMES = {
    "list": "list_{}s",
    "create": "create_{}",
    "retrieve": "get_{}",
    "update": "replace_{}",
    "partial_update": "change_{}",
    "destroy": "delete_{}",
}


def _view(view: type[ViewSetMixin], verbs: Verbs, resource: str, *, suffix: str = "") -> Any:
    """The view with operation ids of its own: one class serves several addresses, and the OpenAPI document names each
    operation once."""
    named: Any = type(f"{view.__name__}{len(verbs)}{suffix}", (view,), {"__doc__": view.__doc__})
    schemas = {
        action: extend_schema(operation_id=_NAMES[action].format(resource) + suffix) for action in verbs.values()
    }
    return extend_schema_view(**schemas)(named).as_view(verbs)


_BARE = "_without_slash"
urlpatterns: list[URLPattern] = [
    path("connectors/alm/", _view(AlmConnectors, ALL, "alm_connector"), name="v2-alm"),
    path("connectors/alm/<int:pk>/", _view(AlmConnectors, ONE, "alm_connector"), name="v2-alm-connector"),
    path("connectors/alm/<int:pk>", _view(AlmConnectors, ONE, "alm_connector", suffix=_BARE)),
    path("connectors/testalm/", AlmConnectors.as_view({"post": "test"}), name="v2-testalm"),
    path("connectors/issue-tracker/", _view(IssueTrackerConnectors, ALL, "issue_tracker_connector")),
    path("connectors/issue-tracker/<int:pk>/", _view(IssueTrackerConnectors, ONE, "issue_tracker_connector")),
    path(
        "connectors/issue-tracker/<int:pk>",
        _view(IssueTrackerConnectors, ONE, "issue_tracker_connector", suffix=_BARE),
    ),
    path("connectors/testissue-tracker/", IssueTrackerConnectors.as_view({"post": "test"})),
    path("connectors/analysis/", _view(AnalysisConnectors, {"get": "list"}, "analysis_connector")),
    path("connectors/analysis/<int:pk>/", _view(AnalysisConnectors, READ_ONE, "analysis_connector")),
    path("connectors/analysis/<int:pk>", _view(AnalysisConnectors, READ_ONE, "analysis_connector", suffix=_BARE)),
    path("plugins/alm/", AlmPlugins.as_view({"get": "list"}), name="v2-plugins"),
    path("plugins/alm/<str:system>/", AlmPlugins.as_view(READ_ONE), name="v2-plugin"),
    path("plugins/issue-tracker/", IssueTrackerPlugins.as_view({"get": "list"})),
    path("plugins/issue-tracker/<str:system>/", IssueTrackerPlugins.as_view(READ_ONE)),
]
