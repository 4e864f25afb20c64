"""The integration surface as documented: headers, keys, defaults, status codes; fields true to the live project."""

import json
import time

import pytest
from rest_framework.test import APIClient

from connectors import jobs as work
from connectors import opening, project_metadata
from connectors.domain.errors import AccessLost, NotSent
from connectors.domain.mapping.decisions import Decisions, as_document
from connectors.domain.modules import ModuleField, ModuleType, ProjectModules
from connectors.models import Connector, ConnectorProject, Mapping
from migrations_app.models import Project
from sandbox.ado.build import build_ado
from sandbox.jira.build import build_jira
from tenancy.models import ApiToken
from tenancy.services import issue_api_token
from tests.builders import cast
from tests.connectors.api.test_operations import AZURE, JIRA, new_connector
from tests.shared import shared_path

pytestmark = pytest.mark.django_db

LIST = "/rest/admin/integration/list"
DETAILS = "/rest/integration/instance/details"
PAGE = {"start": 0, "limit": 10, "page": 1}
MODULES = ProjectModules(
    id="10000",
    key="PROJ",
    name="Project",
    types=(
        ModuleType(
            "10001",
            "Story",
            (
                ModuleField("summary", "Summary", "string", True),
                ModuleField("customfield_1", "Team", "option", True, "select"),
                ModuleField("duedate", "Due date", "date"),
            ),
        ),
        ModuleType("10002", "Bug", (ModuleField("summary", "Summary", "string", True),)),
        ModuleType("10003", "Task", (ModuleField("customfield_1", "Team", "option", False, "select"),)),
    ),
)


@pytest.fixture
def people():
    return cast()


@pytest.fixture
def project(people):
    return Project.objects.create(organization=people.organization, name="Shop floor")


@pytest.fixture
def live(monkeypatch):
    """What the live platform would tell; every look is counted."""
    looks = []

    def read(access):
        looks.append(access.project)
        return MODULES

    monkeypatch.setattr(opening, "read_modules", read)
    return looks


def keyed(person):
    client = APIClient()
    key = issue_api_token(person.organization, person.user, kind=ApiToken.Kind.APIKEY).secret
    client.credentials(HTTP_APIKEY=key)
    return client


def headers(people, **changes):
    named = {
        "project": "Shop floor",
        "orgCode": people.organization.code,
        "action": "view",
        "scope": "project",
        "screenName": "INTEGRATION",
        **changes,
    }
    return {name: value for name, value in named.items() if value is not None}


def ask(people, body=None, client=None, query="", **changes):
    sent = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
    return (client or keyed(people.member)).generic(
        "GET", f"{DETAILS}{query}", headers=headers(people, **changes), **sent
    )


def instance(pk, people, kind="Jira", url="https://yourorg.atlassian.net", alias="Shop"):
    return {
        "instanceId": pk,
        "instanceType": kind,
        "instanceUrl": url,
        "integratedBy": people.owner.user.email,
        "alias": alias,
    }


# --- The list --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [f"{LIST}all", f"{LIST}/all"])
def test_all_integrations_are_listed_in_an_envelope(people, path):
    azure = new_connector(people.owner, name="Source")["id"]
    jira = new_connector(people.owner, **JIRA)["id"]

    answer = keyed(people.member).post(path, PAGE)

    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    assert answer.json() == {
        "statusCode": "OK",
        "headers": {},
        "body": {
            "data": [
                instance(azure, people, "Azure", "https://dev.azure.com/yourorg", "Source"),
                instance(jira, people),
            ],
            "total": 2,
        },
    }


@pytest.mark.parametrize(("kind", "total"), [("jira", 1), ("azure", 2), ("github", 0), ("all", 3)])
def test_a_type_is_listed_alone(people, kind, total):
    for body in (AZURE, AZURE, JIRA):
        new_connector(people.owner, **body)

    assert keyed(people.member).post(f"{LIST}{kind}", PAGE).json()["body"]["total"] == total


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ({"start": 1, "limit": 1, "page": 1}, ["C1"]),
        ({"start": 2, "limit": 500, "page": 1}, ["C2"]),  # start wins over page
        ({"start": 0, "limit": 2, "page": 2}, ["C0", "C1"]),
        ({"start": 7, "limit": 2, "page": 1}, []),
        ({"start": "1", "limit": "1", "page": "1"}, ["C1"]),
    ],
)
def test_a_list_has_a_beginning_and_a_limit(people, body, names):
    for number in range(3):
        new_connector(people.owner, name=f"C{number}", **JIRA)

    answer = keyed(people.member).post(f"{LIST}all", body).json()["body"]

    assert ([each["alias"] for each in answer["data"]], answer["total"]) == (names, 3)


