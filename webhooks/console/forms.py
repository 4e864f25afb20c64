"""The form of a webhook."""

from __future__ import annotations

from django.forms import BooleanField, CharField, CheckboxSelectMultiple, MultipleChoiceField, PasswordInput, URLInput
from django.forms.boundfield import BoundWidget

from tenancy.console.forms import ConsoleForm
from webhooks.events import EVENTS, PATTERNS
from webhooks.services import LONGEST_SECRET, LONGEST_URL, WebhookChanges, wrong_address

_KINDS = {"run": "Runs", "scan": "Scans", "synchronization": "Synchronizations"}


def event_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Events below what they are about, each group led by the pattern that stands for all of it."""
    groups = []
    for pattern in PATTERNS:
        kind = pattern.partition(".")[0]
        own = [(event, event.partition(".")[2].capitalize()) for event in EVENTS if event.startswith(f"{kind}.")]
        groups.append((_KINDS.get(kind, kind.capitalize()), [(pattern, "All of these"), *own]))
    return groups


class WebhookForm(ConsoleForm):
    """Where to, what about, and how it is signed."""

    url = CharField(
        label="Address",
        max_length=LONGEST_URL,
        widget=URLInput(attrs={"placeholder": "https://"}),
        help_text="An https address. Each event is sent to it as a POST with a JSON body.",
    )
    name = CharField(label="Name", max_length=200, required=False)
    events = MultipleChoiceField(
        label="Events",
        choices=event_choices,
        widget=CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one event."},
    )
    active = BooleanField(label="Send events", required=False, initial=True)
    secret = CharField(
        label="Signing secret",
        max_length=LONGEST_SECRET,
        required=False,
        widget=PasswordInput(attrs={"autocomplete": "off"}),
        help_text="Leave it empty and one is made for you.",
    )

    def event_groups(self) -> list[tuple[str, list[BoundWidget]]]:
        """The boxes below their groups' titles."""
        boxes = {str(box.data["value"]): box for box in self["events"].subwidgets}
        return [(title, [boxes[value] for value, _ in choices]) for title, choices in event_choices()]

    def clean_url(self) -> str:
        """What the service will say, said beside the other fields' errors."""
        url: str = self.cleaned_data["url"]
        if wrong := wrong_address(url):
            self.add_error("url", wrong)
        return url

    def changes(self) -> WebhookChanges:
        """The valid form as the service takes it."""
        found = self.cleaned_data
        return WebhookChanges(
            name=found["name"],
            url=found["url"],
            events=found["events"],
            active=found["active"],
            secret=found["secret"] or None,
        )


class WebhookEditForm(WebhookForm):
    """The same for one that exists."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["secret"].help_text = "Leave it empty to keep the present one."
