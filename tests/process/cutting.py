"""Runs on a bad line: answers lost after the target acted, late, cut in half; throttling, errors, late visibility.

Times are those of a loaded site, scaled like UNCLEAR_WAIT: a minute of search lag and half a minute until a new issue
can be read are a whole and half an UNCLEAR_WAIT here as well.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tests.process.audit import WRITES, Record, lost_answers
from tests.process.killing import database, write_site
from tests.process.laboratory import PROJECT, Laboratory, laboratory

ITEMS = 200
HYPERLINKS = 15
UNCLEAR_WAIT = 3
HIDDEN_MS = UNCLEAR_WAIT * 1000
UNREADABLE_MS = UNCLEAR_WAIT * 500
BEYOND_PATIENCE_MS = 21_000
"""Later than the client waits for the answer to a write."""
CERTAIN_LOSSES = {
    "bulk create": (3, 1),
    "comment": (60, 2),
    "file": (30, 2),
    "link": (30, 2),
    "edit": (15, 2),
    "sprint": (8, 1),
    "component": (3, 1),
    "sprint state": (15, 1),
    "transition": (3, 1),
    "remote link": (8, 2),
}
"""Every kind of write loses answers: before which request of its kind at the latest, and how many. What is written by
many at a time may be refused and then does not count, hence two."""


@dataclass(frozen=True)
class Arrived:
    """What came of a run on a bad line."""

    run: Record
    verification: Record
    effects: Record
    found: dict[str, int]
    complaints: tuple[str, ...]
    lost: dict[str, int]
    faults: dict[str, int]
    """How many requests each kind of fault hit."""
    seconds: float

    @property
    def lost_of_every_kind(self) -> bool:
        """Whether the seed counts."""
        return all(self.lost.get(kind) for kind in WRITES)

    @property
    def own_report(self) -> dict[str, Any]:
        """What the run says of itself, in the auditor's terms."""
        counters = ("status", "totalItems", "successCount", "failureCount", "skippedCount")
        return {
            **{name: self.run[name] for name in counters},
            **{name: self.effects.get(name, 0) for name in self.found},
            "differences": self.verification["differenceCount"],
        }

    @property
    def faithful_report(self) -> dict[str, Any]:
        """What it should say."""
        return {
            "status": "COMPLETED",
            "totalItems": ITEMS,
            "successCount": ITEMS,
            "failureCount": 0,
            "skippedCount": 0,
            **self.found,
            "differences": 0,
        }


def bad_line(dice: random.Random, *, percent: float, beyond_patience: bool) -> list[Record]:
    """What goes wrong at the target. The first rules make sure that every kind of write loses an answer."""
    rules: list[Record] = []
    for kind, (method, ending) in WRITES.items():
        latest, times = CERTAIN_LOSSES[kind]
        once = {"route": f"{ending}$", "method": method, "after": dice.randrange(latest)}
        rules.append({**once, "kind": "lost", "times": times})
        if beyond_patience:
            rules.append({**once, "kind": "late", "times": 1, "delay_ms": BEYOND_PATIENCE_MS})
    rules += [
        {"kind": "hidden", "route": "/issue/bulk$", "rate": 0.2, "hidden_ms": HIDDEN_MS},
        {"kind": "lost", "rate": percent / 100},
        {"kind": "half", "rate": 0.01},
        {"kind": "late", "rate": 0.02, "delay_ms": 1500},
        {"kind": "429", "rate": 0.02, "reason": "jira-burst-based", "retry_after": 1},
        {"kind": "429", "rate": 0.01, "reason": "jira-per-issue-on-write", "retry_after": 1},
        {"kind": "429", "rate": 0.01, "reason": "jira-quota-tenant-based", "retry_after": 1},
        {"kind": "429", "rate": 0.01},
        {"kind": "not_sent", "rate": 0.01},
        {"kind": "500", "rate": 0.007},
        {"kind": "502", "rate": 0.007},
        {"kind": "503", "rate": 0.007},
        {"kind": "408", "rate": 0.005},
        {"kind": "409", "rate": 0.005, "method": "PUT"},
        {"kind": "html", "route": "/comment$", "method": "POST", "after": dice.randrange(60), "times": 1},
    ]
    return rules


def bad_source() -> list[Record]:
    """What goes wrong at the source, which is only read."""
    return [
        {"kind": "lost", "rate": 0.02},
        {"kind": "half", "rate": 0.01},
        {"kind": "late", "rate": 0.02, "delay_ms": 500},
        {"kind": "429", "rate": 0.02, "retry_after": 1},
        {"kind": "503", "rate": 0.02},
    ]


def run_on_a_bad_line(
    folder: Path, *, seed: int, percent: float, beyond_patience: bool = False, on_postgresql: bool = False
) -> Arrived:
    """One seed, in a folder of its own."""
    began = time.monotonic()
    dice = random.Random(seed)
    site = write_site(folder, lateReadMs=UNREADABLE_MS)
    waits = {"UNCLEAR_WAIT": str(UNCLEAR_WAIT), "LEASE_SECONDS": "2"}
    with (
        database(on_postgresql) as variables,
        laboratory(
            folder, items=ITEMS, seed=seed, arguments=("--site", str(site)), variables={**waits, **variables}
        ) as lab,
    ):
        add_hyperlinks(lab.stand_ins.ado)
        lab.stand_ins.set_faults(
            bad_line(dice, percent=percent, beyond_patience=beyond_patience), seed=seed, source=bad_source()
        )
        run_id = lab.start_run(remote_links=True)
        ended = lab.wait_for_end(run_id, within=280)
        return _arrived(lab, run_id, ended, seconds=round(time.monotonic() - began, 1))


def add_hyperlinks(ado: str) -> None:
    """Give some items an address outside: workload W1 has none. Before anything goes wrong."""
    for number in range(HYPERLINKS):
        relation = {"rel": "Hyperlink", "url": f"https://docs.example/{number}"}
        answer = requests.patch(
            f"{ado}/contoso/_apis/wit/workitems/{10 * number + 1}?api-version=7.1",
            json=[{"op": "add", "path": "/relations/-", "value": relation}],
            headers={"Content-Type": "application/json-patch+json"},
            auth=("", "sandbox-pat"),
            timeout=10,
        )
        assert answer.ok, answer.text


def _arrived(lab: Laboratory, run_id: str, ended: Record, *, seconds: float) -> Arrived:
    target = lab.stand_ins.target()
    return Arrived(
        run=ended,
        verification=lab.call("GET", f"/api/migrations/{run_id}/verification").json(),
        effects=lab.call("GET", f"/api/migrations/{run_id}/report").json()["effects"],
        found={
            "item": len(target["issues"]),
            "comment": sum(len(issue["comments"]) for issue in target["issues"]),
            "file": sum(len(issue["files"]) for issue in target["issues"]),
            "sprint": len(target["sprints"]),
            "component": len(target["components"]),
            "remote_link": sum(len(issue["remoteLinks"]) for issue in target["issues"]),
        },
        complaints=tuple(lab.stand_ins.complaints(PROJECT)),
        lost=dict(lost_answers(lab.stand_ins.log())),
        faults=lab.stand_ins.faults_that_fired(),
        seconds=seconds,
    )