@pytest.mark.parametrize(
    ("body", "missing"),
    [
        ({}, "start,limit,page"),
        ({"start": 0, "limit": 10}, "page"),
        ({"start": None, "limit": 10, "page": 1}, "start"),
        ([], "start,limit,page"),
    ],
)
def test_mandatory_fields_that_are_missing_are_named(people, body, missing):
    answer = keyed(people.member).post(f"{LIST}all", body)

    assert (answer.status_code, answer.json()["code"], answer.json()["MISSING_FIELDS"]) == (
        400,
        "CO.MANDATORY_FIELDS_MISSING",
        missing,
    )


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 501}, "limit"),
        ({"start": -1}, "start"),
        ({"page": 0}, "page"),
        ({"start": "x"}, "start"),
        ({"page": {}}, "page"),
        ({"start": 10**30}, "start"),
    ],
)
def test_values_out_of_range_are_named(people, changes, name):
    answer = keyed(people.member).post(f"{LIST}all", PAGE | changes)

    assert (answer.status_code, answer.json()["code"]) == (400, "CO.INVALID_VALUE")
    assert answer.json()["message"].startswith(f"{name}: ")


def test_an_invalid_json_object_is_400(people):
    answer = keyed(people.member).post(f"{LIST}all", "{", content_type="application/json")

    assert (answer.status_code, answer.json()["code"]) == (400, "CO.MALFORMED_BODY")


def test_an_unknown_type_is_400(people):
    assert keyed(people.member).post(f"{LIST}trello", PAGE).status_code == 400


@pytest.mark.parametrize("key", [None, "isth_apikey_wrong"])
def test_a_missing_or_wrong_apikey_is_401(people, key):
    client = APIClient()
    if key:
        client.credentials(HTTP_APIKEY=key)

    for answer in (client.post(f"{LIST}all", PAGE), client.get(DETAILS, headers=headers(people))):
        assert (answer.status_code, answer.json()["code"]) == (401, "CO.INVALID_API_KEY")


@pytest.mark.parametrize("count", [1, 3])
def test_a_list_takes_the_same_number_of_queries_whatever_its_length(people, count, django_assert_max_num_queries):
    for _ in range(count):
        new_connector(people.owner, **JIRA)
    client = keyed(people.member)

    with django_assert_max_num_queries(5):
        client.post(f"{LIST}all", PAGE)


# --- Details ---------------------------------------------------------------------------------------------------------


def test_without_a_body_every_instance_is_answered(people, project, live):
    pk = new_connector(people.owner, **JIRA)["id"]

    answer = ask(people)

    assert (answer.status_code, answer.json()) == (200, {"data": [instance(pk, people)], "total": 1})
    assert live == []


def test_an_instance_has_its_external_projects_with_two_modules(people, project, live, jobs):
    pk = new_connector(people.owner, **JIRA)["id"]
    jobs.run_all()

    answer = ask(people, {"instance": pk})

    expected = {
        **instance(pk, people),
        "externalProjects": [
            {
                "projectID": "10000",
                "projectName": "Project",
                "modules": {
                    "requirement": {"id": "10001", "name": "Story", "jqlFilterString": ""},
                    "issue": {"id": "10002", "name": "Bug", "jqlFilterString": ""},
                },
            }
        ],
    }
    assert (answer.status_code, answer.json()) == (200, {"data": [expected], "total": 1})
    assert live == ["PROJ"]  # the job's look, none for the answer


def test_fields_tell_what_is_mandatory_and_what_is_mapped(people, project, live, jobs):
    pk = new_connector(people.owner, **JIRA)["id"]
    jobs.run_all()

    def fields():
        modules = ask(people, {"instance": pk, "fetchFields": True}).json()["data"][0]["externalProjects"][0]["modules"]
        assert [each["fieldId"] for each in modules["issue"]["fields"]] == ["summary"]
        return {each["fieldId"]: each for each in modules["requirement"]["fields"]}

    before = fields()
    Mapping.objects.create(
        organization=people.organization,
        migration_project=project.pk,
        name="M",
        source_system="azure_devops",
        target_system="jira",
        document=as_document(Decisions(fields={"Custom.Team": "customfield_1"})),
    )

    assert before["summary"] == {
        "fieldName": "Summary",
        "fieldId": "summary",
        "fieldType": "string",
        "mandatory": True,
        "mapped": True,
    }
    assert (before["customfield_1"]["mandatory"], before["customfield_1"]["mapped"]) == (True, False)
    assert fields()["customfield_1"]["mapped"] is True


