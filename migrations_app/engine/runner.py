"""Carries out tasks: intents before calls, results after, parallel calls within bounds, and an orderly end.

The loop of one slice:

1. advance every task that has an answer; it names its next step;
2. start new tasks while there is room;
3. commit what was journaled together with the intents of the writes about to be sent (one fenced transaction);
4. send;
5. wait for answers.

A slice stops when its stages are done, its budget is used, the user wants it, the platform asks for a long wait,
access is lost, or another worker took over. While stopping nothing new is sent, except a call that completes a
pair; calls in flight are waited for and their results stored.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from connectors.domain.errors import (
    AccessLost,
    AddressRefused,
    Missing,
    NotSent,
    PlatformError,
    Refused,
    Throttled,
    Unclear,
)
from migrations_app.engine.config import RunConfig, SliceEnd, SliceResult
from migrations_app.engine.journal import Journal
from migrations_app.engine.ports import Call, Clock, FenceLost, LeaseExpired, Pool, Store
from migrations_app.engine.state import UNREPEATABLE, Control
from migrations_app.engine.steps import Commit, Idle, Read, Step, Task, Until, Write

SHORT_WAIT = 5.0
"""Seconds a slice may wait for the platform; a longer wait ends the slice."""

ONE_ITEM_REASONS = frozenset({"limiter-per-issue", "jira-per-issue-on-write"})
"""Throttling of a single item: others go on meanwhile."""

FIRST_RETRY = 1.0
YOUNG_RETRY = 2.0


class Stage(Protocol):
    """A part of the run with a barrier behind it: the next stage begins when this one has nothing left."""

    def next_task(self) -> Task | None:
        """Another task to start now, or None when there is none at the moment."""
        ...

    def finished(self) -> bool:
        """True when no task is left and none will come. Asked only while no task runs."""
        ...


class RunFailed(Exception):
    """Raised by a task to end the run as FAILED: a blocking finding or a broken invariant."""

    def __init__(self, code: str, message: str, **details: Any) -> None:
        super().__init__(message)
        self.result = SliceResult(SliceEnd.FAILED, code=code, message=message, details=details)


@dataclass(slots=True, eq=False)
class _Running:
    """A task with its step under way."""

    task: Task
    step: Step | None = None
    answer: Any = None
    error: Exception | None = None
    not_before: float = 0.0
    failures: int = 0


class Runner:
    """Runs the stages of one slice. Use once."""

    def __init__(self, config: RunConfig, *, store: Store, pool: Pool, clock: Clock, journal: Journal) -> None:
        self._config = config
        self._store = store
        self._pool = pool
        self._clock = clock
        self._journal = journal
        self._ready: deque[_Running] = deque()
        self._to_send: list[_Running] = []
        self._committing: list[_Running] = []
        self._in_flight: dict[int, _Running] = {}
        self._sleeping: list[_Running] = []
        self._idle: list[_Running] = []
        self._tickets = 0
        self._started = clock.now()
        self._last_commit = clock.now()
        self._stop: SliceResult | None = None
        self._lease_doubtful = False
        self._progressed = False
        """True when a task got further since idle ones were last woken."""

    def run(self, stages: Sequence[Stage]) -> SliceResult:
        """The stages one after another. Raises nothing: every end is a `SliceResult`."""
        try:
            for stage in stages:
                while not self._turn(stage):
                    pass
                if self._stop is not None:
                    return self._finish(self._stop)
            return self._finish(SliceResult(SliceEnd.FINISHED))
        except FenceLost:
            return SliceResult(SliceEnd.LOST)
        except RunFailed as failure:
            return self._finish(failure.result)

    @property
    def stopping(self) -> bool:
        return self._stop is not None

    def _turn(self, stage: Stage) -> bool:
        """One round of the loop; True when the stage is over or the slice must end."""
        self._wake()
        self._advance()
        if not self.stopping:
            self._start_tasks(stage)
        self._commit_if_due()
        if self.stopping:
            self._drop_unsent()
        self._send()
        if self._in_flight:
            self._collect(self._timeout())
            return False
        if self._ready or self._to_send or self._committing or (self._idle and self._progressed):
            return False
        if self.stopping:
            return True
        if self._sleeping or self._idle:
            self._rest()
            return False
        return stage.finished()

    # advancing tasks

    def _advance(self) -> None:
        while self._ready:
            self._resume(self._ready.popleft())
            self._progressed = True
        if self._progressed:
            self._progressed = False
            woken, self._idle = self._idle, []
            for running in woken:
                self._resume(running)

    def _resume(self, running: _Running) -> None:
        error, answer = running.error, running.answer
        running.error = running.answer = None
        try:
            step = running.task.throw(error) if error is not None else running.task.send(answer)
        except StopIteration:
            return
        running.step = step
        match step:
            case Read() | Write():
                self._to_send.append(running)
            case Until(time=time):
                running.not_before = time
                self._sleeping.append(running)
            case Idle():
                self._idle.append(running)
            case Commit():
                self._committing.append(running)

    def _start_tasks(self, stage: Stage) -> None:
        while len(self._in_flight) + len(self._to_send) < self._pool.capacity:
            task = stage.next_task()
            if task is None:
                return
            self._resume(_Running(task))
            self._progressed = True

    def _wake(self) -> None:
        now = self._clock.now()
        due = [running for running in self._sleeping if running.not_before <= now]
        if not due:
            return
        self._sleeping = [running for running in self._sleeping if running.not_before > now]
        for running in due:
            if isinstance(running.step, Until):
                self._ready.append(running)
            else:
                self._to_send.append(running)

    # committing and sending

    def _commit_if_due(self) -> None:
        now = self._clock.now()
        intents = [running for running in self._to_send if isinstance(running.step, Write)]
        overdue = now - self._last_commit >= self._config.commit_every
        if not (intents or self._committing or overdue or self._lease_doubtful):
            return
        if not self.stopping:
            self._journal_intents(intents, now)
        control = self._store.commit(self._journal.take())
        self._last_commit = now
        self._lease_doubtful = False
        self._ready.extend(self._committing)
        self._committing = []
        self._obey(control, now)

    def _journal_intents(self, writers: list[_Running], now: float) -> None:
        for running in writers:
            assert isinstance(running.step, Write)
            for effect in running.step.intents:
                self._journal.intend(replace(effect, intended_at=now))

    def _obey(self, control: Control, now: float) -> None:
        if self._stop is not None:
            return
        if control is Control.PAUSE:
            self._stop = SliceResult(SliceEnd.PAUSED)
        elif control is Control.CANCEL:
            self._stop = SliceResult(SliceEnd.CANCELLED)
        elif now - self._started >= self._config.slice_seconds:
            self._stop = SliceResult(SliceEnd.CONTINUE)

    def _drop_unsent(self) -> None:
        """While stopping only calls that complete a pair are sent; the intents of the others never happened."""
        kept = []
        for running in self._to_send:
            assert isinstance(running.step, Read | Write)
            if running.step.completes:
                kept.append(running)
            elif isinstance(running.step, Write):
                self._withdraw(running.step)
        self._to_send = kept
        self._journal_intents([running for running in kept if isinstance(running.step, Write)], self._clock.now())
        for running in self._sleeping:
            if isinstance(running.step, Write):
                self._withdraw(running.step)
        self._sleeping = []
        self._idle = []
        if kept and not self._journal.is_empty():
            self._store.commit(self._journal.take())

    def _withdraw(self, step: Write) -> None:
        """Forget intents whose call certainly was not made. Those of repeatable calls stay: they say what is left."""
        for effect in step.intents:
            if effect.key.kind in UNREPEATABLE:
                self._journal.withdraw(effect.key)

    def _send(self) -> None:
        room = self._pool.capacity - len(self._in_flight)
        sending, self._to_send = self._to_send[:room], self._to_send[room:]
        for running in sending:
            assert isinstance(running.step, Read | Write)
            self._tickets += 1
            self._in_flight[self._tickets] = running
            self._pool.submit(self._tickets, self._leased(running.step.call))

    def _leased(self, call: Call) -> Call:
        """The call, refused right before it is sent when the lease may have gone to another worker."""

        def send() -> Any:
            if self._store.lease_left() < self._config.lease_margin:
                raise LeaseExpired
            return call()

        return send

    # answers

    def _collect(self, timeout: float) -> None:
        for ticket, answer, error in self._pool.completed(timeout):
            running = self._in_flight.pop(ticket)
            running.answer, running.error = answer, error
            if isinstance(error, Missing) and self._is_patient(running):
                self._sleep(running, YOUNG_RETRY)
            elif error is None or isinstance(error, Refused):
                running.failures = 0
                self._ready.append(running)
            elif isinstance(error, Unclear) and isinstance(running.step, Write):
                self._ready.append(running)
            else:
                self._handle(running, error)

    def _is_patient(self, running: _Running) -> bool:
        assert isinstance(running.step, Read | Write)
        return not self.stopping and self._clock.now() < running.step.patient_until

    def _sleep(self, running: _Running, seconds: float) -> None:
        """Have the same step sent again later."""
        running.error = None
        running.not_before = self._clock.now() + seconds
        self._sleeping.append(running)

    def _handle(self, running: _Running, error: Exception) -> None:
        """An answer the task does not see: wait and repeat, or stop the slice."""
        running.error = None
        if isinstance(error, LeaseExpired):
            # Not sent. A commit renews the lease, or shows that another worker owns the run.
            self._lease_doubtful = True
            self._to_send.append(running)
        elif isinstance(error, AccessLost | AddressRefused):
            self._drop(running)
            self._halt(SliceResult(SliceEnd.PAUSED, code=error.code, message=error.message))
        elif isinstance(error, NotSent | Unclear):
            self._repeat_later(running, error)
        elif isinstance(error, PlatformError):
            self._drop(running)
            self._halt(SliceResult(SliceEnd.PAUSED, code=error.code, message=error.message))
        else:
            raise error

    def _repeat_later(self, running: _Running, error: PlatformError) -> None:
        running.failures += 1
        wait = error.retry_after
        if wait is None:
            wait = FIRST_RETRY * 2.0 ** (running.failures - 1)
        if not self.stopping and isinstance(error, Throttled) and error.reason in ONE_ITEM_REASONS:
            self._sleep(running, wait)  # only this item has to wait
            return
        if self.stopping or wait > SHORT_WAIT:
            self._drop(running)
            reason = "throttled" if isinstance(error, Throttled) else error.code
            self._halt(SliceResult(SliceEnd.WAIT, resume_in=wait, code=reason, message=error.message))
            return
        self._sleep(running, wait)

    def _drop(self, running: _Running) -> None:
        if isinstance(running.step, Write):
            self._withdraw(running.step)

    def _halt(self, result: SliceResult) -> None:
        if self._stop is None or (self._stop.end is SliceEnd.WAIT and result.end is not SliceEnd.WAIT):
            self._stop = result

    # waiting

    def _timeout(self) -> float:
        return 0.0 if self._ready or self._to_send else min(self._config.commit_every, 0.2)

    def _rest(self) -> None:
        """Nothing is in flight: sleep until the next task wakes, or end the slice when that is long."""
        if not self._sleeping:
            raise RunFailed("ENGINE_STUCK", "Tasks wait for each other; nothing can go on.")
        wait = min(running.not_before for running in self._sleeping) - self._clock.now()
        if wait > SHORT_WAIT:
            self._stop = SliceResult(SliceEnd.WAIT, resume_in=wait, code="settling")
            return
        if wait > 0:
            self._pool.completed(min(wait, self._config.commit_every))

    def _finish(self, result: SliceResult) -> SliceResult:
        """Store what is left. A lost lease writes nothing."""
        if result.end is SliceEnd.LOST:
            return result
        if result.end is SliceEnd.WAIT and result.message:
            self._journal.log(f"… {result.message} Going on in {result.resume_in:.0f} s.", code=result.code)
        if not self._journal.is_empty():
            control = self._store.commit(self._journal.take())
            if result.end in (SliceEnd.CONTINUE, SliceEnd.WAIT) and control is not Control.GO:
                end = SliceEnd.PAUSED if control is Control.PAUSE else SliceEnd.CANCELLED
                return SliceResult(end)
        return result
