"""App registration."""

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    """Deliveries to others."""

    name = "webhooks"
    verbose_name = "Webhooks"
