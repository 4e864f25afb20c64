"""A new synchronization: of two projects, or of what a run moved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse

from connectors.console.names import system_name
from connectors.domain.errors import DomainError
from connectors.models import Connector
from connectors.queries import connectors_of
from migrations_app.queries import find_run
from sync.console.base import SyncView, Trouble
from sync.engine.mappings import DeletionPolicy, InitialPass, Policy
from sync.models import Synchronization
from sync.queries import synchronization_of_run
from sync.services import configuration, drafts, from_run
from sync.services.configuration import SideChoice, create_synchronization
from sync.services.suggesting import suggested_configuration
from tenancy.console.forms import ConsoleForm
from tenancy.permissions import Action

POLICIES = (
    (Policy.NEWEST.value, "The newer change wins"),
    (Policy.FIRST.value, "The first project wins"),
    (Policy.SECOND.value, "The second project wins"),
    (Policy.ASK.value, "Ask a person"),
    (Policy.RESPONSIBLE.value, "Only one project may be changed"),
)
INITIAL = (
    (InitialPass.CREATE.value, "Make missing items on the other side"),
    (InitialPass.PAIRED.value, "Only make known pairs alike"),
    (InitialPass.NOW.value, "Leave everything as it is; carry what changes from now on"),
)
DELETIONS = (
    (DeletionPolicy.NEVER.value, "Leave its partner alone"),
    (DeletionPolicy.CLOSE.value, "Close its partner"),
    (DeletionPolicy.FLAG.value, "Label its partner"),
)


if TYPE_CHECKING:
    OneConnector = forms.ModelChoiceField[Connector]
else:
    OneConnector = forms.ModelChoiceField  # generic for the type checker only


class ConnectorChoice(OneConnector):
    """Connectors by name and system."""

    def label_from_instance(self, obj: Connector) -> str:
        """What people choose by."""
        return f"{obj.name} ({system_name(obj.system)})"


class NewForm(ConsoleForm):
    """Two projects, and how to begin."""

    first = ConnectorChoice(Connector.objects.none(), label="Connector", empty_label="Choose…")
    first_project = forms.CharField(
        label="Project", max_length=255, required=False, help_text="Left out: the connector's default project."
    )
    first_query = forms.CharField(
        label="Filter",
        max_length=8_000,
        required=False,
        widget=forms.Textarea({"rows": 2, "spellcheck": "false"}),
        help_text="Which items take part: JQL, a condition of WIQL, or a search of GitHub. Left out: all.",
    )
    second = ConnectorChoice(Connector.objects.none(), label="Connector", empty_label="Choose…")
    second_project = forms.CharField(label="Project", max_length=255, required=False)
    second_query = forms.CharField(
        label="Filter", max_length=8_000, required=False, widget=forms.Textarea({"rows": 2, "spellcheck": "false"})
    )
    summary = forms.CharField(label="Name", max_length=255, required=False)
    initial_pass = forms.ChoiceField(label="What happens first", choices=INITIAL)
    policy = forms.ChoiceField(label="When both sides changed the same field", choices=POLICIES)
    deletion = forms.ChoiceField(label="When an item is deleted", choices=DELETIONS)

    def __init__(self, *args: Any, view: SyncView, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        usable = [each.pk for each in connectors_of(view.organization) if each.runnable and not each.inaccessible]
        for name in ("first", "second"):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = connectors_of(view.organization).filter(pk__in=usable)

    def choice(self, side: str) -> SideChoice:
        """One side as the service takes it."""
        given = self.cleaned_data
        return SideChoice(given[side].pk, given[f"{side}_project"], given[f"{side}_query"])


class NewPage(SyncView):
    """The form; a proposal for all mappings is made from what both projects offer."""

    action = Action.MANAGE_SYNCHRONIZATIONS
    post_action = Action.MANAGE_SYNCHRONIZATIONS

    def get(self, request: HttpRequest) -> HttpResponse:
        """The empty form."""
        return self.page("console/synchronizations/new.html", form=NewForm(view=self))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Make it, stopped, with everything proposed; a side that cannot be asked leaves the mapping empty."""
        form = NewForm(request.POST, view=self)
        if form.is_valid() and (made := self._make(form)) is not None:
            self.say(f"{made.key} is made, and stopped. Look at its mapping, then start it.")
            return self.go("sync_console:mapping", key=made.key)
        return self.page("console/synchronizations/new.html", form=form, status=422)

    def _make(self, form: NewForm) -> Synchronization | None:
        given = form.cleaned_data
        wishes = {
            "initialPass": given["initial_pass"],
            "policy": given["policy"],
            "deletionPolicy": given["deletion"],
        }
        try:
            made = create_synchronization(
                first=form.choice("first"),
                second=form.choice("second"),
                summary=given["summary"],
                configuration=wishes,
                by=self.principal,
            )
        except DomainError as error:
            form.refuse(error)
            return None
        try:
            document = suggested_configuration(made, keep=wishes)
            drafts.create_draft(made, by=self.principal)
            drafts.edit_draft(made, document, by=self.principal)
            drafts.publish_draft(self.find_synchronization(made.key), by=self.principal)
        except Trouble as trouble:
            self.say_refusal(trouble)
        return made


