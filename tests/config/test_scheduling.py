"""The scheduler's rhythm, with a clock of its own."""

from __future__ import annotations

import pytest

from config.periodic import Periodic, periodic_services
from config.scheduling import Schedule

pytestmark = pytest.mark.django_db


class Clock:
    """Time that passes when told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_everything_is_called_at_the_start_and_then_in_its_own_rhythm() -> None:
    clock, calls = Clock(), list[str]()
    often, seldom = Periodic(lambda: calls.append("often"), 2), Periodic(lambda: calls.append("seldom"), 5)
    schedule = Schedule([often, seldom], clock=clock)

    for _ in range(6):
        schedule.run_due()
        clock.now += 1

    assert calls == ["often", "seldom", "often", "often", "seldom"]


def test_the_wait_is_until_the_nearest_but_never_long() -> None:
    clock = Clock()
    schedule = Schedule([Periodic(lambda: None, 0.25), Periodic(lambda: None, 3600)], clock=clock)

    assert schedule.run_due() == 0.25
    assert Schedule([Periodic(lambda: None, 3600)], clock=clock).run_due() == 1.0
    assert Schedule([], clock=clock).run_due() == 1.0


def test_a_failing_service_does_not_stop_the_others(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise RuntimeError("away")

    calls: list[str] = []
    Schedule([Periodic(fail, 1), Periodic(lambda: calls.append("called"), 1)], clock=Clock()).run_due()

    assert calls == ["called"]
    assert "fail failed" in caplog.text


def test_the_registered_services_can_be_called() -> None:
    for periodic in periodic_services():
        periodic.service()
        assert periodic.seconds > 0
