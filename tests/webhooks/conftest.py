"""A receiver with a certificate that the settings trust."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.connectors.clients.test_tls import certificate  # noqa: F401 - a fixture
from tests.webhooks.receivers import Receiver, Server


@pytest.fixture
def receiver(certificate: Path, settings) -> Iterator[Receiver]:  # noqa: F811 - the imported fixture
    """Reachable, trusted, and allowed although it is on loopback."""
    server = Server(certificate)
    settings.CA_BUNDLE = certificate
    settings.ALLOW_PRIVATE_TARGETS = (server.receiver.pair,)
    yield server.receiver
    server.close()