@pytest.mark.parametrize("named", ["10001", "story", "STORY"])
def test_the_types_of_a_module_can_be_chosen(people, project, live, jobs, named):
    pk = new_connector(people.owner, **JIRA)["id"]
    jobs.run_all()
    path = f"/api/integrations/instances/{pk}/projects/10000"
    body = {"requirement": {"types": [named, "Task"], "jqlFilterString": "labels = a"}}

    changed = people.admin.client.patch(path, body)

    module = ask(people, {"instance": pk, "fetchFields": True}).json()["data"][0]["externalProjects"][0]["modules"]
    assert (changed.status_code, changed.json()["modules"]["requirement"]) == (
        200,
        {"id": "10001,10003", "name": "Story,Task", "jqlFilterString": "labels = a"},
    )
    team = [each for each in module["requirement"]["fields"] if each["fieldId"] == "customfield_1"]
    assert [each["mandatory"] for each in team] == [True]  # one of the types demands it
    assert people.member.client.patch(path, body).status_code == 403
    assert people.outsider.client.patch(path, body).status_code == 404
    assert people.admin.client.patch(path, {"issue": {"types": ["Saga"]}}).json()["errors"] == {
        "issue": ["types: the project has no Saga."]
    }


@pytest.mark.parametrize("query", ["?instance={pk}", "?instance={pk}&fetchFields=true"])
def test_a_body_that_a_proxy_dropped_may_stand_in_the_query(people, project, live, query):
    pk = new_connector(people.owner, **JIRA)["id"]

    answer = ask(people, query=query.format(pk=pk)).json()

    module = answer["data"][0]["externalProjects"][0]["modules"]["requirement"]
    assert ("fields" in module) is ("fetchFields" in query)


def test_fetch_fields_without_an_instance_is_ignored(people, project, live):
    new_connector(people.owner, **JIRA)

    assert "externalProjects" not in ask(people, {"fetchFields": True}).json()["data"][0]


@pytest.mark.parametrize("absent", ["project", "orgCode", "action", "scope", "screenName"])
def test_every_documented_header_is_mandatory(people, project, absent):
    for value in (None, "  "):
        answer = ask(people, **{absent: value})

        assert (answer.status_code, answer.json()["code"], answer.json()["MISSING_FIELDS"]) == (
            400,
            "CO.MANDATORY_FIELDS_MISSING",
            absent,
        )


def test_a_project_is_named_by_id_name_or_key(people, project):
    named = [str(project.pk), "Shop floor", "SHOP FLOOR", "SHOPFLOOR"]

    assert [ask(people, project=name).status_code for name in named] == [200] * 4


def test_what_is_foreign_or_unknown_is_404(people, project, live):
    pk = new_connector(people.owner, **JIRA)["id"]
    theirs = keyed(people.outsider)
    Project.objects.create(organization=people.outsider.organization, name="Theirs")

    answers = [
        ask(people, project="Nowhere"),
        ask(people, project="Theirs"),
        ask(people, orgCode="OTHER"),
        ask(people, {"instance": 999_999}),
        ask(people, {"instance": 10**40}),
        ask(people, {"instance": 0}),
        ask(people, {"instance": pk}, client=theirs, project="Theirs", orgCode=people.outsider.organization.code),
    ]

    assert [answer.status_code for answer in answers] == [404] * 7
    assert {answer.json()["code"] for answer in answers} == {
        "CO.PROJECT_NOT_FOUND",
        "CO.ORGANIZATION_NOT_FOUND",
        "CO.CONNECTOR_NOT_FOUND",
    }


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"instance": "x"}, "instance"),
        ({"instance": -1}, "instance"),
        ({"instance": 1.5}, "instance"),
        ({"instance": True}, "instance"),
        ({"instance": [1]}, "instance"),
        ({"instance": 1, "fetchFields": "perhaps"}, "fetchFields"),
        ({"instance": 1, "fetchFields": [1]}, "fetchFields"),
    ],
)
def test_a_wrong_value_is_named(people, project, body, name):
    answer = ask(people, body)

    assert (answer.status_code, answer.json()["code"]) == (400, "CO.INVALID_VALUE")
    assert name in answer.json()["message"]


# --- Live metadata ---------------------------------------------------------------------------------------------------


def test_metadata_that_was_never_read_is_read_once_for_a_client_that_asks_for_fields(people, project, live):
    pk = new_connector(people.owner, **JIRA)["id"]

    for _ in range(3):
        ask(people, {"instance": pk, "fetchFields": True})

    assert live == ["PROJ"]


def test_a_platform_that_is_silent_is_the_documented_500(people, project, monkeypatch):
    pk = new_connector(people.owner, **JIRA)["id"]
    monkeypatch.setattr(opening, "SILENCE_SECONDS", 0.05)

    def silent(_access):
        time.sleep(0.06)
        raise NotSent("No answer in time")

    monkeypatch.setattr(opening, "read_modules", silent)
    answer = ask(people, {"instance": pk, "fetchFields": True})

    assert (answer.status_code, answer.json()["code"]) == (500, "CO.CONNECTION_TIMEOUT")


