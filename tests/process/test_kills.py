"""Every process of the tree is killed at random moments of a run: nothing is there twice, and nothing is missing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.process.killing import KILLS_THAT_COUNT, Survived, run_under_kills

pytestmark = [pytest.mark.process, pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")]

ALWAYS = (1, 2, 3)
ON_SQLITE = range(4, 14)
ON_POSTGRESQL = range(14, 24)


@pytest.mark.parametrize("seed", ALWAYS)
def test_a_run_under_kills_is_faithful(seed: int, tmp_path: Path) -> None:
    check(run_under_kills(tmp_path, seed=seed))


@pytest.mark.full
@pytest.mark.parametrize("seed", ON_SQLITE)
def test_many_runs_under_kills_are_faithful(seed: int, tmp_path: Path) -> None:
    check(run_under_kills(tmp_path, seed=seed))


@pytest.mark.full
@pytest.mark.parametrize("seed", ON_POSTGRESQL)
def test_many_runs_under_kills_are_faithful_on_postgresql(seed: int, tmp_path: Path) -> None:
    check(run_under_kills(tmp_path, seed=seed, on_postgresql=True))


def check(survived: Survived) -> None:
    assert survived.counted >= KILLS_THAT_COUNT, survived
    assert survived.complaints == (), survived
    assert survived.faithful, survived
