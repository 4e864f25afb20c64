"""What a side offers, as the row keeps it: described live now and then, answered from what is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.utils import timezone

from connectors.domain.sides import Side, SideField, SideShape, SideType, ValueKind
from connectors.domain.work_items import Person
from sync.models import SynchronizationSide

KEPT_FOR = timedelta(minutes=15)


def shape_to_json(shape: SideShape) -> dict[str, Any]:
    """The shape as plain JSON."""
    return {
        "system": shape.system,
        "project": shape.project,
        "types": [{"name": t.name, "states": list(t.states), "fields": sorted(t.fields)} for t in shape.types],
        "fields": [
            {
                "id": f.id,
                "name": f.name,
                "kind": f.kind.value,
                "writable": f.writable,
                "required": f.required,
                "options": list(f.options),
            }
            for f in shape.fields
        ],
        "linkTypes": list(shape.link_types),
        "me": asdict(shape.me) if shape.me else None,
        "takesFiles": shape.takes_files,
        "fileLimit": shape.file_limit,
        "markup": shape.markup,
    }


def shape_from_json(stored: Mapping[str, Any]) -> SideShape:
    """What `shape_to_json` was given."""
    return SideShape(
        system=stored["system"],
        project=stored["project"],
        types=tuple(SideType(t["name"], tuple(t["states"]), frozenset(t["fields"])) for t in stored["types"]),
        fields=tuple(
            SideField(f["id"], f["name"], ValueKind(f["kind"]), f["writable"], f["required"], tuple(f["options"]))
            for f in stored["fields"]
        ),
        link_types=tuple(stored["linkTypes"]),
        me=Person(**stored["me"]) if stored["me"] else None,
        takes_files=stored["takesFiles"],
        file_limit=stored["fileLimit"],
        markup=stored["markup"],
    )


def stored_shape(side: SynchronizationSide, *, fresh_only: bool = True) -> SideShape | None:
    """The stored shape; None when there is none, or when it is old and only a fresh one is wanted."""
    if not side.shape or side.shape_read_at is None:
        return None
    if fresh_only and timezone.now() - side.shape_read_at > KEPT_FOR:
        return None
    return shape_from_json(side.shape)


def describe(side: SynchronizationSide, live: Side) -> SideShape:
    """The live shape, kept in the row. Raises PlatformError."""
    shape = live.describe()
    keep_shape(side, shape)
    return shape


def keep_shape(side: SynchronizationSide, shape: SideShape) -> None:
    """Keep what a side has just described."""
    side.shape, side.shape_read_at = shape_to_json(shape), timezone.now()
    side.account = shape.me.id if shape.me else ""
    SynchronizationSide.objects.filter(pk=side.pk).update(
        shape=side.shape, shape_read_at=side.shape_read_at, account=side.account
    )
