"""`/api/connectors…` and `/api/audit/{scanId}`: documented shapes, who may what, and what is refused how.

The platform is a project in memory here; `test_operations_on_the_sandbox.py` has the real conversation.
"""

import json
import logging
import uuid
from datetime import UTC, datetime

import pytest
from django.core.management import call_command

from connectors import opening
from connectors.domain.errors import AccessLost, AddressRefused, Missing, NotSent, Unclear
from connectors.domain.ports import Probe
from connectors.models import Connector, Scan
from connectors.services import set_price_list
from tenancy.models import AuditEntry
from tests.builders import cast
from tests.connectors.sources import MemorySource

pytestmark = pytest.mark.django_db

SECRET = "s3cret-pat-0123456789-distinctive"
AZURE = {
    "type": "azure_devops",
    "credentials": {
        "organization_url": "https://dev.azure.com/yourorg",
        "project": "YourProject",
        "personal_access_token": SECRET,
    },
}
JIRA = {
    "type": "jira",
    "credentials": {
        "base_url": "https://yourorg.atlassian.net",
        "email": "migration@company.com",
        "api_token": SECRET,
        "project_key": "PROJ",
    },
}
REPORT_KEYS = {
    "totalWorkItems",
    "typeCounts",
    "iterationPaths",
    "areaPaths",
    "customFields",
    "attachmentTotalGb",
    "attachmentCount",
    "commentCount",
    "pricing",
    "stateCounts",
    "relationCounts",
    "depthCounts",
    "tagCounts",
    "users",
    "estimate",
    "findings",
}


@pytest.fixture
def people():
    return cast()


@pytest.fixture
def project(monkeypatch):
    return MemorySource(size=3).install(monkeypatch)


def new_connector(person, **changes):
    body = {"name": "Shop", **AZURE, **changes}
    answer = person.client.post("/api/connectors", body)
    assert answer.status_code == 201, answer.json()
    return answer.json()


def refusal(answer):
    body = answer.json()
    assert body["statusCode"] == answer.status_code
    return answer.status_code, body["code"]


# --- Test a connection -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [AZURE, JIRA], ids=["azure_devops", "jira"])
def test_a_working_connection_is_verified_with_its_metadata(people, project, body):
    answer = people.member.client.post("/api/connectors/test", body)

    assert (answer.status_code, answer.json()) == (
        200,
        {
            "success": True,
            "message": "Connection verified",
            "metadata": {"organisation": "contoso", "project": "Shop", "itemCount": 3},
        },
    )


@pytest.mark.parametrize(
    "error",
    [
        AccessLost("Authentication failed: PAT does not have Work Items (Read) permission", code="PERMISSION_MISSING"),
        AccessLost("The token is wrong", code="CREDENTIALS_REFUSED"),
        Missing("Project not found in ADO", code="PROJECT_NOT_FOUND"),
        NotSent("Nobody answers"),
        Unclear("The answer was lost"),
        AddressRefused("Private"),
    ],
    ids=lambda error: error.code,
)
def test_a_platform_that_refuses_is_an_answer_of_its_own(people, monkeypatch, error):
    def refuse(_access):
        raise error

    monkeypatch.setattr(opening, "probe", refuse)

    answer = people.member.client.post("/api/connectors/test", AZURE)

    assert (answer.status_code, answer.json()) == (
        200,
        {"success": False, "message": error.message, "code": error.code},
    )


