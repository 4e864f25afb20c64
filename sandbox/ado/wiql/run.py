"""Running a parsed query: which items, in which order, or which links."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sandbox.ado.dates import parse_date
from sandbox.ado.link_types import CHILD, LINK_TYPES
from sandbox.ado.model import Item, Person, Revision, Value
from sandbox.ado.wiql.evaluate import Context, Getter, Predicate, find_field, getter, predicate
from sandbox.ado.wiql.syntax import And, Condition, Expression, Not, Or, Order, Query, Side, Text, WiqlError


@dataclass(frozen=True, slots=True)
class LinkRow:
    """One row of a link query; a root has no source."""

    rel: str | None
    source: int | None
    target: int


def run_flat(context: Context, query: Query) -> list[int]:
    """The ids a query over work items finds, in its order."""
    matches = predicate(context, query.where)
    found = [(item, revision) for item, revision in _candidates(context, query) if matches(item, revision)]
    return [item.id for item, _ in _sorted(context, found, query.orders)]


def _candidates(context: Context, query: Query) -> Iterator[tuple[Item, Revision]]:
    """Everything that is not deleted. What may not be read is still found: only reading tells."""
    if query.as_of:
        try:
            parse_date(query.as_of)
        except ValueError as error:
            raise WiqlError(f"ASOF needs a date. The error is caused by «{query.as_of}».") from error
    for item in context.org.items.values():
        if item.deletion is not None:
            continue
        revision = context.org.as_of(item, query.as_of) if query.as_of else _known(context, item)
        if revision is not None:
            yield item, revision


def _known(context: Context, item: Item) -> Revision | None:
    """The latest revision that queries know: a change may reach them late."""
    if context.now.timestamp() >= item.known_until:
        return item.current
    return item.revisions[item.known_revision - 1] if item.known_revision else None


def _sorted(
    context: Context, found: list[tuple[Item, Revision]], orders: tuple[Order, ...]
) -> list[tuple[Item, Revision]]:
    found.sort(key=lambda pair: pair[0].id)
    for order in reversed(orders):
        read = getter(context, find_field(context, order.field))
        found.sort(key=lambda pair, read=read: _sort_key(read, pair), reverse=order.descending)  # type: ignore[misc]
    return found


def _sort_key(read: Getter, pair: tuple[Item, Revision]) -> tuple[int, float, str]:
    value: Value | None = read(*pair)
    if value is None:
        return (0, 0.0, "")
    if isinstance(value, Person):
        return (2, 0.0, value.name.lower())
    if isinstance(value, int | float):
        return (1, float(value), "")
    return (2, 0.0, value.lower())


def run_links(context: Context, query: Query) -> list[LinkRow]:
    """The rows a query over links finds: roots, each followed by its links."""
    source = predicate(context, _side(query.where, Side.SOURCE))
    target = predicate(context, _side(query.where, Side.TARGET))
    kinds = _kinds(query.where)
    found = [(item, revision) for item, revision in _candidates(context, query) if source(item, revision)]
    rows: list[LinkRow] = []
    ordered = _sorted(context, found, query.orders)
    if "RECURSIVE" in query.mode:
        return _tree(context, [item for item, _ in ordered], target)
    must = "MAYCONTAIN" not in query.mode
    without = "DOESNOTCONTAIN" in query.mode
    for item, _ in ordered:
        links = [r for r in item.relations if r.target is not None and (not kinds or r.rel in kinds)]
        kept = [r for r in links if _visible(context, r.target, target)]
        if without != (not kept) and (must or without):
            continue
        rows.append(LinkRow(None, None, item.id))
        rows += [] if without else [LinkRow(r.rel, item.id, r.target or 0) for r in kept]
    return rows


def _visible(context: Context, target_id: int | None, target: Predicate) -> bool:
    other = context.org.items.get(target_id or 0)
    return other is not None and other.deletion is None and target(other, other.current)


def _tree(context: Context, sources: list[Item], target: Predicate) -> list[LinkRow]:
    chosen = {item.id for item in sources}
    rows: list[LinkRow] = []

    def descend(item: Item) -> None:
        for relation in item.relations:
            if relation.rel == CHILD and _visible(context, relation.target, target):
                rows.append(LinkRow(CHILD, item.id, relation.target or 0))
                descend(context.org.items[relation.target or 0])

    for item in sources:
        if item.parent not in chosen:
            rows.append(LinkRow(None, None, item.id))
            descend(item)
    return rows


def _side(expression: Expression | None, side: Side) -> Expression | None:
    """The part of a link query's conditions that concerns one side; the sides are joined by AND."""
    if expression is None:
        return None
    if isinstance(expression, And):
        parts = tuple(part for inner in expression.parts if (part := _side(inner, side)) is not None)
        return And(parts) if parts else None
    return expression if _sides(expression) == {side} else None


def _sides(expression: Expression) -> set[Side]:
    if isinstance(expression, Condition):
        return {expression.field.side}
    if isinstance(expression, Not):
        return _sides(expression.part)
    if isinstance(expression, And | Or):
        return {side for part in expression.parts for side in _sides(part)}
    return set()


def _kinds(expression: Expression | None) -> set[str]:
    """The link types named by `[System.Links.LinkType]`; empty means any."""
    if isinstance(expression, And | Or):
        return {kind for part in expression.parts for kind in _kinds(part)}
    if isinstance(expression, Condition) and expression.field.name.lower() in ("system.links.linktype", "link type"):
        names = {operand.value for operand in expression.operands if isinstance(operand, Text)}
        chosen = {name for name in names if name in LINK_TYPES}
        return set(LINK_TYPES) - chosen if expression.negated else chosen
    return set()
