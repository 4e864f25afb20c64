"""Making and changing connectors by the form of their system, and trying what was typed before it is saved."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from connectors import queries
from connectors.console.advice import after_failure
from connectors.console.connector_forms import ConnectorForm
from connectors.console.names import system_name
from connectors.domain.errors import DomainError
from connectors.domain.systems import SYSTEMS, System, find_system
from connectors.models import Connector
from connectors.parameter_services import (
    check_parameters,
    create_from_parameters,
    shown_parameters,
    update_from_parameters,
)
from tenancy.console.base import ConsoleView
from tenancy.permissions import Action


class ChooseSystem(ConsoleView):
    """The first step of a new connector: what kind of tracker it is."""

    section = "connectors"
    action = Action.MANAGE_CONNECTORS

    def get(self, request: HttpRequest) -> HttpResponse:
        """Those that can be used first, those that are only stored below."""
        return self.page(
            "console/connectors/choose.html",
            usable=[(each, system_name(each.id)) for each in SYSTEMS if each.available],
            stored=[(each, each.name) for each in SYSTEMS if not each.available],
        )


class NewConnector(ConsoleView):
    """The form of a system, empty but for what is usual."""

    section = "connectors"
    action = Action.MANAGE_CONNECTORS
    post_action = Action.MANAGE_CONNECTORS

    def get(self, request: HttpRequest, system: str) -> HttpResponse:
        """The form."""
        return self._drawn(ConnectorForm(_system(system)))

    def post(self, request: HttpRequest, system: str) -> HttpResponse:
        """A new connector, tested as soon as its page is there."""
        form = ConnectorForm(_system(system), request.POST)
        if not form.is_valid():
            return self._drawn(form, status=422)
        try:
            made = create_from_parameters(
                by=self.principal,
                name=form.cleaned_data["name"],
                system=form.system.id,
                parameters=form.parameters,
                inaccessible=form.cleaned_data["inaccessible"],
            )
        except DomainError as error:
            form.refuse_parameters(error)
            return self._drawn(form, status=422)
        self.say(f"The connector {made.name} is saved.")
        return self.go_to(f"{_page_of(made)}?check=1")

    def _drawn(self, form: ConnectorForm, *, status: int = 200) -> HttpResponse:
        return self.page(
            "console/connectors/form.html",
            status=status,
            form=form,
            system=form.system,
            named=system_name(form.system.id),
        )


class EditConnector(ConsoleView):
    """The same form with what is stored; secrets stand there as their mask."""

    section = "connectors"
    action = Action.MANAGE_CONNECTORS
    post_action = Action.MANAGE_CONNECTORS

    def get(self, request: HttpRequest, connector: int) -> HttpResponse:
        """The form."""
        found = queries.find_connector(self.organization, connector)
        return self._drawn(_form_of(found), found)

    def post(self, request: HttpRequest, connector: int) -> HttpResponse:
        """Only what was changed is sent on, so that a new name alone keeps the health."""
        found = queries.find_connector(self.organization, connector)
        form = _form_of(found, request)
        if not form.is_valid():
            return self._drawn(form, found, status=422)
        changes = form.changes
        try:
            changed = update_from_parameters(
                found,
                by=self.principal,
                name=form.cleaned_data["name"],
                parameters=changes,
                partial=True,
                inaccessible=form.cleaned_data["inaccessible"],
            )
        except DomainError as error:
            form.refuse_parameters(error)
            return self._drawn(form, found, status=422)
        self.say(f"The connector {changed.name} is saved.")
        return self.go_to(f"{_page_of(changed)}?check=1" if changes is not None else _page_of(changed))

    def _drawn(self, form: ConnectorForm, connector: Connector, *, status: int = 200) -> HttpResponse:
        return self.page(
            "console/connectors/form.html",
            status=status,
            form=form,
            system=form.system,
            named=system_name(form.system.id),
            connector=connector,
        )


class TryParameters(ConsoleView):
    """Test what stands in the form now; the mask stands for what the named connector stores. Nothing is saved."""

    action = Action.MANAGE_CONNECTORS
    post_action = Action.MANAGE_CONNECTORS

    def get(self, request: HttpRequest, system: str, connector: int | None = None) -> HttpResponse:
        """Somebody loaded the address of the button: the form is where it leads."""
        if connector is not None:
            return self.go("connectors_console:connector_edit", connector=connector)
        return self.go("connectors_console:connector_create", system=_system(system).id.value)

    def post(self, request: HttpRequest, system: str, connector: int | None = None) -> HttpResponse:
        """The result as a fragment."""
        stored = queries.find_connector(self.organization, connector) if connector is not None else None
        form = _form_of(stored, request) if stored is not None else ConnectorForm(_system(system), request.POST)
        template = "console/connectors/_tried.html"
        form.is_valid()
        wrong = _wrong_in(form)
        if wrong:
            return self.fragment(template, wrong=wrong)
        try:
            check = check_parameters(
                by=self.principal, system=form.system.id, parameters=form.parameters, connector=stored
            )
        except DomainError as error:
            form.refuse_parameters(error)
            return self.fragment(template, wrong=_wrong_in(form), problem=error, advice=after_failure(error.code))
        return self.fragment(template, check=check, advice=after_failure(check.code))


def _system(named: str) -> System:
    try:
        return find_system(named)
    except DomainError as error:
        raise Http404(error.message) from None


def _form_of(connector: Connector, request: HttpRequest | None = None) -> ConnectorForm:
    return ConnectorForm(
        find_system(connector.system),
        request.POST if request is not None else None,
        stored=shown_parameters(connector),
        name=connector.name,
        inaccessible=connector.inaccessible,
    )


def _page_of(connector: Connector) -> str:
    return reverse("connectors_console:connector", kwargs={"connector": connector.pk})


def _wrong_in(form: ConnectorForm) -> list[tuple[str, str]]:
    """Label and text of each error of a parameter, for a reader who looks at the result and not at the field."""
    return [
        (str(form.fields[name].label or name), str(text))
        for name, texts in form.errors.items()
        if name in form.fields and name != "name"
        for text in texts
    ]
