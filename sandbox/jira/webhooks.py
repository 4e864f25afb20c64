"""Webhooks as an administrator makes them: told when something happens, sent to loopback only.

https://developer.atlassian.com/cloud/jira/platform/webhooks/
"""

from __future__ import annotations

import hmac
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from sandbox.http import dump_json
from sandbox.jira.issue_view import IssueView
from sandbox.jira.jql_match import NothingFound, Scope, build_test
from sandbox.jira.jql_parser import parse_jql
from sandbox.jira.models import JsonObject
from sandbox.jira.records import IssueLink, Notice
from sandbox.jira.setup import caller
from sandbox.jira.state import SiteState
from sandbox.jira.wire import Wire

LOOPBACK = ("127.0.0.1", "localhost", "::1")
PATIENCE = 10.0
RETRIES = 5
RETRY_AFTER = 300.0
RETRIED = frozenset({408, 409, 425, 429})
EVENTS = (
    "jira:issue_created",
    "jira:issue_updated",
    "jira:issue_deleted",
    "comment_created",
    "comment_updated",
    "comment_deleted",
    "issuelink_created",
    "issuelink_deleted",
    "attachment_created",
    "attachment_deleted",
)
_NAMES = {"created": "issue_created", "updated": "issue_generic", "deleted": "issue_deleted"}


@dataclass(eq=False, slots=True)
class Hook:
    """A webhook. Without a secret nothing is signed. ``automatic`` ones are sent at once, by a thread of their own;
    the others when a test says so."""

    id: int
    url: str
    secret: str = ""
    events: tuple[str, ...] = EVENTS
    jql: str = ""
    automatic: bool = False


@dataclass(eq=False, slots=True)
class Delivery:
    """One event for one hook. The identifier stays over retries."""

    hook: Hook
    identifier: str
    event: str
    body: bytes
    due: float
    tries: int = 0
    status_code: int = 0
    status: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """What goes out with the body."""
        made = {
            "Content-Type": "application/json; charset=UTF-8",
            "User-Agent": "Atlassian Webhook HTTP Client",
            "X-Atlassian-Webhook-Identifier": self.identifier,
        }
        if self.hook.secret:
            digest = hmac.new(self.hook.secret.encode(), self.body, "sha256").hexdigest()
            made["X-Hub-Signature"] = f"sha256={digest}"
        return made

    @property
    def wants_again(self) -> bool:
        """Whether the answer is one after which the service tries again."""
        failed = self.status_code == 0 or self.status_code in RETRIED or self.status_code >= 500
        return failed and self.tries <= RETRIES


class BadHook(ValueError):
    """A hook that cannot be made; the text says why."""


@dataclass
class Webhooks:
    """The hooks of a site and what waits to be sent."""

    site: SiteState
    wire: Callable[[], Wire]
    hooks: dict[int, Hook] = field(default_factory=dict)
    _waiting: list[Delivery] = field(default_factory=list)
    _sending: threading.Lock = field(default_factory=threading.Lock)

    def add(self, given: Mapping[str, object]) -> Hook:
        """A hook by its JSON form. Raises BadHook, and Refusal for JQL that cannot be read."""
        unknown = sorted(set(given) - {"url", "secret", "events", "jql", "automatic"})
        events = given.get("events", list(EVENTS))
        if unknown or not isinstance(given.get("url"), str):
            raise BadHook(f"unknown members: {', '.join(unknown)}" if unknown else "url is required")
        if not isinstance(events, list) or not set(map(str, events)) <= set(EVENTS):
            raise BadHook(f"events must be some of {', '.join(EVENTS)}")
        jql = str(given.get("jql") or "")
        parse_jql(jql)
        hook = Hook(
            id=self.site.number("webhook", 1),
            url=str(given["url"]),
            secret=str(given.get("secret") or ""),
            events=tuple(map(str, events)),
            jql=jql,
            automatic=given.get("automatic") is True,
        )
        self.hooks[hook.id] = hook
        return hook

    def note(self, notice: Notice) -> None:
        """Make a delivery for every hook that wants to hear of this."""
        wanting = [hook for hook in self.hooks.values() if self._wants(hook, notice)]
        if not wanting:
            return
        body = dump_json(self._payload(notice))
        for hook in wanting:
            self._waiting.append(Delivery(hook, uuid.uuid4().hex, notice.event, body, self.site.clock.now()))
        if any(hook.automatic for hook in wanting):
            threading.Thread(target=self.deliver, kwargs={"automatic": True}, daemon=True).start()

    def waiting(self) -> list[Delivery]:
        """What has not been sent, or is to be tried again."""
        return list(self._waiting)

    def deliver(self, *, automatic: bool = False) -> list[Delivery]:
        """Send what is due, in order; only to automatic hooks when asked so. Not to be called by who holds the
        service's lock."""
        with self._sending:
            now = self.site.clock.now()
            due = [each for each in self._waiting if each.due <= now and (each.hook.automatic or not automatic)]
            for delivery in due:
                self._waiting.remove(delivery)
                _send(delivery)
                if delivery.wants_again:
                    delivery.due = now + RETRY_AFTER
                    self._waiting.append(delivery)
            return due

    def _wants(self, hook: Hook, notice: Notice) -> bool:
        if notice.event not in hook.events:
            return False
        where = parse_jql(hook.jql).where
        if where is None:
            return True
        try:
            return build_test(Scope(self.site, caller(self.site)), where)(notice.issue)
        except NothingFound:
            return False

    def _payload(self, notice: Notice) -> JsonObject:
        wire = self.wire()
        made: JsonObject = {"timestamp": int(self.site.now() * 1000), "webhookEvent": notice.event}
        if notice.link is not None:
            return {**made, "issueLink": _link(notice.link, wire)}
        if notice.attachment is not None:
            return {**made, "attachment": wire.attachment(notice.attachment)}
        view = IssueView(self.site, wire)
        if notice.comment is not None:
            shown = view.full(
                notice.issue, fields=["summary", "issuetype", "project", "assignee", "priority", "status"]
            )
            return {**made, "comment": wire.comment(notice.comment), "issue": shown, "eventType": "primaryAction"}
        made["issue_event_type_name"] = _NAMES[notice.event.rpartition("_")[2]]
        made["user"] = wire.user(notice.by)
        made["issue"] = view.full(notice.issue, fields=["*all"])
        if notice.history is not None:
            history = wire.history(notice.history)
            made["changelog"] = {"id": history["id"], "items": history["items"]}
        return made


def _link(link: IssueLink, wire: Wire) -> JsonObject:
    """The ends by id alone: a link's event tells no keys."""
    return {
        "id": int(link.id),
        "sourceIssueId": link.inward.id,
        "destinationIssueId": link.outward.id,
        "issueLinkType": {**wire.link_type(link.type), "isSubTaskLinkType": False, "isSystemLinkType": False},
        "systemLink": False,
    }


def _send(delivery: Delivery) -> None:
    delivery.tries += 1
    delivery.status_code = 0
    parts = urlsplit(delivery.hook.url)
    if parts.scheme != "http" or parts.hostname not in LOOPBACK:
        delivery.status, delivery.tries = "the stand-in delivers to loopback only", RETRIES + 1
        return
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = HTTPConnection(parts.hostname or "", parts.port or 80, timeout=PATIENCE)
    try:
        connection.request("POST", path, delivery.body, delivery.headers)
        answer = connection.getresponse()
        delivery.status_code, delivery.status = answer.status, answer.reason
        answer.read(65_536)
    except TimeoutError:
        delivery.status = "timed out"
    except (OSError, HTTPException):
        delivery.status = "failed to connect to host"
    finally:
        connection.close()
