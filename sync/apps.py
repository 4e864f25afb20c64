"""App registration."""

from importlib import import_module

from django.apps import AppConfig

from connectors import usage


class SyncConfig(AppConfig):
    """Keeping two projects alike."""

    name = "sync"
    verbose_name = "Synchronization"

    def ready(self) -> None:
        """Register what tells the connectors' layer which synchronizations use a connector."""
        usage.register(self.name, import_module("sync.connector_usage").SynchronizationUsage())
