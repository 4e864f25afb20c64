"""Types, their states and fields, categories, link types, tags.

https://learn.microsoft.com/rest/api/azure/devops/wit/work-item-types
"""

from __future__ import annotations

from urllib.parse import quote

from sandbox.ado import errors
from sandbox.ado.exchange import Exchange
from sandbox.ado.field_table import FieldDef
from sandbox.ado.link_types import LINK_TYPES, LinkType, find_link_type
from sandbox.ado.model import ItemType, State
from sandbox.ado.people import stable_guid
from sandbox.ado.render import person_ref
from sandbox.ado.routes.registry import ORG_AND_PROJECT, ORG_ONLY, PROJECT_ONLY, Endpoints
from sandbox.http import Response

endpoints = Endpoints()


@endpoints.on("GET", "wit/workitemtypes", PROJECT_ONLY)
def list_types(exchange: Exchange) -> Response:
    return exchange.collection([_shown_type(exchange, found) for found in exchange.project.process.types.values()])


@endpoints.on("GET", "wit/workitemtypes/{type}", PROJECT_ONLY)
def get_type(exchange: Exchange) -> Response:
    return exchange.json(_shown_type(exchange, exchange.item_type(exchange.call["type"])))


def _shown_type(exchange: Exchange, item_type: ItemType) -> dict[str, object]:
    url = exchange.url(exchange.project.id, "_apis", "wit", "workItemTypes", item_type.name)
    instances = [_instance(exchange, definition) for definition in _fields_of(exchange, item_type)]
    icon = f"{exchange.base}/_apis/wit/workItemIcons/{item_type.icon}?color={item_type.color}&v=2"
    return {
        "name": item_type.name,
        "referenceName": item_type.reference,
        "description": item_type.description,
        "color": item_type.color,
        "icon": {"id": item_type.icon, "url": icon},
        "isDisabled": item_type.disabled,
        "fields": instances,
        "fieldInstances": instances,
        "transitions": _transitions(item_type),
        "states": [_shown_state(state) for state in item_type.states],
        "_links": {"self": {"href": url}},
        "url": url,
    }


def _transitions(item_type: ItemType) -> dict[str, object]:
    table: dict[str, object] = {
        state.name: [{"to": to, "actions": None} for to in item_type.reachable(state.name)]
        for state in item_type.states
    }
    table[""] = [{"to": item_type.initial.name, "actions": None}]
    return table


def _shown_state(state: State) -> dict[str, object]:
    return {"name": state.name, "color": state.color, "category": state.category}


@endpoints.on("GET", "wit/workitemtypes/{type}/states", PROJECT_ONLY)
def list_states(exchange: Exchange) -> Response:
    return exchange.collection([_shown_state(state) for state in exchange.item_type(exchange.call["type"]).states])


@endpoints.on("GET", "wit/workitemtypes/{type}/fields", PROJECT_ONLY)
def list_type_fields(exchange: Exchange) -> Response:
    item_type = exchange.item_type(exchange.call["type"])
    return exchange.collection(
        [_expanded(exchange, item_type, definition) for definition in _fields_of(exchange, item_type)]
    )


@endpoints.on("GET", "wit/workitemtypes/{type}/fields/{field}", PROJECT_ONLY)
def get_type_field(exchange: Exchange) -> Response:
    item_type = exchange.item_type(exchange.call["type"])
    definition = exchange.org.fields.find(exchange.call["field"])
    if definition is None or definition.reference not in item_type.fields:
        raise errors.field_not_found(exchange.call["field"])
    return exchange.json(_expanded(exchange, item_type, definition))


def _fields_of(exchange: Exchange, item_type: ItemType) -> list[FieldDef]:
    known = exchange.org.fields.by_reference
    return [known[name] for name in item_type.fields if name in known]


def _instance(exchange: Exchange, definition: FieldDef) -> dict[str, object]:
    shown: dict[str, object] = {
        "alwaysRequired": definition.reference
        in ("System.Title", "System.State", "System.AreaId", "System.IterationId"),
        "referenceName": definition.reference,
        "name": definition.name,
        "url": exchange.url("_apis", "wit", "fields", definition.reference),
    }
    if definition.help:
        shown["helpText"] = definition.help
    if definition.default is not None:
        shown["defaultValue"] = str(definition.default)
    return shown


def _expanded(exchange: Exchange, item_type: ItemType, definition: FieldDef) -> dict[str, object]:
    shown = {**_instance(exchange, definition), "defaultValue": definition.default}
    if exchange.text("$expand").lower() in ("all", "allowedvalues"):
        shown["allowedValues"] = _allowed(exchange, item_type, definition)
        shown["dependentFields"] = []
    return shown


def _allowed(exchange: Exchange, item_type: ItemType, definition: FieldDef) -> list[object]:
    if definition.reference == "System.State":
        return [state.name for state in item_type.states]
    if definition.identity:
        return [person_ref(exchange, person) for person in exchange.org.people.all if person.active]
    return list(definition.allowed)


