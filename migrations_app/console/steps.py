"""A project's way from two connectors to a proven move, step by step: what each step is at and the one next thing.

Steps are pages of their own that can be opened in any order; a page that is not installed has no link.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from django.urls import NoReverseMatch, reverse

from connectors.models import UNFINISHED, Connector, Health, ScanStatus
from migrations_app.engine.state import RunStatus, RunType
from migrations_app.models import MigrationRun, Project
from migrations_app.project_progress import ProjectProgress, progress_of


class StepState(StrEnum):
    """How a step stands; the words are what its badge says."""

    DONE = "Done"
    BUSY = "Running"
    WRONG = "Needs attention"
    NEXT = "Next"
    OPEN = "Open"


KINDS = {StepState.DONE: "ok", StepState.BUSY: "busy", StepState.WRONG: "bad", StepState.NEXT: "info"}


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what it is at, in a sentence, and the page that takes it further."""

    key: str
    title: str
    state: StepState
    text: str
    action: str
    url: str

    @property
    def kind(self) -> str:
        """The badge's colour."""
        return KINDS.get(self.state, "")

    @property
    def is_done(self) -> bool:
        return self.state is StepState.DONE


@dataclass(frozen=True, slots=True)
class Wizard:
    """All steps in their order, the one that is shown, and the one to do next."""

    steps: tuple[Step, ...]
    current: str = ""

    @property
    def is_busy(self) -> bool:
        """Whether something is going on that changes the page by itself."""
        return any(step.state is StepState.BUSY for step in self.steps)

    @property
    def following(self) -> Step | None:
        """The step to do next: none when all are done."""
        waiting = (StepState.WRONG, StepState.BUSY, StepState.NEXT)
        return next((step for step in self.steps if step.state in waiting), None)


def wizard_of(project: Project, *, current: str = "") -> Wizard:
    """The steps of a project; `current` names the one whose page is being shown."""
    progress = progress_of(project)
    steps = [make(progress) for make in _STEPS]
    for number, step in enumerate(steps):
        if step.state is StepState.OPEN and not _may_wait(step, progress):
            steps[number] = replace(step, state=StepState.NEXT)
        if steps[number].state in (StepState.WRONG, StepState.BUSY, StepState.NEXT):
            break
    return Wizard(tuple(steps), current)


def _may_wait(step: Step, progress: ProjectProgress) -> bool:
    """What can be left out: everything before a run that was made, the preview before one, the last step always."""
    return step.key == "synchronize" or (progress.run is not None and step.key in ("scan", "map", "preview"))


def address(name: str, **key: object) -> str:
    """The page of that name, or nothing where it is not installed."""
    try:
        return reverse(name, kwargs=key)
    except NoReverseMatch:
        return ""


def _connect(progress: ProjectProgress) -> Step:
    project = progress.project
    url = address("migrations_console:connect", project=project.pk)
    ends = (
        (project.source_connector, project.get_source_system_display()),
        (project.target_connector, project.get_target_system_display()),
    )
    missing = [system for connector, system in ends if connector is None]
    failing = [connector.name for connector, _ in ends if connector is not None and _fails(connector)]
    if missing:
        words = f"Choose a connector for {' and one for '.join(missing)}."
        return Step("connect", "Connect", StepState.OPEN, words, "Choose connectors", url)
    if failing:
        words = f"{' and '.join(failing)} cannot be used as it is."
        return Step("connect", "Connect", StepState.WRONG, words, "See why", url)
    names = " to ".join(connector.name for connector, _ in ends if connector is not None)
    return Step("connect", "Connect", StepState.DONE, f"From {names}.", "Change", url)


def _fails(connector: Connector) -> bool:
    return connector.inaccessible or connector.health == Health.FAILING


def _scan(progress: ProjectProgress) -> Step:
    scan, report = progress.scan, progress.report
    url = address("migrations_console:scan", project=progress.project.pk)
    if scan is not None and scan.status in UNFINISHED:
        words = f"{scan.read_items:,} of {scan.total_items:,} work items read, {scan.progress_percent} %."
        return Step("scan", "Scan", StepState.BUSY, words, "Watch", url)
    if report is not None:
        words = f"{report.total_items:,} work items were counted."
        return Step("scan", "Scan", StepState.DONE, words, "See the report", url)
    if scan is not None and scan.status == ScanStatus.FAILED:
        return Step("scan", "Scan", StepState.WRONG, f"The scan failed: {scan.error_message}", "See why", url)
    words = "Count what there is and find what needs care. A scan only reads."
    return Step("scan", "Scan", StepState.OPEN, words, "Scan the source", url)


