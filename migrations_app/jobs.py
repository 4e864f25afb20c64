"""What workers run. Dotted paths and signatures are a stored format: old jobs in the queue name them."""

from __future__ import annotations

from uuid import UUID

from migrations_app import services
from migrations_app.engine import again
from migrations_app.engine.advance import advance
from migrations_app.models import FollowUpKind

_AGAIN = {FollowUpKind.VERIFICATION.value: again.verify_again, FollowUpKind.ROLLBACK.value: again.roll_back}


def advance_run(run_id: str, attempt: int) -> None:
    """Work on a run for one slice; a job whose attempt is over does nothing."""
    services.advance_run(UUID(run_id), attempt, engine=advance)


def advance_follow_up(follow_up_id: str, attempt: int) -> None:
    """Work on an ended run's verification or rollback for one slice; a job whose attempt is over does nothing."""
    services.advance_follow_up(UUID(follow_up_id), attempt, engines=_AGAIN)
