"""What carrying out needs: the sides, the store, who is who, and the time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from connectors.domain.errors import AccessLost, AddressRefused, NotSent, Refused
from connectors.domain.sides import Side, SideItem, SideShape
from sync.engine.base import Both
from sync.engine.directory import Directory
from sync.engine.mappings import Position, SyncConfig
from sync.engine.ports import UNCLEAR_WAIT, Effect, PairStore


@dataclass(frozen=True, slots=True)
class Setting:
    """Everything around the pairs of one pass. `scope` names the synchronization in marks: its id."""

    scope: str
    config: SyncConfig
    sides: Both[Side]
    shapes: Both[SideShape]
    store: PairStore
    directory: Directory
    now: datetime
    unclear_wait: timedelta = UNCLEAR_WAIT

    def read(self, position: Position, key: str) -> SideItem | None:
        """One item as it stands; None when it is gone or hidden."""
        return next(iter(self.sides.at(position).read([key])), None)

    def once(self, effect: Effect, call: Callable[[], str]) -> Effect:
        """Have an effect that must not happen twice: intent, call, result. Answers the effect done.

        The intent stays when the answer is lost (`Unclear`, or a crash) and is settled later; every error goes on.
        """
        intended = replace(effect, at=self.now)
        self.store.intend(intended)
        try:
            self.store.before_call()
            result = call()
        except (Refused, NotSent, AccessLost, AddressRefused):
            self.store.withdraw(intended)
            raise
        done = replace(intended, done=True, detail={**intended.detail, "result": result})
        self.store.done(done)
        return done
