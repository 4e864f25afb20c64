"""Fields that follow from the item and are never stored."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.ado.link_types import ARTIFACT_LINK, ATTACHED_FILE, HYPERLINK, LINK_TYPES
from sandbox.ado.model import CURRENT, Fields, Item, Node, Revision, Value
from sandbox.ado.organization import Organization

LEVELS = 7


def computed_value(org: Organization, item: Item, revision: Revision, name: str) -> Value | None:
    """One computed field, or None when the item has no value for it or the field is not computed."""
    compute = _SINGLE.get(name)
    if compute is not None:
        return compute(org, item, revision)
    if name.startswith(("System.AreaLevel", "System.IterationLevel")) and name[-1].isdigit():
        path = "System.AreaPath" if name.startswith("System.Area") else "System.IterationPath"
        names = str(revision.fields.get(path, "")).split("\\")
        level = int(name[-1])
        return names[level - 1] if level <= len(names) else None
    return None


def computed_fields(org: Organization, item: Item, revision: Revision) -> Fields:
    """Every computed field that has a value, for `$expand=fields|all`."""
    found: Fields = {}
    for name, compute in _SINGLE.items():
        value = compute(org, item, revision)
        if value is not None and name not in _ONLY_ON_REQUEST:
            found[name] = value
    for path, stem in (("System.AreaPath", "System.AreaLevel"), ("System.IterationPath", "System.IterationLevel")):
        for level, name in enumerate(str(revision.fields.get(path, "")).split("\\")[:LEVELS], start=1):
            found[f"{stem}{level}"] = name
    return found


def _area(item: Item, revision: Revision) -> Node | None:
    return item.project.area_paths.get(str(revision.fields.get("System.AreaPath", "")).lower())


def _iteration(item: Item, revision: Revision) -> Node | None:
    return item.project.iteration_paths.get(str(revision.fields.get("System.IterationPath", "")).lower())


def _area_id(org: Organization, item: Item, revision: Revision) -> Value | None:
    node = _area(item, revision)
    return node.id if node else None


def _iteration_id(org: Organization, item: Item, revision: Revision) -> Value | None:
    node = _iteration(item, revision)
    return node.id if node else None


def _revised_date(org: Organization, item: Item, revision: Revision) -> Value | None:
    following = item.revisions[revision.rev] if revision.rev < len(item.revisions) else None
    return following.changed if following else CURRENT


def _count(*kinds: str) -> Callable[[Organization, Item, Revision], Value | None]:
    def count(org: Organization, item: Item, revision: Revision) -> Value | None:
        return sum(1 for relation in item.relations if relation.rel in kinds)

    return count


def _link_count(org: Organization, item: Item, revision: Revision) -> Value | None:
    return sum(1 for relation in item.relations if relation.target is not None and relation.rel in LINK_TYPES)


def _board_column(org: Organization, item: Item, revision: Revision) -> Value | None:
    state, kind = str(revision.fields.get("System.State", "")), str(revision.fields.get("System.WorkItemType", ""))
    for team in item.project.teams[:1]:
        for board in team.boards:
            for column in board.columns:
                if column.states.get(kind) == state:
                    return column.name
    return None


def _board_column_done(org: Organization, item: Item, revision: Revision) -> Value | None:
    return None if _board_column(org, item, revision) is None else False


_SINGLE: dict[str, Callable[[Organization, Item, Revision], Value | None]] = {
    "System.Id": lambda org, item, revision: item.id,
    "System.AreaId": _area_id,
    "System.NodeName": lambda org, item, revision: str(revision.fields.get("System.AreaPath", "")).split("\\")[-1],
    "System.Rev": lambda org, item, revision: revision.rev,
    "System.AuthorizedDate": lambda org, item, revision: revision.changed,
    "System.RevisedDate": _revised_date,
    "System.IterationId": _iteration_id,
    "System.AuthorizedAs": lambda org, item, revision: revision.fields.get("System.ChangedBy"),
    "System.PersonId": lambda org, item, revision: 279163667,
    "System.Watermark": lambda org, item, revision: revision.watermark,
    "System.IsDeleted": lambda org, item, revision: revision.deleted,
    "System.CommentCount": lambda org, item, revision: revision.comment_count,
    "System.Parent": lambda org, item, revision: item.parent,
    "System.BoardColumn": _board_column,
    "System.BoardColumnDone": _board_column_done,
    "System.AttachedFileCount": _count(ATTACHED_FILE),
    "System.HyperLinkCount": _count(HYPERLINK),
    "System.ExternalLinkCount": _count(ARTIFACT_LINK),
    "System.RelatedLinkCount": _link_count,
    "System.RemoteLinkCount": lambda org, item, revision: 0,
}

_ONLY_ON_REQUEST = frozenset(
    {
        "System.IsDeleted",
        "System.AttachedFileCount",
        "System.HyperLinkCount",
        "System.ExternalLinkCount",
        "System.RelatedLinkCount",
        "System.RemoteLinkCount",
    }
)
