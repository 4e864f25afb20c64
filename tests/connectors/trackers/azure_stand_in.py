"""A tracker on a stand-in organization, in this process or over a socket."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from connectors.clients.azure_devops.client import AzureDevOpsClient
from connectors.clients.guard import AddressGuard
from connectors.clients.limiter import LocalLimiter
from connectors.clients.limits import AZURE_DEVOPS_LIMITS
from connectors.clients.transport import Exchange, Surroundings, Transport
from connectors.trackers.azure_devops import AzureDevOpsTracker
from sandbox.ado.build import build_ado
from sandbox.ado.builder import ProjectBuilder
from sandbox.ado.organization import Organization
from sandbox.ado.processes import PROCESSES
from sandbox.ado.service import AdoService
from sandbox.clock import Clock
from sandbox.faults import FaultKind, FaultPlan, FaultRule
from sandbox.inprocess import InProcessAdapter
from sandbox.server import start_server

START = 1_780_000_000.0
TOKEN = "sandbox-pat"
ADDRESS = "http://ado.test"


class SharedClock:
    """The stand-in's frozen clock as the product's: waiting on either side moves both."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.slept: list[float] = []

    def now(self) -> float:
        return self._clock.now()

    def monotonic(self) -> float:
        return self._clock.now()

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._clock.sleep(seconds)


def loaded(*files: Path, decorate: bool = False) -> AdoService:
    """A stand-in with exported projects."""
    return build_ado(load=files, decorate=decorate, clock=Clock(START))


def made(fill: Callable[[ProjectBuilder], None], *, process: str = "Scrum") -> AdoService:
    """A stand-in with one project `Made` that `fill` puts items into."""

    def make() -> Organization:
        org = Organization()
        fill(ProjectBuilder(org, "Made", PROCESSES[process]))
        org.seal()
        return org

    return AdoService(make, clock=Clock(START))


def tracker_on(
    service: AdoService,
    project: str,
    *,
    token: str = TOKEN,
    organization: str = "contoso",
    seen: list[Exchange] | None = None,
    clock: SharedClock | None = None,
) -> AzureDevOpsTracker:
    """A tracker without a socket; its waits move the stand-in's clock."""
    clock = clock or SharedClock(service.clock)
    around = Surroundings(
        clock=clock,
        limiter=LocalLimiter(clock=clock),
        limits=AZURE_DEVOPS_LIMITS,
        jitter=lambda: 0.0,
        observer=seen.append if seen is not None else None,
    )
    adapter = InProcessAdapter(service, base_url=ADDRESS)
    transport = Transport(f"{ADDRESS}/{organization}", surroundings=around, adapter=adapter)
    return AzureDevOpsTracker(AzureDevOpsClient(transport, token), project)


@contextmanager
def served(service: AdoService, project: str) -> Iterator[AzureDevOpsTracker]:
    """A tracker that reaches the stand-in over a real socket, through guard and pool."""
    server = start_server(service)
    pair = server.url.removeprefix("http://")
    clock = SharedClock(service.clock)
    around = Surroundings(guard=AddressGuard([pair]), clock=clock, jitter=lambda: 0.0)
    transport = Transport(f"{server.url}/contoso", surroundings=around)
    try:
        yield AzureDevOpsTracker(AzureDevOpsClient(transport, TOKEN), project)
    finally:
        transport.close()
        server.stop()


def break_next(service: AdoService, kind: FaultKind, *, times: int = 1, reason: str = "", retry_after: int = 1) -> None:
    """The next requests of every route fail in one way."""
    rule = FaultRule(kind, times=times, reason=reason, retry_after=retry_after, delay_ms=120_000)
    service.faults = FaultPlan([rule])


def break_often(service: AdoService, kinds: Sequence[FaultKind], *, rate: float) -> None:
    """A share of all requests fails, in every way named."""
    service.faults = FaultPlan([FaultRule(kind, rate=rate, delay_ms=120_000) for kind in kinds], seed=7)
