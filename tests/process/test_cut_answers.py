"""A run on a bad line is faithful, and says so itself: answers lost after the target acted, late, cut, throttled."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.process.cutting import Arrived, run_on_a_bad_line

pytestmark = [pytest.mark.process, pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")]

PERCENT_LOST = (2, 5, 10)


@pytest.mark.full
def test_a_run_that_loses_a_tenth_of_all_answers_is_faithful(tmp_path: Path) -> None:
    check(run_on_a_bad_line(tmp_path, seed=1, percent=10))


@pytest.mark.full
@pytest.mark.parametrize("percent", PERCENT_LOST)
@pytest.mark.parametrize("seed", (2, 3))
def test_runs_on_a_bad_line_are_faithful(seed: int, percent: int, tmp_path: Path) -> None:
    check(run_on_a_bad_line(tmp_path, seed=10 * percent + seed, percent=percent))


@pytest.mark.full
@pytest.mark.parametrize("percent", PERCENT_LOST)
def test_runs_on_a_bad_line_are_faithful_on_postgresql(percent: int, tmp_path: Path) -> None:
    check(run_on_a_bad_line(tmp_path, seed=10 * percent + 4, percent=percent, on_postgresql=True))


@pytest.mark.full
def test_answers_that_come_after_the_client_gave_up_change_nothing(tmp_path: Path) -> None:
    arrived = run_on_a_bad_line(tmp_path, seed=5, percent=2, beyond_patience=True)

    check(arrived)
    assert arrived.faults["late"] > 5


def check(arrived: Arrived) -> None:
    assert arrived.lost_of_every_kind, arrived.lost
    assert arrived.complaints == ()
    assert arrived.own_report == arrived.faithful_report
