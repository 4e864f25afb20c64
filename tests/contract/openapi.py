"""Validating answers against an OpenAPI 3.0 description."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

import jsonschema_rs

from tests.shared import shared_path


class Description:
    """One OpenAPI 3.0 document; ``nullable`` is read as it is meant there."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._components = {"schemas": _converted(document.get("components", {}).get("schemas", {}))}

    def operations(self) -> set[tuple[str, str]]:
        """Method and path of every operation."""
        verbs = {"get", "post", "put", "delete", "patch"}
        return {
            (verb.upper(), path) for path, item in self._document["paths"].items() for verb in item if verb in verbs
        }

    def statuses(self, method: str, path: str) -> set[str]:
        """The statuses an operation declares."""
        return set(self._document["paths"][path][method.lower()]["responses"])

    def faults(self, method: str, path: str, status: int, answer: object) -> list[str]:
        """What is wrong with an answer; empty when it is as described (or nothing is described)."""
        schema = self._schema(method, path, str(status))
        if schema is None:
            return []
        # Formats are left out: real stamps have no colon in the offset, which no date-time check takes.
        validator = jsonschema_rs.Draft4Validator({**schema, "components": self._components}, validate_formats=False)
        return [
            f"{'/'.join(map(str, error.instance_path))}: {error.message}" for error in validator.iter_errors(answer)
        ]

    def _schema(self, method: str, path: str, status: str) -> dict[str, Any] | None:
        responses = self._document["paths"][path][method.lower()]["responses"]
        content = responses.get(status, {}).get("content", {})
        schema = content.get("application/json", {}).get("schema")
        converted: dict[str, Any] | None = _converted(schema) if schema else None
        return converted


@lru_cache(maxsize=4)
def description(relative: str) -> Description:
    """A description of the shared material, read once."""
    return Description(json.loads(shared_path(relative).read_text()))


def _converted(node: Any) -> Any:
    """OpenAPI 3.0 to draft 4: a nullable schema also takes null."""
    if isinstance(node, list):
        return [_converted(item) for item in node]
    if not isinstance(node, dict):
        return node
    made = {name: _converted(value) for name, value in node.items() if name not in ("nullable", "example")}
    if node.get("nullable") is True:
        return {"anyOf": [made, {"type": "null"}]}
    return made