class FromRunPage(SyncView):
    """Keeping alike what a run moved."""

    action = Action.MANAGE_SYNCHRONIZATIONS
    post_action = Action.MANAGE_SYNCHRONIZATIONS

    def get(self, request: HttpRequest, run: UUID) -> HttpResponse:
        """What will happen; a run that was handed over already leads to its synchronization."""
        found = find_run(self.organization, run)
        made = synchronization_of_run(self.organization, found.pk)
        if made is not None:
            return self.go("sync_console:synchronization", key=made.key)
        return self.page("console/synchronizations/from_run.html", run=found)

    def post(self, request: HttpRequest, run: UUID) -> HttpResponse:
        """Make it, stopped."""
        found = find_run(self.organization, run)
        try:
            made = from_run.synchronize_run(found.pk, by=self.principal)
        except Trouble as trouble:
            self.say_refusal(trouble)
            return self.go("sync_console:from_run", run=found.pk)
        self.say(
            f"{made.key} is made of what the run moved. Its first pass changes nothing. Start it when you are ready."
        )
        return self.go("sync_console:synchronization", key=made.key)


class EditPage(SyncView):
    """Words and filters."""

    action = Action.MANAGE_SYNCHRONIZATIONS
    post_action = Action.MANAGE_SYNCHRONIZATIONS

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        """As they are."""
        row = self.find_synchronization(key)
        first, second = row.sides.all()
        initial = {
            "summary": row.summary,
            "description": row.description,
            "first_query": first.query,
            "second_query": second.query,
        }
        return self.drawn("console/synchronizations/edit.html", row, form=EditForm(initial=initial))

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        """Change them at once."""
        row = self.find_synchronization(key)
        form = EditForm(request.POST)
        if form.is_valid():
            try:
                changes = configuration.SynchronizationChanges(**form.cleaned_data)
                configuration.update_synchronization(row, changes, by=self.principal)
            except DomainError as error:
                form.refuse(error)
            else:
                self.say(f"{row.key} is changed.")
                return self.go("sync_console:synchronization", key=row.key)
        return self.drawn("console/synchronizations/edit.html", row, form=form, status=422)


class EditForm(ConsoleForm):
    """Name, description and both filters."""

    summary = forms.CharField(label="Name", max_length=255)
    description = forms.CharField(required=False, max_length=10_000, widget=forms.Textarea({"rows": 3}))
    first_query = forms.CharField(
        label="Filter of the first project", required=False, max_length=8_000, widget=forms.Textarea({"rows": 2})
    )
    second_query = forms.CharField(
        label="Filter of the second project", required=False, max_length=8_000, widget=forms.Textarea({"rows": 2})
    )
