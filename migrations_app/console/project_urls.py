"""Routes of projects and their first two steps; part of `migrations_app.console.urls`."""

from django.urls import URLPattern, path

from migrations_app.console import first_steps, projects

urlpatterns: list[URLPattern] = [
    path("projects/", projects.ProjectList.as_view(), name="projects"),
    path("projects/new/", projects.NewProject.as_view(), name="project_new"),
    path("projects/<uuid:project>/", projects.ProjectPage.as_view(), name="project"),
    path("projects/<uuid:project>/edit/", projects.EditProject.as_view(), name="project_edit"),
    path("projects/<uuid:project>/delete/", projects.DeleteProject.as_view(), name="project_delete"),
    path("projects/<uuid:project>/connect/", first_steps.ConnectStep.as_view(), name="connect"),
    path("projects/<uuid:project>/scan/", first_steps.ScanStep.as_view(), name="scan"),
]
