"""Routes below `/console/`."""

from django.urls import URLPattern

app_name = "webhooks_console"

urlpatterns: list[URLPattern] = []
