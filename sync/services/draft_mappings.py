"""Editing single mappings of a draft: added, replaced and removed by their ids."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import transaction

from connectors.domain.errors import DomainError
from connectors.domain.systems import invalid
from sync.models import Synchronization
from sync.services.configuration import lock, with_ids
from sync.services.drafts import draft_of, edit_draft
from tenancy.permissions import Action, require
from tenancy.principal import Principal

MOST_MAPPINGS = 1_000
LISTS = ("issueTypeMappings", "fieldMappings", "valueMappings", "workflowMappings", "linkMappings")
"""Kinds of mappings that a configuration holds lists of."""

Document = dict[str, Any]
Listed = list[Document]


def add_mappings(
    synchronization: Synchronization, kind: str, mappings: Sequence[Mapping[str, Any]], *, by: Principal
) -> Listed:
    """Add mappings to the draft, all or none; answers them with their ids.

    Raises NotPermitted, DomainError DRAFT_NOT_FOUND, CONFIGURATION_INVALID, VALIDATION_FAILED.
    """
    new = with_ids({kind: [dict(mapping) for mapping in mappings]})[kind]

    def add(listed: Listed) -> None:
        if len(listed) + len(new) > MOST_MAPPINGS:
            raise invalid({kind: [f"At most {MOST_MAPPINGS} mappings of a kind are possible."]})
        listed.extend(new)

    ids = [mapping["id"] for mapping in new]
    return _of_ids(_change(synchronization, (kind,), add, by=by), ids)


def replace_mapping(
    synchronization: Synchronization, kind: str, mapping: Mapping[str, Any], *, by: Principal
) -> Document:
    """Replace the mapping whose id it names; answers it. Raises as `add_mappings`, and MAPPING_NOT_FOUND."""
    wanted = str(mapping.get("id") or "")

    def replace(listed: Listed) -> None:
        listed[_place_of(listed, wanted)] = dict(mapping)

    return _of_ids(_change(synchronization, (kind,), replace, by=by), [wanted])[0]


def remove_mapping(synchronization: Synchronization, kind: str, mapping_id: str, *, by: Principal) -> None:
    """Remove a mapping. Raises as `replace_mapping`; CONFIGURATION_INVALID for a value mapping that is in use."""

    def remove(listed: Listed) -> None:
        del listed[_place_of(listed, mapping_id)]

    _change(synchronization, (kind,), remove, by=by)


def add_default(synchronization: Synchronization, side: str, default: Mapping[str, Any], *, by: Principal) -> Document:
    """Add a default value for a field of a side (`first` or `second`). Raises as `add_mappings`."""
    new = with_ids({"fieldDefaults": {side: [dict(default)]}})["fieldDefaults"][side][0]
    listed = _change(synchronization, ("fieldDefaults", side), lambda found: found.append(new), by=by)
    return _of_ids(listed, [new["id"]])[0]


def replace_default(
    synchronization: Synchronization, side: str, default_id: str, default: Mapping[str, Any], *, by: Principal
) -> Document:
    """Replace a default value. Raises as `replace_mapping`."""

    def replace(listed: Listed) -> None:
        listed[_place_of(listed, default_id)] = {**default, "id": default_id}

    return _of_ids(_change(synchronization, ("fieldDefaults", side), replace, by=by), [default_id])[0]


def remove_default(synchronization: Synchronization, side: str, default_id: str, *, by: Principal) -> None:
    """Remove a default value. Raises as `replace_mapping`."""

    def remove(listed: Listed) -> None:
        del listed[_place_of(listed, default_id)]

    _change(synchronization, ("fieldDefaults", side), remove, by=by)


@transaction.atomic
def _change(
    synchronization: Synchronization, path: Sequence[str], change: Callable[[Listed], None], *, by: Principal
) -> Listed:
    """Change one list of the draft under the row's lock; answers the list as it is stored."""
    require(by, Action.MANAGE_SYNCHRONIZATIONS)
    draft = copy.deepcopy(draft_of(lock(synchronization, by=by)))
    change(_list_at(draft, path))
    stored = edit_draft(synchronization, draft, by=by).draft
    assert stored is not None
    return _list_at(stored, path)


def _list_at(document: Document, path: Sequence[str]) -> Listed:
    *above, name = path
    for each in above:
        document = document.setdefault(each, {})
    found: Listed = document.setdefault(name, [])
    return found


def _place_of(listed: Listed, wanted: str) -> int:
    for place, mapping in enumerate(listed):
        if mapping.get("id") == wanted:
            return place
    raise DomainError("MAPPING_NOT_FOUND", f"The draft has no mapping with the id {wanted[:64]!r}", status=404)


def _of_ids(listed: Listed, ids: Sequence[str]) -> Listed:
    found = {mapping["id"]: mapping for mapping in listed}
    return [found[each] for each in ids]