@endpoints.on("GET", "wit/workitemtypecategories", PROJECT_ONLY)
def list_categories(exchange: Exchange) -> Response:
    return exchange.collection([_category(exchange, name) for name in _category_names(exchange)])


@endpoints.on("GET", "wit/workitemtypecategories/{category}", PROJECT_ONLY)
def get_category(exchange: Exchange) -> Response:
    wanted = exchange.call["category"].lower()
    for name in _category_names(exchange):
        if name.lower() == wanted:
            return exchange.json(_category(exchange, name))
    raise errors.ApiError(404, "WorkItemTypeCategoryNotFoundException", f"VS402326: No category {wanted}.")


def _category_names(exchange: Exchange) -> list[str]:
    return list(dict.fromkeys(found.category for found in exchange.project.process.types.values()))


def _category(exchange: Exchange, name: str) -> dict[str, object]:
    base = f"{exchange.base}/{exchange.project.id}/_apis/wit"
    members = [found for found in exchange.project.process.types.values() if found.category == name]
    shown = [{"name": found.name, "url": f"{base}/workItemTypes/{quote(found.name)}"} for found in members]
    return {
        "name": name.removeprefix("Microsoft.").removesuffix("Category") + " Category",
        "referenceName": name,
        "defaultWorkItemType": shown[0],
        "workItemTypes": shown,
        "url": f"{base}/workItemTypeCategories/{name}",
    }


@endpoints.on("GET", "wit/fields", ORG_AND_PROJECT)
def list_fields(exchange: Exchange) -> Response:
    return exchange.collection([_field(exchange, d) for d in exchange.org.fields.by_reference.values()])


@endpoints.on("GET", "wit/fields/{field}", ORG_AND_PROJECT)
def get_field(exchange: Exchange) -> Response:
    definition = exchange.org.fields.find(exchange.call["field"])
    if definition is None:
        missing = errors.field_not_found(exchange.call["field"])
        missing.status = 404
        raise missing
    return exchange.json(_field(exchange, definition))


_OPERATIONS = (
    ("Equals", "="), ("NotEquals", "<>"), ("GreaterThan", ">"), ("LessThan", "<"),
    ("GreaterThanEquals", ">="), ("LessThanEquals", "<="), ("In", "In"),
)  # fmt: skip


def _field(exchange: Exchange, definition: FieldDef) -> dict[str, object]:
    operations = [{"referenceName": f"SupportedOperations.{ref}", "name": name} for ref, name in _OPERATIONS]
    shown: dict[str, object] = {
        "name": definition.name,
        "referenceName": definition.reference,
        "type": definition.type,
        "usage": "workItem",
        "readOnly": definition.read_only,
        "canSortBy": not definition.long_text,
        "isQueryable": True,
        "supportedOperations": operations,
        "isIdentity": definition.identity,
        "isPicklist": definition.picklist,
        "isPicklistSuggested": False,
        "isDeleted": False,
        "isLocked": False,
        "url": exchange.url("_apis", "wit", "fields", definition.reference),
    }
    if definition.help:
        shown["description"] = definition.help
    if definition.picklist:
        shown["picklistId"] = stable_guid("picklist", definition.reference)
    return shown


@endpoints.on("GET", "wit/workitemrelationtypes", ORG_ONLY)
def list_link_types(exchange: Exchange) -> Response:
    return exchange.collection([_link_type(exchange, found) for found in LINK_TYPES.values()])


@endpoints.on("GET", "wit/workitemrelationtypes/{relation}", ORG_ONLY)
def get_link_type(exchange: Exchange) -> Response:
    found = find_link_type(exchange.call["relation"])
    if found is None:
        raise errors.ApiError(404, "RelationTypeNotFoundException", f"No relation type {exchange.call['relation']}.")
    return exchange.json(_link_type(exchange, found))


def _link_type(exchange: Exchange, found: LinkType) -> dict[str, object]:
    attributes: dict[str, object] = {"usage": "resourceLink", "editable": False, "enabled": True}
    if found.topology:
        attributes = {
            "usage": "workItemLink",
            "editable": found.topology != "tree",
            "enabled": True,
            "acyclic": found.acyclic,
            "directional": found.topology != "network",
            "singleTarget": found.single_target,
            "topology": found.topology,
            "remote": found.remote,
            "isForward": found.forward,
            "oppositeEndReferenceName": found.opposite,
        }
    url = exchange.url("_apis", "wit", "workItemRelationTypes", found.reference)
    return {"attributes": attributes, "referenceName": found.reference, "name": found.name, "url": url}


@endpoints.on("GET", "wit/tags", PROJECT_ONLY, preview=True)
def list_tags(exchange: Exchange) -> Response:
    names: dict[str, str] = {}
    for item in exchange.org.items.values():
        if item.project is exchange.project and item.deletion is None:
            for tag in str(item.fields.get("System.Tags", "")).split("; "):
                if tag:
                    names.setdefault(tag.lower(), tag)
    tags = [
        {
            "id": stable_guid("tag", key),
            "name": name,
            "url": exchange.url(exchange.project.id, "_apis", "wit", "tags", name),
        }
        for key, name in sorted(names.items())
    ]
    return exchange.collection(list(tags))
