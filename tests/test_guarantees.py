"""docs/guarantees.md: every boundary names tests, and every test that it names exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "guarantees.md").read_text(encoding="utf-8")
BOUNDARIES = (
    "issue", "comment", "attachment", "issue link", "remote link", "component", "version", "custom field", "sprint",
    "transition", "resolution", "description", "fields", "our database", "a worker stopped past its lease", "queue",
    "pause", "orders", "stream", "verification",
)  # fmt: skip


def _rows() -> list[list[str]]:
    lines = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| boundary |")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


ROWS = _rows()


def _named(text: str) -> list[str]:
    return re.findall(r"`([\w./]+\.py)(?:::(\w+))?`", text)


@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_every_boundary_has_a_row(boundary: str) -> None:
    assert any(boundary in row[0] for row in ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_every_row_says_promise_settling_window_and_tests(row: list[str]) -> None:
    assert len(row) == 5
    assert all(row)
    assert _named(row[4])


def test_every_test_that_is_named_exists() -> None:
    missing = [
        f"{path}::{name}"
        for path, name in _named(PAGE)
        if not (ROOT / path).is_file() or (name and f"def {name}(" not in (ROOT / path).read_text(encoding="utf-8"))
    ]
    assert _named(PAGE)
    assert missing == []
