"""App registration."""

from django.apps import AppConfig


class SyncConfig(AppConfig):
    """Keeping two projects alike."""

    name = "sync"
    verbose_name = "Synchronization"
