"""Routes between a project and its run: mapping, check, preview, start; part of `migrations_app.console.urls`."""

from django.urls import URLPattern, path

from migrations_app.console import mapping, mapping_files

PROJECT = "projects/<uuid:project>/"

urlpatterns: list[URLPattern] = [
    path(f"{PROJECT}mapping/", mapping.MappingEditor.as_view(), name="mapping"),
    path(f"{PROJECT}mapping/export.json", mapping_files.MappingExport.as_view(), name="mapping-export"),
    path(f"{PROJECT}mapping/import/", mapping_files.MappingImport.as_view(), name="mapping-import"),
    path(f"{PROJECT}mapping/people.csv", mapping_files.MappingPeople.as_view(), name="mapping-people"),
]
