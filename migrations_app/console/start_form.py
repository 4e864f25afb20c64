"""The form of a new run: built from the table of options, read back as the body of a start call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django import forms
from django.utils import timezone

from connectors.domain.errors import DomainError
from migrations_app.api.start_body import OPTIONS as WITHIN
from migrations_app.api.start_body import SOURCE
from migrations_app.console.start_options import GROUPS, KIND, OPTIONS, OVERRIDES, Kind, Option
from migrations_app.engine.state import RunType
from tenancy.console.forms import ConsoleForm

MOST_LINES = 2_000
LOCAL = "%Y-%m-%dT%H:%M"
TYPES = (
    (RunType.FULL.value, "Full: everything that was not moved yet"),
    (RunType.SAMPLE.value, "Sample: a small set, really written, to look at in the target"),
    (RunType.INCREMENTAL.value, "Incremental: what is new or has changed since the last run"),
)


@dataclass(frozen=True, slots=True)
class Offers:
    """What the source holds, as its newest scan or look told: types and areas with how many items each has."""

    types: Mapping[str, int]
    areas: Mapping[str, int]


class StartForm(ConsoleForm):
    """Names of fields are those of the API."""

    type = forms.ChoiceField(label="Kind of run", choices=TYPES, widget=forms.RadioSelect, initial=RunType.FULL.value)
    zone = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None = None, *, offers: Offers, **more: Any) -> None:
        super().__init__(data, **more)
        self.offers = offers
        self.fields["type_filter"] = _types_field(offers)
        self.fields["area_filter"] = forms.CharField(
            required=False,
            max_length=4_000,
            label="Area",
            help_text="Only items of this area and the areas below it. Empty: all.",
            widget=forms.TextInput(attrs={"list": "areas"} if offers.areas else {}),
        )
        for option in OPTIONS:
            self.fields[option.name] = _field(option)

    def groups(self) -> Iterator[tuple[str, list[forms.BoundField]]]:
        """The options below each heading, those of a single run apart."""
        for key, title in GROUPS.items():
            if key != OVERRIDES:
                yield title, [self[option.name] for option in OPTIONS if option.group == key]

    def kinds(self) -> list[forms.BoundField]:
        """What stands beside the kind of the run."""
        return [self[option.name] for option in OPTIONS if option.group == KIND]

    def overrides(self) -> list[forms.BoundField]:
        """Names that hold for this run only."""
        return [self[option.name] for option in OPTIONS if option.group == OVERRIDES]

    def has_overrides(self) -> bool:
        """Whether any of them was filled in, or is wrong."""
        return any(bound.value() or bound.errors for bound in self.overrides())

    def clean(self) -> dict[str, Any]:
        """The time of the reader's clock is read in the reader's zone."""
        data = super().clean() or {}
        moment = data.get("start_at")
        if isinstance(moment, datetime):
            data["start_at"] = _in_zone(moment, data.get("zone", ""))
            if data["start_at"] < timezone.now():
                self.add_error("start_at", "This time has passed. Choose a later one, or leave it empty to start now.")
        return data

    def as_body(self) -> dict[str, Any]:
        """A start call with the project's connectors."""
        data = self.cleaned_data
        options = {option.name: data[option.name] for option in OPTIONS if data[option.name] not in (None, "", {})}
        if isinstance(options.get("start_at"), datetime):
            options["start_at"] = options["start_at"].isoformat()
        chosen = data["type_filter"]
        types = chosen if isinstance(chosen, str) else ",".join(chosen)
        source = {"area_filter": data["area_filter"], "type_filter": types}
        return {"type": data["type"], "enginePayload": {"source": source, "options": options}}

    def refuse_call(self, error: DomainError) -> None:
        """A refusal of the start call, next to the fields it names."""
        renamed = {_own_name(name): texts for name, texts in error.errors.items()}
        self.refuse(DomainError(error.code, error.message, errors=renamed))


class NamesField(forms.CharField):
    """Lines of `name = target`."""

    widget = forms.Textarea(attrs={"rows": 4, "spellcheck": "false"})

    def to_python(self, value: Any) -> Any:
        """A map of the names; raises ValidationError naming the line."""
        lines = str(super().to_python(value) or "").splitlines()
        if len(lines) > MOST_LINES:
            raise forms.ValidationError(f"No more than {MOST_LINES:,} lines. Use the mapping for so many.")
        names: dict[str, str] = {}
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            name, equals, target = (part.strip() for part in line.partition("="))
            if not (name and equals and target):
                raise forms.ValidationError(f"Line {number} must look like: name = target.")
            names[name] = target
        return names

    def validate(self, value: Any) -> None:
        """Empty is fine."""


def _field(option: Option) -> forms.Field:
    common: dict[str, Any] = {"label": option.label, "help_text": option.help, "required": False}
    match option.kind:
        case Kind.FLAG:
            return forms.BooleanField(**common, initial=option.default)
        case Kind.CHOICE:
            return forms.ChoiceField(**{**common, "required": True}, choices=option.choices, initial=option.default)
        case Kind.NUMBER:
            return forms.IntegerField(**common, min_value=1, max_value=option.most, initial=option.default)
        case Kind.MOMENT:
            widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=LOCAL)
            return forms.DateTimeField(**common, input_formats=(LOCAL, f"{LOCAL}:%S"), widget=widget)
        case Kind.NAMES:
            return NamesField(**common)


def _types_field(offers: Offers) -> forms.Field:
    common: dict[str, Any] = {"label": "Types", "required": False}
    if not offers.types:
        return forms.CharField(**common, max_length=4_000, help_text="Only these types, with commas. Empty: all.")
    ordered = sorted(offers.types.items(), key=lambda each: (-each[1], each[0]))
    choices: Sequence[tuple[str, str]] = [(name, f"{name} ({count:,})") for name, count in ordered]
    return forms.MultipleChoiceField(
        **common, choices=choices, widget=forms.CheckboxSelectMultiple, help_text="None chosen: all types."
    )


def _in_zone(moment: datetime, zone: str) -> datetime:
    """The wall clock's time in the reader's zone, or in UTC where the page could not tell it."""
    try:
        known = ZoneInfo(zone) if zone else ZoneInfo("UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        known = ZoneInfo("UTC")
    return moment.replace(tzinfo=known)


def _own_name(name: str) -> str:
    for within in (WITHIN, SOURCE):
        if name.startswith(f"{within}."):
            return name.removeprefix(f"{within}.").split(".", 1)[0]
    return name
