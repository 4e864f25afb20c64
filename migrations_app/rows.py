"""Rows of the store and how they are written many at a time.

The ORM builds one object and one long statement per batch; here the driver repeats one prepared statement over plain
tuples, which is several times faster and knows no limit of parameters. Names come from the models, values through
their fields, so both databases get what the ORM would have sent.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import connection, models

from migrations_app.engine.ports import Difference, Effect, EffectKey, PlanItem
from migrations_app.engine.state import EffectKind, EffectState, ItemStage, Outcome
from migrations_app.models import LedgerEntry, RunItem, RunPreview, VerificationDifference

Row = tuple[Any, ...]

ITEM_COLUMNS = (
    "position", "rev", "type", "title", "state", "level", "target_type", "parent", "parent_link", "links",
    "comment_count", "stage", "outcome", "target_id", "target_key", "moved_before", "verified",
    "problems",
)  # fmt: skip
EFFECT_COLUMNS = ("item", "state", "target_id", "target_key", "floor", "intended_at", "extra")
LONGEST_FIELD = 255
DIFFERENCE_COLUMNS = ("item", "target_key", "field", "code", "source_value", "target_value", "digest")


def item_values(item: PlanItem) -> Row:
    """In the order of `ITEM_COLUMNS`."""
    return (
        item.position, item.rev, item.type, storable(item.title), item.state, item.level, item.target_type, item.parent,
        item.parent_link, [list(link) for link in item.links], item.comment_count, item.stage.value,
        item.outcome.value, item.target_id, item.target_key, item.moved_before, item.verified,
        storable(item.problems),
    )  # fmt: skip


def read_item(source: str, row: Row) -> PlanItem:
    """The engine's view of a row made of `ITEM_COLUMNS`."""
    values = dict(zip(ITEM_COLUMNS, row, strict=True))
    values["links"] = tuple((kind, other) for kind, other in values["links"])
    values["problems"] = tuple((code, words) for code, words in values["problems"])
    values["stage"] = ItemStage(values["stage"])
    values["outcome"] = Outcome(values["outcome"])
    return PlanItem(source=source, **values)


def effect_values(effect: Effect) -> Row:
    """In the order of `EFFECT_COLUMNS`."""
    item = effect.item or _item_of(effect.key)
    return (
        item, effect.state.value, effect.target_id, effect.target_key, effect.floor, effect.intended_at,
        dict(effect.extra),
    )  # fmt: skip


def read_effect(kind: str, source: str, row: Row) -> Effect:
    """The engine's view of a row made of `EFFECT_COLUMNS`."""
    values = dict(zip(EFFECT_COLUMNS, row, strict=True))
    values["state"] = EffectState(values["state"])
    return Effect(key=EffectKey(EffectKind(kind), source), **values)


_SHARED = frozenset({"component", "sprint", "sprint_state", "version", "field"})
"""Kinds of effects that belong to the project and to no item."""


def _item_of(key: EffectKey) -> str:
    return "" if key.kind.value in _SHARED else key.source.partition("/")[0]


def storable(value: Any) -> Any:
    """The value with what PostgreSQL cannot hold taken out of its texts, at any depth: NUL, and halves of pairs.

    https://www.postgresql.org/docs/15/datatype-character.html
    """
    if isinstance(value, str):
        if "\0" in value:
            value = value.replace("\0", "")
        return value if value.isascii() else value.encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {storable(name): storable(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [storable(inner) for inner in value]
    return value


def difference_values(found: Difference) -> Row:
    """In the order of `DIFFERENCE_COLUMNS`. The digest stands for both values in the unique key."""
    field, here, there = (storable(text) for text in (found.field, found.source_value, found.target_value))
    digest = hashlib.sha1("\0".join((field, here, there)).encode(), usedforsecurity=False).hexdigest()
    return (found.item, found.target_key, field[:LONGEST_FIELD], found.code, here, there, digest)


# --- Writing ---


def insert(model: type[models.Model], columns: Sequence[str], rows: list[Row], *, conflict: str = "") -> int:
    """Insert rows and tell how many were written or, with a `conflict` clause, changed."""
    fields = [model._meta.get_field(name) for name in columns]
    names = ", ".join(_quoted(field) for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    return _run_many(f"INSERT INTO {_table(model)} ({names}) VALUES ({marks}) {conflict}", fields, rows)  # noqa: S608


def update_items(run_id: UUID, items: Sequence[PlanItem]) -> int:
    """Write whole rows over existing items of a run; tells how many were found."""
    fields = [RunItem._meta.get_field(name) for name in (*ITEM_COLUMNS, "run", "source")]
    changes = ", ".join(f"{_quoted(field)} = %s" for field in fields[: len(ITEM_COLUMNS)])
    where = " AND ".join(f"{_quoted(field)} = %s" for field in fields[len(ITEM_COLUMNS) :])
    rows = [(*item_values(item), run_id, item.source) for item in items]
    return _run_many(f"UPDATE {_table(RunItem)} SET {changes} WHERE {where}", fields, rows)  # noqa: S608


def upsert_effects(rows: list[Row]) -> int:
    """Rows of (organization, scope, kind, source, run, *EFFECT_COLUMNS). A finished effect is never intended again:
    such a row is left as it is and missing in the number returned."""
    state = _quoted(LedgerEntry._meta.get_field("state"))
    changed = ", ".join(f"{name} = EXCLUDED.{name}" for name in ('"run_id"', *map(_column, EFFECT_COLUMNS)))
    conflict = (
        f'ON CONFLICT ("scope_id", "kind", "source") DO UPDATE SET {changed} '
        f"WHERE {_table(LedgerEntry)}.{state} <> '{EffectState.DONE}' OR EXCLUDED.{state} <> '{EffectState.INTENDED}'"
    )
    return insert(
        LedgerEntry, ("organization", "scope", "kind", "source", "run", *EFFECT_COLUMNS), rows, conflict=conflict
    )


def insert_differences(rows: list[Row], *, follow_up: UUID | None = None) -> int:
    """Rows of (organization, run, *DIFFERENCE_COLUMNS); what is there already stays. They belong to the run's own
    verification unless a later one is named."""
    columns = ("follow_up", "organization", "run", *DIFFERENCE_COLUMNS)
    found = [(follow_up, *row) for row in rows]
    return insert(VerificationDifference, columns, found, conflict="ON CONFLICT DO NOTHING")


def upsert_previews(rows: list[Row]) -> int:
    """Rows of (organization, run, source, payload, created_at); the newest payload of an item stays."""
    columns = ("organization", "run", "source", "payload", "created_at")
    conflict = 'ON CONFLICT ("run_id", "source") DO UPDATE SET "payload" = EXCLUDED."payload"'
    return insert(RunPreview, columns, rows, conflict=conflict)


def _run_many(statement: str, fields: Sequence[Any], rows: list[Row]) -> int:
    if not rows:
        return 0
    prepared = [
        tuple(field.get_db_prep_save(value, connection) for field, value in zip(fields, row, strict=True))
        for row in rows
    ]
    with connection.cursor() as cursor:
        cursor.executemany(statement, prepared)
        return int(cursor.rowcount)


def _table(model: type[models.Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def _quoted(field: Any) -> str:
    return connection.ops.quote_name(field.column)


def _column(name: str) -> str:
    return _quoted(LedgerEntry._meta.get_field(name))
