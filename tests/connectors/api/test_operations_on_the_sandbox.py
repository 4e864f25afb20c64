"""The operations surface against stand-ins that refuse as the services refuse: codes, words, and real projects."""

import json
import socket
from collections import Counter

import pytest

from connectors.models import Scan
from sandbox.ado.build import build_ado
from sandbox.faults import FaultPlan
from sandbox.jira.build import build_jira
from sandbox.jira.site import SiteSpec
from tests.builders import cast
from tests.shared import shared_path

pytestmark = pytest.mark.django_db

# Questions that are too long for an address.
READING_POSTS = ("/wiql", "/workitemsbatch", "/approximate-count")
PROJECT = "data/ado/dl-php.json"


@pytest.fixture
def client():
    return cast().member.client


@pytest.fixture
def ado(serve):
    return serve(build_ado(load=[shared_path(PROJECT)]))


@pytest.fixture
def jira(serve):
    return serve(build_jira())


def of_ado(handle, **changes):
    credentials = {
        "organization_url": f"{handle.url}/contoso",
        "project": "PHP",
        "personal_access_token": "sandbox-pat",
    }
    return {"type": "azure_devops", "credentials": credentials | changes}


def of_jira(handle, **changes):
    credentials = {
        "base_url": handle.url,
        "email": "sandbox@example.com",
        "api_token": "sandbox-token",
        "project_key": "DEMO",
    }
    return {"type": "jira", "credentials": credentials | changes}


def fail(handle, kind, **rule):
    handle.service.faults = FaultPlan.parse([{"kind": kind, **rule}])


def refused(answer):
    """Code and words of a refused connection test."""
    body = answer.json()
    assert (answer.status_code, body["success"], set(body)) == (200, False, {"success", "message", "code"})
    return body["code"], body["message"]


def closed_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


# --- Connections -----------------------------------------------------------------------------------------------------


def test_azure_devops_is_verified(client, ado):
    answer = client.post("/api/connectors/test", of_ado(ado))

    assert answer.json() == {
        "success": True,
        "message": "Connection verified",
        "metadata": {"organisation": "contoso", "project": "PHP", "itemCount": 16},
    }


def test_jira_is_verified(client, jira):
    answer = client.post("/api/connectors/test", of_jira(jira)).json()

    assert (answer["success"], answer["message"]) == (True, "Connection verified")
    assert set(answer["metadata"]) == {"organisation", "project", "itemCount"}
    assert answer["metadata"]["itemCount"] == 0


def test_an_organization_is_a_name_or_an_address(client, ado, settings):
    settings.AZURE_DEVOPS_URL = ado.url

    by_name = client.post("/api/connectors/test", of_ado(ado, organization_url="contoso"))
    by_address = client.post("/api/connectors/test", of_ado(ado, organization_url=f"{ado.url}/contoso/"))

    assert by_name.json() == by_address.json()
    assert by_name.json()["success"] is True


def test_a_wrong_pat(client, ado):
    code, words = refused(client.post("/api/connectors/test", of_ado(ado, personal_access_token="wrong-pat-1234")))

    assert code == "CREDENTIALS_REFUSED"
    assert "personal access token is wrong, expired or revoked" in words
    assert "wrong-pat-1234" not in words


def test_a_pat_without_the_scope_gets_the_documented_sentence(client, ado):
    body = of_ado(ado, personal_access_token="sandbox-pat-noscope")

    assert refused(client.post("/api/connectors/test", body)) == (
        "PERMISSION_MISSING",
        "Authentication failed: PAT does not have Work Items (Read) permission",
    )


def test_a_wrong_project(client, ado):
    code, words = refused(client.post("/api/connectors/test", of_ado(ado, project="Nowhere")))

    assert code == "PROJECT_NOT_FOUND"
    assert "Nowhere" in words


def test_a_wrong_organization(client, ado):
    body = of_ado(ado, organization_url=f"{ado.url}/fabrikam")

    assert refused(client.post("/api/connectors/test", body))[0] == "ORGANIZATION_NOT_FOUND"


def test_an_unreachable_host(client, open_to_sandbox):
    url = f"http://127.0.0.1:{closed_port()}"
    open_to_sandbox(url)
    body = {
        "type": "azure_devops",
        "credentials": {"organization_url": f"{url}/contoso", "project": "PHP", "personal_access_token": "sandbox-pat"},
    }

    code, words = refused(client.post("/api/connectors/test", body))

    assert code == "PLATFORM_UNREACHABLE"
    assert url.removeprefix("http://") in words


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:9/contoso", "http://[::1]:9/x", "http://2130706433:9/x", "http://169.254.169.254/x"]
)
def test_a_private_address_is_not_contacted(client, address):
    body = {
        "type": "azure_devops",
        "credentials": {"organization_url": address, "project": "PHP", "personal_access_token": "sandbox-pat"},
    }

    code, words = refused(client.post("/api/connectors/test", body))

    assert code == "ADDRESS_NOT_ALLOWED"
    assert "ALLOW_PRIVATE_TARGETS" in words


def test_a_web_page_instead_of_data(client, ado):
    fail(ado, "html", route="wiql")

    code, words = refused(client.post("/api/connectors/test", of_ado(ado)))

    assert code == "PLATFORM_HTML_PAGE"
    assert "a web page came back where data was asked for" in words


@pytest.mark.parametrize(("kind", "code"), [("503", "PLATFORM_THROTTLED"), ("500", "PLATFORM_UNREACHABLE")])
def test_a_platform_that_is_down(client, ado, kind, code):
    fail(ado, kind)

    found, words = refused(client.post("/api/connectors/test", of_ado(ado)))

    assert found == code
    assert "TF400898" in words  # the platform's own words


