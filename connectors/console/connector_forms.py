"""The form of a connector, generated from its system's own schema.

A parameter that is left out changes nothing, so only what is needed to connect is filled in beforehand: the defaults
of the rest would, for example, narrow down which items move. They are shown as a hint instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.forms import BoundField

from connectors.console.addresses import taken_apart
from connectors.domain.errors import DomainError
from connectors.domain.forms.catalogue import form_of
from connectors.domain.forms.fields import LONGEST_TEXT, Field, FieldType, Section, split_list
from connectors.domain.forms.parameters import (
    AUTH_MODE,
    CONTEXT_ROOT,
    METHOD,
    SERVER,
    TOKEN,
    WITHIN,
    read_parameters,
)
from connectors.domain.systems import MASK, System, SystemId
from connectors.parameter_services import default_servers
from tenancy.console.forms import ConsoleForm

_NAME, _INACCESSIBLE = "name", "inaccessible"
_CONNECTING = ("Connection Details", "Credentials")
_PLACEHOLDERS = {
    (SystemId.JIRA, SERVER): "yourorg.atlassian.net",
    (SystemId.JIRA, "alm_user"): "migration@company.com",
    (SystemId.JIRA, "alm_project"): "PROJ",
    (SystemId.AZURE_DEVOPS, SERVER): "dev.azure.com",
    (SystemId.AZURE_DEVOPS, CONTEXT_ROOT): "yourorg",
    (SystemId.GITHUB, SERVER): "api.github.com",
}


class SecretInput(forms.PasswordInput):
    """Shows the mask for a secret that is stored, and never what was typed."""

    def __init__(self) -> None:
        super().__init__(attrs={"autocomplete": "new-password", "spellcheck": "false"}, render_value=True)

    def format_value(self, value: Any) -> str | None:
        """The mask or nothing."""
        return MASK if value == MASK else None


@dataclass(frozen=True, slots=True)
class FormSection:
    """A group of controls: those that change something, and those kept for other clients only."""

    title: str
    fields: tuple[BoundField, ...]
    unused: tuple[BoundField, ...]
    folded: bool

    @property
    def is_wrong(self) -> bool:
        """Whether something in it must be looked at."""
        return any(field.errors for field in (*self.fields, *self.unused))

    @property
    def unused_is_wrong(self) -> bool:
        """The same of what is folded away inside."""
        return any(field.errors for field in self.unused)


class ConnectorForm(ConsoleForm):
    """Name, access, and one control for each parameter of the system. `stored` are the parameters as they are shown,
    secrets masked; without them the form is for a new connector."""

    name = forms.CharField(max_length=200, label="Name", help_text="What you and your colleagues choose it by.")
    inaccessible = forms.BooleanField(
        required=False,
        label="Never contact this server from here",
        help_text="It is kept and listed, but not tested, scanned or used by runs.",
    )

    def __init__(
        self,
        system: System,
        data: Mapping[str, Any] | None = None,
        *,
        stored: Mapping[str, str] | None = None,
        name: str = "",
        inaccessible: bool = False,
    ) -> None:
        values = dict(stored) if stored is not None else _beforehand(system.id)
        initial = {_NAME: name, _INACCESSIBLE: inaccessible, **_spread(system.id, values)}
        super().__init__(data, initial=initial)
        self.system = system
        self._schema = form_of(system.id)
        for field in self._schema.fields:
            self.fields[field.name] = _control(system.id, field)
        if self._schema.token_mode:
            self._mark_needed((data or {}).get(AUTH_MODE))

    @property
    def sections(self) -> list[FormSection]:
        """The schema's sections in its order, those nobody needs to connect folded."""
        return [self._section(section) for section in self._schema.sections]

    @property
    def parameters(self) -> dict[str, str]:
        """What was entered, an address in the server's place taken apart; empty values are left out."""
        entered = {field.name: self._entered(field) for field in self._schema.fields}
        return {name: text for name, text in taken_apart(self.system.id, entered).items() if text}

    @property
    def changes(self) -> dict[str, str | None] | None:
        """The same as a change of what is stored: nothing where no parameter was touched, None for emptied ones."""
        if not any(field.name in self.changed_data for field in self._schema.fields):
            return None
        given = self.parameters
        return {field.name: given.get(field.name) for field in self._schema.fields}

    def clean(self) -> dict[str, Any]:
        """Every parameter's own check at once, by the rules that the API follows."""
        try:
            read_parameters(self.system.id, self.parameters)
        except DomainError as error:
            self.refuse_parameters(error)
        return self.cleaned_data

    def refuse_parameters(self, error: DomainError) -> None:
        """Put what a service says about parameters next to their fields."""
        named = {name.removeprefix(f"{WITHIN}."): texts for name, texts in error.errors.items()}
        unheard = {name: texts for name, texts in named.items() if name not in self.errors}
        if unheard or not named:
            self.refuse(DomainError(error.code, error.message, errors=unheard))

    def _mark_needed(self, chosen: str | None) -> None:
        """Say which credentials are not optional: the schema cannot, as it depends on the way of signing in."""
        mode = chosen or self.initial.setdefault(AUTH_MODE, "basic")
        needed = (TOKEN,) if mode == "api_token" else (self._schema.account, self._schema.secret)
        for name in (AUTH_MODE, *needed):
            self.fields[name].required = True

    def _section(self, section: Section) -> FormSection:
        title = (section.label or "Project").capitalize()
        return FormSection(
            title=title,
            fields=tuple(self[field.name] for field in section.fields if not field.unused),
            unused=tuple(self[field.name] for field in section.fields if field.unused),
            folded=bool(section.label) and section.label not in _CONNECTING,
        )

    def _entered(self, field: Field) -> str:
        value = self.cleaned_data.get(field.name)
        return ",".join(value) if isinstance(value, list) else str(value or "")


