"""Service hooks: who is told of what, with which proof, and that it goes to loopback only."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.ado.client import Caller
from tests.sandbox.receiver import Receiver

SECRET = "s3cret"
TITLE = {"op": "add", "path": "/fields/System.Title", "value": "A gate"}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.stop()


def subscribe(caller: Caller, url: str, event: str, **inputs: str) -> Any:
    body = {
        "publisherId": "tfs",
        "eventType": event,
        "consumerId": "webHooks",
        "consumerActionId": "httpRequest",
        "publisherInputs": inputs,
        "consumerInputs": {"url": url, "basicAuthUsername": "isthmus", "basicAuthPassword": SECRET},
    }
    return caller.send("POST", "_apis/hooks/subscriptions", json=body)


def told(caller: Caller) -> list[tuple[str, Any]]:
    """Event and resource of what waits to be sent."""
    bodies = [json.loads(each.body) for each in caller.service.org.hooks.waiting()]
    return [(body["eventType"], body["resource"]) for body in bodies]


def test_a_delivery_carries_the_secret_as_a_password(caller: Caller, receiver: Receiver) -> None:
    made = subscribe(caller, receiver.url, "workitem.created").json()
    number = caller.create("Task", TITLE).json()["id"]

    (sent,) = caller.service.org.hooks.deliver()

    ((headers, body),) = receiver.got
    assert (made["status"], made["consumerInputs"]["basicAuthPassword"], sent.status_code) == (
        "enabled",
        "********",
        202,
    )
    assert headers["Authorization"] == "Basic " + base64.b64encode(f"isthmus:{SECRET}".encode()).decode()
    assert json.loads(body)["resource"]["id"] == number
    assert json.loads(body)["subscriptionId"] == made["id"]


def test_every_event_is_told_with_its_item(caller: Caller, receiver: Receiver) -> None:
    for event in ("created", "updated", "deleted", "restored", "commented"):
        subscribe(caller, receiver.url, f"workitem.{event}")
    number = caller.create("Task", TITLE).json()["id"]
    other = caller.create("Task", TITLE).json()["id"]
    caller.patch(f"_apis/wit/workitems/{number}", {**TITLE, "value": "Two gates"})
    url = f"http://ado.test/contoso/_apis/wit/workItems/{other}"
    link = {"op": "add", "path": "/relations/-", "value": {"rel": "System.LinkTypes.Related", "url": url}}
    caller.patch(f"_apis/wit/workitems/{number}", link)
    path = f"P/_apis/wit/workItems/{number}/comments"
    caller.send("POST", path, json={"text": "Words"}, version="7.1-preview.4")
    caller.send("DELETE", f"_apis/wit/workitems/{number}")
    caller.send("PATCH", f"_apis/wit/recyclebin/{number}", json={"isDeleted": False})

    found = [(event, resource.get("workItemId", resource["id"])) for event, resource in told(caller)]

    assert found == [
        ("workitem.created", number),
        ("workitem.created", other),
        ("workitem.updated", number),
        ("workitem.updated", number),
        ("workitem.updated", other),
        ("workitem.updated", number),
        ("workitem.commented", number),
        ("workitem.deleted", number),
        ("workitem.restored", number),
    ]
    edited = told(caller)[2][1]
    assert edited["fields"]["System.Title"] == {"oldValue": "A gate", "newValue": "Two gates"}


def test_a_subscription_hears_of_its_project_and_type_only(caller: Caller, receiver: Receiver) -> None:
    subscribe(caller, receiver.url, "workitem.created", workItemType="Bug")
    subscribe(caller, receiver.url, "workitem.created", projectId="00000000-0000-0000-0000-000000000000")
    caller.create("Task", TITLE)
    assert told(caller) == []

    caller.create("Bug", TITLE)

    assert [event for event, _ in told(caller)] == ["workitem.created"]


def test_a_subscription_that_fails_again_and_again_is_disabled(caller: Caller) -> None:
    receiver = Receiver(500)
    try:
        made = subscribe(caller, receiver.url, "workitem.created").json()
        for _ in range(6):
            caller.create("Task", TITLE)
            caller.service.org.hooks.deliver()
    finally:
        receiver.stop()

    shown = caller.get(f"_apis/hooks/subscriptions/{made['id']}")
    assert (shown["status"], len(receiver.got)) == ("disabledBySystem", 5)


def test_nothing_leaves_the_machine(caller: Caller) -> None:
    subscribe(caller, "http://hooks.example/x", "workitem.created")
    caller.create("Task", TITLE)

    (sent,) = caller.service.org.hooks.deliver()

    assert (sent.status_code, sent.status) == (0, "the stand-in delivers to loopback only")


def test_automatic_deliveries_arrive_by_themselves(caller: Caller, receiver: Receiver) -> None:
    subscribe(caller, receiver.url, "workitem.created")
    assert caller.session.post("http://ado.test/_sandbox/hooks/automatic").status_code == 200

    caller.create("Task", TITLE)

    assert receiver.arrived.wait(5)


def test_waiting_deliveries_are_sent_when_told(caller: Caller, receiver: Receiver) -> None:
    subscribe(caller, receiver.url, "workitem.created")
    caller.create("Task", TITLE)

    answer = caller.session.post("http://ado.test/_sandbox/hooks/deliver")

    assert (answer.status_code, answer.json()) == (202, {"delivering": 1})
    assert receiver.arrived.wait(5)


@pytest.mark.parametrize(
    ("member", "value"),
    [("publisherId", "other"), ("eventType", "git.push"), ("consumerId", "slack"), ("consumerInputs", {"url": "x"})],
)
def test_what_cannot_be_subscribed_to_is_refused(caller: Caller, member: str, value: object) -> None:
    body: dict[str, object] = {
        "publisherId": "tfs",
        "eventType": "workitem.created",
        "consumerId": "webHooks",
        "consumerActionId": "httpRequest",
        "consumerInputs": {"url": "http://127.0.0.1/x"},
    }

    answer = caller.send("POST", "_apis/hooks/subscriptions", json={**body, member: value})

    assert (answer.status_code, answer.json()["typeKey"]) == (400, "SubscriptionInputException")


def test_subscriptions_are_listed_and_deleted(caller: Caller, receiver: Receiver) -> None:
    made = subscribe(caller, receiver.url, "workitem.created").json()

    assert [each["id"] for each in caller.get("_apis/hooks/subscriptions")["value"]] == [made["id"]]
    assert caller.send("DELETE", f"_apis/hooks/subscriptions/{made['id']}").status_code == 204
    assert caller.send("GET", f"_apis/hooks/subscriptions/{made['id']}").status_code == 404
