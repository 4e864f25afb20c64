"""Azure DevOps work items and comments in canonical terms. Pure.

Long texts keep the markup they are stored in: HTML or Markdown is decided per field (`multilineFieldsFormat`) and
per comment (`format`), see https://devblogs.microsoft.com/devops/markdown-support-arrives-for-work-items/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from connectors.clients.azure_devops.values import (
    Json,
    as_int,
    as_list,
    as_number,
    as_object,
    as_text,
    read_moment,
    read_person,
    read_tags,
)
from connectors.domain.work_items import DESCRIPTION, Comment, Markup, Person, Scalar, Text, WorkItem
from connectors.trackers.azure_relations import read_relations

DESCRIPTION_FIELD = "System.Description"
_RANKS = ("Microsoft.VSTS.Common.BacklogPriority", "Microsoft.VSTS.Common.StackRank")
_PRIORITY = "Microsoft.VSTS.Common.Priority"
_XML_FIELDS = frozenset(
    {"Microsoft.VSTS.TCM.Steps", "Microsoft.VSTS.TCM.Parameters", "Microsoft.VSTS.TCM.LocalDataSource"}
)

# Told elsewhere in a WorkItem, or computed by the service from what is told there.
_NOT_FIELDS = frozenset(
    {
        "System.Id",
        "System.Rev",
        "System.Title",
        "System.State",
        "System.WorkItemType",
        "System.TeamProject",
        "System.AreaPath",
        "System.IterationPath",
        "System.Tags",
        "System.AssignedTo",
        "System.CreatedBy",
        "System.CreatedDate",
        "System.ChangedDate",
        "System.CommentCount",
        "System.Parent",
        "System.AreaId",
        "System.IterationId",
        "System.NodeName",
        "System.AuthorizedDate",
        "System.AuthorizedAs",
        "System.RevisedDate",
        "System.Watermark",
        "System.PersonId",
        # The text of the latest revision that had one; the discussion is read as comments.
        "System.History",
        _PRIORITY,
        *_RANKS,
    }
)
_NOT_FIELD_PREFIXES = ("System.AreaLevel", "System.IterationLevel")


@dataclass(frozen=True, slots=True)
class FieldTypes:
    """What the organization says about its fields, by reference name."""

    types: Mapping[str, str]

    def is_long_text(self, reference: str) -> bool:
        return self.types.get(reference, "").lower() in ("html", "plaintext", "history") or reference in _XML_FIELDS

    def is_plain(self, reference: str) -> bool:
        return self.types.get(reference, "").lower() == "plaintext"

    def is_person(self, reference: str) -> bool:
        return self.types.get(reference, "").lower() == "identity"


KNOWN_LONG_TEXTS = {
    DESCRIPTION_FIELD: "html",
    "Microsoft.VSTS.TCM.ReproSteps": "html",
    "Microsoft.VSTS.TCM.SystemInfo": "html",
    "Microsoft.VSTS.Common.AcceptanceCriteria": "html",
    "Microsoft.VSTS.Common.Resolution": "html",
}
"""For organizations that do not let us read their fields."""


def read_item(raw: Json, *, field_types: FieldTypes, base_url: str, item_url: str) -> WorkItem:
    """One item as `workitemsbatch` answers it. Empty fields are absent there, never null."""
    fields = as_object(raw.get("fields"))
    relations = read_relations(
        (as_object(entry) for entry in as_list(raw.get("relations"))), base_url=base_url, item_url=item_url
    )
    parent = relations.parent or (as_text(as_int(fields.get("System.Parent"))) or None)
    return WorkItem(
        id=as_text(raw.get("id")),
        rev=as_int(raw.get("rev")) or as_int(fields.get("System.Rev")) or 0,
        type=as_text(fields.get("System.WorkItemType")),
        title=as_text(fields.get("System.Title")),
        state=as_text(fields.get("System.State")),
        url=item_url,
        parent=parent,
        area=as_text(fields.get("System.AreaPath")),
        iteration=as_text(fields.get("System.IterationPath")),
        tags=read_tags(fields.get("System.Tags")),
        priority=as_int(fields.get(_PRIORITY)),
        rank=_rank(fields),
        author=read_person(fields.get("System.CreatedBy")),
        assignee=read_person(fields.get("System.AssignedTo")),
        created=read_moment(fields.get("System.CreatedDate")),
        changed=read_moment(fields.get("System.ChangedDate")),
        comment_count=as_int(fields.get("System.CommentCount")),
        texts=_texts(fields, as_object(raw.get("multilineFieldsFormat")), field_types),
        fields=_other_fields(fields, field_types),
        links=relations.links,
        remote_links=relations.remote_links,
        attachments=relations.attachments,
    )


def read_comment(raw: Json) -> Comment | None:
    """A comment, None for a deleted one. Imported comments name their real author as `createdOnBehalfOf`."""
    if raw.get("isDeleted") is True:
        return None
    identity = as_int(raw.get("id") if raw.get("id") is not None else raw.get("commentId"))
    return Comment(
        id=as_text(identity),
        text=Text(as_text(raw.get("text")), _markup(raw.get("format"))),
        author=read_person(raw.get("createdOnBehalfOf")) or read_person(raw.get("createdBy")),
        created=read_moment(raw.get("createdOnBehalfDate")) or read_moment(raw.get("createdDate")),
        modified=read_moment(raw.get("modifiedDate")),
    )


def in_order(comments: Iterable[Comment]) -> list[Comment]:
    """Oldest first whatever order the service kept to; ids grow with time and break ties."""
    unique = {comment.id: comment for comment in comments}
    return sorted(unique.values(), key=lambda comment: (comment.created is None, comment.created, int(comment.id or 0)))


def _rank(fields: Json) -> float | None:
    """Scrum orders by BacklogPriority, the other processes by StackRank."""
    return next((rank for rank in (as_number(fields.get(name)) for name in _RANKS) if rank is not None), None)


def _texts(fields: Json, formats: Json, field_types: FieldTypes) -> dict[str, Text]:
    """Long texts by reference, the description under its canonical key. Texts of blanks only are left out."""
    found: dict[str, Text] = {}
    for reference, value in fields.items():
        if reference in _NOT_FIELDS or not field_types.is_long_text(reference):
            continue
        text = as_text(value)
        if text.strip():
            key = DESCRIPTION if reference == DESCRIPTION_FIELD else reference
            found[key] = Text(text, _field_markup(reference, formats, field_types))
    return found


def _field_markup(reference: str, formats: Json, field_types: FieldTypes) -> Markup:
    if reference in _XML_FIELDS:
        return Markup.TEST_STEPS
    if field_types.is_plain(reference):
        return Markup.PLAIN
    return _markup(formats.get(reference))


def _markup(word: object) -> Markup:
    return Markup.MARKDOWN if as_text(word).lower() == "markdown" else Markup.HTML


def _other_fields(fields: Json, field_types: FieldTypes) -> dict[str, Scalar | Person]:
    found: dict[str, Scalar | Person] = {}
    for reference, value in fields.items():
        if reference in _NOT_FIELDS or reference.startswith(_NOT_FIELD_PREFIXES) or _is_marker(reference):
            continue
        if field_types.is_long_text(reference):
            continue
        plain = _plain_value(value, is_person=field_types.is_person(reference))
        if plain is not None and plain != "":
            found[reference] = plain
    return found


def _is_marker(reference: str) -> bool:
    """Board extensions mark the items they have touched; nobody filled that in."""
    return reference.startswith("WEF_") and reference.endswith("ExtensionMarker")


def _plain_value(value: object, *, is_person: bool) -> Scalar | Person:
    if isinstance(value, dict) or (is_person and isinstance(value, str)):
        return read_person(value)
    if isinstance(value, (str, int, float, bool)) or value is None:
        return value
    return as_text(value)
