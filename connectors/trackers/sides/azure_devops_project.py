"""An Azure DevOps project as a side knows it: what it offers, and who is who. Read once where it is asked for often."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import quote

from connectors.clients.azure_devops.client import AzureDevOpsClient
from connectors.clients.azure_devops.values import Json, as_object, as_text
from connectors.domain.errors import Refused
from connectors.domain.sides import SideShape
from connectors.domain.work_items import Person
from connectors.trackers import azure_shape
from connectors.trackers.sides import azure_devops_shape as shapes
from connectors.trackers.sides.azure_devops_shape import AzureField
from connectors.trackers.sides.azure_devops_values import formats_of, identity_text

FILE_LIMIT = 60 * 1024 * 1024
"""What organizations have unless theirs was raised.
https://learn.microsoft.com/azure/devops/organizations/settings/work/object-limits"""
PERSON_UNKNOWN = "PERSON_UNKNOWN"
_MOST_REMEMBERED = 2_000
_PEOPLE_AT_ONCE = 50


class AzureDevOpsProject:
    """See `connectors.domain.sides.Side` for what each verb promises. Threads may share it."""

    def __init__(self, client: AzureDevOpsClient, project: str) -> None:
        self.client = client
        self.project = project
        self._knowing = threading.Lock()
        self._fields: tuple[AzureField, ...] | None = None
        self._types: list[Json] | None = None
        self._stems: dict[str, bool] | None = None
        self._names: dict[str, str] = {}
        self._formats: OrderedDict[str, Mapping[str, str]] = OrderedDict()

    def describe(self) -> SideShape:
        """One request for each type besides seven."""
        project = self.client.project(self.project)
        types = self.types()
        by_type = {name: self.client.type_fields(self.project, name) for name in self._type_names(types)}
        listed = shapes.read_type_fields(by_type)
        roots = self.client.classification_nodes(self.project)
        iterations = tuple(each.path for each in azure_shape.read_iterations(roots))
        paths = {"System.AreaPath": azure_shape.read_areas(roots), "System.IterationPath": iterations}
        fields = shapes.side_fields(self.fields(), listed, paths=paths)
        return SideShape(
            system="azure_devops",
            project=as_text(project.get("name")) or self.project,
            types=shapes.side_types(types, fields, listed),
            fields=fields,
            link_types=tuple(self.stems()),
            me=self.client.who_am_i(),
            file_limit=FILE_LIMIT,
            markup="html",
        )

    def item_url(self, key: str) -> str:
        return f"{self.client.base_url}/{quote(self.project)}/_workitems/edit/{key}"

    # what is read once

    def fields(self) -> tuple[AzureField, ...]:
        """Every field that a side may name."""
        if self._fields is None:
            self._fields = shapes.read_fields(self.client.fields(self.project))
        return self._fields

    def types(self) -> list[Json]:
        """The types that new items may have, with their states and the changes of state they allow."""
        if self._types is None:
            entries = self.client.item_types(self.project)
            self._types = [self._with_states(entry) for entry in entries if entry.get("isDisabled") is not True]
        return self._types

    def _with_states(self, entry: Json) -> Json:
        """Older versions list types without their states."""
        if entry.get("states"):
            return entry
        return {**entry, "states": self.client.type_states(self.project, as_text(entry.get("name")))}

    def _type_names(self, types: Iterable[Json]) -> list[str]:
        return [as_text(entry.get("name")) for entry in types]

    def stems(self) -> dict[str, bool]:
        """Kinds of links without direction -> whether their ends differ in meaning."""
        if self._stems is None:
            self._stems = shapes.link_stems(self.client.relation_types())
        return self._stems

    # what was seen of items

    def remember(self, raw: Json) -> None:
        """Keep what a later write needs to know of an item: the markup of its texts, and its people's names."""
        people = [as_object(value) for value in as_object(raw.get("fields")).values() if isinstance(value, dict)]
        with self._knowing:
            self._formats[as_text(raw.get("id"))] = formats_of(raw)
            self._formats.move_to_end(as_text(raw.get("id")))
            if len(self._formats) > _MOST_REMEMBERED:
                self._formats.popitem(last=False)
            self._names |= {as_text(person.get("id")): identity_text(person) for person in people if person.get("id")}

    def formats_known(self, key: str) -> Mapping[str, str] | None:
        """Which texts of an item are Markdown, None for an item that was not read lately."""
        with self._knowing:
            return self._formats.get(key)

    # people

    def person_text(self, identity: str) -> str:
        """A person as a field takes one. Raises Refused (PERSON_UNKNOWN)."""
        with self._knowing:
            known = self._names.get(identity)
        if known:
            return known
        for entry in self.client.identities([identity]):
            text = identity_text({"displayName": _name(entry), "uniqueName": _property(entry, "Account")})
            if text:
                with self._knowing:
                    self._names[identity] = text
                return text
        raise Refused(f"The organization knows nobody with the id {identity}", code=PERSON_UNKNOWN)

    def find_people(self, people: Sequence[Person]) -> dict[str, Person]:
        """One or two requests for each person; who left is found by nobody."""
        found = {person.id: self._find(person) for person in people}
        return {theirs: ours for theirs, ours in found.items() if ours is not None}

    def _find(self, wanted: Person) -> Person | None:
        if wanted.email:
            entries = self.client.search_identities(wanted.email, by="MailAddress")
            same = [each for each in _people(entries) if each.email.casefold() == wanted.email.casefold()]
            if len(same) == 1:
                return same[0]
        name = " ".join(wanted.name.casefold().split())
        if not name:
            return None
        entries = self.client.search_identities(" ".join(wanted.name.split()), by="General")
        same = [each for each in _people(entries) if " ".join(each.name.casefold().split()) == name]
        return same[0] if len(same) == 1 else None

    def people_of(self, ids: Sequence[str]) -> dict[str, Person]:
        found: dict[str, Person] = {}
        for start in range(0, len(ids), _PEOPLE_AT_ONCE):
            entries = self.client.identities(ids[start : start + _PEOPLE_AT_ONCE])
            found |= {as_text(entry.get("id")): _person(entry) for entry in entries}
        return found


def _people(entries: Iterable[Json]) -> list[Person]:
    found = {as_text(entry.get("id")): _person(entry) for entry in entries if entry.get("isContainer") is not True}
    return [person for person in found.values() if person.active]


def _person(entry: Json) -> Person:
    mail = _property(entry, "Mail") or _property(entry, "Account")
    return Person(
        id=as_text(entry.get("id")),
        name=_name(entry),
        email=mail if "@" in mail and "\\" not in mail else "",
        active=entry.get("isActive") is not False,
    )


def _name(entry: Json) -> str:
    return as_text(entry.get("customDisplayName")) or as_text(entry.get("providerDisplayName"))


def _property(entry: Json, name: str) -> str:
    """Properties are written as `{"$type": ..., "$value": ...}`."""
    return as_text(as_object(as_object(entry.get("properties")).get(name)).get("$value"))
