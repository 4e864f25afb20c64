"""Making an Azure DevOps stand-in with its content."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from sandbox.ado.decorate import decorate as decorate_projects
from sandbox.ado.generate import generate as generate_project
from sandbox.ado.load import load_file
from sandbox.ado.organization import Organization
from sandbox.ado.sample.build import build_sample
from sandbox.ado.service import AdoService
from sandbox.clock import Clock
from sandbox.faults import FaultPlan
from sandbox.service import Limits


def build_ado(
    *,
    load: Sequence[Path] = (),
    decorate: bool = False,
    generate: int | None = None,
    sample: bool = False,
    empty: bool = False,
    seed: int = 1,
    latency_ms: float = 0,
    limits: Limits = Limits.NONE,
    faults: FaultPlan | None = None,
    clock: Clock | None = None,
) -> AdoService:
    """The stand-in, not yet listening. Without any content asked for it holds the sample organisation.

    Raises BuildError when a file of `load` is not a project export.
    """
    chosen = sample or not (load or generate or empty)
    make: Callable[[], Organization] = partial(
        build_organization, load=tuple(load), decorate=decorate, generate=generate, sample=chosen, seed=seed
    )
    return AdoService(make, latency_ms=latency_ms, limits=limits, faults=faults, clock=clock)


def build_organization(
    *, load: Sequence[Path], decorate: bool, generate: int | None, sample: bool, seed: int
) -> Organization:
    """The content alone; the same arguments give the same content."""
    org = Organization()
    builders = [load_file(org, path, seed=seed) for path in load]
    if decorate:
        decorate_projects(org, builders, seed=seed)
    if generate:
        generate_project(org, generate, seed=seed)
    if sample:
        build_sample(org, seed=seed)
    org.seal()
    return org
