"""The mapping of a synchronization: edited as a draft, checked against both projects, published as a whole."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse

from connectors.domain.errors import DomainError
from connectors.domain.sides import STATE, SideShape
from sync.console.base import SyncView, Trouble
from sync.console.making import DELETIONS, INITIAL, POLICIES
from sync.models import Synchronization
from sync.queries import sides_of
from sync.services import draft_mappings, drafts
from sync.services.checking import find_problems
from sync.services.suggesting import suggested_configuration
from sync.shapes import stored_shape
from tenancy.permissions import Action

PARTS = (
    ("types", "Types"),
    ("fields", "Fields"),
    ("values", "Values"),
    ("states", "States"),
    ("links", "Links"),
    ("rest", "Comments, files, rules"),
    ("json", "As JSON"),
)
DIRECTIONS = (("BOTH", "both ways"), ("FIRST_TO_SECOND", "first to second"), ("SECOND_TO_FIRST", "second to first"))
_KINDS = {"types": "issueTypeMappings", "fields": "fieldMappings", "links": "linkMappings"}
_ENDS = {
    "types": ("firstType", "secondType"),
    "fields": ("firstField", "secondField"),
    "links": ("firstLinkType", "secondLinkType"),
}


class MappingPage(SyncView):
    """One part of the mapping: the draft's when there is one, else what is in force."""

    post_action = Action.MANAGE_SYNCHRONIZATIONS

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        """The part that the address names."""
        row = self.find_synchronization(key)
        part = request.GET.get("part", "types")
        return self._draw(row, part if part in dict(PARTS) else "types")

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        """An order of one of the part's forms."""
        row = self.find_synchronization(key)
        part = request.POST.get("part", "types")
        try:
            drafts.create_draft(row, by=self.principal)
            self._obey(row, part, request)
        except Trouble as trouble:
            if part == "json" and isinstance(trouble, DomainError):
                words = [f"{place}: {text}" for place, texts in trouble.errors.items() for text in texts]
                return self._draw(
                    self.find_synchronization(key),
                    part,
                    status=422,
                    typed=request.POST.get("document", ""),
                    wrong=words or [trouble.message],
                )
            self.say_refusal(trouble)
        return self.go_to(f"{request.path}?part={part}")

    def _obey(self, row: Synchronization, part: str, request: HttpRequest) -> None:
        order = request.POST.get("order", "")
        given = request.POST
        if order == "add" and part in _KINDS:
            first, second = _ENDS[part]
            mapping = {first: given.get("first", ""), second: given.get("second", "")}
            mapping["direction"] = given.get("direction", "BOTH")
            draft_mappings.add_mappings(row, _KINDS[part], [mapping], by=self.principal)
        elif order == "turn" and part in _KINDS:
            self._turn(row, part, given.get("id", ""), given.get("direction", "BOTH"))
        elif order == "remove" and part in _KINDS:
            draft_mappings.remove_mapping(row, _KINDS[part], given.get("id", ""), by=self.principal)
        elif order == "steps":
            self._edit(row, _with_steps(self._document(row), given))
        elif order == "pairs":
            self._edit(row, _with_pairs(self._document(row), given))
        elif order == "rest":
            self._edit(row, _with_rest(self._document(row), given))
        elif order == "json":
            self._edit(row, _read_json(given.get("document", "")))
        elif order == "suggest":
            kept = {name: self._document(row)[name] for name in ("policy", "initialPass", "deletionPolicy")}
            self._edit(row, suggested_configuration(row, keep=kept))
            self.say("Everything is proposed anew. Nothing is in force before you publish it.", kind="info")

    def _turn(self, row: Synchronization, part: str, mapping_id: str, direction: str) -> None:
        kind = _KINDS[part]
        mapping = next((each for each in self._document(row)[kind] if each["id"] == mapping_id), {"id": mapping_id})
        draft_mappings.replace_mapping(row, kind, {**mapping, "direction": direction}, by=self.principal)

    def _edit(self, row: Synchronization, document: Mapping[str, Any]) -> None:
        drafts.edit_draft(row, document, by=self.principal)

    def _document(self, row: Synchronization) -> dict[str, Any]:
        row.refresh_from_db(fields=["draft"])
        found: dict[str, Any] = json.loads(json.dumps(drafts.draft_of(row)))
        return found

    def _draw(
        self, row: Synchronization, part: str, *, status: int = 200, typed: str | None = None, wrong: Any = ()
    ) -> HttpResponse:
        document = row.configuration if row.draft is None else row.draft
        shapes = [stored_shape(side, fresh_only=False) for side in sides_of(row)]
        return self.drawn(
            "console/synchronizations/mapping.html",
            row,
            status=status,
            part=part,
            parts=[(name, label, _count(document, name)) for name, label in PARTS],
            document=document,
            rows=_rows(document, part, shapes),
            options=_options(part, shapes),
            described=all(shapes),
            directions=DIRECTIONS,
            policies=POLICIES,
            deletions=DELETIONS,
            initial=INITIAL,
            text=json.dumps(document, indent=2, ensure_ascii=False) if typed is None else typed,
            wrong=wrong,
            closed=document.get("closeStates") or {},
        )


