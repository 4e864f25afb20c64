"""Routes below `/console/webhooks/`."""

from django.urls import path

from webhooks.console import deliveries, views

app_name = "webhooks_console"

urlpatterns = [
    path("webhooks/", views.WebhooksView.as_view(), name="webhooks"),
    path("webhooks/new/", views.NewWebhookView.as_view(), name="new"),
    path("webhooks/<uuid:pk>/", deliveries.WebhookView.as_view(), name="webhook"),
    path("webhooks/<uuid:pk>/edit/", views.EditWebhookView.as_view(), name="edit"),
    path("webhooks/<uuid:pk>/delete/", views.DeleteWebhookView.as_view(), name="delete"),
    path("webhooks/<uuid:pk>/deliveries/<uuid:delivery>/", deliveries.DeliveryView.as_view(), name="delivery"),
]
