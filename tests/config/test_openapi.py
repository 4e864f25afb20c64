"""The OpenAPI document: made without a warning, valid, complete, and equal to the committed `docs/openapi.yaml`.

A change of the interface changes the committed document in the same commit:
`.venv/bin/python manage.py spectacular --file docs/openapi.yaml`
"""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer
from drf_spectacular.validation import validate_schema

from tests.codes import ROOT

SNAPSHOT = ROOT / "docs" / "openapi.yaml"
DOCUMENTED = {
    "/api/auth/login": {"post"},
    "/api/auth/logout": {"post"},
    "/api/auth/refresh": {"post"},
    "/api/connectors/test": {"post"},
    "/api/connectors/scan": {"post"},
    "/api/audit/{id}": {"get"},
    "/api/projects": {"get", "post"},
    "/api/projects/{project_id}": {"get", "patch", "delete"},
    "/api/migrations": {"get"},
    "/api/migrations/project/{project_id}/start": {"post"},
    "/api/migrations/{run_id}/status": {"get"},
    "/api/migrations/{run_id}/pause": {"post"},
    "/api/migrations/{run_id}/resume": {"post"},
    "/api/migrations/{run_id}/cancel": {"post"},
    "/api/migrations/{run_id}/stream": {"get"},
    "/api/v2/connectors/alm/": {"get", "post"},
    "/api/v2/connectors/alm/{id}": {"get", "put", "patch", "delete"},
    "/api/v2/connectors/alm/{id}/": {"get", "put", "patch", "delete"},
    "/api/v2/connectors/testalm/": {"post"},
    "/api/v2/connectors/issue-tracker/": {"get", "post"},
    "/api/v2/connectors/issue-tracker/{id}/": {"get", "put", "patch", "delete"},
    "/api/v2/connectors/analysis/": {"get"},
    "/api/v2/connectors/analysis/{id}": {"get"},
    "/api/v2/connectors/analysis/{id}/": {"get"},
    "/api/v2/plugins/alm/": {"get"},
    "/api/v2/plugins/alm/{system}/": {"get"},
    "/rest/admin/integration/list{kind}": {"post"},
    "/rest/integration/instance/details": {"get"},
    "/api/integrations/instances": {"get"},
    "/api/integrations/instances/{id}": {"get"},
    "/api/webhooks": {"get", "post"},
    "/api/webhooks/{id}": {"get", "patch", "delete"},
    "/api/webhooks/{id}/deliveries": {"get"},
    "/api/webhooks/{id}/deliveries/{delivery}/redeliver": {"post"},
}
"""What the founding documents and `docs/api.md` promise; there may be more."""


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    GENERATOR_STATS.reset()
    made: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    assert (GENERATOR_STATS._warn_cache, GENERATOR_STATS._error_cache) == ({}, {})
    return made


def test_the_document_is_valid(document: dict[str, Any]) -> None:
    validate_schema(document)


def test_every_documented_operation_is_described(document: dict[str, Any]) -> None:
    described = {path: set(operations) for path, operations in document["paths"].items()}

    assert {path: verbs - described.get(path, set()) for path, verbs in DOCUMENTED.items()} == {
        path: set() for path in DOCUMENTED
    }


def test_every_operation_has_a_name_of_its_own_and_a_sentence(document: dict[str, Any]) -> None:
    operations = [one for path in document["paths"].values() for one in path.values()]
    names = [one["operationId"] for one in operations]

    assert len(names) == len(set(names))
    assert [one["operationId"] for one in operations if not one.get("description")] == []


def test_the_committed_document_is_the_one_that_is_served(document: dict[str, Any]) -> None:
    made = yaml.safe_load(OpenApiYamlRenderer().render(document, renderer_context={}))

    assert yaml.safe_load(SNAPSHOT.read_text(encoding="utf-8")) == made, "see the first lines of this module"
