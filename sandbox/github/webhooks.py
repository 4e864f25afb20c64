"""Webhook requests: made when something happens, sent only when a test says so, and only to loopback.

https://docs.github.com/webhooks/webhook-events-and-payloads
"""

from __future__ import annotations

import hmac
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlencode, urlsplit

from sandbox.github.hook_view import hook_json
from sandbox.github.issue_view import IssueView
from sandbox.github.models import Delivery, Hook, JsonObject, Repository
from sandbox.github.state import Notice, SiteState
from sandbox.github.tokens import Caller
from sandbox.github.wire import Wire
from sandbox.http import dump_json

LOOPBACK = ("127.0.0.1", "localhost", "::1")
PATIENCE = 10.0
FORM = "application/x-www-form-urlencoded"


@dataclass
class Webhooks:
    """The deliveries of every hook of a site."""

    site: SiteState
    wire: Callable[[], Wire]
    _waiting: list[tuple[Repository, Hook, Delivery]] = field(default_factory=list)

    def note(self, notice: Notice) -> None:
        """Make a delivery for every hook of the repository that wants to hear of this."""
        wanting = [hook for hook in notice.repository.hooks.values() if _wants(hook, notice.event)]
        if not wanting:
            return
        body = dump_json(self._payload(notice))
        for hook in wanting:
            self._add(notice.repository, hook, notice.event, notice.action, body)

    def ping(self, repository: Repository, hook: Hook) -> None:
        """The first delivery of a hook, and whenever one is asked for."""
        wire = self.wire()
        payload: JsonObject = {
            "zen": "Practicality beats purity.",
            "hook_id": hook.id,
            "hook": hook_json(wire, repository, hook),
            "repository": wire.repository(repository),
            "sender": wire.user(repository.owner),
        }
        self._add(repository, hook, "ping", None, dump_json(payload))

    def redeliver(self, repository: Repository, hook: Hook, delivery: Delivery) -> Delivery:
        """The same request again: its guid is repeated."""
        again = self._add(repository, hook, delivery.event, delivery.action, delivery.body)
        again.guid = delivery.guid
        again.headers["X-GitHub-Delivery"] = delivery.guid
        again.redelivery = True
        return again

    def waiting(self) -> list[Delivery]:
        """What has not been sent yet."""
        return [delivery for _, _, delivery in self._waiting]

    def deliver(self) -> list[Delivery]:
        """Send what waits, in order; nothing is repeated. Not to be called by who holds the service's lock."""
        sent: list[Delivery] = []
        while self._waiting:
            _, hook, delivery = self._waiting.pop(0)
            if hook.active:
                _send(hook, delivery)
                delivery.delivered = self.site.clock.now()
                sent.append(delivery)
        return sent

    def _add(self, repository: Repository, hook: Hook, event: str, action: str | None, body: bytes) -> Delivery:
        number = self.site.number("delivery", 17_900_000_000)
        delivery = Delivery(number, str(uuid.uuid4()), event, action, body, self.site.now())
        sent = wire_body(hook, delivery)
        delivery.headers = {
            "Accept": "*/*",
            "Content-Type": "application/json" if hook.content_type == "json" else FORM,
            "User-Agent": "GitHub-Hookshot/sandbox",
            "X-GitHub-Delivery": delivery.guid,
            "X-GitHub-Event": event,
            "X-GitHub-Hook-ID": str(hook.id),
            "X-GitHub-Hook-Installation-Target-ID": str(repository.id),
            "X-GitHub-Hook-Installation-Target-Type": "repository",
        }
        if hook.secret:
            secret = hook.secret.encode()
            for name, algorithm in (("X-Hub-Signature", "sha1"), ("X-Hub-Signature-256", "sha256")):
                delivery.headers[name] = f"{algorithm}={hmac.new(secret, sent, algorithm).hexdigest()}"
        hook.deliveries.insert(0, delivery)
        self._waiting.append((repository, hook, delivery))
        return delivery

    def _payload(self, notice: Notice) -> JsonObject:
        wire, repository = self.wire(), notice.repository
        view = IssueView(self.site, wire, Caller())
        made: JsonObject = {"action": notice.action}
        if notice.changes is not None:
            made["changes"] = notice.changes
        if notice.issue is not None:
            made["issue"] = view.issue(notice.issue)
        if notice.comment is not None:
            made["comment"] = view.comment(notice.comment)
        if notice.label is not None:
            made["label"] = wire.label(repository, notice.label)
        if notice.milestone is not None:
            made["milestone"] = wire.milestone(repository, notice.milestone)
        if notice.subject is not None:
            made["assignee"] = wire.user(notice.subject)
        if notice.type is not None:
            made["type"] = wire.issue_type(notice.type)
        made["repository"] = wire.repository(repository)
        if repository.owner.is_organization:
            made["organization"] = wire.organization(repository.owner)
        made["sender"] = wire.user(notice.act.actor or repository.owner)
        return made


def _wants(hook: Hook, event: str) -> bool:
    return hook.active and ("*" in hook.events or event in hook.events)


def wire_body(hook: Hook, delivery: Delivery) -> bytes:
    """The bytes that go over the wire, which is what the signature covers."""
    return delivery.body if hook.content_type == "json" else urlencode({"payload": delivery.body.decode()}).encode()


def _send(hook: Hook, delivery: Delivery) -> None:
    parts = urlsplit(hook.url)
    if parts.scheme != "http" or parts.hostname not in LOOPBACK:
        delivery.status = "the stand-in delivers to loopback only"
        return
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = HTTPConnection(parts.hostname or "", parts.port or 80, timeout=PATIENCE)
    try:
        connection.request("POST", path, wire_body(hook, delivery), delivery.headers)
        answer = connection.getresponse()
        delivery.status_code, delivery.status = answer.status, answer.reason
        delivery.answer_headers = dict(answer.getheaders())
        delivery.answer = answer.read(65_536).decode("utf-8", "replace")
    except TimeoutError:
        delivery.status = "timed out"
    except (OSError, HTTPException):
        delivery.status = "failed to connect to host"
    finally:
        connection.close()
