"""App registration."""

from django.apps import AppConfig


class TenancyConfig(AppConfig):
    """Organizations and sign-in."""

    name = "tenancy"
    verbose_name = "Organizations"

    def ready(self) -> None:
        """Import the descriptions of our sign-in schemes for their registration."""
        from tenancy import openapi  # noqa: F401, PLC0415 - reads settings that name modules of this app
