"""The audit log: who changed what and when, with filters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from django.forms import CharField, ChoiceField, DateField, DateInput
from django.http import HttpRequest, HttpResponse

from tenancy.console.base import ConsoleView
from tenancy.console.forms import ConsoleForm
from tenancy.models import AuditEntry
from tenancy.queries import AuditQuery, audit_choices, audit_entries


class AuditFilter(ConsoleForm):
    """What to look for; days are those of UTC, as the entries' own."""

    action = ChoiceField(label="Action", required=False)
    actor = ChoiceField(label="Person", required=False)
    text = CharField(label="Object", max_length=200, required=False)
    since = DateField(label="From", required=False, widget=DateInput(attrs={"type": "date"}))
    until = DateField(label="To", required=False, widget=DateInput(attrs={"type": "date"}))

    def __init__(self, data: Any, *, actions: list[str], actors: list[str]) -> None:
        super().__init__(data)
        self.fields["action"].choices = [("", "All"), *((name, name) for name in actions)]  # type: ignore[attr-defined]
        self.fields["actor"].choices = [("", "Everybody"), *((name, name) for name in actors)]  # type: ignore[attr-defined]

    def query(self) -> AuditQuery:
        """The valid part as a query; what is not valid is shown at its field and left out."""
        self.is_valid()
        found = self.cleaned_data
        return AuditQuery(
            action=found.get("action", ""),
            actor=found.get("actor", ""),
            text=found.get("text", "").strip(),
            since=_at(found.get("since"), time.min),
            until=_at(found.get("until"), time.max),
        )


@dataclass(frozen=True)
class Change:
    """One value before and after."""

    name: str
    before: str
    after: str


class AuditView(ConsoleView):
    """The list."""

    section = "audit"

    def get(self, request: HttpRequest) -> HttpResponse:
        """A page of entries, the newest first, each with its changes."""
        actions, actors = audit_choices(self.organization)
        form = AuditFilter(request.GET, actions=actions, actors=actors)
        page = self.paged(audit_entries(self.organization, form.query()))
        rows = [(entry, list(changes_of(entry))) for entry in page]
        filtered = any(request.GET.get(name) for name in form.fields)
        return self.page("console/organization/audit.html", form=form, page=page, rows=rows, filtered=filtered)


def changes_of(entry: AuditEntry) -> Iterator[Change]:
    """The values that differ, by name."""
    for name in sorted({*entry.before, *entry.after}):
        before, after = entry.before.get(name), entry.after.get(name)
        if before != after:
            yield Change(name.replace("_", " "), _shown(before), _shown(after))


def _shown(value: object) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(_shown(inner) for inner in value)
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_shown(inner)}" for name, inner in value.items())
    return str(value)


def _at(day: date | None, moment: time) -> datetime | None:
    return datetime.combine(day, moment, tzinfo=UTC) if day else None
