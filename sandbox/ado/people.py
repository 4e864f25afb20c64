"""Everybody the organisation knows, and how an identity is named in a request."""

from __future__ import annotations

import base64
import re
import uuid
from collections.abc import Mapping

from sandbox.ado.model import Person

_NAMESPACE = uuid.UUID("7b1d9a0e-53b4-4a52-9f57-2b6f1b7a5c11")
_TEXT_FORM = re.compile(r"\s*(.*?)\s*<([^<>]+)>\s*$")


def stable_guid(*parts: object) -> str:
    """A GUID that is the same for the same parts in every run."""
    return str(uuid.uuid5(_NAMESPACE, "/".join(str(part) for part in parts)))


class People:
    """The directory. Names and addresses are compared without regard to case."""

    def __init__(self) -> None:
        self.all: list[Person] = []
        self._by_key: dict[str, Person] = {}

    def add(self, name: str, unique_name: str, *, active: bool = True, container: bool = False) -> Person:
        """Somebody new, or the one already known by that unique name."""
        known = self._by_key.get(unique_name.lower())
        if known is not None:
            return known
        guid = stable_guid("person", unique_name.lower())
        prefix = "vssgp" if container else "aad"
        descriptor = f"{prefix}." + base64.b64encode(guid.encode()).decode().rstrip("=")
        person = Person(guid, name, unique_name, descriptor, active, container)
        self.all.append(person)
        for key in (unique_name, guid, descriptor, person.text):
            self._by_key[key.lower()] = person
        self._by_key.setdefault(name.lower(), person)
        return person

    def from_text(self, text: str, *, active: bool = True) -> Person:
        """The person a stored identity string names, added when unknown."""
        found = _TEXT_FORM.match(text)
        if found:
            return self.add(found.group(1) or found.group(2), found.group(2), active=active)
        known = self._by_key.get(text.strip().lower())
        if known is not None:
            return known
        local = re.sub(r"[^a-z0-9]+", ".", text.lower()).strip(".") or "unknown"
        return self.add(text.strip(), f"{local}@contoso.example", active=active)

    def find(self, value: object) -> Person | None:
        """The person a request names: by address, name, `Name <address>`, id, descriptor, or an object of those."""
        if isinstance(value, Mapping):
            keys = [value.get(name) for name in ("descriptor", "id", "uniqueName", "displayName")]
            return next((found for key in keys if key and (found := self.find(key))), None)
        text = str(value).strip()
        found = self._by_key.get(text.lower())
        if found is not None:
            return found
        form = _TEXT_FORM.match(text)
        return self._by_key.get(form.group(2).lower()) if form else None

    def search(self, text: str) -> list[Person]:
        """Everybody whose name or address begins with a text; empty text finds nobody."""
        wanted = text.strip().lower()
        if not wanted:
            return []
        return [p for p in self.all if p.name.lower().startswith(wanted) or p.unique_name.lower().startswith(wanted)]
