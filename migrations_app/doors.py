"""Opening what a slice talks to: both trackers with the run's credentials, its requests counted, its lease watched."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from connectors import opening
from connectors.clients.calls import Call
from connectors.clients.transport import Exchange
from connectors.credentials import unseal_values
from connectors.domain.ports import SourceTracker, TargetTracker
from connectors.domain.systems import Access
from connectors.models import Connector
from connectors.opening import access_to, open_source, open_target
from migrations_app.engine.ports import LeaseExpired
from migrations_app.models import MigrationRun
from migrations_app.run_config import stored_end


@dataclass(frozen=True, slots=True)
class Doors:
    """Both ends, and how many requests went to each so far."""

    source: SourceTracker
    target: TargetTracker
    requests: Callable[[], tuple[int, int]]


class _Counter:
    """Counts the tries of one transport; called from its threads."""

    def __init__(self) -> None:
        self.count = 0
        self._lock = threading.Lock()

    def __call__(self, exchange: Exchange) -> None:
        with self._lock:
            self.count += 1


@contextmanager
def open_doors(run: MigrationRun, *, lease_left: Callable[[], float], margin: float) -> Iterator[Doors]:
    """Both trackers of a run. Every try, also a client's own repetition, is refused with `LeaseExpired` when less than
    `margin` seconds of the lease are left.

    Raises DomainError CREDENTIALS_UNREADABLE, CONNECTOR_INACCESSIBLE, CONNECTOR_MISSING, SYSTEM_NOT_AVAILABLE.
    """

    def check_lease(call: Call) -> None:
        if lease_left() < margin:
            raise LeaseExpired

    to_source, to_target = _Counter(), _Counter()
    source, target = ends_of(run)
    with (
        open_source(source, observer=to_source, before_send=check_lease) as reading,
        open_target(target, observer=to_target, before_send=check_lease) as writing,
    ):
        yield Doors(
            opening.selected(reading, source=run.source_connector, target=run.target_connector),
            opening.wished(writing, run.target_connector),
            lambda: (to_source.count, to_target.count),
        )


def ends_of(run: MigrationRun) -> tuple[Access, Access]:
    """How to get into the source and the target. Raises as `open_doors`."""
    inline = unseal_values(run, run.sealed_credentials)
    return (
        _end(run, "source", run.source_connector, inline=inline),
        _end(run, "target", run.target_connector, inline=inline),
    )


def _end(run: MigrationRun, side: str, connector: Connector | None, *, inline: dict[str, str]) -> Access:
    """The connector as it is now, so that credentials changed meanwhile are used; but the place as it was at the start,
    which the ledger belongs to."""
    stored = stored_end(run, side, secret=inline.get(side, ""))
    if connector is None:
        return stored
    return access_to(connector, project=stored.project)
