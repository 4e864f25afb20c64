"""One ledger per source and target, however they are spelled."""

from __future__ import annotations

import pytest

from connectors.domain.systems import Access, SystemId
from migrations_app.scopes import organization_name, source_address, target_address

CLOUD = "https://dev.azure.com"


@pytest.mark.parametrize(
    ("server", "name"),
    [
        ("contoso", "contoso"),
        ("https://dev.azure.com/contoso", "contoso"),
        ("https://contoso.visualstudio.com", "contoso"),
        ("http://127.0.0.1:8181/contoso", "contoso"),
    ],
)
def test_the_organization_is_named_by_every_kind_of_address(server: str, name: str) -> None:
    assert organization_name(server) == name


@pytest.mark.parametrize(
    "server", ["contoso", "Contoso", "https://dev.azure.com/contoso", "https://Contoso.visualstudio.com"]
)
def test_every_spelling_of_a_source_is_one_place(server: str) -> None:
    access = Access(SystemId.AZURE_DEVOPS, server, "Shop FRONT")

    assert source_address(access, default_server=f"{CLOUD}/") == "dev.azure.com/contoso/shop front"


def test_another_server_is_another_source() -> None:
    here = Access(SystemId.AZURE_DEVOPS, "contoso", "Shop")
    there = Access(SystemId.AZURE_DEVOPS, "https://tfs.example.com/contoso", "Shop")

    assert source_address(here, default_server=CLOUD) != source_address(there, default_server=CLOUD)


@pytest.mark.parametrize("server", ["https://contoso.atlassian.net", "https://CONTOSO.atlassian.net"])
def test_every_spelling_of_a_target_is_one_place(server: str) -> None:
    assert target_address(Access(SystemId.JIRA, server, "shop")) == "contoso.atlassian.net/SHOP"


def test_another_site_or_project_is_another_target() -> None:
    addresses = {
        target_address(Access(SystemId.JIRA, server, project))
        for server in ("https://a.example", "https://a.example:8443", "https://a.example/jira")
        for project in ("A", "B")
    }

    assert len(addresses) == 6
