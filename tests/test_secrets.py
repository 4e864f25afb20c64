"""Distinctive secrets go in by every door, and are then searched for behind all of them.

The platforms of these tests repeat whatever they are sent, headers and decoded credentials included, in the words of
their refusals: the worst a vendor's error text can be.
"""

from __future__ import annotations

import base64
import contextlib
import json
import logging
import re
import traceback
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import quote

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import NoReverseMatch, reverse

from config.logs import JsonFormatter, TextFormatter
from connectors import opening
from connectors.credentials import unseal_values
from connectors.domain.errors import PlatformError
from connectors.models import Connector
from migrations_app.models import MigrationRun
from sync.hooks import hook_secret
from sync.models import Synchronization, SynchronizationSide
from tenancy.models import ApiToken, User
from tenancy.services import issue_api_token
from tests.builders import Cast
from tests.jobs import RecordedJobs
from tests.migrations_app.builders import make_project
from tests.sync.builders import configuration
from webhooks.emitting import emit
from webhooks.models import Webhook

pytestmark = pytest.mark.django_db

# Letters that need percent-encoding are in them, so that encoded forms differ from the plain ones.
SECRETS = {
    "operations": "op3rations-p4t-Distinctive/0001+x",
    "changed": "ch4nged-p4t-Distinctive/0002+x",
    "alm_pass": "alm-p4ss-Distinctive/0003+x",
    "alm_api_token": "alm-t0ken-Distinctive/0004+x",
    "proxy_password": "pr0xy-Distinctive/0005+x",
    "scan": "sc4n-p4t-Distinctive/0006+x",
    "run_pat": "run-p4t-Distinctive/0007+x",
    "run_token": "run-t0ken-Distinctive/0008+x",
    "tested": "t3sted-Distinctive/0009+x",
    "webhook": "w3bhook-s3cret-Distinctive/0010+x",
    "side": "s1de-t0ken-Distinctive/0011+x",
    "hook": "h00k-s3cret-Distinctive/0012+x",
}
SYNC_SIDE = {"base_url": "", "email": "user", "api_token": "repl4ced-Distinctive/0013+x", "project_key": "P"}
CONSOLE_PARTS = ("/edit/", "/webhooks/", "/runs/", "/scans/", "/synchronizations/INT-", "/audit/", ".csv")
SYNC_PARTS = ("", "/status", "/conflicts", "/webhooks", "/matters")
LINK = re.compile(r'(?:href|hx-get|data-url|src)="(/console/[^"#?]*)')
OUR_APPS = ("tenancy", "webhooks", "connectors", "migrations_app", "sync")


