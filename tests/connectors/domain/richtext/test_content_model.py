"""Our content model against the published schema: the same children, marks, attributes and limits."""

from typing import Any

import pytest

from connectors.domain.richtext.content_model import CONTENT, MARKS, MARKS_BESIDE_CODE, Attr, AttrKind
from tests.connectors.domain.richtext.corpus import schema

Definition = dict[str, Any]


def _definition(reference: str) -> Definition:
    found: Definition = schema()["definitions"][reference.removeprefix("#/definitions/")]
    return found


def _type_of(definition: Definition) -> str:
    if "properties" in definition and "type" in definition["properties"]:
        return str(definition["properties"]["type"]["enum"][0])
    return next(
        _type_of(part if "$ref" not in part else _definition(part["$ref"]))
        for part in definition["allOf"]
        if "$ref" in part
    )


def _variants(name: str) -> list[Definition]:
    """Every definition of the schema that describes nodes or marks of one type."""
    described = []
    for key, definition in schema()["definitions"].items():
        if not key.endswith(("_node", "_mark")):
            continue
        if "anyOf" in definition:
            continue
        if _type_of(definition) == name:
            described.append(definition)
    assert described, f"the schema does not know {name}"
    return described


def _flat(definition: Definition) -> list[Definition]:
    if "allOf" not in definition:
        return [definition]
    return [
        flat
        for part in definition["allOf"]
        for flat in (_flat(_definition(part["$ref"])) if "$ref" in part else [part])
    ]


def _children_in(items: Any) -> set[str]:
    if isinstance(items, list):
        return set().union(*(_children_in(item) for item in items))
    if "$ref" in items:
        definition = _definition(items["$ref"])
        if "anyOf" in definition:
            return _children_in(definition)
        return {_type_of(definition)}
    if "anyOf" in items:
        return set().union(*(_children_in(choice) for choice in items["anyOf"]))
    return set()


def _content_rules(name: str) -> list[Definition]:
    rules = []
    for definition in _variants(name):
        for part in _flat(definition):
            content = part.get("properties", {}).get("content")
            if content and "$ref" in content:
                content = _definition(content["$ref"])
            if content:
                rules.append(content)
    return rules


@pytest.mark.parametrize("name", CONTENT)
def test_children_are_those_of_the_published_schema(name: str) -> None:
    children = set().union(*(_children_in(rule.get("items", {})) for rule in _content_rules(name)))

    assert CONTENT[name].children == children


@pytest.mark.parametrize("name", CONTENT)
def test_item_counts_are_those_of_the_published_schema(name: str) -> None:
    rules = _content_rules(name)

    assert CONTENT[name].min_items == max((rule.get("minItems", 0) for rule in rules), default=0)
    assert CONTENT[name].max_items == max((rule["maxItems"] for rule in rules if "maxItems" in rule), default=None)


@pytest.mark.parametrize("name", CONTENT)
def test_marks_are_those_of_the_published_schema(name: str) -> None:
    marks: set[str] = set()
    for definition in _variants(name):
        for part in _flat(definition):
            rule = part.get("properties", {}).get("marks", {})
            marks |= _children_in(rule.get("items", {}))

    assert CONTENT[name].marks == marks


def _attribute(rule: Definition, *, required: bool) -> Attr:
    if "enum" in rule:
        return Attr(AttrKind.ENUM, required=required, choices=tuple(rule["enum"]))
    return Attr(
        AttrKind(rule.get("type", "any")),
        required=required,
        minimum=rule.get("minimum"),
        maximum=rule.get("maximum"),
        pattern=rule.get("pattern", ""),
        min_length=rule.get("minLength", 0),
    )


def _attribute_tables(name: str) -> list[dict[str, Attr]]:
    for definition in _variants(name):
        for part in _flat(definition):
            attrs = part.get("properties", {}).get("attrs")
            if attrs is None:
                continue
            return [
                {
                    key: _attribute(rule, required=key in choice.get("required", []))
                    for key, rule in choice["properties"].items()
                }
                for choice in attrs.get("anyOf", [attrs])
            ]
    return []


@pytest.mark.parametrize("name", CONTENT)
def test_attributes_are_those_of_the_published_schema(name: str) -> None:
    assert [dict(table) for table in CONTENT[name].attrs] == _attribute_tables(name)
    required = any("attrs" in part.get("required", []) for d in _variants(name) for part in _flat(d))
    assert CONTENT[name].attrs_required == required


@pytest.mark.parametrize("name", MARKS)
def test_mark_attributes_are_those_of_the_published_schema(name: str) -> None:
    tables = _attribute_tables(name)

    assert dict(MARKS[name]) == (tables[0] if tables else {})


def test_code_stands_beside_the_marks_that_the_published_schema_names() -> None:
    rule = _definition("code_inline_node")["allOf"][1]["properties"]["marks"]["items"]

    assert _children_in(rule) == MARKS_BESIDE_CODE
