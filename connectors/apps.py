"""App registration."""

from django.apps import AppConfig


class ConnectorsConfig(AppConfig):
    """External platforms: what we can reach and what is known about it."""

    name = "connectors"
    verbose_name = "Connectors"
