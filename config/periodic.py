"""What the scheduler calls, and how often. Every entry is safe to call from several machines at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings

from connectors.project_metadata import sweep_projects
from connectors.scanning import sweep_scans
from migrations_app.services import forget_old_previews, sweep_follow_ups, sweep_runs
from migrations_app.services.unlocking import end_stuck_sessions
from sync.services.cleaning import forget_old_rows
from sync.services.pace import sweep_synchronizations
from sync.services.tasks import sweep_tasks
from tenancy import services as tenancy_services
from webhooks.delivering import forget_old_deliveries, sweep_deliveries


@dataclass(frozen=True)
class Periodic:
    """A service without arguments, called about every `seconds`; what it returns is ignored."""

    service: Callable[[], object]
    seconds: float

    @property
    def name(self) -> str:
        """For the log."""
        return f"{self.service.__module__}.{self.service.__qualname__}"


def periodic_services() -> tuple[Periodic, ...]:
    """The list, read when the scheduler starts."""
    return (
        Periodic(tenancy_services.forget_expired_sign_ins, 3600),
        Periodic(sweep_scans, settings.SWEEP_SECONDS),
        Periodic(sweep_projects, 60),
        Periodic(sweep_deliveries, 2),
        Periodic(forget_old_deliveries, 3600),
        Periodic(end_stuck_sessions, 10),
        # Often, because a platform's pause ends to the second; what was ordered lately is left alone.
        Periodic(sweep_runs, min(settings.SWEEP_SECONDS, 2)),
        Periodic(sweep_follow_ups, min(settings.SWEEP_SECONDS, 2)),
        Periodic(forget_old_previews, 3600),
        # What is due waits half of this on average before anybody looks at it.
        Periodic(sweep_synchronizations, 0.5),
        Periodic(sweep_tasks, 2),
        Periodic(forget_old_rows, 600),
    )
