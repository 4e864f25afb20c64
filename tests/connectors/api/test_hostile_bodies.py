"""Whatever is sent to connectors v2, the integration surface and webhooks: the surface's own error, and never a 5xx."""

import json

import pytest
from rest_framework.test import APIClient

from connectors import opening
from connectors.domain.modules import ProjectModules
from connectors.domain.ports import Probe
from connectors.models import Connector, ConnectorProject
from migrations_app.models import Project
from tenancy.models import ApiToken
from tenancy.services import issue_api_token
from tests.builders import cast
from tests.connectors.api.test_alm import JIRA
from webhooks.models import Webhook

pytestmark = pytest.mark.django_db

VALUES = [
    "null",
    "true",
    "0",
    "-1",
    "1e400",
    "1" * 400,
    "NaN",
    '""',
    '" "',
    '"\\u0000"',
    '"\\ud800"',
    '"' + "x" * 70_000 + '"',
    "[]",
    "[[]]",
    '[{"id": 1}]',
    "{}",
    '{"id": {"id": {}}}',
    '{"\\u0000": "\\ud800"}',
    "[" * 3_000 + "]" * 3_000,
    '{"$ne": 1, "__proto__": {}, "": []}',
]
BODIES = {
    ("post", "/api/v2/connectors/alm/"): ("name", "system", "inaccessible", "params", "params.alm_server"),
    ("put", "/api/v2/connectors/alm/{pk}/"): ("name", "system", "params", "params.alm_pass"),
    ("patch", "/api/v2/connectors/alm/{pk}"): ("name", "inaccessible", "params", "params.alm_priority_map"),
    ("post", "/api/v2/connectors/testalm/"): ("id", "system", "params", "params.alm_user"),
    ("post", "/api/v2/connectors/issue-tracker/"): ("params", "params.issue_tracker_server"),
    ("post", "/rest/admin/integration/listall"): ("start", "limit", "page"),
    ("get", "/rest/integration/instance/details"): ("instance", "fetchFields"),
    ("patch", "/api/integrations/instances/{pk}/projects/p1"): ("requirement", "issue", "issue.types"),
    ("post", "/api/webhooks"): ("url", "events", "name", "active", "secret"),
    ("patch", "/api/webhooks/{webhook}"): ("url", "events", "name", "active", "secret"),
}
GOOD = {
    "alm": {**JIRA, "params": {**JIRA["params"], "alm_server": "13.107.42.18"}},
    "list": {"start": 0, "limit": 10, "page": 1},
    "webhook": {"url": "https://13.107.42.18/hook", "events": ["run.*"], "secret": "long-enough-to-sign-with"},
}


@pytest.fixture
def sender(monkeypatch):
    """Sends a raw body as the owner, with every header that any of the surfaces needs."""
    people = cast()
    for name in ("probe", "probe_server"):
        monkeypatch.setattr(opening, name, lambda _access: Probe("site", "", 0))
    monkeypatch.setattr(opening, "read_modules", lambda _access: ProjectModules("1", "P", "P"))
    made = people.owner.client.post("/api/v2/connectors/alm/", GOOD["alm"]).json()
    connector = Connector.objects.get(pk=made["id"])
    ConnectorProject.objects.create(
        organization=people.organization, connector=connector, external_id="p1", key="P", name="P"
    )
    Project.objects.create(organization=people.organization, name="Shop")
    webhook = people.owner.client.post("/api/webhooks", GOOD["webhook"]).json()
    key = issue_api_token(people.organization, people.owner.user, kind=ApiToken.Kind.APIKEY).secret
    headers = {
        "apikey": key,
        "project": "Shop",
        "orgCode": people.organization.code,
        "action": "a",
        "scope": "s",
        "screenName": "n",
    }
    keyed = APIClient(raise_request_exception=False)
    people.owner.client.raise_request_exception = False

    def send(method, path, text):
        address = path.replace("{pk}", str(connector.pk)).replace("{webhook}", webhook["id"])
        client = keyed if path.startswith("/rest/") else people.owner.client
        more = headers if path.startswith("/rest/") else {}
        return client.generic(method.upper(), address, text, content_type="application/json", headers=more)

    return send


def with_value(path, name, value):
    """A good body of the address with one hostile value in it, as text: some values cannot be written otherwise."""
    kind = "list" if path.startswith("/rest/") else "webhook" if "webhooks" in path else "alm"
    body = json.loads(json.dumps(GOOD[kind]))
    outer, _, inner = name.partition(".")
    if inner:
        body[outer] = {**(body.get(outer) or {}), inner: "HOSTILE"}
    else:
        body[outer] = "HOSTILE"
    return json.dumps(body).replace('"HOSTILE"', value)


@pytest.mark.parametrize(("method", "path"), list(BODIES))
def test_no_value_of_any_field_is_a_mistake_of_ours(sender, method, path):
    wrong = {}
    for name in BODIES[method, path]:
        for value in VALUES:
            answer = sender(method, path, with_value(path, name, value))
            if answer.status_code >= 500 or not answer["Content-Type"].startswith("application/json"):
                wrong[name, value[:40]] = answer.status_code

    assert wrong == {}


@pytest.mark.parametrize(("method", "path"), list(BODIES))
def test_no_body_is_a_mistake_of_ours(sender, method, path):
    answers = {text[:40]: sender(method, path, text).status_code for text in [*VALUES, "", "{", "\x00", "{'a': 1}"]}

    assert {text: status for text, status in answers.items() if status >= 500} == {}


@pytest.mark.parametrize(
    "path",
    [
        "/api/v2/connectors/alm/?page_size={}",
        "/api/v2/connectors/alm/?page_size=1&page={}",
        "/api/v2/connectors/alm/?system={}",
        "/api/v2/connectors/analysis/?page={}",
        "/api/v2/connectors/alm/{}/",
        "/api/v2/plugins/alm/{}/",
        "/api/integrations/instances/1?fields=true&project={}",
        "/api/integrations/instances/1/projects/{}",
        "/api/webhooks/{}",
        "/api/webhooks/{}/deliveries?limit={}",
        "/rest/integration/instance/details?instance={}",
        "/rest/integration/instance/details?fetchFields={}",
    ],
)
def test_no_query_and_no_address_is_a_mistake_of_ours(sender, path):
    hostile = ["", "0", "-1", "9" * 30, "%00", "%F0%9F%98%80", "%ff", "a" * 3_000, "..%2f..", "'--", "1;drop"]

    method = "patch" if "/projects/" in path else "get"
    path = path.replace("instances/1", "instances/{pk}")
    answers = {text[:20]: sender(method, path.replace("{}", text), "{}").status_code for text in hostile}

    assert {text: status for text, status in answers.items() if status >= 500} == {}


def test_what_was_refused_left_nothing_behind(sender):
    before = (Connector.objects.values_list("name", "server").first(), Webhook.objects.values_list("url").first())
    for method, path in BODIES:
        for text in ("null", "[]", '{"params": 1}', '{"url": 1, "events": 1}'):
            sender(method, path, text)

    assert Connector.objects.count() == Webhook.objects.count() == 1
    assert before == (
        Connector.objects.values_list("name", "server").first(),
        Webhook.objects.values_list("url").first(),
    )
