"""A mapping as files: decisions as JSON, people as a table, out and in again."""

from __future__ import annotations

import json
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse

from connectors.domain.errors import DomainError
from connectors.domain.systems import invalid
from migrations_app.api.downloads import csv_answer
from migrations_app.api.mapping_bodies import (
    PEOPLE_COLUMNS,
    MigrationsMappingChanges,
    decided_by,
    people_of_table,
    people_rows,
    show_export,
)
from migrations_app.console.bodies import validated
from migrations_app.console.project_base import ProjectView
from migrations_app.models import Project
from migrations_app.services.mapping import MappingView, read_decisions, read_mapping, save_mapping, save_people
from tenancy.permissions import Action

LARGEST_FILE = 8_000_000
MOST_WORDS = 5
"""Mistakes of a file that are told at once."""


class MappingExport(ProjectView):
    """What people decided, as the API exports it."""

    step = "map"

    def get(self, request: HttpRequest, project: UUID) -> HttpResponse:
        """A download."""
        found = self.find_project(project)
        view = read_decisions(found.pk, by=self.principal)
        headers = {"Content-Disposition": f'attachment; filename="mapping-{found.pk}.json"'}
        return JsonResponse(show_export(view), headers=headers, json_dumps_params={"indent": 2, "ensure_ascii": False})


class _Import(ProjectView):
    """A file that changes the mapping; whatever is wrong with it is said above the editor."""

    step = "map"
    post_action = Action.MANAGE_MAPPINGS

    def post(self, request: HttpRequest, project: UUID) -> HttpResponse:
        """Back to the editor, with the result."""
        found = self.find_project(project)
        try:
            view = self.take(found, _text_of(request), _version_of(request))
        except DomainError as error:
            self.say(f"Nothing was imported. {_words_of(error)}", kind="bad")
        else:
            self.say("Imported." if not view.problem else f"Imported, but not checked. {view.problem}")
        return self.go("migrations_console:mapping", project=found.pk)

    def take(self, project: Project, text: str, version: int | None) -> MappingView:
        """Store what the file says. Raises DomainError."""
        raise NotImplementedError


class MappingImport(_Import):
    """Decisions that were exported, here or in another project."""

    def take(self, project: Project, text: str, version: int | None) -> MappingView:
        """Parts that the file leaves out stay as they are."""
        try:
            content = json.loads(text)
        except ValueError:
            raise invalid({"file": ["The file is not JSON. Choose one that was exported from a mapping."]}) from None
        body = validated(MigrationsMappingChanges, content)
        decisions = decided_by(body, read_decisions(project.pk, by=self.principal).decisions)
        return save_mapping(project.pk, decisions=decisions, version=version, by=self.principal, fresh=False)


class MappingPeople(_Import):
    """People, and who they are in the target."""

    action = Action.SCAN

    def get(self, request: HttpRequest, project: UUID) -> HttpResponse:
        """A download for a spreadsheet."""
        found = self.find_project(project)
        view = read_mapping(found.pk, by=self.principal, fresh=False)
        return csv_answer(PEOPLE_COLUMNS, people_rows(view), name=f"people-{found.pk}.csv")

    def take(self, project: Project, text: str, version: int | None) -> MappingView:
        """Replaces the people that were decided."""
        return save_people(project.pk, people=people_of_table(text), version=version, by=self.principal)


def _text_of(request: HttpRequest) -> str:
    """The file's text. Raises DomainError VALIDATION_FAILED."""
    sent = request.FILES.get("file")
    if sent is None:
        raise invalid({"file": ["Choose a file first."]})
    if (sent.size or 0) > LARGEST_FILE:
        raise invalid({"file": [f"The file is larger than {LARGEST_FILE // 1_000_000} MB."]})
    try:
        return str(sent.read().decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise invalid({"file": ["The file must be written in UTF-8."]}) from None


def _version_of(request: HttpRequest) -> int | None:
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _words_of(error: DomainError) -> str:
    if error.code == "MAPPING_CHANGED":
        return "Somebody else saved the mapping while you worked. Look at their version, then import again."
    named = [f"{name}: {' '.join(texts)}" for name, texts in error.errors.items()]
    more = f" And {len(named) - MOST_WORDS} more." if len(named) > MOST_WORDS else ""
    return " ".join(named[:MOST_WORDS]) + more if named else error.message
