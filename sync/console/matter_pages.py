"""Conflicts and errors as work for people: both values, the base, who and when, and what to do."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse

from connectors.domain.errors import DomainError
from sync.console.base import SyncView
from sync.models import Matter, MatterKind, MatterStatus
from sync.queries import find_matter, matter_values, matters_of
from sync.services.matters import Resolution, resolve_matter
from tenancy.permissions import Action

SIZE = 20
_LONGEST = 4_000


class MatterList(SyncView):
    """What waits for a decision, the newest first."""

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        """A page, narrowed by kind, state and item."""
        row = self.find_synchronization(key)
        asked = {
            "kind": request.GET.get("kind", ""),
            "status": request.GET.get("status", MatterStatus.OPEN.value),
            "q": request.GET.get("q", "").strip()[:100],
        }
        kind = asked["kind"] if asked["kind"] in MatterKind.values else ""
        status = asked["status"] if asked["status"] in MatterStatus.values else ""
        page = self.paged(matters_of(row, status=status, kind=kind, text=asked["q"]), size=SIZE)
        return self.drawn(
            "console/synchronizations/matters.html",
            row,
            page=page,
            matters=[shown_matter(each) for each in page],
            asked=asked,
            kinds=MatterKind.choices,
            statuses=MatterStatus.choices,
            narrowed=bool(kind or asked["q"] or status != MatterStatus.OPEN.value),
        )


class ResolveMatter(SyncView):
    """Take one side's value, an edited one, ignore the change, or try it again."""

    post_action = Action.RESOLVE_CONFLICTS

    def post(self, request: HttpRequest, key: str, matter: int) -> HttpResponse:
        """The next pass carries the answer out."""
        row = self.find_synchronization(key)
        found = find_matter(self.organization, matter)
        if found.synchronization_id != row.pk:
            raise DomainError("MATTER_NOT_FOUND", f"{row.key} has no matter {matter}", status=404)
        how = request.POST.get("resolution", "")
        try:
            value = _edited(request.POST.get("value", ""), found) if how == "edit" else None
            resolve_matter(found, Resolution(how, value, 1), by=self.principal)
            self.say(f"{found.item}: the next pass carries this out.")
        except DomainError as error:
            self.say(error.message, kind="bad")
        if not self.asked_by_htmx:
            return self.go("sync_console:matters", key=row.key)
        fresh = find_matter(self.organization, matter)
        return self.fragment("console/synchronizations/_matter.html", row=row, matter=shown_matter(fresh))


def shown_matter(matter: Matter) -> dict[str, Any]:
    """A matter with its values as text; a value that a person may edit goes with it."""
    stored = matter_values(matter)
    base, values = stored["base"] or [None, None], stored["values"] or [None, None]
    editable = matter.kind == MatterKind.CONFLICT and isinstance(values[0], str | int | float | None)
    return {
        "row": matter,
        "is_conflict": matter.kind == MatterKind.CONFLICT,
        "is_open": matter.status == MatterStatus.OPEN,
        "first": as_text(values[0]),
        "second": as_text(values[1]),
        "base": as_text(base[0]),
        "editable": editable and bool(matter.field) and ":" not in matter.field and matter.field != "type",
        "advice": advice(matter),
    }


def as_text(value: Any) -> str:
    """A value as people read it."""
    if value is None or value == "":
        return ""
    if isinstance(value, dict) and isinstance(value.get("text"), str):
        return str(value["text"])[:_LONGEST]
    if isinstance(value, dict) and "document" in value:
        return _words(value["document"])[:_LONGEST]
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)[:_LONGEST]
    return str(value)[:_LONGEST] if isinstance(value, str | int | float) else json.dumps(value)[:_LONGEST]


def advice(matter: Matter) -> str:
    """What to do about it, in a sentence."""
    usual = (
        "Both sides changed it since they last agreed. Choose which value both shall have."
        if matter.kind == MatterKind.CONFLICT
        else "Change it on either side, or in the mapping, and try again."
    )
    return _ADVICE.get(matter.code, usual)


_ADVICE = {
    "STATE_UNREACHABLE": "No path of transitions leads there. Change the item's status by hand, or the status mapping, "
    "and try again.",
    "TYPES_DIFFER": "Map these types to each other, or change the type on one side, and try again. Leaving both as "
    "they are lets the pair go on.",
    "PARTNER_GONE": "Take the side whose wish counts: the item is closed or labelled as the rules say, or stays.",
    "FOREIGN_PART_EDITED": "This part of the description comes from another field, so it is not carried back. Edit "
    "that field instead, or leave both as they are.",
    "TEXT_WAS_CUT": "The text goes on in an attached file, so it is never carried back. Edit it on the side that has "
    "all of it.",
    "MEDIA_WOULD_BE_LOST": "Add the picture to the other item by hand, or leave both as they are.",
    "PERMISSION_MISSING": "Give the account of the connector this permission, then try again.",
    "ATTACHMENT_TOO_LARGE": "The file is over the other side's limit. Limit sizes in the mapping, or ignore it.",
    "ATTACHMENTS_UNSUPPORTED": "The other side takes no files over its interface. Ignore it, or leave files out of the "
    "mapping.",
}


def _words(document: Any) -> str:
    if isinstance(document, dict):
        return str(document.get("text", "")) + " ".join(_words(each) for each in document.get("content", []))
    return ""


def _edited(text: str, matter: Matter) -> Any:
    values = matter_values(matter)["values"] or [None]
    if isinstance(values[0], int | float) and not isinstance(values[0], bool):
        try:
            return float(text)
        except ValueError:
            raise DomainError("VALIDATION_FAILED", f"{text[:60]!r} is no number.") from None
    return text or None
