"""The first two steps of a project: which connectors it uses, and the scan of its source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse

from connectors import opening, scanning
from connectors import queries as connector_queries
from connectors.console.advice import after_failure
from connectors.console.connectors import ConnectorRow
from connectors.domain.errors import DomainError
from connectors.models import UNFINISHED, Connector
from connectors.scanning import ScanRequest
from migrations_app import queries, services
from migrations_app.console.projects import StepView
from migrations_app.models import Project
from migrations_app.project_progress import scans_for
from migrations_app.services import ProjectChanges
from tenancy.console.forms import ConsoleForm
from tenancy.permissions import Action

_FIELDS = {"sourceConnectorId": "source", "targetConnectorId": "target"}
_SCANS_SHOWN = 10


class EndsForm(ConsoleForm):
    """One connector for each end, of the system that the project names."""

    source = forms.ModelChoiceField(Connector.objects.none(), required=False, empty_label="None yet")
    target = forms.ModelChoiceField(Connector.objects.none(), required=False, empty_label="None yet")

    def __init__(self, project: Project, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, initial={"source": project.source_connector_id, "target": project.target_connector_id})
        own = connector_queries.connectors_of(project.organization).order_by("name", "pk")
        for name, system, label in (
            ("source", project.source_system, f"From {project.get_source_system_display()}"),
            ("target", project.target_system, f"To {project.get_target_system_display()}"),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = own.filter(system=system.lower())
            field.label = label


class ConnectStep(StepView):
    """Choose the connector of each end; what is chosen is tested here."""

    step = "connect"
    post_action = Action.MANAGE_PROJECTS

    def get(self, request: HttpRequest, project: UUID) -> HttpResponse:
        """The form, and the health of what is chosen."""
        found = queries.find_project(self.organization, project)
        return self._drawn(found, EndsForm(found))

    def post(self, request: HttpRequest, project: UUID) -> HttpResponse:
        """Chosen; changing a connector under an active run is refused."""
        found = queries.find_project(self.organization, project)
        form = EndsForm(found, request.POST)
        if not form.is_valid():
            return self._drawn(found, form, status=422)
        try:
            services.update_project(
                found.pk,
                values=ProjectChanges(
                    source_connector=_id(form.cleaned_data["source"]), target_connector=_id(form.cleaned_data["target"])
                ),
                by=self.principal,
            )
        except DomainError as error:
            renamed = {_FIELDS.get(name, name): texts for name, texts in error.errors.items()}
            form.refuse(DomainError(error.code, error.message, errors=renamed))
            return self._drawn(found, form, status=error.status if error.status == 409 else 422)
        self.say("The connectors are saved.")
        return self.go("migrations_console:connect", project=found.pk)

    def _drawn(self, project: Project, form: EndsForm, *, status: int = 200) -> HttpResponse:
        chosen = {each.pk: each for each in (project.source_connector, project.target_connector) if each is not None}
        return self.step_page(
            "console/projects/connect.html",
            project,
            status=status,
            form=form,
            rows=[ConnectorRow(connector) for connector in chosen.values()],
        )


class ScanStep(StepView):
    """Start and watch the scan of the project's source, and find its reports."""

    step = "scan"
    post_action = Action.SCAN

    def get(self, request: HttpRequest, project: UUID) -> HttpResponse:
        """The newest scan, as far as it is."""
        return self._drawn(queries.find_project(self.organization, project))

    def post(self, request: HttpRequest, project: UUID) -> HttpResponse:
        """Begin; a platform that refuses is answered here, in its own words."""
        found = queries.find_project(self.organization, project)
        connector = found.source_connector
        if connector is None:
            return self.go("migrations_console:connect", project=found.pk)
        try:
            wish = ScanRequest(
                opening.access_to(connector), connector=connector, migration_project=found.pk, respond_async=True
            )
            scanning.start_scan(wish, by=self.principal)
        except DomainError as error:
            return self._drawn(found, status=422, refusal=error, advice=after_failure(error.code))
        return self.go("migrations_console:scan", project=found.pk)

    def _drawn(self, project: Project, *, status: int = 200, **context: Any) -> HttpResponse:
        scans = list(scans_for(project)[:_SCANS_SHOWN])
        newest = scans[0] if scans else None
        return self.step_page(
            "console/projects/scan.html",
            project,
            status=status,
            scans=scans,
            scan=newest,
            waiting=newest is not None and newest.status in UNFINISHED,
            failure_advice=after_failure(newest.error_code) if newest is not None else "",
            **context,
        )


def _id(connector: Connector | None) -> int:
    """0 takes the connector away."""
    return connector.pk if connector is not None else 0
