"""The official description of the service as JSON schemas.

The published documents are Swagger 2.0 and looser and stricter than the service in known ways; what is adapted:
`allOf` is folded so that unknown members can be refused, a bare `object` stands for any value, every value may
be null, and lists come in the usual wrapper. Members that the service sends but its description leaves out are
named in `UNDESCRIBED`.
"""

import json
from functools import cached_property
from typing import Any

import jsonschema_rs

from tests.shared import shared_path

Schema = dict[str, Any]

UNDESCRIBED: dict[str, set[str]] = {
    "WorkItem": {"multilineFieldsFormat"},
    "Comment": {"commentId"},
}
LOOSER: dict[tuple[str, str], Schema] = {
    # The bin lists ids as text, which the service's own samples show and its description denies.
    ("WorkItemDeleteShallowReference", "id"): {"type": ["integer", "string"]},
}
FREE = {"ReferenceLinks"}  # serialised as its inner table


class Description:
    """One document of `specs/azure-devops`."""

    def __init__(self, name: str) -> None:
        self.document = json.loads(shared_path(f"specs/azure-devops/{name}.json").read_text())
        self._definitions: dict[str, Schema] = self.document["definitions"]

    def operation(self, path: str, method: str) -> Schema:
        """An operation by its path under the organisation. Raises KeyError when it is not described."""
        found: Schema = self.document["paths"]["/{organization}" + path][method]
        return found

    def validator(self, path: str, method: str, *, bare: bool = False) -> jsonschema_rs.Validator:
        """A validator of the operation's answer; lists are wrapped unless the service sends them bare."""
        answers = self.operation(path, method)["responses"]
        schema = next(answers[code]["schema"] for code in ("200", "201", "202") if "schema" in answers.get(code, {}))
        if schema.get("type") == "array" and not bare:
            schema = {"x-wrapped": schema["items"]}
        return jsonschema_rs.validator_for({**self._adapted(schema), "$defs": self._all})

    @cached_property
    def _all(self) -> Schema:
        return {name: self._definition(name) for name in self._definitions}

    def _definition(self, name: str) -> Schema:
        properties = self._properties(name)
        definition = self._definitions[name]
        if definition.get("type") not in (None, "object") or "enum" in definition:
            return self._adapted(definition)
        if not properties or name in FREE:
            return {}
        allowed: Schema = {member: {} for member in UNDESCRIBED.get(name, set())}
        shaped: Schema = {m: LOOSER.get((name, m)) or self._adapted(schema) for m, schema in properties.items()}
        return {"type": ["object", "null"], "properties": {**allowed, **shaped}, "additionalProperties": False}

    def _properties(self, name: str) -> Schema:
        definition = self._definitions[name]
        found: Schema = {}
        for base in definition.get("allOf", []):
            named = base.get("$ref", "").rpartition("/")[2]
            found |= self._properties(named) if named else base.get("properties", {})
        found |= definition.get("properties", {})
        return found

    def _adapted(self, schema: Schema) -> Schema:
        if "x-wrapped" in schema:
            listed = {"type": "array", "items": self._adapted(schema["x-wrapped"])}
            properties = {"count": {"type": "integer"}, "value": listed}
            return {"type": "object", "properties": properties, "required": ["count", "value"]}
        if "$ref" in schema:
            name = str(schema["$ref"]).rpartition("/")[2]
            return {"$ref": f"#/$defs/{name}"}
        if "enum" in schema:
            return {"enum": [*schema["enum"], None]}
        kind = schema.get("type")
        if kind == "array":
            return {"type": ["array", "null"], "items": self._adapted(schema["items"])}
        if kind == "object" and "additionalProperties" in schema:
            return {"type": ["object", "null"], "additionalProperties": self._adapted(schema["additionalProperties"])}
        if kind in ("string", "integer", "number", "boolean") and schema.get("format") != "T":
            return {"type": [kind, "null"]}
        return {}
