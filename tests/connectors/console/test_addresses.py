"""Pasted addresses are taken apart the way each platform builds them."""

from __future__ import annotations

import pytest

from connectors.console.addresses import taken_apart
from connectors.domain.systems import SystemId

AZURE, JIRA, GITHUB, RALLY = SystemId.AZURE_DEVOPS, SystemId.JIRA, SystemId.GITHUB, SystemId.RALLY


@pytest.mark.parametrize(
    ("system", "pasted", "expected"),
    [
        (AZURE, "https://dev.azure.com/contoso", {"alm_server": "dev.azure.com", "alm_context_root": "contoso"}),
        (AZURE, "dev.azure.com/contoso/Shop", {"alm_context_root": "contoso", "alm_project": "Shop"}),
        (AZURE, "https://dev.azure.com/contoso/_settings", {"alm_context_root": "contoso", "alm_project": ""}),
        (
            AZURE,
            "https://contoso.visualstudio.com/Shop",
            {"alm_server": "contoso.visualstudio.com", "alm_project": "Shop"},
        ),
        (JIRA, "https://a.atlassian.net/jira/software/projects/PARTS/boards/1", {"alm_project": "PARTS"}),
        (JIRA, "https://a.atlassian.net/wiki", {"alm_server": "a.atlassian.net", "alm_context_root": ""}),
        (GITHUB, "https://github.com/octo/shop", {"alm_server": "api.github.com", "github_repo_owner": "octo"}),
        (GITHUB, "https://git.corp.example/api/v3", {"alm_server": "git.corp.example", "alm_context_root": "api/v3"}),
        (RALLY, "http://rally.example:8080/slm/", {"alm_method": "http", "alm_server": "rally.example:8080"}),
    ],
)
def test_an_address_fills_the_fields_it_names(system: SystemId, pasted: str, expected: dict[str, str]) -> None:
    found = taken_apart(system, {"alm_method": "https", "alm_server": pasted})

    assert {name: found.get(name, "") for name in expected} == expected


def test_what_was_filled_in_already_stays() -> None:
    typed = {"alm_server": "https://dev.azure.com/contoso/Shop", "alm_context_root": "fabrikam", "alm_project": "Parts"}

    found = taken_apart(AZURE, typed)

    assert found == {**typed, "alm_server": "dev.azure.com", "alm_method": "https"}


@pytest.mark.parametrize("typed", ["", "dev.azure.com", "10.0.0.1:8080", "https://[bad/x", "/only/a/path"])
def test_what_is_no_address_is_left_for_the_fields_own_check(typed: str) -> None:
    assert taken_apart(AZURE, {"alm_server": typed}) == {"alm_server": typed}
