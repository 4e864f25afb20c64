"""The OpenAPI document of the operations surface: made without a warning, and true of what is answered."""

from typing import Any

import jsonschema_rs
import pytest
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

from tests.builders import cast
from tests.connectors.api.test_operations import AZURE, new_connector
from tests.connectors.sources import MemorySource


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    GENERATOR_STATS.reset()
    made = SchemaGenerator().get_schema(request=None, public=True)
    assert (GENERATOR_STATS._warn_cache, GENERATOR_STATS._error_cache) == ({}, {})
    return made


def check(document, answer, path, method="post"):
    """The answer is what the document says of its status."""
    schema = document["paths"][path][method]["responses"][str(answer.status_code)]["content"]["application/json"]
    whole = with_null({**schema["schema"], "components": document["components"]})
    jsonschema_rs.validator_for(whole).validate(answer.json())


def with_null(schema: Any) -> Any:
    """OpenAPI 3.0 says `nullable` where JSON Schema has a type of its own."""
    if isinstance(schema, list):
        return [with_null(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {name: with_null(each) for name, each in schema.items() if name != "nullable"}
    return {"anyOf": [inner, {"type": "null"}]} if schema.get("nullable") is True else inner


def test_the_document_is_valid_and_lists_the_surface(document):
    validate_schema(document)

    assert {
        f"{method} {path}"
        for path, methods in document["paths"].items()
        for method in methods
        if path.startswith(("/api/connectors", "/api/audit"))
    } == {
        "get /api/connectors",
        "post /api/connectors",
        "get /api/connectors/{id}",
        "patch /api/connectors/{id}",
        "delete /api/connectors/{id}",
        "post /api/connectors/test",
        "post /api/connectors/scan",
        "get /api/audit/{id}",
    }


@pytest.mark.django_db
def test_answers_are_as_described(document, monkeypatch, jobs):
    MemorySource(size=3).install(monkeypatch)
    client = cast().owner.client
    new_connector(cast().owner)

    scan = client.post("/api/connectors/scan", AZURE)
    waiting = client.post("/api/connectors/scan", AZURE, headers={"Prefer": "respond-async"})

    check(document, client.post("/api/connectors/test", AZURE), "/api/connectors/test")
    check(document, scan, "/api/connectors/scan")
    check(document, waiting, "/api/connectors/scan")
    check(document, client.post("/api/connectors", {"name": "Shop", **AZURE}), "/api/connectors")
    check(document, client.get("/api/connectors"), "/api/connectors", "get")
    for answer in (scan, waiting):
        check(document, client.get(f"/api/audit/{answer.json()['scanId']}"), "/api/audit/{id}", "get")
