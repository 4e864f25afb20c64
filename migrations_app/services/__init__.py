"""Writes: projects, and the life of a run. Views, jobs, admin actions and commands are doors to these functions."""

from migrations_app.services.control import NewCredentials, cancel_run, pause_run, resume_run
from migrations_app.services.follow_ups import advance_follow_up, roll_back, sweep_follow_ups, verify_again
from migrations_app.services.preflight import Preflight, check_project
from migrations_app.services.projects import ProjectChanges, create_project, delete_project, update_project
from migrations_app.services.retrying import retry_failed
from migrations_app.services.slices import advance_run
from migrations_app.services.starting import Idempotency, start_run
from migrations_app.services.sweeping import forget_old_previews, sweep_runs

__all__ = [
    "Idempotency",
    "NewCredentials",
    "Preflight",
    "ProjectChanges",
    "advance_follow_up",
    "advance_run",
    "cancel_run",
    "check_project",
    "create_project",
    "delete_project",
    "forget_old_previews",
    "pause_run",
    "resume_run",
    "retry_failed",
    "roll_back",
    "start_run",
    "sweep_follow_ups",
    "sweep_runs",
    "update_project",
    "verify_again",
]
