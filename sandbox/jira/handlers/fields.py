"""Fields, their contexts and options, and the screens that make them settable."""

from __future__ import annotations

from sandbox.http import Response, empty_response
from sandbox.jira.endpoints import Ask, Endpoints
from sandbox.jira.errors import Refusal, refuse
from sandbox.jira.fields import CUSTOM_BY_KEY, SYSTEM_BY_ID, clause_names, schema
from sandbox.jira.models import Context, Field, JsonObject, Option, Screen, Tab
from sandbox.jira.payload import read_object, strings
from sandbox.jira.setup import add_option
from sandbox.jira.wire import page

endpoints = Endpoints()
OPTIONS_PER_CALL = 1_000
OPTIONS_PER_FIELD = 10_000


@endpoints.platform("GET", "field", anonymous=True)
def all_fields(ask: Ask) -> Response:
    """Every field; ids of custom ones differ from site to site."""
    return ask.json([_field(entry) for entry in ask.state.fields.values()])


@endpoints.platform("GET", "field/search")
def search_fields(ask: Ask) -> Response:
    """Fields in pages, by words, id and kind."""
    start, size = ask.window()
    words, ids, kinds = (ask.param("query") or "").lower(), ask.listed("id"), ask.listed("type")
    found = [
        entry
        for entry in ask.state.fields.values()
        if words in entry.name.lower()
        and (not ids or entry.id in ids)
        and (not kinds or ("custom" if entry.is_custom else "system") in kinds)
    ]
    shown = [
        {"id": e.id, "name": e.name, "schema": schema(e), "description": e.description}
        for e in found[start : start + size]
    ]
    return ask.json(page(shown, start=start, size=size, total=len(found)))


def _field(entry: Field) -> JsonObject:
    system = SYSTEM_BY_ID.get(entry.id)
    made: JsonObject = {
        "id": entry.id,
        "key": entry.id,
        "name": entry.name,
        "custom": entry.is_custom,
        "orderable": system is None or system.screen,
        "navigable": system is None or system.navigable,
        "searchable": bool(clause_names(entry)),
        "clauseNames": clause_names(entry),
    }
    if entry.id != "issuekey":
        made["schema"] = schema(entry)
    return made


def _administrator(ask: Ask) -> None:
    if not ask.caller.may("ADMINISTER"):
        raise refuse(403, "Only Jira administrators can perform this operation.")


@endpoints.platform("POST", "field")
def create_field(ask: Ask) -> Response:
    """A new custom field with a global context, on no screen yet."""
    _administrator(ask)
    body = read_object(ask.call.request, ("name", "description", "type", "searcherKey"))
    name, key = body.get("name"), body.get("type")
    if not isinstance(name, str) or not name.strip():
        raise refuse(400, name="The custom field name is required.")
    if len(name) > 255:
        raise refuse(400, name="The custom field name must be shorter than 255 characters.")
    custom = CUSTOM_BY_KEY.get(key) if isinstance(key, str) else None
    if custom is None:
        raise refuse(400, type=f"Unknown custom field type: {key}.")
    state = ask.state
    context = Context(state.id("context", 10_100), f"Default Configuration Scheme for {name}")
    entry = Field(
        f"customfield_{state.number('customfield')}",
        name,
        custom.kind,
        description=str(body.get("description") or ""),
        custom_key=custom.key,
        searcher_key=str(body.get("searcherKey") or ""),
        contexts=[context],
    )
    state.fields[entry.id] = entry
    return ask.json(_field(entry), 201)


@endpoints.platform("DELETE", "field/{id}")
def delete_field(ask: Ask) -> Response:
    """Remove a custom field; answered with a task."""
    _administrator(ask)
    entry = _custom_field(ask)
    del ask.state.fields[entry.id]
    for screen in ask.state.screens.values():
        for tab in screen.tabs:
            if entry.id in tab.fields:
                tab.fields.remove(entry.id)
    return empty_response(303, {"Location": ask.wire.url(f"task/{ask.state.id('task')}")})


def _custom_field(ask: Ask) -> Field:
    entry = ask.state.fields.get(ask.call["id"])
    if entry is None or not entry.is_custom:
        raise refuse(404, "The custom field was not found.")
    return entry


@endpoints.platform("GET", "field/{id}/context")
def contexts(ask: Ask) -> Response:
    """Where a field exists."""
    _administrator(ask)
    entry = _custom_field(ask)
    start, size = ask.window()
    wanted = ask.listed("contextId")
    found = [context for context in entry.contexts if not wanted or context.id in wanted]
    shown = [
        {
            "id": context.id,
            "name": context.name,
            "description": context.description,
            "isGlobalContext": not context.project_ids,
            "isAnyIssueType": not context.type_ids,
        }
        for context in found[start : start + size]
    ]
    return ask.json(page(shown, start=start, size=size, total=len(found)))


@endpoints.platform("POST", "field/{id}/context")
def create_context(ask: Ask) -> Response:
    """Another context, for some projects or types."""
    _administrator(ask)
    entry = _custom_field(ask)
    body = read_object(ask.call.request, ("id", "name", "description", "projectIds", "issueTypeIds"))
    projects, types = strings(body, "projectIds"), strings(body, "issueTypeIds")
    if not isinstance(body.get("name"), str) or not body["name"]:
        raise refuse(400, name="The name is required.")
    if any(p not in ask.state.projects for p in projects) or any(t not in ask.state.types for t in types):
        raise refuse(404, "The project or issue type was not found.")
    if not projects and any(not context.project_ids for context in entry.contexts):
        raise refuse(400, "There can only be one global context for a field.")
    context = Context(
        ask.state.id("context", 10_100),
        str(body["name"]),
        str(body.get("description") or ""),
        frozenset(projects),
        frozenset(types),
    )
    entry.contexts.append(context)
    shown = {"id": context.id, "name": context.name, "description": context.description}
    return ask.json({**shown, "projectIds": projects, "issueTypeIds": types}, 201)


