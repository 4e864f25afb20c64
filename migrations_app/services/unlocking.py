"""Ending sessions that hold a run's row although nobody is there to let go of it. PostgreSQL only.

A worker that is stopped (SIGSTOP, a frozen machine) in the middle of a transaction keeps its locks. Between two
statements `idle_in_transaction_session_timeout` ends its session; in the middle of sending one, the server waits for
the rest of it, and no timeout applies. A session that waited that long for its client has lost it: what it wrote is
taken back, and whoever goes on settles what was meant by it.
"""

from __future__ import annotations

import logging

from django.db import connection

from migrations_app.models import MigrationRun

log = logging.getLogger(__name__)

OLDEST_SECONDS = 60
_END = """
    SELECT a.pid, a.state, a.wait_event, pg_terminate_backend(a.pid)
    FROM pg_stat_activity a
    WHERE a.pid <> pg_backend_pid()
      AND a.datname = current_database()
      AND a.usename = current_user
      AND a.wait_event_type = 'Client'
      AND a.state_change < now() - make_interval(secs => %s)
      AND EXISTS (
        SELECT 1 FROM pg_locks l
        WHERE l.pid = a.pid AND l.granted AND l.mode = 'RowExclusiveLock' AND l.relation = %s::regclass
      )
"""


def end_stuck_sessions(oldest_seconds: float = OLDEST_SECONDS) -> int:
    """End every session that wrote to the runs and has waited for its client for so long; tells how many.

    Safe to call often and from several machines; does nothing on SQLite.
    """
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_END, [oldest_seconds, MigrationRun._meta.db_table])
        ended = cursor.fetchall()
    for pid, state, waiting, _ in ended:
        log.warning("Ended session %s, which held a run for over %s s (%s, %s)", pid, oldest_seconds, state, waiting)
    return len(ended)
