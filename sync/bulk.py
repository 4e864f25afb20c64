"""Writing many rows at once.

The ORM builds one object per row and one long statement per batch; here the driver repeats one prepared statement
over plain tuples. Values go through the model's fields, so both databases get what the ORM would have sent.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from django.db import connection, models

Each = TypeVar("Each")
WORTH_COPYING = 1_000
WORTH_ANALYSING = 10_000
_PLAIN = (models.IntegerField, models.CharField, models.TextField, models.BooleanField)

IN_ONE_QUERY = 400
"""Values per IN list: below SQLite's limit of parameters, and what PostgreSQL still plans as an index scan."""


def insert(
    model: type[models.Model], columns: Sequence[str], rows: Sequence[tuple[Any, ...]], *, ignore_known: bool = False
) -> None:
    """Insert rows; with `ignore_known` those are left alone that a unique key says are there already."""
    fields = _fields(model, columns)
    names = ", ".join(_quote(field.column) for field in fields)
    if connection.vendor == "postgresql" and not ignore_known and len(rows) >= WORTH_COPYING:
        _copy(_quote(model._meta.db_table), names, fields, rows)
        return
    marks = ", ".join(["%s"] * len(fields))
    conflict = " ON CONFLICT DO NOTHING" if ignore_known else ""
    table = _quote(model._meta.db_table)
    _run(f"INSERT INTO {table} ({names}) VALUES ({marks}){conflict}", fields, rows)  # noqa: S608


def update(model: type[models.Model], columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Write columns of existing rows; the last value of each tuple is the row's number."""
    fields = _fields(model, [*columns, "id"])
    changes = ", ".join(f"{_quote(field.column)} = %s" for field in fields[:-1])
    table = _quote(model._meta.db_table)
    _run(f"UPDATE {table} SET {changes} WHERE {_quote(fields[-1].column)} = %s", fields, rows)  # noqa: S608


def chunks(values: Sequence[Each], size: int = IN_ONE_QUERY) -> Iterator[Sequence[Each]]:
    """The values in parts that one query can take."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def _fields(model: type[models.Model], columns: Sequence[str]) -> list[Any]:
    return [model._meta.get_field(name) for name in columns]


def _quote(name: str) -> str:
    return str(connection.ops.quote_name(name))


def _copy(table: str, names: str, fields: Sequence[Any], rows: Sequence[tuple[Any, ...]]) -> None:
    """https://www.postgresql.org/docs/15/sql-copy.html"""
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copying:
            for row in _prepared(fields, rows):
                copying.write_row(row)
        if len(rows) >= WORTH_ANALYSING:
            # The planner would otherwise believe for a while that the table is as small as it was.
            cursor.execute(f"ANALYZE {table}")


def _prepared(fields: Sequence[Any], rows: Sequence[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """The rows as the driver takes them. Plain numbers and texts are what they are in both databases."""
    plain = [isinstance(field, _PLAIN) for field in fields]
    for row in rows:
        yield tuple(
            value if is_plain else field.get_db_prep_save(value, connection)
            for field, value, is_plain in zip(fields, row, plain, strict=True)
        )


def _run(statement: str, fields: Sequence[Any], rows: Sequence[tuple[Any, ...]]) -> None:
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.executemany(statement, list(_prepared(fields, rows)))