@pytest.mark.parametrize("path", ["/api/connectors/test", "/api/connectors/scan"])
@pytest.mark.parametrize(
    ("body", "code", "errors"),
    [
        ({}, "VALIDATION_FAILED", {"type": ["This field is required."]}),
        ({"type": "azure_devops"}, "VALIDATION_FAILED", {"credentials": ["This field is required."]}),
        ({"type": 7, "credentials": {}}, "SYSTEM_UNKNOWN", None),
        ({"type": ["x"], "credentials": {}}, "VALIDATION_FAILED", {"type": ["Not a valid string."]}),
        ({"type": "clearquest", "credentials": {}}, "SYSTEM_UNKNOWN", None),
        (
            {"type": "github", "credentials": {"owner": "o"}},
            "VALIDATION_FAILED",
            {
                "credentials.repository": ["This field is required."],
                "credentials.token": ["This field is required."],
            },
        ),
        ({"type": "rally", "credentials": {}}, "SYSTEM_NOT_RUNNABLE", None),
        (
            {"type": "azure_devops", "credentials": "x"},
            "VALIDATION_FAILED",
            {"credentials": ['Expected a dictionary of items but got type "str".']},
        ),
        (
            {"type": "azure_devops", "credentials": {"organization_url": "contoso", "project": " "}},
            "VALIDATION_FAILED",
            {
                "credentials.project": ["This field is required."],
                "credentials.personal_access_token": ["This field is required."],
            },
        ),
        (
            {**AZURE, "credentials": {**AZURE["credentials"], "organization_url": "http://[x"}},
            "VALIDATION_FAILED",
            {"credentials.organization_url": ["Enter a valid address."]},
        ),
        ({"connectorId": 2**63}, "VALIDATION_FAILED", None),
        ({"connectorId": "one"}, "VALIDATION_FAILED", {"connectorId": ["A valid integer is required."]}),
        ([1], "VALIDATION_FAILED", None),
    ],
)
def test_a_malformed_body_is_400_and_names_the_field(people, project, path, body, code, errors):
    answer = people.member.client.post(path, body)

    assert refusal(answer) == (400, code)
    if errors is not None:
        assert answer.json()["errors"] == errors
    assert (project.opened, Scan.objects.count()) == ([], 0)


@pytest.mark.parametrize("path", ["/api/connectors/test", "/api/connectors/scan", "/api/connectors"])
def test_unreadable_json_is_400(people, path):
    answer = people.owner.client.generic("POST", path, "{", content_type="application/json")

    assert refusal(answer) == (400, "MALFORMED_BODY")


# --- Scan ------------------------------------------------------------------------------------------------------------


def test_a_scan_answers_the_documented_report_and_keeps_it(people, project):
    answer = people.member.client.post("/api/connectors/scan", AZURE)

    body = answer.json()
    assert (answer.status_code, set(body)) == (200, REPORT_KEYS | {"scanId"})
    assert body["totalWorkItems"] == sum(body["typeCounts"].values()) == 3
    assert body["pricing"] == {
        "totalItems": 3,
        "attachmentGb": 0.0,
        "basePrice": 19.0,
        "discountPercent": 0,
        "finalPriceGbp": 19.0,
        "currency": "GBP",
    }
    kept = people.member.client.get(f"/api/audit/{body['scanId']}").json()
    assert kept == {**body, "status": "COMPLETED", "progressPercent": 100, "error": None}


def test_a_scan_in_the_background_is_polled(people, project, jobs):
    answer = people.member.client.post("/api/connectors/scan", AZURE, headers={"Prefer": "wait=5, Respond-Async"})

    scan_id = answer.json()["scanId"]
    assert (answer.status_code, answer.json()) == (
        200,
        {"scanId": scan_id, "status": "PENDING", "totalWorkItems": 3},
    )
    waiting = people.member.client.get(f"/api/audit/{scan_id}").json()
    assert waiting == {"scanId": scan_id, "status": "PENDING", "progressPercent": 0, "error": None}
    jobs.run_all()
    done = people.member.client.get(f"/api/audit/{scan_id}").json()
    assert (done["status"], done["progressPercent"], done["totalWorkItems"]) == ("COMPLETED", 100, 3)


def test_a_failed_scan_tells_code_and_words(people, project, jobs):
    answer = people.member.client.post("/api/connectors/scan", AZURE, headers={"Prefer": "respond-async"})
    project.on_read = lambda _batch: (_ for _ in ()).throw(AccessLost("The token has expired"))
    jobs.run_all()

    scan_id = answer.json()["scanId"]
    assert people.member.client.get(f"/api/audit/{scan_id}").json() == {
        "scanId": scan_id,
        "status": "FAILED",
        "progressPercent": 0,
        "error": "The token has expired",
        "code": "PLATFORM_ACCESS_LOST",
    }


def test_a_scan_of_a_refusing_platform_is_400_with_its_words(people, project):
    project.on_list = lambda: (_ for _ in ()).throw(Missing("Project not found in ADO", code="PROJECT_NOT_FOUND"))

    answer = people.member.client.post("/api/connectors/scan", AZURE)

    assert (answer.status_code, answer.json()) == (
        400,
        {
            "statusCode": 400,
            "message": "Project not found in ADO",
            "error": "Bad Request",
            "code": "PROJECT_NOT_FOUND",
        },
    )


def test_a_target_is_not_scanned(people, project):
    assert refusal(people.member.client.post("/api/connectors/scan", JIRA)) == (400, "SYSTEM_NOT_SCANNABLE")


