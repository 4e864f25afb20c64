"""Routes between a project and its run: mapping, check, preview, start; part of `migrations_app.console.urls`."""

from django.urls import URLPattern, path

from migrations_app.console import mapping, mapping_files, preflight, preview, start

PROJECT = "projects/<uuid:project>/"

urlpatterns: list[URLPattern] = [
    path(f"{PROJECT}mapping/", mapping.MappingEditor.as_view(), name="mapping"),
    path(f"{PROJECT}mapping/export.json", mapping_files.MappingExport.as_view(), name="mapping-export"),
    path(f"{PROJECT}mapping/import/", mapping_files.MappingImport.as_view(), name="mapping-import"),
    path(f"{PROJECT}mapping/people.csv", mapping_files.MappingPeople.as_view(), name="mapping-people"),
    path(f"{PROJECT}preflight/", preflight.PreflightPage.as_view(), name="preflight"),
    path(f"{PROJECT}preview/", preview.PreviewPage.as_view(), name="preview"),
    path(f"{PROJECT}start/", start.StartPage.as_view(), name="start"),
]
