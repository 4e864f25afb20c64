"""The vocabulary in which phases tell the runner what to do next.

A task is a generator. It yields a step, the runner carries it out, and sends the answer back in (or throws what the
platform said). Tasks therefore read as a story of one item, while the runner decides order, parallelism, commits
and crashes for all of them at once; the same task runs on real threads and on a simulated schedule.

What a task sees of failures: `Refused` always; `Unclear` for a `Write` only. Everything else (throttling, lost
connections before sending, lost access, reads that failed) is the runner's business.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

from migrations_app.engine.ports import Call, Effect


@dataclass(frozen=True, slots=True)
class Read:
    """A call without effect. Repeated by the runner when it fails on the way. `completes` and `patient_until` as in
    `Write`."""

    call: Call
    completes: bool = False
    patient_until: float = 0.0


@dataclass(frozen=True, slots=True)
class Write:
    """A call with an effect. `intents` are committed before it is sent; the task journals the result.

    `completes` marks a call that belongs to the one before it (an upload and the body that shows it): it is still
    sent when the run is being paused. Until `patient_until` a "does not exist" is not believed but asked again: a
    loaded site shows a new item only after seconds.
    """

    call: Call
    intents: tuple[Effect, ...]
    completes: bool = False
    patient_until: float = 0.0


@dataclass(frozen=True, slots=True)
class Until:
    """Go on when the clock shows `time`."""

    time: float


@dataclass(frozen=True, slots=True)
class Idle:
    """Go on when another task has made progress."""


@dataclass(frozen=True, slots=True)
class Commit:
    """Go on when everything journaled so far is stored."""


Step = Read | Write | Until | Idle | Commit
Task = Generator[Step, Any, None]
