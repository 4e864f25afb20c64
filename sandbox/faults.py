"""What goes wrong on purpose, and when.

Rules are tried in order and the first that fires wins. Whether a rule fires depends only on the seed, the
rule's place and how many matching requests it has seen, so that a run with one request at a time repeats
exactly.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    """The ways an exchange can fail. Only LOST, LATE, HALF and HIDDEN let the service act."""

    NOT_SENT = "not_sent"
    LOST = "lost"
    LATE = "late"
    HALF = "half"
    HIDDEN = "hidden"
    HTML = "html"
    TIMEOUT_408 = "408"
    CONFLICT_409 = "409"
    TOO_LARGE_413 = "413"
    THROTTLED_429 = "429"
    ERROR_500 = "500"
    BAD_GATEWAY_502 = "502"
    UNAVAILABLE_503 = "503"

    @property
    def acts(self) -> bool:
        """Whether the request takes effect although the caller may not learn of it."""
        return self in (FaultKind.LOST, FaultKind.LATE, FaultKind.HALF, FaultKind.HIDDEN)

    @property
    def status(self) -> int | None:
        """The status answered, for kinds that are a status."""
        return int(self.value) if self.value.isdigit() else None


class BadFaultRule(ValueError):
    """A rule that cannot be understood; the text says why."""


@dataclass(frozen=True)
class FaultRule:
    """One thing that goes wrong.

    `route` is `*`, a whole pattern, a part of the pattern or of the path, or, with a `$` behind it, the end of the
    pattern. `times` limits how often it fires (None is without limit), `after` lets that many matching requests pass
    first, and `rate` is the share of the rest that is hit.
    """

    kind: FaultKind
    route: str = "*"
    method: str = "*"
    rate: float = 1.0
    times: int | None = None
    after: int = 0
    delay_ms: int = 0
    hidden_ms: int = 0
    reason: str = ""
    retry_after: int = 1

    def concerns(self, method: str, route: str, path: str) -> bool:
        """Whether a request is one of those the rule counts."""
        if self.method not in ("*", method):
            return False
        if self.route.endswith("$"):
            return route.endswith(self.route[:-1])
        return self.route == "*" or self.route in route or self.route in path

    @staticmethod
    def parse(raw: object) -> FaultRule:
        """A rule from its JSON form. Raises BadFaultRule."""
        if not isinstance(raw, Mapping):
            raise BadFaultRule("a rule is a JSON object")
        known = set(FaultRule.__dataclass_fields__)
        unknown = sorted(set(raw) - known)
        if unknown:
            raise BadFaultRule(f"unknown members: {', '.join(unknown)}")
        try:
            kind = FaultKind(str(raw["kind"]))
        except (KeyError, ValueError) as error:
            raise BadFaultRule(f"kind must be one of {', '.join(FaultKind)}") from error
        values = {name: value for name, value in raw.items() if name != "kind"}
        rule = FaultRule(kind, **values)
        if "times" in values and "rate" not in values and not isinstance(rule.times, int):
            raise BadFaultRule("times must be a whole number")
        if not 0 <= rule.rate <= 1:
            raise BadFaultRule("rate must be between 0 and 1")
        return rule


class FaultPlan:
    """Seeded rules with their counters. Safe to ask from several threads."""

    def __init__(self, rules: Sequence[FaultRule] = (), *, seed: int = 0) -> None:
        self._lock = threading.Lock()
        self._seed = seed
        self._rules = tuple(rules)
        self._seen = [0] * len(self._rules)
        self._fired = [0] * len(self._rules)

    @staticmethod
    def parse(raw: object) -> FaultPlan:
        """A plan from `{"seed": n, "rules": [...]}` or a bare array of rules. Raises BadFaultRule."""
        if isinstance(raw, Mapping):
            rules, seed = raw.get("rules", []), raw.get("seed", 0)
        else:
            rules, seed = raw, 0
        if not isinstance(rules, Sequence) or isinstance(rules, str) or not isinstance(seed, int):
            raise BadFaultRule("a plan is an array of rules, or an object with rules and a whole seed")
        return FaultPlan([FaultRule.parse(rule) for rule in rules], seed=seed)

    def draw(self, method: str, route: str, path: str) -> FaultRule | None:
        """The rule that hits this request, if any. Every concerned rule counts the request."""
        if not self._rules:
            return None
        hit: int | None = None
        with self._lock:
            for index, rule in enumerate(self._rules):
                if not rule.concerns(method, route, path):
                    continue
                number = self._seen[index]
                self._seen[index] = number + 1
                if hit is None and self._fires(index, number):
                    hit = index
            if hit is None:
                return None
            self._fired[hit] += 1
            return self._rules[hit]

    def _fires(self, index: int, number: int) -> bool:
        rule = self._rules[index]
        if number < rule.after or (rule.times is not None and self._fired[index] >= rule.times):
            return False
        return rule.rate >= 1 or random.Random(f"{self._seed}:{index}:{number}").random() < rule.rate

    def describe(self) -> dict[str, object]:
        """The rules with how many requests each saw and hit."""
        with self._lock:
            return {
                "seed": self._seed,
                "rules": [
                    {"kind": rule.kind.value, "route": rule.route, "method": rule.method, "seen": seen, "fired": fired}
                    for rule, seen, fired in zip(self._rules, self._seen, self._fired, strict=True)
                ],
            }