@pytest.mark.parametrize("error", [AccessLost("no"), NotSent("refused at once")])
def test_a_platform_that_refuses_leaves_the_fields_empty(people, project, monkeypatch, error):
    pk = new_connector(people.owner, **JIRA)["id"]

    def refuse(_access):
        raise error

    monkeypatch.setattr(opening, "read_modules", refuse)
    answer = ask(people, {"instance": pk, "fetchFields": True})

    external = answer.json()["data"][0]["externalProjects"][0]
    assert (answer.status_code, external["projectID"], external["modules"]["issue"]["fields"]) == (200, "PROJ", [])


def test_an_inaccessible_connector_is_never_looked_at(people, project, live, jobs):
    pk = new_connector(people.owner, **JIRA, inaccessible=True)["id"]
    project_metadata.sweep_projects()
    jobs.run_all()

    assert ask(people, {"instance": pk, "fetchFields": True}).json()["data"][0]["externalProjects"] == []
    assert live == []


def test_the_sweep_reads_again_what_is_old_and_leaves_the_rest(people, live, jobs):
    new_connector(people.owner, **JIRA)
    jobs.run_all()

    fresh = project_metadata.sweep_projects()
    ConnectorProject.objects.update(refresh_after=None)
    old = [project_metadata.sweep_projects(), project_metadata.sweep_projects()]
    jobs.run_all()

    assert (fresh, old, live) == (0, [1, 0], ["PROJ", "PROJ"])


def test_a_project_that_was_named_by_key_and_by_id_is_one_row(people, live, jobs):
    new_connector(people.owner, **JIRA)
    jobs.run_all()
    connector = Connector.objects.get()
    ConnectorProject.objects.create(
        organization=people.organization, connector=connector, external_id="Project", key="Project", name="Project"
    )

    work.refresh_project(ConnectorProject.objects.latest("pk").pk)

    assert ConnectorProject.objects.count() == 1


def test_a_queue_that_is_away_does_not_keep_a_connector_from_being_stored(people, jobs):
    jobs.unreachable = True

    assert people.owner.client.post("/api/connectors", {"name": "Shop", **AZURE}).status_code == 201


def requirement_fields(people, **connector):
    pk = new_connector(people.owner, **connector)["id"]
    external = ask(people, {"instance": pk, "fetchFields": True}).json()["data"][0]["externalProjects"][0]
    modules = external["modules"]
    fields = {each["fieldId"]: each for each in modules["requirement"]["fields"]}
    return (modules["requirement"]["name"], modules["issue"]["name"]), fields


def test_fields_are_those_of_the_live_target(people, project, serve):
    credentials = {"email": "sandbox@example.com", "api_token": "sandbox-token", "project_key": "DEMO"}
    url = serve(build_jira()).url

    types, fields = requirement_fields(people, type="jira", credentials={"base_url": url, **credentials})

    assert types == ("Story", "Bug")
    assert (fields["summary"]["mandatory"], fields["summary"]["mapped"]) == (True, True)
    assert fields["labels"]["mandatory"] is False


def test_fields_are_those_of_the_live_source(people, project, serve):
    url = serve(build_ado(load=[shared_path("data/ado/dl-php.json")])).url
    credentials = {"organization_url": f"{url}/contoso", "project": "PHP", "personal_access_token": "sandbox-pat"}

    types, fields = requirement_fields(people, type="azure_devops", credentials=credentials)

    assert "" not in types
    assert {name for name, each in fields.items() if each["mandatory"]} >= {"System.Title", "System.State"}
    assert fields["System.Title"]["mapped"] is True
    assert not any(each["mapped"] for name, each in fields.items() if name == "System.ChangedBy")


# --- Readable addresses ----------------------------------------------------------------------------------------------


def test_the_same_under_readable_addresses(people, project, live, jobs):
    pk = new_connector(people.owner, **JIRA)["id"]
    jobs.run_all()
    client = people.member.client

    listed = client.get("/api/integrations/instances").json()
    one = client.get(f"/api/integrations/instances/{pk}").json()
    with_fields = client.get(f"/api/integrations/instances/{pk}", {"fields": "true", "project": "Shop floor"}).json()

    assert listed == ask(people).json()
    assert one == ask(people, {"instance": pk}).json()["data"][0]
    assert with_fields == ask(people, {"instance": pk, "fetchFields": True}).json()["data"][0]
    assert people.outsider.client.get(f"/api/integrations/instances/{pk}").status_code == 404
