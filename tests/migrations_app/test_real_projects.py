"""Real Azure DevOps projects, as published and decorated, through the REST API into the Jira stand-in."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.ado.service import AdoService
from sandbox.build import build_ado, build_jira
from sandbox.jira.service import JiraService
from tests.builders import Cast
from tests.checker import complaints
from tests.connectors.conftest import open_to_sandbox, serve
from tests.jobs import RecordedJobs
from tests.shared import shared_path

__all__ = ["open_to_sandbox", "serve"]

pytestmark = pytest.mark.django_db

ALWAYS = (
    "gen-partsunlimited",
    "gen-eshoponweb",
    "gen-myhealthclinic",
    "gen-myshuttle",
    "caf-moderniot",
    "ac-nist800171rev2",
    "dl-php",
    "dojowhitebeltgold",
    "msl-scan-for-vulnerabilities",
)
THE_REST = (
    "ac-azuresentinel",
    "ac-wvdguidance",
    "caf-aks-caf",
    "caf-azuregovernance",
    "caf-cloudadoptionplan",
    "caf-moderndataanalytics",
    "caf-retailrecommender-solutionaccelerator",
    "caf-servermigration",
    "caf-unifieddatagovernance",
    "caf-windowsvirtualdesktop",
    "dl-docker",
    "dl-github",
    "dl-keyvault",
    "dl-whitesource-bolt",
    "gen-contosoair",
    "msl-deploy-docker-template",
    "msl-spacegame-web-terraform",
)


class Migration:
    """A whole migration over REST, from the project to the verified result."""

    def __init__(self, people: Cast, jobs: RecordedJobs, ado_url: str, jira_url: str, project: str) -> None:
        self.client, self.jobs = people.admin.client, jobs
        self.source = {"organization_url": f"{ado_url}/contoso", "project": project}
        self.project = project
        self.payload = {
            "source": {"org": f"{ado_url}/contoso", "project": project, "pat": "sandbox-pat"},
            "target": {
                "base_url": jira_url,
                "email": "sandbox@example.com",
                "api_token": "sandbox-token",
                "project_key": "DEMO",
            },
        }

    def scan(self) -> dict[str, Any]:
        credentials = self.source | {"personal_access_token": "sandbox-pat"}
        body = {"type": "azure_devops", "credentials": credentials}
        return self._post("/api/connectors/scan", body, 200)

    def run(self, **options: Any) -> dict[str, Any]:
        """A FULL run to its end."""
        body = {"name": self.project, "sourceSystem": "AZURE_DEVOPS", "targetSystem": "JIRA"}
        project = self._post("/api/projects", body, 201)
        payload = {**self.payload, "options": options}
        started = self._post(
            f"/api/migrations/project/{project['id']}/start", {"type": "FULL", "enginePayload": payload}, 200
        )
        self.jobs.run_all()
        return self.get(f"/api/migrations/{started['id']}")

    def get(self, address: str) -> dict[str, Any]:
        answer = self.client.get(address)
        assert answer.status_code == 200, answer.content
        found: dict[str, Any] = answer.json()
        return found

    def _post(self, address: str, body: dict[str, Any], status: int) -> dict[str, Any]:
        answer = self.client.post(address, body, format="json")
        assert answer.status_code == status, answer.content
        found: dict[str, Any] = answer.json()
        return found


def migrate(
    people: Cast, jobs: RecordedJobs, serve: Any, ado: AdoService, jira: JiraService, project: str
) -> tuple[Migration, dict[str, Any]]:
    migration = Migration(people, jobs, serve(ado).url, serve(jira).url, project)
    return migration, migration.run()


def check(people: Cast, jobs: RecordedJobs, serve: Any, name: str, *, decorate: bool) -> None:
    ado = build_ado(load=[shared_path(f"data/ado/{name}.json")], decorate=decorate)
    jira = build_jira()
    (project,) = ado.org.projects
    migration = Migration(people, jobs, serve(ado).url, serve(jira).url, project)

    report = migration.scan()
    run = migration.run()

    assert run["status"] == "COMPLETED", run
    assert run["successCount"] == run["totalItems"] == report["totalWorkItems"] == len(ado.org.items)
    assert (run["failureCount"], run["skippedCount"], run["pendingCount"], run["progressPercent"]) == (0, 0, 0, 100)
    assert sum(report["typeCounts"].values()) == report["totalWorkItems"]
    assert complaints(ado, jira, project) == []


@pytest.mark.parametrize("decorate", [False, True], ids=["published", "decorated"])
@pytest.mark.parametrize("name", ALWAYS)
def test_a_real_project_arrives_complete(
    people: Cast, jobs: RecordedJobs, serve: Any, name: str, decorate: bool
) -> None:
    check(people, jobs, serve, name, decorate=decorate)


@pytest.mark.full
@pytest.mark.parametrize("decorate", [False, True], ids=["published", "decorated"])
@pytest.mark.parametrize("name", THE_REST)
def test_every_other_real_project_arrives_complete(
    people: Cast, jobs: RecordedJobs, serve: Any, name: str, decorate: bool
) -> None:
    check(people, jobs, serve, name, decorate=decorate)


def test_the_sample_organization_arrives_complete(people: Cast, jobs: RecordedJobs, serve: Any) -> None:
    ado, jira = build_ado(sample=True), build_jira()

    _, run = migrate(people, jobs, serve, ado, jira, "Saltwind Booking")

    assert (run["status"], run["failureCount"]) == ("COMPLETED", 0)
    assert run["totalItems"] == sum(1 for item in ado.org.items.values() if item.visible) >= 250
    assert complaints(ado, jira, "Saltwind Booking") == []


def test_a_second_run_over_the_same_projects_adds_nothing(people: Cast, jobs: RecordedJobs, serve: Any) -> None:
    ado, jira = build_ado(load=[shared_path("data/ado/dl-php.json")], decorate=True), build_jira()
    migration, first = migrate(people, jobs, serve, ado, jira, "PHP")
    before = {key: value for key, value in jira.state().items() if key != "notifications"}

    second = migration.run()

    assert (first["status"], second["status"]) == ("COMPLETED", "COMPLETED")
    assert second["skippedCount"] == second["totalItems"] == first["successCount"]
    assert {key: value for key, value in jira.state().items() if key != "notifications"} == before


def test_the_auditor_sees_damage() -> None:
    """The checker of these tests is no rubber stamp."""
    ado, jira = build_ado(load=[shared_path("data/ado/dl-php.json")]), build_jira()

    assert len(complaints(ado, jira, "PHP")) == len(ado.org.items)
