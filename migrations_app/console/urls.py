"""Routes below `/console/`."""

from django.urls import path

from migrations_app.console.overview import OverviewView

app_name = "migrations_console"

urlpatterns = [
    path("", OverviewView.as_view(), name="overview"),
]
