"""The factory of the Jira stand-in."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sandbox.clock import Clock
from sandbox.errors import BuildError
from sandbox.faults import FaultPlan
from sandbox.jira.service import JiraService
from sandbox.jira.site import Person, SiteSpec
from sandbox.jira.site_file import parse_site
from sandbox.service import Limits


def build_jira(
    *,
    site: Path | SiteSpec | None = None,
    people: Sequence[Person] = (),
    search_lag_ms: int = 0,
    seed: int = 1,
    latency_ms: float = 0,
    limits: Limits = Limits.NONE,
    faults: FaultPlan | None = None,
    clock: Clock | None = None,
) -> JiraService:
    """One site, not yet listening. ``people`` replaces the site's people unless the file names its own.

    Raises BuildError with a sentence for a person when the file cannot be read.
    """
    spec = site if isinstance(site, SiteSpec) else SiteSpec() if site is None else read_site(site)
    if people and not spec.people:
        spec = replace(spec, people=tuple(people))
    if search_lag_ms:
        spec = replace(spec, search_lag_ms=search_lag_ms)
    return JiraService(spec, clock=clock, faults=faults, limits=limits, latency_ms=latency_ms)


def read_site(path: Path) -> SiteSpec:
    """The description in a file. Raises BuildError."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BuildError(f"{path.name}: {error}") from error
    return parse_site(raw)