class _Echo(BaseHTTPRequestHandler):
    """Refuses with everything it was told."""

    def _refuse(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        told = " ".join(f"{name}: {value}" for name, value in self.headers.items())
        authorization = self.headers.get("Authorization", "").partition(" ")[2]
        with contextlib.suppress(ValueError):
            told += " decoded " + base64.b64decode(authorization, validate=True).decode()
        words = f"cannot accept {told} nor {quote(told)}"
        body = json.dumps({"errorMessages": [words], "message": words, "typeKey": "X"}).encode()
        self.send_response(self.server.status)  # type: ignore[attr-defined]
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = _refuse  # noqa: N815 - names of the standard library

    def log_message(self, *_: object) -> None:
        """Nothing is printed."""


@pytest.fixture
def echo(request: pytest.FixtureRequest, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a platform that repeats what it hears."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Echo)
    server.status = getattr(request, "param", 400)  # type: ignore[attr-defined]
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    pair = f"127.0.0.1:{server.server_address[1]}"
    settings.ALLOW_PRIVATE_TARGETS = (pair,)
    quick = opening._ONCE
    for name in ("_PATIENT", "_PROMPT", "_ONCE"):
        monkeypatch.setattr(opening, name, quick)
    yield f"http://{pair}"
    server.shutdown()
    server.server_close()


def forms(secret: str) -> set[str]:
    """How a secret may look on the way: plain, percent-encoded, and inside a Basic header."""
    plain = {secret, quote(secret, safe=""), quote(secret)}
    for user in ("", "user", "migration@company.com"):
        plain.add(base64.b64encode(f"{user}:{secret}".encode()).decode().rstrip("="))
    return plain


def found_in(texts: dict[str, str], secrets: dict[str, str]) -> list[tuple[str, str]]:
    return [
        (name, place)
        for name, secret in secrets.items()
        for place, text in texts.items()
        if any(form in text for form in forms(secret))
    ]


def azure(address: str, secret: str) -> dict[str, Any]:
    credentials = {"organization_url": f"{address}/contoso", "project": "Shop", "personal_access_token": secret}
    return {"type": "azure_devops", "credentials": credentials}


def put_in(people: Cast, address: str) -> dict[str, str]:
    """Every secret by its door. Returns what was answered, by request."""
    client, host = people.owner.client, address.removeprefix("http://")
    jira = {"alm_method": "http", "alm_server": host, "alm_user": "user", "alm_project": "P"}
    answers: dict[str, Any] = {}
    answers["create"] = client.post("/api/connectors", {"name": "A", **azure(address, SECRETS["operations"])})
    first = answers["create"].json()["id"]
    answers["patch"] = client.patch(
        f"/api/connectors/{first}", {"credentials": {"personal_access_token": SECRETS["changed"]}}
    )
    answers["test"] = client.post("/api/connectors/test", azure(address, SECRETS["tested"]))
    answers["test stored"] = client.post("/api/connectors/test", {"connectorId": first})
    answers["scan"] = client.post("/api/connectors/scan", azure(address, SECRETS["scan"]))
    params = {**jira, "alm_pass": SECRETS["alm_pass"], "proxy_password": SECRETS["proxy_password"]}
    answers["v2"] = client.post("/api/v2/connectors/alm/", {"name": "J", "system": {"id": "jira"}, "params": params})
    second = answers["v2"].json()["id"]
    bearer = {**jira, "alm_auth_mode": "api_token", "alm_api_token": SECRETS["alm_api_token"]}
    answers["v2 put"] = client.post(
        "/api/v2/connectors/alm/", {"name": "B", "system": {"id": "jira"}, "params": bearer}
    )
    answers["testalm"] = client.post("/api/v2/connectors/testalm/", {"id": second})
    answers["wrong"] = client.post(
        "/api/v2/connectors/alm/", {"name": "W", "system": {"id": "jira"}, "params": params | {"alm_server": "a b"}}
    )
    project = make_project(people.organization)
    payload = {
        "source": {"org": f"{address}/contoso", "project": "Shop", "pat": SECRETS["run_pat"]},
        "target": {"base_url": address, "email": "user", "api_token": SECRETS["run_token"], "project_key": "P"},
    }
    answers["start"] = client.post(
        f"/api/migrations/project/{project.pk}/start", {"type": "FULL", "enginePayload": payload}
    )
    answers["webhook"] = client.post(
        "/api/webhooks", {"url": f"https://{host}/hook", "events": ["run.*"], "secret": SECRETS["webhook"]}
    )
    emit(people.organization.pk, "run.failed", {})
    answers |= synchronize(people, first, address)
    return {name: answer.content.decode() for name, answer in answers.items()}


def synchronize(people: Cast, connector: int, address: str) -> dict[str, Any]:
    """A synchronization whose secrets come by its own doors, and that is started."""
    client, credentials = people.owner.client, SYNC_SIDE | {"base_url": address}
    side = client.post("/api/connectors", {"name": "S", "type": "jira", "credentials": credentials}).json()["id"]
    body = {
        **configuration(),
        "firstConnector": {"connectorId": connector},
        "secondConnector": {"connectorId": side},
    }
    answers = {"synchronization": client.post("/integrations", body)}
    made = answers["synchronization"].json()
    one, key = f"/integrations/{made['integrationKey']}", made["secondConnector"]["connectorKey"]
    answers["connection"] = client.put(
        f"{one}/applicationConnection", {"connectorKey": key, "password": SECRETS["side"]}
    )
    answers["hook"] = client.put(f"{one}/webhooks", {"connectorKey": key, "secret": SECRETS["hook"]})
    answers["sync start"] = client.post(f"{one}/start")
    assert {name: answer.status_code // 100 for name, answer in answers.items()} == dict.fromkeys(answers, 2)
    return answers


def read_back(people: Cast) -> dict[str, str]:
    """What every list and detail answers afterwards, to the owner."""
    client = people.owner.client
    run = MigrationRun.objects.get()
    paths = [
        "/api/connectors",
        *(f"/api/connectors/{pk}" for pk in Connector.objects.values_list("pk", flat=True)),
        "/api/v2/connectors/alm/",
        "/api/v2/connectors/issue-tracker/",
        "/api/integrations/instances",
        f"/api/migrations/{run.pk}",
        f"/api/migrations?projectId={run.project_id}",
        "/api/projects",
        "/api/webhooks",
        f"/api/webhooks/{Webhook.objects.get().pk}/deliveries",
        "/integrations",
        *(f"/integrations/{row.key}{part}" for row in Synchronization.objects.all() for part in SYNC_PARTS),
        "/metrics",
    ]
    answers = {path: client.get(path) for path in paths}
    assert {path: answer.status_code for path, answer in answers.items()} == dict.fromkeys(paths, 200)
    return {path: answer.content.decode() for path, answer in answers.items()}


def console_pages(people: Cast) -> dict[str, str]:
    """Every page and every download of the console that links lead to, as the owner sees it."""
    browser, waiting = people.owner.browser, ["/console/"]
    pages: dict[str, str] = {}
    while waiting:
        address = waiting.pop()
        if address in pages or "logout" in address:
            continue
        answer = browser.get(address)
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
        pages[address] = content.decode()
        waiting += LINK.findall(pages[address])
    return pages


def admin_pages() -> dict[str, str]:
    """Every list and every object's page of the admin, as support staff sees them."""
    staff = Client()
    staff.force_login(User.objects.create_superuser("staff@example.com", "a long password"))
    pages = {}
    for label in OUR_APPS:
        for model in apps.get_app_config(label).get_models():
            name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
            try:
                listing = reverse(f"{name}_changelist")
            except NoReverseMatch:
                continue
            addresses = [listing]
            for row in model._default_manager.all()[:20]:
                addresses += [reverse(f"{name}_change", args=[row.pk]), reverse(f"{name}_history", args=[row.pk])]
            for address in addresses:
                answer = staff.get(address)
                assert answer.status_code in (200, 302), address
                pages[address] = answer.content.decode()
    assert len(pages) > 20
    return pages


def plain_columns() -> dict[str, str]:
    """Every column of every table as the database holds it."""
    texts = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            names = [column[0] for column in cursor.description]
            for number, row in enumerate(cursor.fetchall()):
                texts |= {f"{table}[{number}].{name}": str(value) for name, value in zip(names, row, strict=True)}
    return texts


@pytest.mark.parametrize("echo", [400, 401, 500], indirect=True)
def test_no_secret_shows_anywhere(people: Cast, echo: str, jobs: RecordedJobs, caplog: Any, capsys: Any) -> None:
    caplog.set_level(logging.DEBUG)

    texts = put_in(people, echo)
    issued = {kind: issue_api_token(people.organization, people.owner.user, kind=kind).secret for kind in ApiToken.Kind}
    keys = {str(kind): secret for kind, secret in issued.items()}
    told_once = texts.pop("webhook")
    texts |= {f"queue {number}": repr(call) for number, call in enumerate(jobs.sent)}
    jobs.run_all()
    texts |= read_back(people)
    shown = console_pages(people)
    texts |= shown
    texts |= admin_pages()
    texts |= plain_columns()
    call_command("dumpdata", *OUR_APPS)
    texts["dumpdata"] = capsys.readouterr().out
    texts["log"] = caplog.text
    for formatter in (TextFormatter(), JsonFormatter()):
        texts[type(formatter).__name__] = "\n".join(formatter.format(record) for record in caplog.records)

    assert found_in(texts, SECRETS | keys) == []
    assert SECRETS["webhook"] in told_once
    assert all(any(part in page for page in shown) for part in CONSOLE_PARTS), sorted(shown)
    assert len(texts["dumpdata"]) > 1000 and len(texts["log"]) > 100


def stored_hook_secret() -> str:
    """What the synchronization was told by its door, opened; its other side has one that was made for it."""
    return hook_secret(SynchronizationSide.objects.get(position=2))


def test_the_secrets_are_there_all_the_same(people: Cast, echo: str, jobs: RecordedJobs) -> None:
    put_in(people, echo)
    sealed = [unseal_values(row, row.sealed_credentials) for row in Connector.objects.order_by("pk")]
    run, webhook = MigrationRun.objects.get(), Webhook.objects.get()

    assert sealed == [
        {"secret": SECRETS["changed"]},
        {"secret": SECRETS["alm_pass"], "proxy_password": SECRETS["proxy_password"]},
        {"secret": SECRETS["alm_api_token"]},
        {"secret": SECRETS["side"]},
    ]
    assert stored_hook_secret() == SECRETS["hook"]
    assert unseal_values(run, run.sealed_credentials) == {
        "source": SECRETS["run_pat"],
        "target": SECRETS["run_token"],
    }
    assert unseal_values(webhook, webhook.sealed_secret) == {"secret": SECRETS["webhook"]}


def test_exceptions_of_platforms_hold_no_secret(people: Cast, echo: str) -> None:
    put_in(people, echo)
    for connector in Connector.objects.all():
        for look in (opening.probe, opening.probe_server, opening.read_modules):
            try:
                look(opening.access_to(connector))
            except PlatformError as error:
                told = "".join(traceback.format_exception(error)) + repr(error) + repr(vars(error))
                assert found_in({"exception": told}, SECRETS) == []
            else:
                pytest.fail("the platform refuses everything")


def test_what_carries_secrets_does_not_show_them(people: Cast, echo: str) -> None:
    put_in(people, echo)
    shown = {}
    for connector in Connector.objects.all():
        access = opening.stored_access(connector)
        shown[str(connector.pk)] = f"{access!r} {access} {connector!r}"

    assert found_in(shown, SECRETS) == []


def test_rotation_seals_every_kind_of_secret_again(people: Cast, echo: str, settings: Any, capsys: Any) -> None:
    put_in(people, echo)
    old = settings.CREDENTIALS_KEYS
    settings.CREDENTIALS_KEYS = (b"n" * 32, *old)
    call_command("rotate_credentials")
    settings.CREDENTIALS_KEYS = (b"n" * 32,)

    assert [unseal_values(row, row.sealed_credentials)["secret"] for row in Connector.objects.order_by("pk")] == [
        SECRETS["changed"],
        SECRETS["alm_pass"],
        SECRETS["alm_api_token"],
        SECRETS["side"],
    ]
    assert stored_hook_secret() == SECRETS["hook"]
    webhook = Webhook.objects.get()
    assert unseal_values(webhook, webhook.sealed_secret) == {"secret": SECRETS["webhook"]}
    assert found_in({"output": capsys.readouterr().out}, SECRETS) == []
