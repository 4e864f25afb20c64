"""Routes below `/console/`."""

from django.urls import URLPattern

app_name = "connectors_console"

urlpatterns: list[URLPattern] = []
