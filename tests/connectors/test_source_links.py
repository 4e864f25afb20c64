"""Items of a source are opened where their platform shows them."""

from __future__ import annotations

import pytest

from connectors.source_links import item_address


@pytest.mark.parametrize(
    ("system", "server", "owner", "item", "expected"),
    [
        (
            "azure_devops",
            "https://dev.azure.com/contoso",
            "",
            "7",
            "https://dev.azure.com/contoso/My%20Shop/_workitems/edit/7",
        ),
        ("github", "https://api.github.com", "octo", "7", "https://github.com/octo/My%20Shop/issues/7"),
        ("github", "https://git.corp.example/api/v3", "octo", "7", "https://git.corp.example/octo/My%20Shop/issues/7"),
        ("azure_devops", "https://dev.azure.com/contoso", "", "Anna", ""),
        ("azure_devops", "javascript:alert(1)//", "", "7", ""),
        ("jira", "https://a.atlassian.net", "", "7", ""),
    ],
)
def test_addresses(system: str, server: str, owner: str, item: str, expected: str) -> None:
    assert item_address(system, server=server, owner=owner, project="My Shop", item=item) == expected
