"""The check before a run, against the stand-ins: what it finds, what it decides, and that it writes nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from connectors.credentials import seal_values
from connectors.models import Connector
from migrations_app.models import Project, ProjectStatus
from sandbox.build import build_ado, build_jira
from sandbox.server import ServerHandle
from tests.builders import Cast
from tests.connectors.conftest import open_to_sandbox, serve
from tests.migrations_app.builders import make_project

__all__ = ["open_to_sandbox", "serve"]

pytestmark = pytest.mark.django_db

Serve = Callable[[Any], ServerHandle]


@pytest.fixture
def jira(serve: Serve) -> ServerHandle:
    return serve(build_jira())


@pytest.fixture
def sample(people: Cast, serve: Serve, jira: ServerHandle) -> Project:
    """The sample project with connectors to both stand-ins."""
    ado = serve(build_ado(sample=True))
    source = Connector(
        name="From", system="azure_devops", server=f"{ado.url}/contoso", default_project="Saltwind Booking"
    )
    target = Connector(name="To", system="jira", server=jira.url, account="sandbox@example.com", default_project="DEMO")
    for connector, secret in ((source, "sandbox-pat"), (target, "sandbox-token")):
        connector.organization = people.organization
        connector.save()
        connector.sealed_credentials = seal_values(connector, {"secret": secret})
        connector.save()
    return make_project(people.organization, source_connector=source, target_connector=target)


def check(people: Cast, project: Project) -> Any:
    return people.member.client.get(f"/api/projects/{project.pk}/preflight")


def test_a_project_that_can_be_moved_becomes_ready_and_nothing_is_written(
    people: Cast, sample: Project, jira: ServerHandle
) -> None:
    body = check(people, sample).json()

    assert body["ready"] is True
    assert body["totalItems"] == body["checkedItems"] == sum(each["count"] for each in body["types"]) > 250
    chosen = {each["source"]: each["target"] for each in body["types"]}
    assert chosen["Epic"] == "Epic" and "" not in chosen.values()
    assert all(found["severity"] != "blocking" for found in body["findings"])
    assert people.member.client.get(f"/api/projects/{sample.pk}").json()["status"] == "READY"
    log = requests.get(f"{jira.url}/_sandbox/log", timeout=5).json()
    entries = log["entries"]
    assert len(entries) > 5
    assert [entry for entry in entries if entry["applied"]] == []


def test_refused_credentials_are_told_in_the_platform_s_words(people: Cast, sample: Project) -> None:
    connector = sample.source_connector
    assert connector is not None
    connector.sealed_credentials = seal_values(connector, {"secret": "wrong"})
    connector.save()

    answer = check(people, sample)

    assert (answer.status_code, answer.json()["code"]) == (400, "CREDENTIALS_REFUSED")
    sample.refresh_from_db()
    assert sample.status == ProjectStatus.DRAFT


def test_a_project_without_connectors_cannot_be_checked(people: Cast, project: Project) -> None:
    answer = check(people, project)

    assert (answer.status_code, answer.json()["code"]) == (400, "PROJECT_NOT_CONNECTED")


def test_a_foreign_project_is_not_found(people: Cast, project: Project) -> None:
    assert people.outsider.client.get(f"/api/projects/{project.pk}/preflight").status_code == 404