def test_an_azure_devops_address_for_a_jira_site(client, ado):
    assert refused(client.post("/api/connectors/test", of_jira(ado)))[0] == "PLATFORM_NOT_JSON"


def test_a_wrong_api_token(client, jira):
    code, words = refused(client.post("/api/connectors/test", of_jira(jira, api_token="wrong-token-1234")))

    assert code == "PLATFORM_ACCESS_LOST"
    assert words.startswith("Jira connection failed: 401")
    assert "Check the e-mail address and the API token" in words
    assert "wrong-token-1234" not in words


def test_a_wrong_project_key(client, jira):
    code, words = refused(client.post("/api/connectors/test", of_jira(jira, project_key="NOPE")))

    assert code == "PROJECT_NOT_FOUND"
    assert words.startswith("Jira project key not found")


def test_missing_rights_are_named(client, serve):
    jira = serve(build_jira(site=SiteSpec(denied=frozenset({"CREATE_ISSUES"}))))

    code, words = refused(client.post("/api/connectors/test", of_jira(jira)))

    assert code == "PERMISSION_MISSING"
    assert "lacks the permission Create Issues in project DEMO" in words


def test_a_test_writes_nothing(client, ado, jira):
    client.post("/api/connectors/test", of_ado(ado))
    client.post("/api/connectors/test", of_jira(jira))
    client.post("/api/connectors/scan", of_ado(ado))

    asked = [*ado.service.log.as_json(after=0), *jira.service.log.as_json(after=0)]
    writes = [each for each in asked if each["method"] != "GET" and not each["route"].endswith(READING_POSTS)]
    assert (len(asked) > 10, writes) == (True, [])


# --- Scans -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"personal_access_token": "wrong-pat-1234"}, "CREDENTIALS_REFUSED"),
        ({"personal_access_token": "sandbox-pat-noscope"}, "PERMISSION_MISSING"),
        ({"project": "Nowhere"}, "PROJECT_NOT_FOUND"),
    ],
)
def test_a_refused_scan_is_400_with_the_words_of_the_connection_test(client, ado, change, code):
    answer = client.post("/api/connectors/scan", of_ado(ado, **change))

    tested = client.post("/api/connectors/test", of_ado(ado, **change)).json()
    assert (answer.status_code, answer.json()["code"], answer.json()["message"]) == (400, code, tested["message"])
    assert Scan.objects.get().status == "FAILED"


def test_an_item_the_pat_cannot_read_is_a_finding(client, ado):
    ids = sorted(ado.service.org.items)[:2]
    for each in ids:
        ado.service.org.items[each].unreadable = True

    report = client.post("/api/connectors/scan", of_ado(ado)).json()

    assert report["totalWorkItems"] == 14
    [finding] = [each for each in report["findings"] if each["code"] == "ITEM_UNREADABLE"]
    assert (finding["count"], finding["sampleIds"]) == (2, [str(each) for each in ids])


@pytest.mark.parametrize("kind", ["500", "502", "503", "429", "lost", "half", "not_sent", "408"])
def test_a_passing_trouble_does_not_disturb_a_scan(client, ado, kind):
    fail(ado, kind, times=1, after=3, retry_after=0)

    answer = client.post("/api/connectors/scan", of_ado(ado))

    assert (answer.status_code, answer.json()["totalWorkItems"]) == (200, 16)


def test_a_scan_takes_few_requests(client, ado):
    client.post("/api/connectors/scan", of_ado(ado))

    assert len(ado.service.log.as_json(after=0)) <= 14


@pytest.fixture(scope="module")
def exports():
    folder = shared_path("data/ado")
    return sorted(path for path in folder.glob("*.json"))


def test_every_real_project_is_reported_as_it_is(client, serve, exports):
    handle = serve(build_ado(load=exports))
    assert len(exports) == 26

    for path in exports:
        export = json.loads(path.read_text(encoding="utf-8"))
        name = export["project"]["name"]
        items = export["workItems"]
        report = client.post("/api/connectors/scan", of_ado(handle, project=name)).json()

        assert report["totalWorkItems"] == len(items), name
        assert report["typeCounts"] == Counter(each["fields"]["System.WorkItemType"] for each in items), name
        assert report["stateCounts"] == Counter(each["fields"]["System.State"] for each in items), name
        assert sum(entry["itemCount"] for entry in report["areaPaths"]) == len(items), name
        assert sum(entry["itemCount"] for entry in report["iterationPaths"]) == len(items), name
        assert {each["path"] for each in report["areaPaths"]} >= set(export["areaPathsInUse"]), name
        assert report["commentCount"] == sum(len(each["comments"]) for each in items), name
        assert report["pricing"]["totalItems"] == len(items), name
        assert "ITEM_UNREADABLE" not in {each["code"] for each in report["findings"]}, name


@pytest.mark.full
def test_twelve_thousand_items_are_read_in_the_background(client, serve, jobs):
    handle = serve(build_ado(generate=12_000))
    [name] = [project.name for project in handle.service.org.projects.values()]

    answer = client.post("/api/connectors/scan", of_ado(handle, project=name)).json()

    assert (answer["status"], answer["totalWorkItems"]) == ("PENDING", 12_000)
    jobs.run_all()
    done = client.get(f"/api/audit/{answer['scanId']}").json()
    assert (done["status"], done["progressPercent"], done["totalWorkItems"]) == ("COMPLETED", 100, 12_000)
    assert sum(done["typeCounts"].values()) == 12_000
    assert "ITEM_UNREADABLE" not in {each["code"] for each in done["findings"]}