class CheckMapping(SyncView):
    """What both projects do not offer of it, asked live."""

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        """A part of the page."""
        row = self.find_synchronization(key)
        try:
            found = find_problems(row, row.draft if row.draft is not None else None, fresh=True)
        except Trouble as trouble:
            return self.fragment("console/synchronizations/_problems.html", row=row, problems=[], trouble=trouble)
        return self.fragment("console/synchronizations/_problems.html", row=row, problems=found, trouble=None)


class EndDraft(SyncView):
    """Publish the draft, or throw it away."""

    post_action = Action.MANAGE_SYNCHRONIZATIONS

    def post(self, request: HttpRequest, key: str, how: str) -> HttpResponse:
        """All of it or nothing."""
        row = self.find_synchronization(key)
        try:
            if how == "publish":
                drafts.publish_draft(row, by=self.principal)
                self.say("Published. All items are compared again under the new mapping.")
            else:
                drafts.discard_draft(row, by=self.principal)
                self.say("The draft is discarded. What was in force stays in force.")
        except Trouble as trouble:
            self.say_refusal(trouble)
        return self.go("sync_console:mapping", key=row.key)


def _count(document: Mapping[str, Any], part: str) -> int | None:
    kind = {**_KINDS, "values": "valueMappings", "states": "workflowMappings"}.get(part)
    return len(document.get(kind) or []) if kind else None


def _rows(document: Mapping[str, Any], part: str, shapes: list[SideShape | None]) -> list[dict[str, Any]]:
    if part in _KINDS:
        first, second = _ENDS[part]
        return [
            {
                "id": each["id"],
                "first": _name(part, each[first], shapes[0]),
                "second": _name(part, each[second], shapes[1]),
                "direction": each["direction"],
            }
            for each in document.get(_KINDS[part]) or []
        ]
    if part == "values":
        return [
            {**each, "text": "\n".join(f"{pair['first']} = {pair['second']}" for pair in each["pairs"])}
            for each in document.get("valueMappings") or []
        ]
    if part == "states":
        return [_workflow_row(each, shapes) for each in document.get("workflowMappings") or []]
    return []


def _workflow_row(mapping: Mapping[str, Any], shapes: list[SideShape | None]) -> dict[str, Any]:
    ours, theirs = _states(shapes[0], mapping["firstType"]), _states(shapes[1], mapping["secondType"])
    ways = []
    for way, states, targets in (("firstToSecond", ours, theirs), ("secondToFirst", theirs, ours)):
        chosen = {step["from"]: step["to"] for step in mapping[way]}
        names = list(dict.fromkeys([*states, *chosen]))
        offered = list(dict.fromkeys([*targets, *chosen.values()]))
        ways.append({"name": way, "steps": [(name, chosen.get(name, "")) for name in names], "offered": offered})
    return {**mapping, "ways": ways}


