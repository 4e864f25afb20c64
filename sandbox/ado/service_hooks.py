"""Service hooks: subscriptions of the consumer `webHooks`, and what waits to be sent, to loopback only.

https://learn.microsoft.com/azure/devops/service-hooks/events
"""

from __future__ import annotations

import base64
import threading
import uuid
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from sandbox.ado.model import Fields, Item, JsonObject, Person, Revision, Update
from sandbox.http import dump_json

LOOPBACK = ("127.0.0.1", "localhost", "::1")
PATIENCE = 10.0
EVENTS = ("workitem.created", "workitem.updated", "workitem.deleted", "workitem.restored", "workitem.commented")
MOST_FAILURES = 5
"""After so many failures in a row the service disables a subscription."""


@dataclass(eq=False, slots=True)
class Subscription:
    """Who wants to be told of which event."""

    id: str
    event: str
    publisher_inputs: dict[str, str]
    consumer_inputs: dict[str, str]
    created: str
    status: str = "enabled"
    failures: int = 0

    def wants(self, event: str, item: Item) -> bool:
        """Whether the event of this item is to be told."""
        project = self.publisher_inputs.get("projectId", "")
        kind = self.publisher_inputs.get("workItemType", "")
        here = project.lower() in ("", item.project.id, item.project.name.lower())
        return self.status == "enabled" and self.event == event and here and kind.lower() in ("", item.type.lower())


@dataclass(eq=False, slots=True)
class Notification:
    """One event for one subscription."""

    subscription: Subscription
    body: bytes
    status_code: int = 0
    status: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """What goes out with the body."""
        made = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "VSServices/sandbox"}
        inputs = self.subscription.consumer_inputs
        if inputs.get("basicAuthPassword"):
            pair = f"{inputs.get('basicAuthUsername', '')}:{inputs['basicAuthPassword']}"
            made["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
        for line in inputs.get("httpHeaders", "").splitlines():
            name, _, value = line.partition(":")
            if name.strip():
                made[name.strip()] = value.strip()
        return made


@dataclass
class ServiceHooks:
    """The subscriptions of an organisation. With `automatic` an event is sent at once, by a thread of its own; else
    when a test says so."""

    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    automatic: bool = False
    _waiting: list[Notification] = field(default_factory=list)
    _sending: threading.Lock = field(default_factory=threading.Lock)

    def add(
        self, event: str, publisher_inputs: dict[str, str], consumer_inputs: dict[str, str], *, when: str
    ) -> Subscription:
        """A new subscription."""
        made = Subscription(str(uuid.uuid4()), event, publisher_inputs, consumer_inputs, when)
        self.subscriptions[made.id] = made
        return made

    def note(self, item: Item, update: Update) -> None:
        """Tell of an update that was just recorded."""
        event = _event_of(item, update)
        self._tell(event, item, update)
        if update.new_revision and item.current.history:
            self._tell("workitem.commented", item, update)

    def _tell(self, event: str, item: Item, update: Update) -> None:
        wanting = [each for each in self.subscriptions.values() if each.wants(event, item)]
        for subscription in wanting:
            body = dump_json(_payload(event, item, update, subscription))
            self._waiting.append(Notification(subscription, body))
        if wanting and self.automatic:
            threading.Thread(target=self.deliver, daemon=True).start()

    def waiting(self) -> list[Notification]:
        """What has not been sent."""
        return list(self._waiting)

    def deliver(self) -> list[Notification]:
        """Send what waits. Not to be called by who holds the service's lock."""
        with self._sending:
            sent = []
            while self._waiting:
                notification = self._waiting.pop(0)
                _send(notification)
                _judge(notification)
                sent.append(notification)
            return sent


def _event_of(item: Item, update: Update) -> str:
    if not update.new_revision:
        return "workitem.updated"
    if item.current.rev == 1:
        return "workitem.created"
    if item.current.deleted:
        return "workitem.deleted"
    return "workitem.restored" if item.revisions[-2].deleted else "workitem.updated"


def _payload(event: str, item: Item, update: Update, subscription: Subscription) -> JsonObject:
    words = f"{item.type} #{item.id} ({item.fields['System.Title']}) {event.partition('.')[2]} by {update.by.name}"
    return {
        "subscriptionId": subscription.id,
        "notificationId": update.id,
        "id": str(uuid.uuid4()),
        "eventType": event,
        "publisherId": "tfs",
        "message": {"text": words, "html": words, "markdown": words},
        "detailedMessage": {"text": words, "html": words, "markdown": words},
        "resource": _update(item, update) if event == "workitem.updated" else _item(item, item.current),
        "resourceVersion": "1.0",
        "resourceContainers": {"project": {"id": item.project.id}},
        "createdDate": update.date,
    }


def _item(item: Item, revision: Revision) -> JsonObject:
    url = f"https://dev.azure.com/_apis/wit/workItems/{item.id}"
    return {"id": item.id, "rev": revision.rev, "fields": _shown(revision.fields), "url": url}


def _update(item: Item, update: Update) -> JsonObject:
    """An update, whose `id` is its own; the item is `workItemId`."""
    shown: JsonObject = {
        "id": update.id,
        "workItemId": item.id,
        "rev": update.rev,
        "revisedBy": {"id": update.by.id, "displayName": update.by.name, "uniqueName": update.by.unique_name},
        "revisedDate": "9999-01-01T00:00:00Z",
        "revision": _item(item, item.current),
        "url": f"https://dev.azure.com/_apis/wit/workItems/{item.id}/updates/{update.id}",
    }
    if update.new_revision and item.current.rev > 1:
        shown["fields"] = _changed(item.revisions[-2].fields, item.fields)
    return shown


def _changed(old: Fields, new: Fields) -> JsonObject:
    before, after = _shown(old), _shown(new)
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return {name: _values(before.get(name), after.get(name)) for name in names}


def _values(old: object, new: object) -> JsonObject:
    found = {"oldValue": old, "newValue": new}
    return {name: value for name, value in found.items() if value is not None}


def _shown(fields: Fields) -> JsonObject:
    """Version 1.0 of the resource names people by text."""
    return {name: value.text if isinstance(value, Person) else value for name, value in fields.items()}


def _send(notification: Notification) -> None:
    parts = urlsplit(notification.subscription.consumer_inputs["url"])
    if parts.scheme != "http" or parts.hostname not in LOOPBACK:
        notification.status = "the stand-in delivers to loopback only"
        return
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = HTTPConnection(parts.hostname or "", parts.port or 80, timeout=PATIENCE)
    try:
        connection.request("POST", path, notification.body, notification.headers)
        answer = connection.getresponse()
        notification.status_code, notification.status = answer.status, answer.reason
        answer.read(65_536)
    except TimeoutError:
        notification.status = "timed out"
    except (OSError, HTTPException):
        notification.status = "failed to connect to host"
    finally:
        connection.close()


def _judge(notification: Notification) -> None:
    """A subscription that fails again and again is disabled."""
    subscription = notification.subscription
    subscription.failures = 0 if 200 <= notification.status_code < 300 else subscription.failures + 1
    if subscription.failures >= MOST_FAILURES:
        subscription.status = "disabledBySystem"
