"""JQL text to a tree. Syntax errors are refused; what the words mean is decided in ``jql_match``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sandbox.jira.errors import Refusal, refuse

MAX_ORDER_FIELDS = 7
_TOKEN = re.compile(
    r"""\s*(?:(?P<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
    |(?P<operator>!=|<=|>=|!~|=|<|>|~|\(|\)|,|&&|\|\||&|\||!)
    |(?P<word>[^\s"'=!<>~(),&|]+))""",
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)")
COMPARISONS = frozenset({"=", "!=", "<", ">", "<=", ">=", "~", "!~"})


@dataclass(frozen=True)
class Function:
    """A call such as ``currentUser()``."""

    name: str
    arguments: tuple[str, ...]


Operand = str | Function


@dataclass(frozen=True)
class Clause:
    """``field operator values``. ``values`` is empty for IS EMPTY and IS NOT EMPTY."""

    field: str
    operator: str
    values: tuple[Operand, ...]


@dataclass(frozen=True)
class Not:
    """The opposite."""

    inner: Node


@dataclass(frozen=True)
class All:
    """Every part holds."""

    parts: tuple[Node, ...]


@dataclass(frozen=True)
class AnyOf:
    """Some part holds."""

    parts: tuple[Node, ...]


Node = Clause | Not | All | AnyOf


@dataclass(frozen=True)
class Query:
    """A parsed query; ``where`` is None when nothing is restricted."""

    where: Node | None
    order: tuple[tuple[str, bool], ...]
    """Fields to sort by; True is descending."""


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str

    def is_word(self, *words: str) -> bool:
        return self.kind == "word" and self.text.lower() in words

    def is_operator(self, *texts: str) -> bool:
        return self.kind == "operator" and self.text in texts


_END = _Token("end", "")


def jql_error(text: str) -> Refusal:
    """A syntax error."""
    return refuse(400, f"Error in the JQL Query: {text}")


def parse_jql(text: str) -> Query:
    """The tree of a query. Raises Refusal 400 for a syntax error."""
    parser = _Parser(_tokens(text))
    where = None
    if not parser.at_end() and not parser.peek().is_word("order"):
        where = parser.any_of()
    order = parser.order_by()
    if not parser.at_end():
        raise jql_error(f"Expecting either 'OR' or 'AND' but got '{parser.peek().text}'.")
    return Query(where, order)


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    place = 0
    end = len(text.rstrip())
    while place < end:
        match = _TOKEN.match(text, place)
        if match is None:
            raise jql_error(f"The character '{text[place:].strip()[:1]}' is a reserved JQL character.")
        kind = match.lastgroup or "word"
        value = match.group(kind)
        found.append(_Token(kind, _unquoted(value) if kind == "string" else value))
        place = match.end()
    return found


def _unquoted(value: str) -> str:
    def replaced(match: re.Match[str]) -> str:
        code = match.group(1)
        if code.startswith("u") and len(code) == 5:
            return chr(int(code[1:], 16))
        return {"n": "\n", "t": "\t", "r": "\r"}.get(code, code)

    return _ESCAPE.sub(replaced, value[1:-1])


class _Parser:
    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._place = 0

    def at_end(self) -> bool:
        return self._place >= len(self._tokens)

    def peek(self) -> _Token:
        return _END if self.at_end() else self._tokens[self._place]

    def _next(self) -> _Token:
        token = self.peek()
        self._place += 1
        return token

    def any_of(self) -> Node:
        parts = [self._all()]
        while self.peek().is_word("or") or self.peek().is_operator("||", "|"):
            self._next()
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def _all(self) -> Node:
        parts = [self._one()]
        while self.peek().is_word("and") or self.peek().is_operator("&&", "&"):
            self._next()
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _one(self) -> Node:
        token = self.peek()
        if token.is_word("not") or token.is_operator("!"):
            self._next()
            return Not(self._one())
        if token.is_operator("("):
            self._next()
            inner = self.any_of()
            self._expect(")")
            return inner
        return self._clause()

    def _clause(self) -> Clause:
        token = self._next()
        if token is _END:
            raise jql_error("Expecting a field name at the end of the query.")
        if token.kind == "operator":
            raise jql_error(f"Expecting a field name but got '{token.text}'.")
        operator = self._operator(token.text)
        if operator in ("is", "is not"):
            empty = self._next()
            if not empty.is_word("empty", "null"):
                raise jql_error("Expecting 'EMPTY' or 'NULL' after 'IS'.")
            return Clause(token.text, operator, ())
        if operator in ("in", "not in"):
            return Clause(token.text, operator, self._list())
        return Clause(token.text, operator, (self._operand(),))

    def _operator(self, name: str) -> str:
        token = self._next()
        if token.kind == "operator" and token.text in COMPARISONS:
            return token.text
        if token.is_word("in"):
            return "in"
        if token.is_word("not") and self.peek().is_word("in"):
            self._next()
            return "not in"
        if token.is_word("is"):
            if self.peek().is_word("not"):
                self._next()
                return "is not"
            return "is"
        if token is _END:
            raise jql_error(f"Expecting operator before the end of the query after '{name}'.")
        raise jql_error(f"Expecting operator but got '{token.text}'.")

    def _list(self) -> tuple[Operand, ...]:
        if not self.peek().is_operator("("):
            return (self._operand(),)
        self._next()
        values = [self._operand()]
        while self.peek().is_operator(","):
            self._next()
            values.append(self._operand())
        self._expect(")")
        return tuple(values)

    def _operand(self) -> Operand:
        token = self._next()
        if token is _END:
            raise jql_error("Expecting either a value, list or function before the end of the query.")
        if token.kind == "operator":
            raise jql_error(f"Expecting either a value, list or function but got '{token.text}'.")
        if token.kind == "word" and self.peek().is_operator("("):
            self._next()
            arguments: list[str] = []
            while not self.peek().is_operator(")"):
                if self.at_end():
                    raise jql_error(f"Expecting ')' after the arguments of '{token.text}'.")
                argument = self._next()
                if not argument.is_operator(","):
                    arguments.append(argument.text)
            self._next()
            return Function(token.text.lower(), tuple(arguments))
        return token.text

    def _expect(self, text: str) -> None:
        token = self._next()
        if not token.is_operator(text):
            where = "before the end of the query" if token is _END else f"but got '{token.text}'"
            raise jql_error(f"Expecting '{text}' {where}.")

    def order_by(self) -> tuple[tuple[str, bool], ...]:
        if not self.peek().is_word("order"):
            return ()
        self._next()
        if not self._next().is_word("by"):
            raise jql_error("Expecting 'by' after 'order'.")
        fields: list[tuple[str, bool]] = []
        while True:
            token = self._next()
            if token.kind not in ("word", "string"):
                raise jql_error("Expecting a field name at the end of the query.")
            descending = self.peek().is_word("desc")
            if self.peek().is_word("asc", "desc"):
                self._next()
            fields.append((token.text, descending))
            if not self.peek().is_operator(","):
                break
            self._next()
        if len(fields) > MAX_ORDER_FIELDS:
            raise refuse(400, "The maximum number of fields in the ORDER BY clause is 7.")
        return tuple(fields)