@pytest.mark.django_db(transaction=True)
def test_an_unreachable_queue_is_502_and_leaves_no_scan_waiting(project, jobs):
    client = cast().owner.client
    jobs.unreachable = True

    answer = client.post("/api/connectors/scan", AZURE, headers={"Prefer": "respond-async"})

    assert refusal(answer) == (502, "ENGINE_DISPATCH_FAILED")
    scan = Scan.objects.get()
    assert (scan.status, scan.error_code, scan.sealed_credentials) == ("FAILED", "ENGINE_DISPATCH_FAILED", "")


def test_prices_come_from_the_organizations_own_list(people, project):
    set_price_list(
        {"tiers": [{"price": "10.00"}], "discounts": [{"fromItems": 1, "percent": "2.5"}]}, by=people.owner.principal
    )

    pricing = people.member.client.post("/api/connectors/scan", AZURE).json()["pricing"]
    other = people.outsider.client.post("/api/connectors/scan", AZURE).json()["pricing"]

    assert (pricing["basePrice"], pricing["discountPercent"], pricing["finalPriceGbp"]) == (10.0, 2.5, 9.75)
    assert other["basePrice"] == 19.0


# --- Stored connectors -----------------------------------------------------------------------------------------------


def test_a_connector_is_stored_listed_and_shown_without_its_secret(people, project):
    made = new_connector(people.admin)

    assert made == {
        "id": made["id"],
        "type": "azure_devops",
        "name": "Shop",
        "credentials": {
            "organization_url": "https://dev.azure.com/yourorg",
            "project": "YourProject",
            "personal_access_token": "********",
        },
        "inaccessible": False,
        "runnable": True,
        "health": {"status": "unknown", "code": "", "message": "", "checkedAt": None},
        "credentialsExpireAt": None,
        "createdBy": people.admin.user.email,
        "createdAt": made["createdAt"],
        "updatedAt": made["updatedAt"],
    }
    assert people.member.client.get("/api/connectors").json() == [made]
    assert people.member.client.get(f"/api/connectors/{made['id']}").json() == made


def test_a_stored_connector_serves_test_and_scan(people, project):
    made = new_connector(people.owner)

    tested = people.member.client.post("/api/connectors/test", {"connectorId": made["id"], "type": "azure_devops"})
    scanned = people.member.client.post("/api/connectors/scan", {"connectorId": made["id"], "project": "Other"})

    assert (tested.json()["success"], scanned.json()["totalWorkItems"]) == (True, 3)
    assert [(access.project, access.secret) for access in project.opened] == [
        ("YourProject", SECRET),
        ("Other", SECRET),
    ]
    health = people.member.client.get(f"/api/connectors/{made['id']}").json()["health"]
    assert (health["status"], health["checkedAt"] is not None) == ("ok", True)


def test_a_failed_test_is_remembered_as_health(people, monkeypatch):
    made = new_connector(people.owner)

    def refuse(_access):
        raise AccessLost("The token has expired", code="CREDENTIALS_REFUSED")

    monkeypatch.setattr(opening, "probe", refuse)
    people.member.client.post("/api/connectors/test", {"connectorId": made["id"]})

    health = people.member.client.get(f"/api/connectors/{made['id']}").json()["health"]
    assert (health["status"], health["code"], health["message"]) == (
        "failing",
        "CREDENTIALS_REFUSED",
        "The token has expired",
    )


def test_a_change_keeps_what_is_not_sent(people, project):
    made = new_connector(people.owner)

    changed = people.owner.client.patch(
        f"/api/connectors/{made['id']}",
        {"name": "Store", "credentials": {"project": "Next", "personal_access_token": "********"}},
    )

    assert (changed.status_code, changed.json()["name"]) == (200, "Store")
    assert changed.json()["credentials"] == {**made["credentials"], "project": "Next"}
    people.owner.client.post("/api/connectors/test", {"connectorId": made["id"]})
    assert (project.opened[-1].project, project.opened[-1].secret) == ("Next", SECRET)


def test_a_secret_is_asked_again_when_it_would_go_to_another_server(people, project):
    made = new_connector(people.owner)

    for credentials in (
        {"organization_url": "https://evil.example/x"},
        {"organization_url": "https://evil.example/x", "personal_access_token": "********"},
    ):
        answer = people.owner.client.patch(f"/api/connectors/{made['id']}", {"credentials": credentials})
        assert refusal(answer) == (400, "VALIDATION_FAILED")
        assert answer.json()["errors"] == {
            "credentials.personal_access_token": ["Enter it again: the server or the account has changed."]
        }
    assert people.owner.client.get(f"/api/connectors/{made['id']}").json() == made


