"""Watching and steering runs: the documented answers, and nothing for outsiders."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from migrations_app.engine.state import RunStatus
from migrations_app.models import MigrationRun, Project
from tests.builders import Cast
from tests.jobs import RecordedJobs
from tests.migrations_app.builders import make_project, make_run

pytestmark = pytest.mark.django_db

START = datetime(2024, 6, 3, 10, 0, tzinfo=UTC)
BELOW_A_RUN = [
    ("get", ""),
    ("get", "/status"),
    ("get", "/items"),
    ("get", "/key-map.csv"),
    ("get", "/preview"),
    ("get", "/report"),
    ("get", "/verification"),
    ("get", "/verification.csv"),
    ("get", "/verification.html"),
    ("get", "/stream"),
    ("post", "/stream-ticket"),
    ("post", "/pause"),
    ("post", "/resume"),
    ("post", "/cancel"),
]


def test_the_status_is_the_documented_one(people: Cast, project: Project) -> None:
    run = make_run(project, status=RunStatus.RUNNING, total=5000, created=2341, failed=3, phase=2, started_at=START)

    body = people.member.client.get(f"/api/migrations/{run.pk}/status").json()

    documented = {
        "id": str(run.pk),
        "status": "RUNNING",
        "totalItems": 5000,
        "successCount": 2341,
        "failureCount": 3,
        "skippedCount": 0,
        "progressPercent": 47,
        "currentPhase": 2,
        "startedAt": "2024-06-03T10:00:00Z",
    }
    added = {"pendingCount": 2656, "phase": "work items", "finishedAt": None, "resumeAt": None, "reason": None}
    assert body == {**documented, **added}


def test_the_counts_add_up_to_the_total(people: Cast, project: Project) -> None:
    run = make_run(project, status=RunStatus.RUNNING, total=50, created=10, updated=5, skipped=4, partial=3, failed=2)

    body = people.member.client.get(f"/api/migrations/{run.pk}").json()

    counts = {name: body[name] for name in ("successCount", "failureCount", "skippedCount", "pendingCount")}
    assert counts == {"successCount": 15, "failureCount": 5, "skippedCount": 4, "pendingCount": 26}
    assert sum(counts.values()) == body["totalItems"]
    assert body["outcomes"] == {"created": 10, "updated": 5, "skipped": 4, "partial": 3, "failed": 2}


@pytest.mark.parametrize(
    ("status", "finished", "total", "percent"),
    [
        (RunStatus.PENDING, 0, 0, 0),
        (RunStatus.RUNNING, 1, 200, 1),  # half a percent is rounded up
        (RunStatus.RUNNING, 249, 50_000, 0),
        (RunStatus.RUNNING, 4999, 5000, 99),
        (RunStatus.RUNNING, 5000, 5000, 99),  # verification is still to come
        (RunStatus.COMPLETED, 5000, 5000, 100),
        (RunStatus.PARTIAL, 0, 0, 100),
        (RunStatus.CANCELLED, 50, 100, 50),
        (RunStatus.FAILED, 100, 100, 99),
    ],
)
def test_a_hundred_percent_is_only_said_at_the_end(
    people: Cast, project: Project, status: RunStatus, finished: int, total: int, percent: int
) -> None:
    run = make_run(project, status=status, total=total, created=finished)

    assert people.member.client.get(f"/api/migrations/{run.pk}/status").json()["progressPercent"] == percent


def test_a_reason_is_told_with_its_details(people: Cast, project: Project) -> None:
    run = make_run(
        project, status=RunStatus.FAILED, reason_code="X", reason_message="Why", reason_details={"findings": []}
    )

    body = people.member.client.get(f"/api/migrations/{run.pk}/status").json()

    assert body["reason"] == {"code": "X", "message": "Why", "details": {"findings": []}}


def test_the_list_is_a_bare_array_of_whole_runs_newest_first(people: Cast, project: Project) -> None:
    old = make_run(project, status=RunStatus.COMPLETED, created_at=timezone.now() - timedelta(days=1))
    new = make_run(project, status=RunStatus.FAILED, parent_run=old)
    make_run(make_project(people.organization))
    client = people.member.client

    body = client.get(f"/api/migrations?projectId={project.pk}").json()

    assert [row["id"] for row in body] == [str(new.pk), str(old.pk)]
    assert body[0] == client.get(f"/api/migrations/{new.pk}").json()
    assert body[0]["parentRunId"] == str(old.pk)
    only = client.get(f"/api/migrations?projectId={project.pk}&status=COMPLETED").json()
    assert [row["id"] for row in only] == [str(old.pk)]


def test_the_list_takes_as_many_queries_for_three_as_for_one(people: Cast, project: Project) -> None:
    counts = []
    for _ in range(2):
        make_run(project, status=RunStatus.COMPLETED)
        with CaptureQueriesContext(connection) as queries:
            people.owner.client.get(f"/api/migrations?projectId={project.pk}")
        counts.append(len(queries))
        make_run(project, status=RunStatus.COMPLETED)

    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("query", "field"),
    [("", "projectId"), ("projectId=", "projectId"), ("projectId=7", "projectId"), ("status=DONE", "status")],
)
def test_a_list_without_project_or_with_an_unknown_status_is_refused(
    people: Cast, project: Project, query: str, field: str
) -> None:
    named = query if "projectId" in query or not query else f"projectId={project.pk}&{query}"

    answer = people.member.client.get(f"/api/migrations?{named}")

    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


def test_pause_resume_and_cancel_answer_as_documented(people: Cast, project: Project, jobs: RecordedJobs) -> None:
    run = make_run(project, status=RunStatus.RUNNING)
    client, address = people.member.client, f"/api/migrations/{run.pk}"

    answers = [client.post(f"{address}/{verb}").json() for verb in ("pause", "resume", "cancel")]

    assert answers == [{"id": str(run.pk), "status": status} for status in ("PAUSED", "RUNNING", "CANCELLED")]


@pytest.mark.parametrize(
    ("status", "verb", "http", "code", "message"),
    [
        (RunStatus.RUNNING, "resume", 400, "MIGRATION_NOT_PAUSED", "Run {id} is not paused"),
        (RunStatus.PAUSED, "pause", 400, "MIGRATION_NOT_RUNNING", "Run {id} is not running"),
        (RunStatus.COMPLETED, "cancel", 400, "MIGRATION_ENDED", "Run {id} has ended: COMPLETED"),
    ],
)
def test_what_cannot_be_done_is_told_in_the_documented_body(
    people: Cast, project: Project, status: RunStatus, verb: str, http: int, code: str, message: str
) -> None:
    run = make_run(project, status=status)

    answer = people.member.client.post(f"/api/migrations/{run.pk}/{verb}")

    assert answer.status_code == http
    assert answer.json() == {
        "statusCode": http,
        "message": message.format(id=run.pk),
        "error": "Bad Request",
        "code": code,
    }


@pytest.mark.parametrize(("method", "path"), BELOW_A_RUN)
def test_a_foreign_or_unknown_run_is_not_found(people: Cast, project: Project, method: str, path: str) -> None:
    run = make_run(project, status=RunStatus.RUNNING)

    for name in (run.pk, uuid4(), "not-an-id"):
        answer = getattr(people.outsider.client, method)(f"/api/migrations/{name}{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "MIGRATION_NOT_FOUND")
        assert answer.json()["message"] == f"Migration run {name} not found"
    assert people.outsider.client.get(f"/api/migrations?projectId={project.pk}").status_code == 404
    assert MigrationRun.objects.get().status == RunStatus.RUNNING


@pytest.mark.parametrize(("method", "path"), BELOW_A_RUN)
def test_without_signing_in_there_is_nothing(people: Cast, project: Project, method: str, path: str) -> None:
    run = make_run(project, status=RunStatus.RUNNING)
    people.owner.client.credentials()

    answer = getattr(people.owner.client, method)(f"/api/migrations/{run.pk}{path}")

    assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHORIZED")


@pytest.mark.parametrize(("method", "path"), [entry for entry in BELOW_A_RUN if entry[1] != "/stream"])
@pytest.mark.parametrize("role", ["owner", "admin", "member"])
def test_every_colleague_may_watch_and_steer(
    people: Cast, project: Project, jobs: RecordedJobs, method: str, path: str, role: str
) -> None:
    status = RunStatus.PAUSED if path == "/resume" else RunStatus.RUNNING
    run = make_run(project, status=status)

    answer = getattr(getattr(people, role).client, method)(f"/api/migrations/{run.pk}{path}")

    assert answer.status_code == 200


@pytest.mark.parametrize("body", [{"enginePayload": {"source": {"pat": 5000 * "xx"}}}, {"enginePayload": []}])
def test_a_malformed_resume_is_refused(people: Cast, project: Project, body: dict[str, Any]) -> None:
    run = make_run(project, status=RunStatus.PAUSED)

    assert people.member.client.post(f"/api/migrations/{run.pk}/resume", body).status_code == 400
    assert MigrationRun.objects.get().status == RunStatus.PAUSED
