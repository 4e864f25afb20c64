"""A session that holds a run's row for too long is ended; others are left alone."""

from __future__ import annotations

import psycopg
import pytest
from django.db import connection

from migrations_app.models import MigrationRun
from migrations_app.services.unlocking import end_stuck_sessions
from tests.migrations_app.builders import make_run

on_postgresql = pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one writer and no sessions")


def another_session() -> psycopg.Connection:
    """As another process of ours would have it."""
    settings = connection.get_connection_params()
    for name in ("context", "cursor_factory", "pool", "prepare_threshold"):
        settings.pop(name, None)
    return psycopg.connect(**settings)


@pytest.mark.django_db
def test_on_sqlite_there_is_nothing_to_end() -> None:
    assert connection.vendor == "postgresql" or end_stuck_sessions() == 0


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_a_session_that_holds_a_run_is_ended_once_it_is_old_enough() -> None:
    run = make_run()
    with another_session() as holder, holder.cursor() as cursor:
        cursor.execute("UPDATE migrations_app_migrationrun SET attempt = 7 WHERE id = %s", [run.pk])

        assert end_stuck_sessions(oldest_seconds=60) == 0
        assert end_stuck_sessions(oldest_seconds=0) == 1
        with pytest.raises(psycopg.OperationalError):
            cursor.execute("SELECT 1")

    assert MigrationRun.objects.get(pk=run.pk).attempt == 0


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_a_session_that_only_reads_is_left_alone() -> None:
    run = make_run()
    with another_session() as reader, reader.cursor() as cursor:
        cursor.execute("SELECT attempt FROM migrations_app_migrationrun WHERE id = %s", [run.pk])

        assert end_stuck_sessions(oldest_seconds=0) == 0
        assert cursor.fetchone() == (0,)
