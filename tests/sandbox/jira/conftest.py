"""A fresh default site per test."""

from __future__ import annotations

import pytest

from tests.sandbox.jira.asking import Site


@pytest.fixture
def site() -> Site:
    return Site()
