"""Projects: listed, made, changed, deleted, and the page that shows how far one is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.db.models import Q
from django.http import HttpRequest, HttpResponse

from connectors.console.asking import asked_text
from connectors.domain.errors import DomainError
from connectors.domain.systems import invalid
from migrations_app import queries, services
from migrations_app.console.steps import address, wizard_of
from migrations_app.models import ACTIVE_STATUSES, SOURCES, TARGETS, MigrationRun, Project
from migrations_app.queries import status_of
from migrations_app.services import ProjectChanges
from tenancy.console.base import ConsoleView
from tenancy.console.forms import ConsoleForm
from tenancy.permissions import Action

_RUNS_SHOWN = 5
_FIELDS = {"sourceSystem": "source_system", "targetSystem": "target_system"}


class ProjectForm(ConsoleForm):
    """What a project is called."""

    name = forms.CharField(max_length=200, label="Name", help_text="For example the name of the project that moves.")
    description = forms.CharField(
        max_length=10_000, required=False, label="Description", widget=forms.Textarea({"rows": 3})
    )


class NewProjectForm(ProjectForm):
    """The same with both ends, which stay as they are afterwards."""

    source_system = forms.ChoiceField(label="From", choices=[(each.value, each.label) for each in SOURCES])
    target_system = forms.ChoiceField(label="To", choices=[(each.value, each.label) for each in TARGETS])


class ProjectList(ConsoleView):
    """All projects of the organization, the newest first."""

    section = "projects"

    def get(self, request: HttpRequest) -> HttpResponse:
        """A page of them, narrowed by a text."""
        asked = asked_text(request, "q")
        rows = queries.projects_of(self.organization)
        if asked:
            rows = rows.filter(Q(name__icontains=asked) | Q(description__icontains=asked))
        page = self.paged(rows)
        active = _active_runs(page)
        return self.page(
            "console/projects/list.html",
            page=page,
            asked=asked,
            rows=[
                {"project": each, "status": status_of(each), "run": active.get(each.pk), "url": _run_page(active, each)}
                for each in page
            ],
        )


class NewProject(ConsoleView):
    """The form of a new project; its first step comes next."""

    section = "projects"
    action = Action.MANAGE_PROJECTS
    post_action = Action.MANAGE_PROJECTS

    def get(self, request: HttpRequest) -> HttpResponse:
        """The form."""
        return self._drawn(NewProjectForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """A project, and on to its connectors."""
        form = NewProjectForm(request.POST)
        if not form.is_valid():
            return self._drawn(form, status=422)
        data = form.cleaned_data
        try:
            made = services.create_project(
                source_system=data["source_system"],
                target_system=data["target_system"],
                values=ProjectChanges(name=data["name"], description=data["description"]),
                by=self.principal,
            )
        except DomainError as error:
            form.refuse(invalid({_FIELDS.get(name, name): texts for name, texts in error.errors.items()}))
            return self._drawn(form, status=422)
        self.say(f"The project {made.name} is made. Choose its connectors next.")
        return self.go("migrations_console:connect", project=made.pk)

    def _drawn(self, form: NewProjectForm, *, status: int = 200) -> HttpResponse:
        return self.page("console/projects/new.html", status=status, form=form)


class ProjectPage(ConsoleView):
    """One project: its steps with the one next action, and its newest runs."""

    section = "projects"

    def get(self, request: HttpRequest, project: UUID) -> HttpResponse:
        """The page."""
        found = queries.find_project(self.organization, project)
        runs = queries.runs_of(self.organization).filter(project=found).select_related("started_by")
        return self.page(
            "console/projects/project.html",
            project=found,
            reached=status_of(found),
            wizard=wizard_of(found),
            start_url=address("migrations_console:start", project=found.pk),
            runs=[{"run": run, "url": address("migrations_console:run", run=run.pk)} for run in runs[:_RUNS_SHOWN]],
        )


class EditProject(ConsoleView):
    """Another name or description; connectors are chosen in the first step."""

    section = "projects"
    action = Action.MANAGE_PROJECTS
    post_action = Action.MANAGE_PROJECTS

    def get(self, request: HttpRequest, project: UUID) -> HttpResponse:
        """The form."""
        found = queries.find_project(self.organization, project)
        return self._drawn(ProjectForm(initial={"name": found.name, "description": found.description}), found)

    def post(self, request: HttpRequest, project: UUID) -> HttpResponse:
        """Changed, and back to the project."""
        found = queries.find_project(self.organization, project)
        form = ProjectForm(request.POST)
        if not form.is_valid():
            return self._drawn(form, found, status=422)
        data = form.cleaned_data
        values = ProjectChanges(name=data["name"], description=data["description"])
        services.update_project(found.pk, values=values, by=self.principal)
        self.say("The project is saved.")
        return self.go("migrations_console:project", project=found.pk)

    def _drawn(self, form: ProjectForm, project: Project, *, status: int = 200) -> HttpResponse:
        return self.page("console/projects/edit.html", status=status, form=form, project=project)


class DeleteProject(ConsoleView):
    """Remove a project, after saying what goes and what stays."""

    section = "projects"
    action = Action.MANAGE_PROJECTS
    post_action = Action.MANAGE_PROJECTS

    def get(self, request: HttpRequest, project: UUID) -> HttpResponse:
        """The question."""
        return self._drawn(queries.find_project(self.organization, project))

    def post(self, request: HttpRequest, project: UUID) -> HttpResponse:
        """Done, and back to the list; a project whose run is active stays, and the page says why."""
        found = queries.find_project(self.organization, project)
        try:
            services.delete_project(found.pk, by=self.principal)
        except DomainError as error:
            return self._drawn(found, status=error.status, refusal=error)
        self.say(f"The project {found.name} is deleted. What it moved stays where it is.")
        return self.go("migrations_console:projects")

    def _drawn(self, project: Project, *, status: int = 200, refusal: DomainError | None = None) -> HttpResponse:
        active = _active_runs([project])
        return self.page(
            "console/projects/delete.html",
            status=status,
            project=project,
            runs=project.runs.count(),
            active=active.get(project.pk),
            active_url=_run_page(active, project),
            refusal=refusal,
        )


class StepView(ConsoleView):
    """The page of one step of a project, below the list of all of them."""

    section = "projects"
    step: ClassVar[str]

    def step_page(self, template: str, project: Project, *, status: int = 200, **context: Any) -> HttpResponse:
        """The page with the project's steps."""
        wizard = wizard_of(project, current=self.step)
        return self.page(template, status=status, project=project, wizard=wizard, **context)


def _active_runs(projects: Iterable[Project]) -> dict[UUID, MigrationRun]:
    rows = MigrationRun.objects.filter(project__in=[each.pk for each in projects], status__in=ACTIVE_STATUSES)
    return {run.project_id: run for run in rows.defer("checkpoint", "sealed_credentials", "config")}


def _run_page(active: dict[UUID, MigrationRun], project: Project) -> str:
    run = active.get(project.pk)
    return address("migrations_console:run", run=run.pk) if run is not None else ""
