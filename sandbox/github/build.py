"""The factory of the GitHub stand-in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sandbox.clock import Clock
from sandbox.faults import FaultPlan
from sandbox.github.content import fill
from sandbox.github.generate import generate
from sandbox.github.load import load_files
from sandbox.github.service import Behaviour, GitHubService
from sandbox.github.state import SiteState
from sandbox.service import Limits


def build_github(
    *,
    load: Sequence[Path] = (),
    generate_issues: int | None = None,
    seed: int = 1,
    cursor_from: int = 10_000,
    hourly: int = 5_000,
    search_lag_ms: int = 0,
    refuse_assignees: bool = False,
    latency_ms: float = 0,
    limits: Limits = Limits.NONE,
    faults: FaultPlan | None = None,
    clock: Clock | None = None,
) -> GitHubService:
    """One site, not yet listening: the organisation contoso with an empty repository demo and a few that refuse.

    `generate_issues` adds contoso/generated with that many issues, and pull requests among them; `load` adds
    repositories from captured responses. `Behaviour` describes `cursor_from`, `hourly`, `search_lag_ms` and
    `refuse_assignees`. The same arguments give the same content. Raises BuildError when a file of `load` holds
    no GitHub responses.
    """

    def make(clock: Clock) -> SiteState:
        site = SiteState(clock)
        fill(site)
        if generate_issues:
            generate(site, generate_issues, seed=seed)
        load_files(site, load)
        return site

    if load:
        make(Clock())  # a file that cannot be read must be known now
    return GitHubService(
        make,
        behaviour=Behaviour(cursor_from, hourly, search_lag_ms, refuse_assignees),
        clock=clock,
        faults=faults,
        limits=limits,
        latency_ms=latency_ms,
    )
