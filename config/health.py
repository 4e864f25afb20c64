"""Open endpoints for those who run the installation: alive, ready, and measured."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Callable
from functools import cache
from http import HTTPStatus

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

from config.metrics import exposition
from tenancy.queueing import shared_redis

log = logging.getLogger(__name__)


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers. Touches nothing else, so that a database outage does not get it restarted."""
    return JsonResponse({"status": "ok"})


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Database, Redis and schema migrations are there; 503 naming what is not."""
    checks: dict[str, Callable[[], str]] = {
        "database": _database,
        "redis": _redis,
        "schemaMigrations": _schema_migrations,
    }
    found = {name: check() for name, check in checks.items()}
    ready = all(state == "ok" for state in found.values())
    status = HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE
    return JsonResponse({"status": "ready" if ready else "not ready", **found}, status=status)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus text. Whoever shows METRICS_TOKEN also gets the series per opaque organization id."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    token = settings.METRICS_TOKEN
    detailed = bool(token) and hmac.compare_digest(given.encode(), token.encode())
    return HttpResponse(exposition(per_organization=detailed), content_type="text/plain; version=0.0.4; charset=utf-8")


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        log.warning("The database is unreachable: %s", error)
        return "unreachable"
    return "ok"


def _redis() -> str:
    try:
        shared_redis().ping()
    except (RedisError, OSError) as error:
        log.warning("Redis is unreachable: %s", error)
        return "unreachable"
    return "ok"


def _schema_migrations() -> str:
    try:
        return "ok" if _all_applied() else "pending"
    except DatabaseError:
        return "unknown"


class _Pending(Exception):
    """Keeps a negative answer out of the cache below."""


def _all_applied() -> bool:
    try:
        return _confirm_all_applied()
    except _Pending:
        return False


@cache
def _confirm_all_applied() -> bool:
    """True once and for all: code and schema of a running process only ever get nearer to each other."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise _Pending
    return True
