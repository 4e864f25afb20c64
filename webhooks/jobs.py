"""What workers run. Dotted paths and signatures are a stored format: old jobs in the queue name them."""

from __future__ import annotations

from uuid import UUID

from webhooks import delivering


def deliver(delivery_id: str) -> None:
    """Try a delivery; one that is not due, or being tried, is left alone."""
    delivering.deliver(UUID(delivery_id))
