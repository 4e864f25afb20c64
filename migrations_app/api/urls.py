"""Routes below `/api/`, without trailing slashes, as documented."""

from __future__ import annotations

from django.urls import URLPattern, path

from migrations_app.api.mapping import ProjectMapping, ProjectMappingPeople
from migrations_app.api.projects import ProjectOperations
from migrations_app.api.reports import RunReports
from migrations_app.api.runs import RunOperations
from migrations_app.api.stream import RunStream
from migrations_app.api.verification import RunRollback, RunVerification


def _run(route: str, action: str, *, method: str = "get") -> URLPattern:
    name = f"migration-{route.replace('.', '-')}"
    return path(f"migrations/<str:run_id>/{route}", RunOperations.as_view({method: action}), name=name)


def _report(route: str, action: str) -> URLPattern:
    name = f"migration-{route.replace('.', '-')}"
    return path(f"migrations/<str:run_id>/{route}", RunReports.as_view({"get": action}), name=name)


def _proof(route: str, action: str) -> URLPattern:
    name = f"migration-{route.replace('.', '-')}"
    return path(f"migrations/<str:run_id>/{route}", RunVerification.as_view({"get": action}), name=name)


urlpatterns: list[URLPattern] = [
    path("projects", ProjectOperations.as_view({"get": "list", "post": "create"}), name="projects"),
    path(
        "projects/<str:project_id>",
        ProjectOperations.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
        name="project",
    ),
    path("projects/<str:project_id>/preflight", ProjectOperations.as_view({"get": "preflight"}), name="preflight"),
    path(
        "projects/<str:project_id>/mapping",
        ProjectMapping.as_view({"get": "retrieve", "put": "update"}),
        name="mapping",
    ),
    path("projects/<str:project_id>/mapping/export", ProjectMapping.as_view({"get": "export"}), name="mapping-export"),
    path(
        "projects/<str:project_id>/mapping/people.csv",
        ProjectMappingPeople.as_view({"get": "retrieve", "put": "update"}),
        name="mapping-people",
    ),
    path("migrations", RunOperations.as_view({"get": "list"}), name="migrations"),
    path("migrations/project/<str:project_id>/start", RunOperations.as_view({"post": "start"}), name="migration-start"),
    path("migrations/<str:run_id>", RunOperations.as_view({"get": "retrieve"}), name="migration"),
    _run("status", "status"),
    _run("pause", "pause", method="post"),
    _run("resume", "resume", method="post"),
    _run("cancel", "cancel", method="post"),
    _run("stream-ticket", "stream_ticket", method="post"),
    path("migrations/<str:run_id>/stream", RunStream.as_view({"get": "stream"}), name="migration-stream"),
    _report("items", "items"),
    _report("key-map.csv", "key_map"),
    _report("preview", "preview"),
    _report("report", "report"),
    path(
        "migrations/<str:run_id>/verification",
        RunVerification.as_view({"get": "verification", "post": "verify"}),
        name="migration-verification",
    ),
    _proof("verification.csv", "verification_csv"),
    _proof("verification.html", "verification_html"),
    path(
        "migrations/<str:run_id>/rollback",
        RunRollback.as_view({"get": "rollback", "post": "roll_back"}),
        name="migration-rollback",
    ),
    _run("retry-failed", "retry_failed", method="post"),
]
