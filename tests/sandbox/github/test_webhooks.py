"""Webhooks: what is sent, how it is signed, and that it goes to loopback only."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

import jsonschema_rs
import pytest

from tests.sandbox.github.asking import Hub
from tests.sandbox.receiver import Receiver
from tests.shared import shared_path

SECRET = "s3cret"
EVENTS = ["issues", "issue_comment", "label", "milestone", "sub_issues", "issue_dependencies"]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.stop()


def hook(hub: Hub, url: str, *, events: list[str] | None = None, kind: str = "json") -> int:
    config = {"url": url, "content_type": kind, "secret": SECRET}
    answer = hub.post("hooks", {"name": "web", "events": events or EVENTS, "config": config})
    assert answer.status == 201, answer.body
    return int(answer.json["id"])


def waiting(hub: Hub) -> list[tuple[str, str | None]]:
    """Event and action of what has not been sent, without the ping."""
    return [(made.event, made.action) for made in hub.service.webhooks.waiting() if made.event != "ping"]


def test_a_delivery_is_signed_over_the_bytes_sent(hub: Hub, receiver: Receiver) -> None:
    number = hook(hub, receiver.url)
    hub.create("a")

    sent = hub.service.webhooks.deliver()

    assert [delivery.status_code for delivery in sent] == [202, 202]
    (ping, _), (headers, body) = receiver.got
    assert ping["X-GitHub-Event"] == "ping"
    assert headers["X-GitHub-Event"] == "issues"
    assert headers["X-GitHub-Hook-ID"] == str(number)
    assert headers["X-Hub-Signature-256"] == "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    assert json.loads(body)["issue"]["title"] == "a"
    assert json.loads(body)["sender"]["login"] == "sandbox"


def test_a_form_holds_the_payload_in_a_field(hub: Hub, receiver: Receiver) -> None:
    hook(hub, receiver.url, kind="form")

    hub.service.webhooks.deliver()

    ((headers, body),) = receiver.got
    assert headers["X-Hub-Signature-256"] == "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    assert json.loads(parse_qs(body.decode())["payload"][0])["hook"]["config"]["secret"] == "********"


def test_nothing_is_sent_before_it_is_asked_for_and_nothing_is_repeated(hub: Hub, receiver: Receiver) -> None:
    hook(hub, receiver.url)
    hub.create("a")

    before = len(receiver.got)
    hub.service.webhooks.deliver()
    hub.service.webhooks.deliver()

    assert (before, len(receiver.got)) == (0, 2)


def test_a_redelivery_repeats_the_guid(hub: Hub, receiver: Receiver) -> None:
    number = hook(hub, receiver.url)
    hub.service.webhooks.deliver()
    first = hub.get(f"hooks/{number}/deliveries").json[0]

    answer = hub.post(f"hooks/{number}/deliveries/{first['id']}/attempts")
    hub.service.webhooks.deliver()

    assert answer.status == 202
    told = hub.get(f"hooks/{number}/deliveries").json
    assert [(entry["guid"], entry["redelivery"]) for entry in told] == [(first["guid"], True), (first["guid"], False)]
    assert receiver.got[0][0]["X-GitHub-Delivery"] == receiver.got[1][0]["X-GitHub-Delivery"] == first["guid"]


def test_other_hosts_are_never_reached(hub: Hub) -> None:
    number = hook(hub, "https://hooks.example.com/x")

    (delivery,) = hub.service.webhooks.deliver()

    assert (delivery.status_code, delivery.status) == (0, "the stand-in delivers to loopback only")
    assert hub.get(f"hooks/{number}").json["last_response"]["status"] == "misconfigured"


def test_a_receiver_that_is_not_there_is_told(hub: Hub, receiver: Receiver) -> None:
    number = hook(hub, "http://127.0.0.1:9/hook")

    hub.service.webhooks.deliver()

    (told,) = hub.get(f"hooks/{number}/deliveries").json
    assert (told["status_code"], told["status"]) == (0, "failed to connect to host")


def test_every_change_is_told(hub: Hub) -> None:
    hook(hub, "http://127.0.0.1:9/hook")
    hub.post("milestones", {"title": "1.0"})
    hub.create("a", labels=["bug"], assignees=["mona-lisa"], milestone=1, type="Bug")
    hub.patch("issues/1", {"title": "b", "body": "c"})
    comment = hub.post("issues/1/comments", {"body": "x"}).json["id"]
    hub.patch(f"issues/comments/{comment}", {"body": "y"})
    hub.delete(f"issues/comments/{comment}")
    hub.patch("issues/1", {"state": "closed"})
    hub.put("issues/1/lock")
    hub.post("issues/1/sub_issues", {"sub_issue_id": hub.create("child")["id"]})
    hub.control("issues/delete", {"repository": "contoso/demo", "number": 2})

    assert waiting(hub) == [
        ("milestone", "created"), ("issues", "opened"), ("issues", "labeled"), ("issues", "assigned"),
        ("issues", "milestoned"), ("issues", "typed"), ("issues", "edited"), ("issue_comment", "created"),
        ("issue_comment", "edited"), ("issue_comment", "deleted"), ("issues", "closed"), ("issues", "locked"),
        ("issues", "opened"), ("sub_issues", "sub_issue_added"), ("issues", "deleted"),
    ]  # fmt: skip


def test_edits_tell_the_old_values(hub: Hub) -> None:
    hook(hub, "http://127.0.0.1:9/hook")
    hub.create("old", body="before")
    hub.patch("issues/1", {"title": "new", "body": "after"})

    payload = json.loads(hub.service.webhooks.waiting()[-1].body)

    assert payload["changes"] == {"title": {"from": "old"}, "body": {"from": "before"}}


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"config": {"content_type": "json"}}, 422),
        ({"config": {"url": "ftp://127.0.0.1/"}}, 422),
        ({"config": {"url": "http://127.0.0.1/", "content_type": "xml"}}, 422),
        ({"config": {"url": "http://127.0.0.1/"}, "events": ["sneeze"]}, 422),
        ({"config": "http://127.0.0.1/"}, 422),
        ({}, 422),
        ({"config": {"url": "http://127.0.0.1:9/hook"}, "events": ["issues"]}, 422),
        ({"config": {"url": "http://127.0.0.1:9/other"}, "events": ["issues"]}, 201),
    ],
)
def test_hooks_are_checked(hub: Hub, change: dict[str, Any], status: int) -> None:
    hook(hub, "http://127.0.0.1:9/hook", events=["issues"])

    assert hub.post("hooks", {"name": "web", **change}).status == status


def test_an_inactive_hook_hears_nothing(hub: Hub) -> None:
    number = hook(hub, "http://127.0.0.1:9/hook")
    hub.patch(f"hooks/{number}", {"active": False})

    hub.create("a")

    assert waiting(hub) == []


def _schema(event: str, action: str) -> jsonschema_rs.Draft7Validator:
    documents = json.loads(shared_path("specs/github/webhook-payload-schemas.json").read_text())
    schemas = {name.removeprefix("api.github.com/"): text for name, text in documents.items()}
    return jsonschema_rs.Draft7Validator(
        _inlined(schemas[f"{event}/{action}.schema.json"], schemas), validate_formats=False
    )


def _inlined(node: Any, schemas: dict[str, Any]) -> Any:
    """The schema with other files put in, and members newer than it allowed."""
    if isinstance(node, list):
        return [_inlined(item, schemas) for item in node]
    if not isinstance(node, dict):
        return node
    target = node.get("$ref")
    if isinstance(target, str) and target.endswith(".schema.json"):
        return _inlined(schemas[f"common/{target.rpartition('/')[2]}"], schemas)
    skipped = ("additionalProperties", "$schema", "$id")
    return {name: _inlined(value, schemas) for name, value in node.items() if name not in skipped}


def test_payloads_are_as_the_published_schemas_say(hub: Hub) -> None:
    hook(hub, "http://127.0.0.1:9/hook", events=EVENTS[:4])
    milestone = hub.post("milestones", {"title": "1.0", "description": "d", "due_on": "2026-12-01"}).json["number"]
    hub.create("a", body="b", labels=["bug"], assignees=["mona-lisa"], milestone=milestone)
    hub.patch("issues/1", {"title": "b", "labels": [], "assignees": [], "milestone": None})
    comment = hub.post("issues/1/comments", {"body": "x"}).json["id"]
    hub.patch(f"issues/comments/{comment}", {"body": "y"})
    hub.delete(f"issues/comments/{comment}")
    for state in ("closed", "open"):
        hub.patch("issues/1", {"state": state})
    hub.put("issues/1/lock", {"lock_reason": "resolved"})
    hub.delete("issues/1/lock")
    hub.post("labels", {"name": "x", "description": "d"})
    hub.patch("labels/x", {"color": "ffffff"})
    hub.delete("labels/x")
    for state in ("closed", "open"):
        hub.patch(f"milestones/{milestone}", {"state": state})
    hub.patch(f"milestones/{milestone}", {"title": "2.0"})
    hub.delete(f"milestones/{milestone}")
    hub.control("issues/delete", {"repository": "contoso/demo", "number": 1})

    made = hub.service.webhooks.waiting()
    faults = {
        f"{delivery.event}.{delivery.action}: {error.instance_path} {error.message}"[:300]
        for delivery in made
        for error in _schema(delivery.event, delivery.action or "event").iter_errors(json.loads(delivery.body))
    }

    assert faults == set()
    assert len({(delivery.event, delivery.action) for delivery in made}) == 25