def _context(ask: Ask) -> tuple[Field, Context]:
    entry = _custom_field(ask)
    found = next((context for context in entry.contexts if context.id == ask.call["context"]), None)
    if found is None:
        raise refuse(404, "The context was not found.")
    return entry, found


@endpoints.platform("GET", "field/{id}/context/{context}/option")
def options(ask: Ask) -> Response:
    """The values of a select field in a context, in order."""
    _administrator(ask)
    _, context = _context(ask)
    start, size = ask.window(default=100)
    found = list(context.options.values())
    shown = [_option(option) for option in found[start : start + size]]
    return ask.json(page(shown, start=start, size=size, total=len(found)))


def _option(option: Option) -> JsonObject:
    made: JsonObject = {"id": option.id, "value": option.value, "disabled": option.disabled}
    if option.parent is not None:
        made["optionId"] = option.parent.id
    return made


@endpoints.platform("POST", "field/{id}/context/{context}/option")
def create_options(ask: Ask) -> Response:
    """More values; all or none."""
    _administrator(ask)
    entry, context = _context(ask)
    if entry.kind not in ("select", "multiselect", "cascade"):
        raise refuse(400, "The field does not support options.")
    body = read_object(ask.call.request, ("options",))
    given = body.get("options")
    if not isinstance(given, list) or not given:
        raise refuse(400, "options: must not be empty")
    if len(given) > OPTIONS_PER_CALL:
        raise refuse(400, "Only 1000 options can be created at once.")
    if len(context.options) + len(given) > OPTIONS_PER_FIELD:
        raise refuse(400, "The field has reached the limit of 10000 options.")
    wanted = [_wanted_option(context, item) for item in given]
    if len(set(wanted)) != len(wanted):
        raise refuse(400, "The option values must be unique.")
    made = [add_option(ask.state, context, value, parent=context.options.get(parent)) for value, parent in wanted]
    return ask.json({"options": [_option(option) for option in made]})


def _wanted_option(context: Context, raw: object) -> tuple[str, str]:
    value = raw.get("value") if isinstance(raw, dict) else None
    if not isinstance(raw, dict) or not isinstance(value, str) or not value.strip():
        raise refuse(400, "The option value cannot be empty.")
    parent = str(raw.get("optionId") or "")
    if parent and parent not in context.options:
        raise refuse(404, "The parent option was not found.")
    for known in context.options.values():
        if known.value.lower() == value.lower() and (known.parent.id if known.parent else "") == parent:
            raise refuse(400, f"The option '{value}' already exists.")
    return value, parent


@endpoints.platform("GET", "screens")
def screens(ask: Ask) -> Response:
    """All screens in pages."""
    _administrator(ask)
    start, size = ask.window(default=100)
    ids = ask.listed("id")
    words = (ask.param("queryString") or "").lower()
    found = [s for s in ask.state.screens.values() if (not ids or s.id in ids) and words in s.name.lower()]
    shown = [{"id": int(s.id), "name": s.name, "description": ""} for s in found[start : start + size]]
    return ask.json(page(shown, start=start, size=size, total=len(found)))


def _screen(ask: Ask) -> Screen:
    found = ask.state.screens.get(ask.call["id"])
    if found is None:
        raise refuse(404, "The screen was not found.")
    return found


def _tab(ask: Ask) -> Tab:
    found = next((tab for tab in _screen(ask).tabs if tab.id == ask.call["tab"]), None)
    if found is None:
        raise refuse(404, "The screen tab was not found.")
    return found


@endpoints.platform("GET", "screens/{id}/tabs")
def tabs(ask: Ask) -> Response:
    """The tabs of a screen."""
    _administrator(ask)
    return ask.json([{"id": int(tab.id), "name": tab.name} for tab in _screen(ask).tabs])


@endpoints.platform("GET", "screens/{id}/tabs/{tab}/fields")
def tab_fields(ask: Ask) -> Response:
    """The fields of a tab."""
    _administrator(ask)
    found = [ask.state.fields[field_id] for field_id in _tab(ask).fields]
    return ask.json([{"id": entry.id, "name": entry.name} for entry in found])


@endpoints.platform("POST", "screens/{id}/tabs/{tab}/fields")
def add_tab_field(ask: Ask) -> Response:
    """Put a field on a screen; from then on it can be set there."""
    _administrator(ask)
    tab = _tab(ask)
    body = read_object(ask.call.request, ("fieldId",))
    entry = ask.state.fields.get(str(body.get("fieldId")))
    if entry is None:
        raise refuse(404, "The field was not found.")
    if entry.id in _screen(ask).field_ids():
        raise _already_there(entry)
    tab.fields.append(entry.id)
    return ask.json({"id": entry.id, "name": entry.name})


def _already_there(entry: Field) -> Refusal:
    return refuse(400, f"The field with id '{entry.id}' already exists on the screen.")


@endpoints.platform("DELETE", "screens/{id}/tabs/{tab}/fields/{field}")
def remove_tab_field(ask: Ask) -> Response:
    """Take a field off a screen."""
    _administrator(ask)
    tab = _tab(ask)
    if ask.call["field"] not in tab.fields:
        raise refuse(404, "The field was not found on the screen tab.")
    tab.fields.remove(ask.call["field"])
    return empty_response(204)
