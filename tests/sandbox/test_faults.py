import pytest

from sandbox.faults import BadFaultRule, FaultKind, FaultPlan, FaultRule


def fired(plan: FaultPlan, number: int, *, method: str = "POST", route: str = "/issue") -> list[bool]:
    return [plan.draw(method, route, route) is not None for _ in range(number)]


def test_a_rate_hits_the_same_requests_for_the_same_seed() -> None:
    rule = FaultRule(FaultKind.LOST, rate=0.3)

    first = fired(FaultPlan([rule], seed=4), 200)

    assert first == fired(FaultPlan([rule], seed=4), 200)
    assert first != fired(FaultPlan([rule], seed=5), 200)
    assert 30 < sum(first) < 90


def test_after_and_times_bound_a_rule() -> None:
    plan = FaultPlan([FaultRule(FaultKind.ERROR_500, after=2, times=2)])

    assert fired(plan, 6) == [False, False, True, True, False, False]


@pytest.mark.parametrize(
    ("method", "route", "hit"),
    [("POST", "/issue/{key}/comment", True), ("GET", "/issue/{key}/comment", False), ("POST", "/issue", False)],
)
def test_a_rule_concerns_its_method_and_route_only(method: str, route: str, hit: bool) -> None:
    plan = FaultPlan([FaultRule(FaultKind.LATE, route="/comment", method="POST")])

    assert fired(plan, 1, method=method, route=route) == [hit]


@pytest.mark.parametrize(("route", "hit"), [("/issue/bulk", True), ("/issue/bulkfetch", False), ("/bulk/issue", False)])
def test_a_route_may_be_given_by_its_end(route: str, hit: bool) -> None:
    plan = FaultPlan([FaultRule(FaultKind.LOST, route="/issue/bulk$")])

    assert fired(plan, 1, route=route) == [hit]


def test_the_first_rule_that_fires_wins_and_all_count() -> None:
    plan = FaultPlan([FaultRule(FaultKind.LOST, times=1), FaultRule(FaultKind.LATE)])

    kinds = [rule.kind for rule in (plan.draw("GET", "/a", "/a") for _ in range(2)) if rule]

    assert kinds == [FaultKind.LOST, FaultKind.LATE]
    assert plan.describe()["rules"] == [
        {"kind": "lost", "route": "*", "method": "*", "seen": 2, "fired": 1},
        {"kind": "late", "route": "*", "method": "*", "seen": 2, "fired": 1},
    ]


@pytest.mark.parametrize(
    "raw",
    [
        {"rules": [{"kind": "weird"}]},
        [{"route": "*"}],
        [{"kind": "lost", "colour": "red"}],
        [{"kind": "lost", "rate": 2}],
        {"seed": "x", "rules": []},
        "lost",
    ],
)
def test_a_plan_that_cannot_be_understood_is_refused(raw: object) -> None:
    with pytest.raises(BadFaultRule):
        FaultPlan.parse(raw)