def _map(progress: ProjectProgress) -> Step:
    url = address("migrations_console:mapping", project=progress.project.pk)
    if progress.is_mapped:
        words = "Everything in use has a place on the other side."
        return Step("map", "Map", StepState.DONE, words, "Change", url)
    if progress.mapping is not None:
        words = "Something in use still has no place on the other side."
        return Step("map", "Map", StepState.OPEN, words, "Go on mapping", url)
    words = "Decide what types, states, fields and people become."
    return Step("map", "Map", StepState.OPEN, words, "Open the mapping", url)


def _preview(progress: ProjectProgress) -> Step:
    url = address("migrations_console:preview", project=progress.project.pk)
    run = progress.preview
    if run is not None and not run.state.is_ended:
        return Step("preview", "Preview", StepState.BUSY, "The preview is being made.", "Watch", _run_page(run))
    if run is not None and run.state in (RunStatus.COMPLETED, RunStatus.PARTIAL):
        words = f"{run.total:,} items were previewed. Nothing was written."
        return Step("preview", "Preview", StepState.DONE, words, "Look again", url)
    words = "See items side by side before anything is written."
    return Step("preview", "Preview", StepState.OPEN, words, "Preview items", url)


def _run(progress: ProjectProgress) -> Step:
    run = progress.run
    start = address("migrations_console:start", project=progress.project.pk)
    if run is None:
        words = "Check both ends once more, choose what moves, and start."
        return Step("run", "Run", StepState.OPEN, words, "Start a run", start)
    if not run.state.is_ended:
        state = StepState.WRONG if run.state is RunStatus.PAUSED else StepState.BUSY
        return Step("run", "Run", state, _going(run), "Watch the run", _run_page(run))
    if run.type == RunType.SAMPLE.value:
        words = f"A sample of {run.total:,} items was moved. The rest is still to come."
        return Step("run", "Run", StepState.OPEN, words, "Start the full run", start)
    moved = run.created + run.updated
    if run.state is RunStatus.COMPLETED:
        words = f"{moved:,} items were moved{f', {run.skipped:,} needed nothing' if run.skipped else ''}."
        return Step("run", "Run", StepState.DONE, words, "See the run", _run_page(run))
    if run.state is RunStatus.PARTIAL:
        words = f"{moved:,} items were moved, {run.partial + run.failed:,} need a look."
        return Step("run", "Run", StepState.WRONG, words, "See the items", _run_page(run))
    ended = "was cancelled" if run.state is RunStatus.CANCELLED else "failed"
    words = f"The last run {ended}{f': {run.reason_message}' if run.reason_message else '.'}"
    return Step("run", "Run", StepState.WRONG, words, "See the run", _run_page(run))


def _going(run: MigrationRun) -> str:
    if run.state is RunStatus.PAUSED:
        return f"The run is paused. {run.reason_message}".strip()
    if run.state is RunStatus.PENDING:
        return "The run waits to begin."
    share = f", {100 * run.finished // run.total} %" if run.total else ""
    return f"{run.finished:,} of {run.total:,} items are finished{share}."


def _verify(progress: ProjectProgress) -> Step:
    run = progress.run
    url = address("migrations_console:verification", run=run.pk) if run is not None else ""
    if run is None or not run.state.is_ended:
        words = "At the end of the run every item is read back and compared."
        return Step("verify", "Verify", StepState.OPEN, words, "See the report" if url else "", url)
    if run.state is RunStatus.COMPLETED:
        words = "Every item was read back and compared, and nothing differs."
        return Step("verify", "Verify", StepState.DONE, words, "See the report", url)
    if run.state is RunStatus.PARTIAL:
        return Step("verify", "Verify", StepState.WRONG, "Some items differ or failed.", "See the differences", url)
    words = "The last run ended before everything was compared."
    return Step("verify", "Verify", StepState.OPEN, words, "See the report", url)


def _synchronize(progress: ProjectProgress) -> Step:
    run = progress.run
    if run is not None and run.state in (RunStatus.COMPLETED, RunStatus.PARTIAL):
        url = address("sync_console:from_run", run=run.pk)
        return Step("synchronize", "Synchronize", StepState.OPEN, "Keep both sides alike from now on.", "Continue", url)
    words = "After the move, both sides can be kept alike."
    return Step("synchronize", "Synchronize", StepState.OPEN, words, "", address("sync_console:synchronizations"))


def _run_page(run: MigrationRun) -> str:
    return address("migrations_console:run", run=run.pk)


_STEPS: tuple[Callable[[ProjectProgress], Step], ...] = (_connect, _scan, _map, _preview, _run, _verify, _synchronize)
