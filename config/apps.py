"""The wiring as a Django app, so that its commands and system checks are found."""

from django.apps import AppConfig, apps
from django.core.checks import Tags, register

from config.checks import check_deployment


class InstallationConfig(AppConfig):
    """Registers the deployment checks once all apps are loaded."""

    name = "config"
    verbose_name = "Installation"

    def ready(self) -> None:
        """Make `manage.py check`, and every command that checks first, report unsafe deployments."""
        register(check_deployment, Tags.security)
        apps.get_app_config("django_rq").verbose_name = "Queues"  # its heading in the admin
