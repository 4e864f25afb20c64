"""Fixtures of the pages of connectors and audits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from connectors.models import Connector
from connectors.parameter_services import create_from_parameters
from tests.builders import Cast

SECRET = "pat-that-nobody-may-see"
AZURE = {
    "alm_method": "https",
    "alm_server": "dev.azure.com",
    "alm_context_root": "contoso",
    "alm_project": "Shop",
    "alm_pass": SECRET,
}

MakeConnector = Callable[..., Connector]


@pytest.fixture
def make_connector(people: Cast) -> MakeConnector:
    """A connector of the organization, or of the named person's."""

    def make(name: str = "Shop", *, by: Any = None, system: str = "azure_devops", **changes: Any) -> Connector:
        owner = by or people.owner.principal
        return create_from_parameters(by=owner, name=name, system=system, parameters={**AZURE, **changes})

    return make