def _states(shape: SideShape | None, type_name: str) -> tuple[str, ...]:
    found = next((each for each in shape.types if each.name == type_name), None) if shape else None
    return found.states if found else ()


def _name(part: str, value: str, shape: SideShape | None) -> str:
    field = shape.field(value) if part == "fields" and shape else None
    return f"{field.name} ({value})" if field and field.name.casefold() != value.casefold() else value


def _options(part: str, shapes: list[SideShape | None]) -> list[list[tuple[str, str]]]:
    found: list[list[tuple[str, str]]] = []
    for shape in shapes:
        if shape is None:
            found.append([])
        elif part == "types":
            found.append([(each.name, each.name) for each in shape.types])
        elif part == "links":
            found.append([(each, each) for each in shape.link_types])
        else:
            fields = [each for each in shape.fields if each.id != STATE]
            found.append([(each.id, f"{each.name} ({each.kind.value})") for each in fields])
    return found


def _with_steps(document: dict[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    mapping = _of_id(document["workflowMappings"], given.get("id", ""))
    for way in ("firstToSecond", "secondToFirst"):
        steps = []
        place = 0
        while f"{way}-{place}-from" in given:
            target = given.get(f"{way}-{place}-to", "")
            if target:
                steps.append({"from": given[f"{way}-{place}-from"], "to": target})
            place += 1
        mapping[way] = steps
    return document


def _with_pairs(document: dict[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    mapping = _of_id(document["valueMappings"], given.get("id", ""))
    pairs = []
    for line in given.get("pairs", "").splitlines():
        first, separator, second = line.partition("=")
        if line.strip():
            if not separator or not first.strip() or not second.strip():
                raise DomainError("VALIDATION_FAILED", f"Write each pair as “first = second”: {line.strip()[:60]!r}")
            pairs.append({"first": first.strip(), "second": second.strip()})
    mapping["pairs"] = pairs
    mapping["mode"] = "correlation" if pairs else "passthrough"
    return document


def _with_rest(document: dict[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    document["parents"] = given.get("parents") == "on"
    document["policy"] = given.get("policy", document["policy"])
    document["responsible"] = given.get("responsible", document["responsible"])
    document["otherSideChanges"] = given.get("otherSideChanges", document["otherSideChanges"])
    document["deletionPolicy"] = given.get("deletionPolicy", document["deletionPolicy"])
    document["initialPass"] = given.get("initialPass", document["initialPass"])
    document["closeStates"] = {"first": given.get("closeFirst", ""), "second": given.get("closeSecond", "")}
    document["commentMapping"] = _optional(
        document["commentMapping"],
        given.get("comments", ""),
        edits=given.get("commentEdits") == "on",
        deletions=given.get("commentDeletions") == "on",
        authorLine=given.get("authorLine") == "on",
    )
    size = given.get("maxSizeMb", "").strip()
    document["attachmentMapping"] = _optional(
        document["attachmentMapping"],
        given.get("files", ""),
        deletions=given.get("fileDeletions") == "on",
        maxSizeMb=_number(size) if size else None,
    )
    return document


def _optional(mapping: dict[str, Any] | None, direction: str, **values: Any) -> dict[str, Any] | None:
    return {**(mapping or {}), "direction": direction, **values} if direction else None


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise DomainError("VALIDATION_FAILED", f"{text[:20]!r} is no number of megabytes.") from None


def _of_id(listed: list[dict[str, Any]], wanted: str) -> dict[str, Any]:
    found = next((each for each in listed if each["id"] == wanted), None)
    if found is None:
        raise DomainError("MAPPING_NOT_FOUND", "This mapping is gone: somebody else changed the draft.", status=404)
    return found


def _read_json(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DomainError("CONFIGURATION_INVALID", f"This is no JSON: {error}") from None
    if not isinstance(found, dict):
        raise DomainError("CONFIGURATION_INVALID", "An object is expected.")
    return found
