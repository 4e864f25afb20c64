"""A change to one work item: read from a JSON Patch document, checked, and only then applied.

https://learn.microsoft.com/rest/api/azure/devops/wit/work-items/update
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sandbox.ado import errors, rules
from sandbox.ado.dates import parse_date
from sandbox.ado.exchange import Exchange
from sandbox.ado.field_table import FieldDef
from sandbox.ado.model import Fields, Item, ItemType, Person, Project, Relation, Value
from sandbox.ado.relation_edits import RelationEdits, read_relation

PATCH_TYPE = "application/json-patch+json"
BYPASSABLE = ("System.CreatedBy", "System.CreatedDate", "System.ChangedBy", "System.ChangedDate")


@dataclass
class Draft:
    """What an item would become."""

    project: Project
    item_type: ItemType
    fields: Fields
    formats: dict[str, str]
    item: Item | None = None
    comment: str = ""
    comment_format: str = "html"
    relations: RelationEdits = field(default_factory=RelationEdits)
    requested_formats: dict[str, str] = field(default_factory=dict)
    written: set[str] = field(default_factory=set)
    by: Person | None = None
    when: str = ""

    @property
    def old(self) -> Fields | None:
        return self.item.fields if self.item else None


def new_draft(exchange: Exchange, item_type: ItemType) -> Draft:
    """An empty item of a type, with the defaults the service fills in."""
    project = exchange.project
    fields: Fields = {
        "System.AreaPath": project.areas.field_path,
        "System.TeamProject": project.name,
        "System.IterationPath": project.iterations.field_path,
        "System.WorkItemType": item_type.name,
        "System.State": item_type.initial.name,
        "System.Reason": item_type.initial.reason,
    }
    for name in item_type.fields:
        definition = exchange.org.fields.by_reference.get(name)
        if definition is not None and definition.default is not None:
            fields[name] = definition.default
    return Draft(project, item_type, fields, {})


def edit_draft(exchange: Exchange, item: Item) -> Draft:
    """An existing item, to be changed."""
    item_type = item.project.process.find(item.type)
    if item_type is None:
        raise errors.type_not_found(item.type, item.project.name)
    return Draft(item.project, item_type, dict(item.fields), dict(item.current.formats), item)


def read_patch(exchange: Exchange) -> list[Mapping[str, object]]:
    """The operations of the body. Raises ApiError 415 for another media type, 400 for another shape."""
    sent = exchange.request.headers.get("Content-Type", "")
    if sent.partition(";")[0].strip().lower() != PATCH_TYPE:
        raise errors.media_type_refused(sent)
    body = exchange.json_body()
    if not isinstance(body, list) or not body or not all(isinstance(operation, Mapping) for operation in body):
        raise errors.bad_request("You must pass a valid patch document in the body of the request.")
    return [operation for operation in body if isinstance(operation, Mapping)]


def apply_patch(exchange: Exchange, draft: Draft, operations: list[Mapping[str, object]], *, bypass: bool) -> None:
    """Carry every operation into the draft, in order. Raises ApiError for the first that cannot be."""
    for operation in operations:
        verb, path = str(operation.get("op", "")).lower(), str(operation.get("path", ""))
        if verb not in ("add", "replace", "remove", "test"):
            raise errors.bad_request(f"The patch operation '{verb}' is not supported.")
        head, _, rest = path.strip("/").partition("/")
        match head.lower():
            case "rev" | "id":
                _test_number(draft, head.lower(), verb, operation.get("value"))
            case "fields" if rest:
                _field_operation(exchange, draft, verb, rest, operation.get("value"), bypass=bypass)
            case "relations" if rest:
                _relation_operation(exchange, draft, verb, rest, operation.get("value"))
            case "multilinefieldsformat" if rest:
                _format_operation(exchange, draft, rest, operation.get("value"))
            case _:
                raise errors.bad_request(f"The path '{path}' of a patch operation is not valid.")
    _settle_formats(draft)


def _test_number(draft: Draft, name: str, verb: str, expected: object) -> None:
    if verb != "test":
        raise errors.bad_request(f"/{name} can only be tested.")
    actual = 0 if draft.item is None else (draft.item.current.rev if name == "rev" else draft.item.id)
    if str(expected) != str(actual):
        raise errors.revision_test_failed(expected, actual)


def _field_operation(exchange: Exchange, draft: Draft, verb: str, name: str, raw: object, *, bypass: bool) -> None:
    definition = exchange.org.fields.find(name)
    if definition is None:
        raise errors.field_not_found(name)
    reference = definition.reference
    if verb == "test":
        _test_field(draft, definition, raw)
    elif reference == "System.History":
        draft.comment = str(raw or "")
    elif reference in ("System.TeamProject", "System.WorkItemType"):
        _move(exchange, draft, reference, str(raw))
    elif definition.read_only and not (bypass and reference in BYPASSABLE):
        raise errors.rule_broken(
            definition.name, reference, "ReadOnly, InvalidNotOldValue", "readOnly, invalidNotOldValue"
        )
    elif verb == "remove" or raw is None or raw == "":
        draft.fields.pop(reference, None)
        draft.written.add(reference)
    else:
        _set_field(exchange, draft, definition, verb, raw)


def _test_field(draft: Draft, definition: FieldDef, expected: object) -> None:
    current: Value | None = draft.fields.get(definition.reference)
    shown = current.text if isinstance(current, Person) else current
    if str(shown) != str(expected):
        problem = f"VS403351: Test Operation for path /fields/{definition.reference} failed."
        raise errors.ApiError(412, "TestPatchOperationFailedException", problem)


def _set_field(exchange: Exchange, draft: Draft, definition: FieldDef, verb: str, raw: object) -> None:
    reference = definition.reference
    value = rules.coerce(exchange.org, definition, raw)
    if reference == "System.Tags" and verb == "add":
        # An add joins the tags that are there; only replace takes them away.
        value = rules.normal_tags(f"{draft.fields.get(reference, '')};{value}")
    draft.fields[reference] = value
    draft.written.add(reference)
    if reference == "System.ChangedBy" and isinstance(value, Person):
        draft.by = value
    if reference == "System.ChangedDate":
        draft.when = str(value)


def _move(exchange: Exchange, draft: Draft, reference: str, wanted: str) -> None:
    if draft.item is None:
        return
    if reference == "System.TeamProject":
        project = exchange.org.find_project(wanted)
        if project is None:
            raise errors.project_not_found(wanted)
        draft.project = project
        wanted = project.name
    found = draft.project.process.find(wanted if reference == "System.WorkItemType" else draft.item_type.name)
    if found is None:
        raise errors.type_not_found(wanted, draft.project.name)
    draft.item_type = found
    draft.fields[reference] = found.name if reference == "System.WorkItemType" else wanted
    draft.written.add(reference)


def _format_operation(exchange: Exchange, draft: Draft, name: str, raw: object) -> None:
    definition = exchange.org.fields.find(name)
    if definition is None:
        raise errors.field_not_found(name)
    wanted = str(raw).lower()
    if wanted not in ("markdown", "html") or definition.type not in ("html", "history"):
        raise errors.bad_request(f"The format '{raw}' is not valid for field {name}.")
    if wanted == "html" and draft.formats.get(definition.reference) == "markdown":
        raise errors.bad_request(f"Field {name} is stored as Markdown and cannot be changed back to HTML.")
    draft.requested_formats[definition.reference] = wanted


def _settle_formats(draft: Draft) -> None:
    for reference, wanted in draft.requested_formats.items():
        if reference == "System.History" and draft.comment:
            draft.comment_format = wanted
        elif reference in draft.written:
            draft.formats[reference] = wanted
        else:
            raise errors.bad_request(f"The format of field {reference} can only be set together with its value.")


def _relation_operation(exchange: Exchange, draft: Draft, verb: str, rest: str, raw: object) -> None:
    index, _, attribute = rest.partition("/")
    if verb == "add" and index == "-":
        draft.relations.added.append(read_relation(exchange, draft.item, raw))
        return
    current = draft.item.relations if draft.item else []
    if not index.isdigit() or int(index) >= len(current):
        raise errors.bad_request(f"The relation index {index} is out of range.", "InvalidRelationIndexException")
    relation = current[int(index)]
    if verb == "test":
        return
    if verb == "remove" and not attribute:
        draft.relations.remove(relation)
    elif attribute.lower() == "attributes/comment":
        draft.relations.comments.append((relation, "" if verb == "remove" else str(raw)))
    else:
        raise errors.bad_request(f"The path /relations/{rest} cannot be changed.")


def check_draft(exchange: Exchange, draft: Draft, *, bypass: bool) -> None:
    """All rules, or with permission to bypass only those that always hold."""
    by, when = draft.by or exchange.org.owner, draft.when or exchange.now()
    rules.state_consequences(draft.item_type, draft.fields, draft.old, by=by, when=when)
    item_id = draft.item.id if draft.item else -1
    if bypass:
        rules.check_title(draft.fields)
        rules.check_paths(draft.project, draft.fields, item_id)
    else:
        rules.check(exchange.org, draft.project, draft.item_type, draft.fields, draft.old, item_id=item_id)
    if draft.item is not None and draft.when and parse_date(draft.when) <= parse_date(draft.item.current.changed):
        raise errors.bad_request(
            "VS402625: Dates must be increasing with each revision.", "WorkItemDatesNotIncreasingException"
        )
    draft.relations.check(exchange, draft.item)


def commit_draft(exchange: Exchange, draft: Draft) -> Item:
    """Make the change real: a revision if any field, file or comment changed, else only an update for links."""
    org = exchange.org
    by, when = draft.by or org.owner, draft.when or exchange.now()
    is_new = draft.item is None
    item = draft.item or org.new_item(draft.project)
    if is_new:
        draft.fields.setdefault("System.CreatedDate", when)
        draft.fields.setdefault("System.CreatedBy", by)
    item.project = draft.project
    changed = is_new or draft.fields != item.fields or draft.formats != item.current.formats
    if draft.comment:
        org.append_comment(item, draft.comment, by=by, when=when, fmt=draft.comment_format)
    added, removed, far_ends = draft.relations.apply(exchange, item, by=by, when=when)
    resources = any(_is_resource(relation) for relation in (*added, *removed)) or bool(draft.relations.comments)
    if changed or draft.comment or resources:
        org.record(
            item,
            draft.fields,
            by=by,
            when=when,
            formats=draft.formats,
            history=draft.comment,
            added=added,
            removed=removed,
        )
    elif added or removed:
        org.record_link_edit(item, by=by, when=when, added=added, removed=removed)
    for other, gained, lost in far_ends:
        org.record_link_edit(other, by=by, when=when, added=gained, removed=lost)
    return item


def _is_resource(relation: Relation) -> bool:
    return relation.target is None
