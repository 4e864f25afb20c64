"""A fresh default site per test."""

from __future__ import annotations

import pytest

from tests.sandbox.github.asking import Hub


@pytest.fixture
def hub() -> Hub:
    return Hub()
