"""App registration."""

from importlib import import_module

from django.apps import AppConfig

from connectors import usage
from connectors.project_directory import register


class MigrationsAppConfig(AppConfig):
    """Moving a project."""

    name = "migrations_app"
    verbose_name = "Migrations"

    def ready(self) -> None:
        """Register how the OpenAPI document describes signing in to a stream, and the look-ups that the connectors'
        layer asks: projects by name, and what uses a connector."""
        import_module("migrations_app.openapi")
        register(import_module("migrations_app.directory").find_named_project)
        usage.register(self.name, import_module("migrations_app.connector_usage").MigrationsUsage())
