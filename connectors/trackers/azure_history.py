"""The updates of an Azure DevOps work item in canonical terms. Pure.

https://learn.microsoft.com/rest/api/azure/devops/wit/updates/list
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from connectors.clients.azure_devops.values import (
    Json,
    as_int,
    as_list,
    as_object,
    as_text,
    read_moment,
    read_person,
)
from connectors.domain.mapping.known_fields import is_noise
from connectors.domain.work_items import Change, Revision

LINKS = "Links"
_CHANGED_DATE = "System.ChangedDate"
_SELF_EVIDENT = frozenset(
    {
        "System.AreaId",
        "System.AuthorizedAs",
        "System.AuthorizedDate",
        "System.ChangedBy",
        "System.ChangedDate",
        "System.CommentCount",
        "System.CreatedBy",
        "System.CreatedDate",
        "System.Id",
        "System.IterationId",
        "System.NodeName",
        "System.PersonId",
        "System.Rev",
        "System.RevisedDate",
        "System.TeamProject",
        "System.Watermark",
        "Microsoft.VSTS.Common.StateChangeDate",
    }
)
"""Changes in every revision that say nothing, or say what the revision itself says."""
_SELF_EVIDENT_PREFIXES = ("System.AreaLevel", "System.IterationLevel")
_RELATIONS = (("removed", True), ("added", False), ("updated", False))


def read_revision(raw: Json, *, names: Mapping[str, str]) -> Revision:
    """One update. Its moment is the new ChangedDate: `revisedDate` tells when the revision was superseded, but for
    an edit of links, which changes no field, it is the moment itself."""
    fields = as_object(raw.get("fields"))
    changed = as_object(fields.get(_CHANGED_DATE)).get("newValue")
    return Revision(
        number=as_int(raw.get("rev")) or 0,
        author=read_person(raw.get("revisedBy")),
        at=read_moment(changed) or (None if fields else read_moment(raw.get("revisedDate"))),
        changes=(*_field_changes(fields, names), *_link_changes(as_object(raw.get("relations")))),
    )


def _field_changes(fields: Json, names: Mapping[str, str]) -> Iterator[Change]:
    for reference in sorted(fields):
        if reference in _SELF_EVIDENT or is_noise(reference) or reference.startswith(_SELF_EVIDENT_PREFIXES):
            continue
        change = as_object(fields[reference])
        before, after = _shown(change.get("oldValue")), _shown(change.get("newValue"))
        if before != after:
            yield Change(names.get(reference, reference), before, after)


def _link_changes(relations: Json) -> Iterator[Change]:
    for member, gone in _RELATIONS:
        for entry in map(as_object, as_list(relations.get(member))):
            name = as_text(as_object(entry.get("attributes")).get("name")) or as_text(entry.get("rel"))
            text = f"{name}: {as_text(entry.get('url'))}"
            yield Change(LINKS, before=text) if gone else Change(LINKS, after=text)


def _shown(value: object) -> str:
    if isinstance(value, dict):
        person = read_person(value)
        if person is None:
            return ""
        return f"{person.name} ({person.email})" if person.email and person.email != person.name else person.name
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return as_text(value)
