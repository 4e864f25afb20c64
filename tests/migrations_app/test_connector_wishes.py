"""One connector row for all surfaces: made by v2, tested by operations, used by a run that obeys its parameters."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from sandbox.build import build_ado, build_jira
from tests.builders import Cast
from tests.connectors.conftest import open_to_sandbox, serve
from tests.jobs import RecordedJobs
from tests.shared import shared_path

__all__ = ["open_to_sandbox", "serve"]

pytestmark = pytest.mark.django_db

ALM = "/api/v2/connectors/alm/"
PRIORITIES = '{"9-10": "High", "7-8": "Lowest", "3-6": "Low", "1-2": "Low"}'


class Moved:
    """A run between two connectors made by v2, and the issues it made by source number."""

    def __init__(self, people: Cast, jobs: RecordedJobs, serve: Any, **params: str) -> None:
        self.client = people.admin.client
        self.ado, jira = serve(build_ado(load=[shared_path("data/ado/dl-php.json")])), serve(build_jira())
        source = {"alm_context_root": "contoso", "alm_project": "PHP", "alm_pass": "sandbox-pat"}
        target = {"alm_project": "DEMO", "alm_user": "sandbox@example.com", "alm_pass": "sandbox-token", **params}
        ends = {
            "sourceConnectorId": self.connector("tfs", self.ado.url, source),
            "targetConnectorId": self.connector("jira", jira.url, target),
        }
        body = {"name": "PHP", "sourceSystem": "AZURE_DEVOPS", "targetSystem": "JIRA", **ends}
        project = self.client.post("/api/projects", body).json()
        self.target = ends["targetConnectorId"]
        self.preflight = self.client.get(f"/api/projects/{project['id']}/preflight").json()
        started = self.client.post(f"/api/migrations/project/{project['id']}/start", {"type": "FULL"})
        assert started.status_code == 200, started.content
        jobs.run_all()
        self.run = self.client.get(f"/api/migrations/{started.json()['id']}").json()
        found = requests.post(
            f"{jira.url}/rest/api/3/search/jql",
            json={"jql": "project = DEMO", "fields": ["summary", "labels", "priority"], "maxResults": 100},
            auth=("sandbox@example.com", "sandbox-token"),
            timeout=10,
        ).json()
        self.issues = {_source(issue["fields"]): issue["fields"] for issue in found["issues"]}

    def connector(self, system: str, url: str, params: dict[str, str]) -> int:
        sent = {"alm_method": "http", "alm_server": url.removeprefix("http://"), **params}
        made = self.client.post(ALM, {"name": system, "system": {"id": system}, "params": sent})
        assert made.status_code == 201, made.content
        pk = int(made.json()["id"])
        assert self.client.post("/api/connectors/test", {"connectorId": pk}).json()["success"] is True
        return pk


def _source(fields: dict[str, Any]) -> str:
    return next(label.removeprefix("ado-id-") for label in fields["labels"] if label.startswith("ado-id-"))


def test_titles_labels_and_priorities_are_written_as_wished_and_verify_clean(
    people: Cast, jobs: RecordedJobs, serve: Any
) -> None:
    moved = Moved(
        people,
        jobs,
        serve,
        title_format="[$project-$task_id] $title",
        alm_issue_label="SD Elements",
        alm_priority_map=PRIORITIES,
    )

    assert (moved.run["status"], moved.run["successCount"], moved.run["failureCount"]) == ("COMPLETED", 16, 0)
    feature = moved.issues["7167"]
    assert feature["summary"].startswith("[PHP-7167] ")
    assert "SD-Elements" in feature["labels"]
    assert feature["priority"]["name"] == "Lowest"  # Azure DevOps' 2 counts as 8
    report = moved.client.get(f"/api/migrations/{moved.run['id']}/verification").json()
    assert report["differences"] == []


@pytest.mark.parametrize(
    ("params", "items"),
    [
        ({"sde_tags_filter": "azure"}, {"7169", "7170", "7171", "7173"}),
        ({"sde_tags_filter": "azure,vsts"}, {"7171"}),
        ({"selected_tasks": "T7167,7169", "sde_tags_filter": "nobody-has-it"}, {"7167", "7169"}),
        ({"sde_min_priority": "9"}, set()),
    ],
)
def test_only_what_is_in_scope_is_created(
    people: Cast, jobs: RecordedJobs, serve: Any, params: dict[str, str], items: set[str]
) -> None:
    moved = Moved(people, jobs, serve, **params)

    assert set(moved.issues) == items
    assert (moved.run["totalItems"], moved.preflight["totalItems"]) == (len(items), len(items))


def test_a_priority_that_the_project_does_not_have_ends_the_run_before_it_writes(
    people: Cast, jobs: RecordedJobs, serve: Any
) -> None:
    moved = Moved(people, jobs, serve, alm_priority_map='{"1-10": "Blazing"}')

    assert (moved.run["status"], moved.issues) == ("FAILED", {})
    assert moved.run["reason"]["code"] == "PRIORITY_UNKNOWN"


def test_an_inaccessible_connector_starts_nothing(people: Cast, jobs: RecordedJobs, serve: Any) -> None:
    moved = Moved(people, jobs, serve, sde_min_priority="9")
    project = moved.client.get("/api/projects").json()[0]
    moved.client.patch(f"{ALM}{moved.target}/", {"inaccessible": True})

    again = moved.client.post(f"/api/migrations/project/{project['id']}/start", {"type": "FULL"})

    assert (again.status_code, again.json()["code"]) == (400, "CONNECTOR_INACCESSIBLE")


def test_a_connector_of_a_system_that_is_stored_only_belongs_to_no_project(people: Cast) -> None:
    params = {"alm_method": "https", "alm_server": "rally.example", "alm_user": "u", "alm_pass": "p"}
    body = {"name": "R", "system": {"id": "rally"}, "params": {**params, "rally_workspace": "W"}}
    pk = people.admin.client.post(ALM, body).json()["id"]

    project = {"name": "P", "sourceSystem": "AZURE_DEVOPS", "targetSystem": "JIRA", "targetConnectorId": pk}
    answer = people.admin.client.post("/api/projects", project)

    assert (answer.status_code, answer.json()["code"]) == (400, "SYSTEM_NOT_RUNNABLE")