def test_a_mask_is_no_secret_for_a_new_connector(people):
    body = {"name": "Shop", **AZURE, "credentials": {**AZURE["credentials"], "personal_access_token": "********"}}

    answer = people.owner.client.post("/api/connectors", body)

    assert answer.json()["errors"] == {"credentials.personal_access_token": ["This field is required."]}
    assert Connector.objects.count() == 0


def test_a_connector_without_a_default_project_needs_one_named(people, project):
    credentials = {name: value for name, value in AZURE["credentials"].items() if name != "project"}
    made = new_connector(people.owner, credentials=credentials)

    assert refusal(people.owner.client.post("/api/connectors/scan", {"connectorId": made["id"]})) == (
        400,
        "PROJECT_REQUIRED",
    )
    named = people.owner.client.post("/api/connectors/scan", {"connectorId": made["id"], "project": "Shop"})
    assert named.status_code == 200


def test_an_inaccessible_connector_is_never_contacted(people, project):
    made = new_connector(people.owner, inaccessible=True)

    for path in ("/api/connectors/test", "/api/connectors/scan"):
        assert refusal(people.owner.client.post(path, {"connectorId": made["id"]})) == (400, "CONNECTOR_INACCESSIBLE")
    assert project.opened == []


def test_credentials_that_no_key_opens_must_be_entered_again(people, project, settings):
    made = new_connector(people.owner)
    settings.CREDENTIALS_KEYS = (b"n" * 32,)

    for path in ("/api/connectors/test", "/api/connectors/scan"):
        assert refusal(people.owner.client.post(path, {"connectorId": made["id"]})) == (400, "CREDENTIALS_UNREADABLE")
    assert people.owner.client.get("/api/connectors").status_code == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"credentials": {}}, "credentials"),
        ({"type": "jira"}, "type"),
    ],
)
def test_contradicting_a_stored_connector_is_400(people, project, body, field):
    made = new_connector(people.owner)

    answer = people.owner.client.post("/api/connectors/test", {"connectorId": made["id"], **body})

    assert refusal(answer) == (400, "VALIDATION_FAILED")
    assert list(answer.json()["errors"]) == [field]


@pytest.mark.parametrize(
    "change",
    [{"name": ""}, {"name": "x" * 201}, {"name": "a\x00b"}, {"name": None}, {"credentials": []}, {"inaccessible": "x"}],
)
def test_a_malformed_connector_is_not_stored(people, change):
    answer = people.owner.client.post("/api/connectors", {"name": "Shop", **AZURE, **change})

    assert refusal(answer) == (400, "VALIDATION_FAILED")
    assert Connector.objects.count() == 0


def test_a_connector_is_deleted_and_its_reports_stay(people, project):
    made = new_connector(people.owner)
    scan = people.owner.client.post("/api/connectors/scan", {"connectorId": made["id"]}).json()

    deleted = people.owner.client.delete(f"/api/connectors/{made['id']}")

    assert (deleted.status_code, deleted.content) == (204, b"")
    assert people.owner.client.get(f"/api/audit/{scan['scanId']}").json()["totalWorkItems"] == 3


# --- Who may what ----------------------------------------------------------------------------------------------------


def test_members_use_connectors_and_do_not_manage_them(people, project):
    made = new_connector(people.owner)
    path = f"/api/connectors/{made['id']}"
    client = people.member.client

    assert [
        refusal(client.post("/api/connectors", {"name": "X", **AZURE})),
        refusal(client.patch(path, {"name": "X"})),
        refusal(client.delete(path)),
    ] == [(403, "FORBIDDEN")] * 3
    assert [
        client.get(path).status_code,
        client.post("/api/connectors/test", {"connectorId": made["id"]}).status_code,
    ] == [
        200,
        200,
    ]


