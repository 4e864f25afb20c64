"""Routes below `/console/`."""

from django.urls import URLPattern

app_name = "sync_console"

urlpatterns: list[URLPattern] = []
