"""Routes below `/api/`."""

from django.urls import URLPattern, path

from webhooks.api.views import Webhooks

urlpatterns: list[URLPattern] = [
    path("webhooks", Webhooks.as_view({"get": "list", "post": "create"}), name="webhooks"),
    path(
        "webhooks/<str:pk>",
        Webhooks.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
        name="webhook",
    ),
    path("webhooks/<str:pk>/deliveries", Webhooks.as_view({"get": "deliveries"}), name="webhook-deliveries"),
    path(
        "webhooks/<str:pk>/deliveries/<str:delivery>/redeliver",
        Webhooks.as_view({"post": "redeliver"}),
        name="webhook-redeliver",
    ),
]
