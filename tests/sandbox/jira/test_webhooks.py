"""Webhooks: what is sent, how it is signed, what is tried again, and that it goes to loopback only."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

import pytest

from connectors.clients.jira.wire.hooks import identifier_of, verify
from sandbox.control import answer_control
from sandbox.http import Headers, Request, Response
from sandbox.jira.webhooks import RETRY_AFTER
from tests.sandbox.jira.asking import Site, doc
from tests.sandbox.receiver import Receiver

SECRET = "s3cret"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.stop()


def control(site: Site, method: str, action: str, body: object = None) -> Response:
    data = b"" if body is None else json.dumps(body).encode()
    return answer_control(site.service, Request(method, f"/_sandbox/{action}", Headers({}), data))


def hook(site: Site, url: str, **more: Any) -> dict[str, Any]:
    answer = control(site, "POST", "webhooks", {"url": url, "secret": SECRET, **more})
    assert answer.status == 201, answer.body
    made: dict[str, Any] = json.loads(answer.body)
    return made


def told(site: Site) -> list[dict[str, Any]]:
    return [json.loads(delivery.body) for delivery in site.service.webhooks.waiting()]


def events(site: Site) -> list[str]:
    return [payload["webhookEvent"] for payload in told(site)]


def test_a_delivery_is_signed_over_the_bytes_sent(site: Site, receiver: Receiver) -> None:
    hook(site, receiver.url)
    key = site.create(summary="a")

    sent = site.service.webhooks.deliver()

    ((headers, body),) = receiver.got
    assert [delivery.status_code for delivery in sent] == [202]
    assert headers["X-Hub-Signature"] == "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    assert json.loads(body)["issue"]["fields"]["summary"] == "a"
    assert verify(SECRET, headers, body) == [key]
    assert identifier_of(headers)


def test_a_hook_without_a_secret_does_not_sign(site: Site, receiver: Receiver) -> None:
    control(site, "POST", "webhooks", {"url": receiver.url})
    site.create()

    site.service.webhooks.deliver()

    ((headers, _),) = receiver.got
    assert "X-Hub-Signature" not in headers


def test_everything_that_happens_to_an_issue_is_told(site: Site) -> None:
    hook(site, "http://127.0.0.1:9/hook")
    one, other = site.create(), site.create()
    site.put(f"issue/{one}", {"fields": {"summary": "New"}})
    comment = site.post(f"issue/{one}/comment", {"body": doc("Hello")}).json["id"]
    site.put(f"issue/{one}/comment/{comment}", {"body": doc("Hello again")})
    site.delete(f"issue/{one}/comment/{comment}")
    site.delete(f"issue/{other}")

    assert events(site) == [
        "jira:issue_created",
        "jira:issue_created",
        "jira:issue_updated",
        "comment_created",
        "comment_updated",
        "comment_deleted",
        "jira:issue_deleted",
    ]
    updated = told(site)[2]
    (change,) = updated["changelog"]["items"]
    assert (change["fieldId"], change["toString"]) == ("summary", "New")
    assert updated["issue"]["key"] == told(site)[3]["issue"]["key"] == one
    assert updated["user"]["accountId"]


def test_a_links_event_tells_ids_and_no_keys(site: Site) -> None:
    hook(site, "http://127.0.0.1:9/hook", events=["issuelink_created", "issuelink_deleted"])
    one, other = site.create(), site.create()
    ends = {"inwardIssue": {"key": one}, "outwardIssue": {"key": other}}
    site.post("issueLink", {"type": {"name": "Blocks"}, **ends})
    (link,) = site.get(f"issue/{one}").json["fields"]["issuelinks"]
    site.delete(f"issueLink/{link['id']}")

    ids = [int(site.get(f"issue/{key}").json["id"]) for key in (one, other)]
    assert events(site) == ["issuelink_created", "issuelink_deleted"]
    assert [told(site)[0]["issueLink"][end] for end in ("sourceIssueId", "destinationIssueId")] == ids
    assert one not in json.dumps(told(site))


def test_a_hook_hears_of_what_its_filter_holds(site: Site) -> None:
    hook(site, "http://127.0.0.1:9/hook", jql="labels = loud", events=["jira:issue_created"])
    site.create()
    loud = site.create(labels=["loud"])

    assert [payload["issue"]["key"] for payload in told(site)] == [loud]


def test_a_delivery_that_fails_is_tried_again_under_its_identifier(site: Site, receiver: Receiver) -> None:
    hook(site, receiver.url)
    site.create()
    receiver.status = 503
    site.service.webhooks.deliver()
    site.service.webhooks.deliver()
    site.clock.advance(RETRY_AFTER)
    receiver.status = 200
    site.service.webhooks.deliver()
    site.clock.advance(RETRY_AFTER)
    site.service.webhooks.deliver()

    first, second = (headers["X-Atlassian-Webhook-Identifier"] for headers, _ in receiver.got)
    assert first == second
    assert site.service.webhooks.waiting() == []


def test_a_delivery_is_given_up_after_five_retries_and_at_once_when_refused(site: Site, receiver: Receiver) -> None:
    hook(site, receiver.url)
    site.create()
    receiver.status = 500
    for _ in range(10):
        site.service.webhooks.deliver()
        site.clock.advance(RETRY_AFTER)
    tries = len(receiver.got)
    receiver.status = 403
    site.create()
    for _ in range(2):
        site.service.webhooks.deliver()
        site.clock.advance(RETRY_AFTER)

    assert (tries, len(receiver.got)) == (6, 7)


def test_an_automatic_hook_is_sent_without_being_asked(site: Site, receiver: Receiver) -> None:
    hook(site, receiver.url, automatic=True)
    site.create()

    assert receiver.arrived.wait(5)


def test_other_hosts_are_never_reached(site: Site) -> None:
    hook(site, "https://hooks.example.com/x")
    site.create()

    (delivery,) = site.service.webhooks.deliver()

    assert (delivery.status_code, delivery.status) == (0, "the stand-in delivers to loopback only")
    assert site.service.webhooks.waiting() == []


def test_hooks_are_listed_without_their_secret_and_removed(site: Site) -> None:
    made = hook(site, "http://127.0.0.1:9/hook", events=["comment_created"])

    listed = control(site, "GET", "webhooks")
    removed = control(site, "DELETE", f"webhooks/{made['id']}")

    assert json.loads(listed.body)["webhooks"] == [made]
    assert made["isSigned"] is True
    assert SECRET.encode() not in listed.body
    assert removed.status == 204
    assert control(site, "DELETE", f"webhooks/{made['id']}").status == 404
    site.create()
    assert told(site) == []


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"url": 1},
        {"url": "http://x", "name": "x"},
        {"url": "http://x", "events": ["odd"]},
        {"url": "http://x", "jql": "("},
    ],
)
def test_a_hook_that_cannot_be_understood_is_not_made(site: Site, body: object) -> None:
    assert control(site, "POST", "webhooks", body).status == 400
    assert json.loads(control(site, "GET", "webhooks").body) == {"webhooks": []}


def test_a_query_is_parsed_with_the_names_of_its_fields(site: Site) -> None:
    asked = ["labels = x", "nosuch = 1 AND updated > -1d", "labels = ("]

    strict = site.post("jql/parse", {"queries": asked}, validation="strict").json["queries"]
    lax = site.post("jql/parse", {"queries": asked}, validation="none").json["queries"]

    assert "errors" not in strict[0]
    assert strict[1]["errors"] == ["Field 'nosuch' does not exist or you do not have permission to view it."]
    assert strict[2]["errors"]
    assert ["errors" in entry for entry in lax] == [False, False, True]
    assert site.post("jql/parse", {"queries": asked}, validation="odd").status == 400