def test_an_outsider_sees_nothing_and_learns_nothing(people, project):
    made = new_connector(people.owner)
    scan = people.owner.client.post("/api/connectors/scan", AZURE).json()["scanId"]
    client = people.outsider.client

    assert client.get("/api/connectors").json() == []
    for foreign, unknown in ((made["id"], 999_999), (str(scan), str(uuid.uuid4()))):
        kind = "connectors" if isinstance(foreign, int) else "audit"
        answers = [client.get(f"/api/{kind}/{each}") for each in (foreign, unknown)]
        assert [refusal(answer)[0] for answer in answers] == [404, 404]
        assert answers[0].json()["code"] == answers[1].json()["code"]
    for path in ("/api/connectors/test", "/api/connectors/scan"):
        assert refusal(client.post(path, {"connectorId": made["id"]})) == (404, "CONNECTOR_NOT_FOUND")
    assert refusal(client.patch(f"/api/connectors/{made['id']}", {"name": "X"})) == (404, "CONNECTOR_NOT_FOUND")
    assert refusal(client.delete(f"/api/connectors/{made['id']}")) == (404, "CONNECTOR_NOT_FOUND")
    assert people.owner.client.get(f"/api/connectors/{made['id']}").json() == made


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/api/connectors"),
        ("post", "/api/connectors"),
        ("get", "/api/connectors/1"),
        ("patch", "/api/connectors/1"),
        ("delete", "/api/connectors/1"),
        ("post", "/api/connectors/test"),
        ("post", "/api/connectors/scan"),
        ("get", "/api/audit/00000000-0000-0000-0000-000000000001"),
    ],
)
def test_nothing_is_open_to_strangers(client, method, path):
    answer = getattr(client, method)(path, content_type="application/json")

    assert refusal(answer) == (401, "UNAUTHORIZED")


@pytest.mark.parametrize("path", ["/api/audit/x", "/api/audit/1", "/api/connectors/0", f"/api/connectors/{2**70}"])
def test_an_impossible_id_is_404(people, path):
    assert refusal(people.owner.client.get(path))[0] == 404


def test_the_end_of_credentials_is_shown_where_the_platform_tells_it(people, monkeypatch):
    end = datetime(2027, 3, 1, 12, tzinfo=UTC)
    made = new_connector(people.owner)
    monkeypatch.setattr(opening, "probe", lambda _access: Probe("contoso", "Shop", 3, expires=end))
    people.member.client.post("/api/connectors/test", {"connectorId": made["id"]})

    told = people.member.client.get(f"/api/connectors/{made['id']}").json()["credentialsExpireAt"]
    people.owner.client.patch(f"/api/connectors/{made['id']}", {"credentials": {"personal_access_token": "fresh"}})
    fresh = people.member.client.get(f"/api/connectors/{made['id']}").json()["credentialsExpireAt"]

    assert (told, fresh) == ("2027-03-01T12:00:00Z", None)


# --- Secrets and cost ------------------------------------------------------------------------------------------------


def test_a_secret_shows_nowhere(people, project, jobs, caplog, capsys):
    caplog.set_level(logging.DEBUG)
    client = people.owner.client
    made = new_connector(people.owner)
    answers = [
        client.get("/api/connectors"),
        client.get(f"/api/connectors/{made['id']}"),
        client.patch(f"/api/connectors/{made['id']}", {"name": "Store"}),
        client.post("/api/connectors/test", AZURE),
        client.post("/api/connectors/test", {"connectorId": made["id"]}),
        client.post("/api/connectors/scan", AZURE),
        client.post("/api/connectors/scan", {**AZURE, "type": "jira"}),
        client.post("/api/connectors/scan", AZURE, headers={"Prefer": "respond-async"}),
    ]
    payloads = [repr(call) for call in jobs.sent]
    project.on_read = lambda _batch: (_ for _ in ()).throw(RuntimeError("inside"))
    jobs.run_all()
    call_command("dumpdata", "connectors", "tenancy.auditentry")

    texts = [answer.content.decode() for answer in answers] + payloads + [caplog.text, capsys.readouterr().out]
    assert [text for text in texts if SECRET in text] == []
    assert len(payloads) == 2  # the look at the connector's project, and the scan
    assert AuditEntry.objects.filter(action__startswith="connector.").count() == 2


def test_a_list_costs_the_same_with_one_and_three_connectors(people, django_assert_num_queries):
    for count in (1, 3):
        while Connector.objects.count() < count:
            new_connector(people.owner)
        with django_assert_num_queries(2):  # the membership, the connectors
            assert len(people.owner.client.get("/api/connectors").json()) == count


def test_polling_a_scan_costs_two_queries(people, project, django_assert_num_queries):
    scan_id = people.owner.client.post("/api/connectors/scan", AZURE).json()["scanId"]

    with django_assert_num_queries(2):
        people.owner.client.get(f"/api/audit/{scan_id}")


def test_the_report_survives_the_database_as_it_was(people, project):
    body = people.owner.client.post("/api/connectors/scan", AZURE).json()

    assert json.loads(json.dumps(Scan.objects.get().report)) == {
        name: value for name, value in body.items() if name != "scanId"
    }
