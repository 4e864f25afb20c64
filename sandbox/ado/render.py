"""Work items, people and relations in the shapes of the REST answers."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from sandbox.ado.computed import computed_fields, computed_value
from sandbox.ado.dates import parse_date
from sandbox.ado.exchange import SERVICE_ORIGIN, Exchange
from sandbox.ado.link_types import ATTACHED_FILE, LINK_TYPES
from sandbox.ado.model import Item, Person, Relation, Revision, Value

JsonObject = dict[str, object]

SHOWN_COMPUTED = ("System.CommentCount", "System.Parent", "System.BoardColumn", "System.BoardColumnDone")


def person_ref(exchange: Exchange, person: Person) -> JsonObject:
    """An identity as an object."""
    avatar = f"{exchange.base}/_apis/GraphProfile/MemberAvatars/{person.descriptor}"
    shown: JsonObject = {
        "displayName": person.name,
        "url": f"https://vssps.dev.azure.com/{exchange.org.name}/_apis/Identities/{person.id}",
        "_links": {"avatar": {"href": avatar}},
        "id": person.id,
        "uniqueName": person.unique_name,
        "imageUrl": avatar,
        "descriptor": person.descriptor,
    }
    if not person.active:
        shown["inactive"] = True
    return shown


def shown_value(exchange: Exchange, value: Value) -> object:
    """A field's value for the version asked for. Addresses of this service point back to where it is served."""
    if isinstance(value, Person):
        return person_ref(exchange, value) if exchange.version.identity_objects else value.text
    if isinstance(value, str) and SERVICE_ORIGIN in value:
        return localized(exchange, value)
    return value


def localized(exchange: Exchange, text: str) -> str:
    """Seeded texts name the public address of the organisation; show the one the caller uses."""
    return text.replace(f"{SERVICE_ORIGIN}/{exchange.org.name}/", exchange.base + "/")


def shown_fields(
    exchange: Exchange, item: Item, revision: Revision, names: Iterable[str] | None, *, expanded: bool = False
) -> JsonObject:
    """The fields of a revision: those named, else the usual ones, or with `expanded` the computed ones too."""
    shown: JsonObject = {}
    if names is not None:
        for name in names:
            value = revision.fields.get(name)
            if value is None:
                value = computed_value(exchange.org, item, revision, name)
            if value is not None:
                shown[name] = shown_value(exchange, value)
        return shown
    for name, value in revision.fields.items():
        shown[name] = shown_value(exchange, value)
    if revision.history:
        shown["System.History"] = shown_value(exchange, revision.history)
    extra = computed_fields(exchange.org, item, revision) if expanded else None
    for name in SHOWN_COMPUTED if extra is None else extra:
        value = computed_value(exchange.org, item, revision, name) if extra is None else extra[name]
        if value is not None:
            shown[name] = shown_value(exchange, value)
    return shown


def item_url(exchange: Exchange, item_id: int) -> str:
    return f"{exchange.base}/_apis/wit/workItems/{item_id}"


def shown_relation(exchange: Exchange, relation: Relation) -> JsonObject:
    """One relation with its attributes."""
    attributes: JsonObject = {}
    if relation.rel in LINK_TYPES and relation.target is not None:
        attributes["isLocked"] = relation.locked
        url = item_url(exchange, relation.target)
    elif relation.rel == ATTACHED_FILE:
        url = f"{exchange.base}/_apis/wit/attachments/{relation.url}"
    else:
        url = relation.url
    attributes |= relation.attributes
    if relation.comment:
        attributes["comment"] = relation.comment
    if relation.name:
        attributes["name"] = relation.name
    return {"rel": relation.rel, "url": url, "attributes": attributes}


def item_links(exchange: Exchange, item: Item) -> JsonObject:
    """The `_links` of an item."""
    base = f"{exchange.base}/{item.project.id}"
    own = f"{base}/_apis/wit/workItems/{item.id}"
    targets = {
        "self": own,
        "workItemUpdates": f"{own}/updates",
        "workItemRevisions": f"{own}/revisions",
        "workItemComments": f"{own}/comments",
        "html": f"{base}/_workitems/edit/{item.id}",
        "workItemType": f"{base}/_apis/wit/workItemTypes/{quote(item.type)}",
        "fields": f"{base}/_apis/wit/fields",
    }
    return {name: {"href": href} for name, href in targets.items()}


def shown_item(
    exchange: Exchange,
    item: Item,
    *,
    revision: Revision | None = None,
    names: Iterable[str] | None = None,
    expand: str = "none",
    links: bool = False,
    moment: str = "",
) -> JsonObject:
    """A work item. `relations` is absent when it has none, and unless asked for."""
    chosen = revision or item.current
    expanded = expand in ("fields", "all")
    shown: JsonObject = {
        "id": item.id,
        "rev": chosen.rev,
        "fields": shown_fields(exchange, item, chosen, names, expanded=expanded),
    }
    if names is None and exchange.version.number >= (5, 0):
        shown["multilineFieldsFormat"] = dict(chosen.formats)
    if expand in ("relations", "all"):
        relations = relations_at(item, moment) if moment else item.relations
        if relations:
            shown["relations"] = [shown_relation(exchange, relation) for relation in relations]
    if links or expand in ("links", "all"):
        shown["_links"] = item_links(exchange, item)
    shown["url"] = item_url(exchange, item.id)
    return shown


def relations_at(item: Item, moment: str) -> list[Relation]:
    """The relations an item had at a moment."""
    when = parse_date(moment)
    return [
        relation
        for relation in (*item.relations, *item.former_relations)
        if parse_date(relation.added) <= when and (not relation.removed or parse_date(relation.removed) > when)
    ]
