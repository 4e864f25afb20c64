"""One connector row behind every surface, against live stand-ins of all three systems."""

import pytest

from sandbox.ado.build import build_ado
from sandbox.github.build import build_github
from sandbox.jira.build import build_jira
from tests.builders import cast
from tests.shared import shared_path

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    return cast()


def parameters(system, url, **more):
    """How a connector of the system to a stand-in is made by its parameters."""
    own = {
        "azure_devops": {"alm_context_root": "contoso", "alm_project": "PHP", "alm_pass": "sandbox-pat"},
        "jira": {"alm_user": "sandbox@example.com", "alm_pass": "sandbox-token", "alm_project": "DEMO"},
        "github": {
            "github_repo_owner": "contoso",
            "alm_project": "demo",
            "alm_api_token": "sandbox-token",
            "github_duplicate_label": "duplicate",
        },
    }
    params = {"alm_method": "http", "alm_server": url.removeprefix("http://"), **own[system], **more}
    return {"name": system, "system": {"id": system}, "params": params}


@pytest.fixture(params=["azure_devops", "jira", "github"])
def live(request, serve):
    """A system and where it answers."""
    build = {
        "azure_devops": lambda: build_ado(load=[shared_path("data/ado/dl-php.json")]),
        "jira": build_jira,
        "github": build_github,
    }
    return request.param, serve(build[request.param]()).url


def test_made_by_v2_tested_by_operations_shown_by_integration(people, live, jobs):
    system, url = live
    client = people.admin.client

    made = client.post("/api/v2/connectors/alm/", parameters(system, url))
    pk = made.json()["id"]
    by_v2 = client.post("/api/v2/connectors/testalm/", {"id": pk}).json()
    by_operations = client.post("/api/connectors/test", {"connectorId": pk}).json()
    jobs.run_all()
    shown = client.get(f"/api/integrations/instances/{pk}", {"fields": "true"}).json()

    assert (made.status_code, by_v2) == (201, {"success": True})
    assert (by_operations["success"], by_operations["message"]) == (True, "Connection verified")
    assert client.get(f"/api/connectors/{pk}").json()["health"]["status"] == "ok"
    assert shown["instanceType"] == {"azure_devops": "Azure", "jira": "Jira", "github": "GitHub"}[system]
    modules = shown["externalProjects"][0]["modules"]
    assert any(field["mandatory"] for field in modules["issue"]["fields"])
    assert all(set(module) == {"id", "name", "jqlFilterString", "fields"} for module in modules.values())


def test_without_a_project_only_the_server_is_tested(people, live):
    system, url = live
    body = parameters(system, url)
    del body["params"]["alm_project"]

    answer = people.member.client.post("/api/v2/connectors/testalm/", body)

    assert answer.json() == {"success": True}


def test_wrong_credentials_are_told_apart_from_a_wrong_project(people, live):
    system, url = live
    secret = "alm_api_token" if system == "github" else "alm_pass"
    client = people.member.client

    refused = client.post("/api/v2/connectors/testalm/", parameters(system, url, **{secret: "wrong-" + "x" * 40}))
    missing = client.post("/api/v2/connectors/testalm/", parameters(system, url, alm_project="nowhere"))

    for answer in (refused.json(), missing.json()):
        assert answer["success"] is False and answer["message"]
    assert refused.json()["code"] != missing.json()["code"]
