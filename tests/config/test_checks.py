"""Unsafe deployments are named before anything starts."""

from __future__ import annotations

from typing import Any

import pytest

from config.checks import check_deployment

SAFE = {
    "PRODUCTION": True,
    "DEBUG": False,
    "ALLOWED_HOSTS": ["isthmus.example.com"],
    "SECRET_KEY": "abcdefghij" * 5,
    "AZURE_DEVOPS_URL": "https://dev.azure.com",
    "GITHUB_API_URL": "https://api.github.com",
    "SQLITE": False,
    "LEASE_SECONDS": 30,
    "UNCLEAR_WAIT": 60,
}


def findings(settings: Any, **changes: Any) -> list[str | None]:
    for name, value in {**SAFE, **changes}.items():
        setattr(settings, name, value)
    return [finding.id for finding in check_deployment(None)]


def test_a_safe_deployment_has_no_findings(settings: Any) -> None:
    assert findings(settings) == []


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"UNCLEAR_WAIT": 30}, "isthmus.E001"),
        ({"UNCLEAR_WAIT": 40}, "isthmus.W001"),
        ({"DEBUG": True}, "isthmus.E002"),
        ({"ALLOWED_HOSTS": ["*"]}, "isthmus.E003"),
        ({"SECRET_KEY": "short"}, "isthmus.E004"),
        ({"SECRET_KEY": "a" * 60}, "isthmus.E004"),
        ({"GITHUB_API_URL": "http://ghe.example.com"}, "isthmus.E005"),
        ({"SQLITE": True}, "isthmus.W002"),
    ],
)
def test_each_danger_has_its_finding(settings: Any, change: dict[str, Any], found: str) -> None:
    assert findings(settings, **change) == [found]


def test_development_is_left_alone(settings: Any) -> None:
    assert findings(settings, PRODUCTION=False, DEBUG=True, ALLOWED_HOSTS=["*"]) == []