def _beforehand(system: SystemId) -> dict[str, str]:
    """What a new connector's form begins with."""
    schema = form_of(system)
    filled = {
        field.name: field.default
        for section in schema.sections
        for field in section.fields
        if field.default and not field.unused and (field.required or section.label in _CONNECTING)
    }
    usual = urlsplit(default_servers().get(system, ""))
    if usual.netloc:
        filled |= {METHOD: usual.scheme, SERVER: usual.netloc, CONTEXT_ROOT: usual.path.strip("/")}
    return filled


def _spread(system: SystemId, values: Mapping[str, str]) -> dict[str, object]:
    """Initial values as the controls take them: a comma list as a list."""
    listed = {field.name for field in form_of(system).fields if field.type is FieldType.CHECKBOX}
    return {name: list(split_list(text)) if name in listed else text for name, text in values.items()}


def _control(system: SystemId, field: Field) -> forms.Field:
    shown: dict[str, Any] = {"label": field.label, "required": field.required, "help_text": _help(field)}
    choices = [(option.value, option.label) for option in field.options if not option.disabled]
    if field.type is FieldType.RADIO:
        return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **shown)
    if field.type is FieldType.SELECT:
        return forms.ChoiceField(choices=[("", "Not set"), *choices], **shown)
    if field.type is FieldType.CHECKBOX:
        return forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, **shown)
    if field.type is FieldType.BOOLEAN:
        return forms.ChoiceField(choices=[("", "Not set"), ("true", "Yes"), ("false", "No")], **shown)
    if field.is_secret:
        return forms.CharField(widget=SecretInput(), **shown)
    placeholder = field.placeholder or _PLACEHOLDERS.get((system, field.name), "")
    attributes = {"placeholder": placeholder, "autocomplete": "off", "spellcheck": "false"}
    large = field.max_length >= LONGEST_TEXT
    widget = forms.Textarea({**attributes, "rows": 3}) if large else forms.TextInput(attributes)
    return forms.CharField(widget=widget, **shown)


def _help(field: Field) -> str:
    """What it is for, what it does not do here, and what is usual where nothing is filled in."""
    hint = f"Usual: {field.default}" if field.default and field.type is FieldType.STRING and not field.required else ""
    pasted = "You can paste a whole address here." if field.name == SERVER else ""
    return " ".join(part for part in (field.description, field.unused or field.help_text, hint, pasted) if part)
