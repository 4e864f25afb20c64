"""App registration."""

from importlib import import_module

from django.apps import AppConfig

from connectors.project_directory import register


class MigrationsAppConfig(AppConfig):
    """Moving a project."""

    name = "migrations_app"
    verbose_name = "Migrations"

    def ready(self) -> None:
        """Register how the OpenAPI document describes signing in to a stream, and the look-up of projects."""
        import_module("migrations_app.openapi")
        register(import_module("migrations_app.directory").find_named_project)
