"""Resync, cut-over, and the addresses for the platforms' webhooks."""

from __future__ import annotations

import secrets
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from connectors.domain.errors import DomainError, PlatformError
from connectors.opening import refused
from sync.console.base import SyncView, shown_side
from sync.models import Synchronization
from sync.queries import sides_of
from sync.services import control, resyncing
from sync.services.configuration import set_hook_secret
from sync.shapes import stored_shape
from tenancy.console.forms import ConsoleForm
from tenancy.permissions import Action

SIDES = (("1", "first"), ("2", "second"))


class ResyncForm(ConsoleForm):
    """What is sent again."""

    side = forms.ChoiceField(label="From", widget=forms.RadioSelect)
    jql = forms.CharField(
        label="Only items of",
        required=False,
        max_length=8_000,
        widget=forms.Textarea({"rows": 2, "spellcheck": "false"}),
        help_text="In the query language of that side; combined with its filter. Left out: all items.",
    )
    mappings = forms.MultipleChoiceField(label="Fields", widget=forms.CheckboxSelectMultiple)
    responsibility = forms.BooleanField(label="Also fields that the other side is responsible for", required=False)
    send_status = forms.BooleanField(
        label="Also the status",
        required=False,
        help_text="The other item is brought into this status whatever its history. Only in exceptional cases.",
    )

    def __init__(self, *args: Any, row: Synchronization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        side, mappings = self.fields["side"], self.fields["mappings"]
        assert isinstance(side, forms.ChoiceField)
        assert isinstance(mappings, forms.ChoiceField)
        side.choices = [(str(each.position), shown_side(each)["name"]) for each in sides_of(row)]
        mappings.choices = [(each["id"], _field_label(row, each)) for each in row.configuration["fieldMappings"]]


class ResyncPage(SyncView):
    """Sending matching items again, whether they changed or not."""

    action = Action.RESYNC
    post_action = Action.RESYNC

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        """The form: from the first side, all fields."""
        row = self.find_synchronization(key)
        everything = [each["id"] for each in row.configuration["fieldMappings"]]
        form = ResyncForm(row=row, initial={"side": "1", "mappings": everything})
        return self.drawn("console/synchronizations/resync.html", row, form=form)

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        """Order it; its progress is on the synchronization's page."""
        row = self.find_synchronization(key)
        form = ResyncForm(request.POST, row=row)
        if form.is_valid() and self._ordered(row, form):
            self.say("The resync has begun. Its progress is shown below.")
            return self.go("sync_console:synchronization", key=row.key)
        return self.drawn("console/synchronizations/resync.html", row, form=form, status=422)

    def _ordered(self, row: Synchronization, form: ResyncForm) -> bool:
        given = form.cleaned_data
        order = resyncing.ResyncOrder(
            field_mappings=given["mappings"],
            query=given["jql"],
            responsibility=given["responsibility"],
            send_status=given["send_status"],
        )
        side = sides_of(row)[int(given["side"]) - 1]
        side.synchronization = row
        try:
            resyncing.start_resync(side, order, by=self.principal)
        except (DomainError, PlatformError) as trouble:
            form.refuse(refused(trouble) if isinstance(trouble, PlatformError) else trouble)
            return False
        return True


class CutOverForm(ConsoleForm):
    """How the side that is left is marked."""

    side = forms.ChoiceField(label="Mark the items of", required=False)
    how = forms.ChoiceField(label="With", choices=(("label", "a label"), ("comment", "a comment")), required=False)
    text = forms.CharField(label="Text", max_length=255, required=False)
    confirm = forms.CharField(max_length=20, widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}))

    def __init__(self, *args: Any, row: Synchronization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._key = row.key
        side = self.fields["side"]
        assert isinstance(side, forms.ChoiceField)
        names = [(str(each.position), shown_side(each)["name"]) for each in sides_of(row)]
        side.choices = [("", "Neither side"), *names]
        self.fields["confirm"].label = f"Type {row.key} to confirm"

    def clean_confirm(self) -> str:
        """It cannot be taken back."""
        typed: str = self.cleaned_data["confirm"]
        if typed.strip() != self._key:
            raise forms.ValidationError(f"Type {self._key}.")
        return typed


class CutOverPage(SyncView):
    """The end: a last pass, then one side is left."""

    action = Action.MANAGE_SYNCHRONIZATIONS
    post_action = Action.MANAGE_SYNCHRONIZATIONS

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        """What will happen."""
        row = self.find_synchronization(key)
        return self.drawn("console/synchronizations/cut_over.html", row, form=CutOverForm(row=row))

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        """Order it."""
        row = self.find_synchronization(key)
        form = CutOverForm(request.POST, row=row)
        if form.is_valid():
            given = form.cleaned_data
            marking = control.Marking(int(given["side"]), given["how"], given["text"]) if given["side"] else None
            try:
                control.cut_over(row, marking=marking, by=self.principal)
            except DomainError as error:
                form.refuse(error)
            else:
                self.say("The last pass has begun. Its progress is shown below.")
                return self.go("sync_console:synchronization", key=row.key)
        return self.drawn("console/synchronizations/cut_over.html", row, form=form, status=422)


class HooksPage(SyncView):
    """Address and secret to paste into each platform; a secret is shown once, when it is made."""

    post_action = Action.MANAGE_SYNCHRONIZATIONS

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        """Both addresses; what was made is never shown again."""
        return self._draw(self.find_synchronization(key))

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        """A new secret for one side."""
        row = self.find_synchronization(key)
        side = sides_of(row)[1 if request.POST.get("side") == "2" else 0]
        secret = secrets.token_urlsafe(32)
        set_hook_secret(side, secret, by=self.principal)
        return self._draw(self.find_synchronization(key), made=(side.position, secret))

    def _draw(self, row: Synchronization, *, made: tuple[int, str] = (0, "")) -> HttpResponse:
        hooks = [
            {
                **shown_side(side),
                "address": self.request.build_absolute_uri(reverse("hook", args=[side.hook_slug])),
                "secret": made[1] if side.position == made[0] else "",
                "advice": _ADVICE[side.connector_project.connector.system],
            }
            for side in sides_of(row)
        ]
        return self.drawn("console/synchronizations/hooks.html", row, hooks=hooks)


_ADVICE = {
    "jira": "In Jira: Settings, System, WebHooks, Create. Paste address and secret, choose the events of issues, "
    "comments, attachments and links. An API token cannot register it for you.",
    "github": "In the repository: Settings, Webhooks, Add webhook. Paste the address, choose application/json, paste "
    "the secret, and choose Issues and Issue comments.",
    "azure_devops": "In the project: Project settings, Service hooks, Create, Web Hooks. Add one for each event of "
    "work items. Paste the address; leave the user name empty and paste the secret as password.",
}


def _field_label(row: Synchronization, mapping: dict[str, Any]) -> str:
    names = []
    for side, end in zip(sides_of(row), ("firstField", "secondField"), strict=True):
        shape = stored_shape(side, fresh_only=False)
        field = shape.field(mapping[end]) if shape else None
        names.append(field.name if field else mapping[end])
    return names[0] if names[0].casefold() == names[1].casefold() else f"{names[0]} – {names[1]}"
