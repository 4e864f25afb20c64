"""Routes below `/console/`."""

from django.urls import path

from migrations_app.console.overview import OverviewView
from migrations_app.console.preparing_urls import urlpatterns as preparing_urls
from migrations_app.console.project_urls import urlpatterns as project_urls
from migrations_app.console.run_urls import urlpatterns as run_urls

app_name = "migrations_console"

urlpatterns = [
    path("", OverviewView.as_view(), name="overview"),
    *project_urls,
    *preparing_urls,
    *run_urls,
]
