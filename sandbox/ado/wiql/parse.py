"""From query text to its parts, by recursive descent."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sandbox.ado.wiql.syntax import (
    And,
    Condition,
    Expression,
    FieldName,
    Macro,
    Not,
    Number,
    Operand,
    Or,
    Order,
    Query,
    Side,
    Text,
    WiqlError,
)

TEXT_LIMIT = 32_000

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<string>'(?:[^']|'')*'|"(?:[^"]|"")*")
    | (?P<field>\[[^\]]+\])
    | (?P<macro>@[A-Za-z]+)
    | (?P<number>-?\d+(?:\.\d+)?(?![\w.]))
    | (?P<sign><>|>=|<=|!=|[=<>(),.+\-])
    | (?P<word>[A-Za-z_][\w.]*)
    )""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str

    @property
    def upper(self) -> str:
        return self.text.upper()


def parse_query(text: str) -> Query:
    """The parts of a query. Raises WiqlError with the place of the mistake."""
    if len(text) > TEXT_LIMIT:
        raise WiqlError(f"The query text is longer than {TEXT_LIMIT} characters.")
    return _Parser(_tokens(text)).query()


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise WiqlError(f"The error is caused by «{text[position : position + 20].strip()}».")
        found.append(_Token(match.lastgroup, match.group(match.lastgroup)))
        position = match.end()
    return found


class _Parser:
    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._next = 0

    # -- moving ---------------------------------------------------------------------------------------

    def _peek(self, ahead: int = 0) -> _Token:
        index = self._next + ahead
        return self._tokens[index] if index < len(self._tokens) else _Token("end", "")

    def _take(self) -> _Token:
        token = self._peek()
        self._next += 1
        return token

    def _accept(self, *words: str) -> bool:
        """Take the words if exactly these come next."""
        if all(self._peek(n).upper == word for n, word in enumerate(words)):
            self._next += len(words)
            return True
        return False

    def _expect(self, *words: str) -> None:
        if not self._accept(*words):
            raise self._mistake(f"Expecting {' '.join(words)}.")

    def _mistake(self, problem: str) -> WiqlError:
        return WiqlError(f"{problem} The error is caused by «{self._peek().text or 'the end of the query'}».")

    # -- clauses --------------------------------------------------------------------------------------

    def query(self) -> Query:
        self._expect("SELECT")
        columns = [self._column()]
        while self._accept(","):
            columns.append(self._column())
        self._expect("FROM")
        source = self._take().upper
        if source not in ("WORKITEMS", "WORKITEMLINKS"):
            raise self._mistake("Expecting WorkItems or WorkItemLinks.")
        where = self._or() if self._accept("WHERE") else None
        orders = self._orders() if self._accept("ORDER", "BY") else ()
        as_of = self._as_of()
        mode = self._mode()
        orders = orders or (self._orders() if self._accept("ORDER", "BY") else ())
        if self._peek().kind != "end":
            raise self._mistake("Unexpected text.")
        return Query(tuple(columns), source == "WORKITEMLINKS", where, orders, as_of or self._as_of(), mode)

    def _column(self) -> str:
        return self._field().name

    def _orders(self) -> tuple[Order, ...]:
        orders = [self._order()]
        while self._accept(","):
            orders.append(self._order())
        return tuple(orders)

    def _order(self) -> Order:
        name = self._field().name
        if self._accept("DESC"):
            return Order(name, descending=True)
        self._accept("ASC")
        return Order(name)

    def _as_of(self) -> str:
        if not self._accept("ASOF"):
            return ""
        token = self._take()
        if token.kind != "string":
            raise self._mistake("Expecting a date after ASOF.")
        return _unquoted(token.text)

    def _mode(self) -> str:
        if not self._accept("MODE"):
            return ""
        self._expect("(")
        words = [self._take().upper]
        while self._accept(","):
            words.append(self._take().upper)
        self._expect(")")
        return ",".join(words)

    # -- conditions -----------------------------------------------------------------------------------

    def _or(self) -> Expression:
        parts = [self._and()]
        while self._accept("OR"):
            parts.append(self._and())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _and(self) -> Expression:
        parts = [self._not()]
        while self._accept("AND"):
            parts.append(self._not())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _not(self) -> Expression:
        if self._accept("NOT"):
            return Not(self._not())
        if self._accept("("):
            inner = self._or()
            self._expect(")")
            return inner
        return self._condition()

    def _condition(self) -> Expression:
        ever = self._accept("EVER")
        field = self._field()
        ever = self._accept("EVER") or self._accept("WAS", "EVER") or ever
        negated = self._accept("NOT")
        if self._accept("DOES", "NOT"):
            negated = True
        operator, operands = self._comparison(field)
        if operator in ("<>", "!="):
            operator, negated = "=", not negated
        if operator == "IS NOT EMPTY":
            operator, negated = "IS EMPTY", True
        return Condition(field, operator, operands, negated, ever)

    def _comparison(self, field: FieldName) -> tuple[str, tuple[Operand, ...]]:
        for words, operator in (
            (("IS", "NOT", "EMPTY"), "IS NOT EMPTY"),
            (("IS", "EMPTY"), "IS EMPTY"),
        ):
            if self._accept(*words):
                return operator, ()
        if self._accept("IN", "GROUP"):
            return "IN GROUP", (self._operand(),)
        if self._accept("IN"):
            return "IN", self._list()
        if self._accept("CONTAINS", "WORDS"):
            return "CONTAINS WORDS", (self._operand(),)
        if self._accept("CONTAIN") or self._accept("CONTAINS"):
            return "CONTAINS", (self._operand(),)
        token = self._take()
        if token.upper not in ("=", "<>", "!=", ">", "<", ">=", "<=", "UNDER"):
            self._next -= 1
            raise self._mistake(f"Expecting comparison operator after {field.name}.")
        return token.upper, (self._operand(),)

    def _list(self) -> tuple[Operand, ...]:
        if self._peek().kind == "macro":
            return (self._operand(),)
        self._expect("(")
        values = [self._operand()]
        while self._accept(","):
            values.append(self._operand())
        self._expect(")")
        return tuple(values)

    def _operand(self) -> Operand:
        token = self._take()
        match token.kind:
            case "string":
                return Text(_unquoted(token.text))
            case "number":
                return Number(float(token.text))
            case "macro":
                return self._macro(token.text[1:].lower())
            case "field":
                self._next -= 1
                return self._field()
            case "word" if token.upper in ("TRUE", "FALSE"):
                return Text(token.text)
        self._next -= 1
        raise self._mistake("Expecting a value.")

    def _macro(self, name: str) -> Macro:
        argument = ""
        if self._accept("("):
            argument = _unquoted(self._take().text)
            self._expect(")")
        if self._accept("+"):
            return Macro(name, int(self._take().text), argument)
        if self._accept("-"):
            return Macro(name, -int(self._take().text), argument)
        if self._peek().kind == "number" and self._peek().text.startswith("-"):
            return Macro(name, int(self._take().text), argument)
        return Macro(name, 0, argument)

    def _field(self) -> FieldName:
        token = self._take()
        side = Side.SELF
        bare = token.text.strip("[]")
        if bare.lower() in ("source", "target") and self._accept("."):
            side = Side(bare.lower())
            token = self._take()
            bare = token.text.strip("[]")
        elif token.kind == "word" and bare.lower().startswith(("source.", "target.")) and bare.endswith("."):
            side = Side(bare[:-1].lower())
            token = self._take()
            bare = token.text.strip("[]")
        if token.kind not in ("field", "word"):
            self._next -= 1
            raise self._mistake("Expecting field name.")
        return FieldName(bare.strip(), side)


def _unquoted(text: str) -> str:
    quote = text[0]
    return text[1:-1].replace(quote * 2, quote) if quote in "'\"" else text
