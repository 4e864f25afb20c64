"""Asking the Jira stand-in without a socket: requests in, statuses and JSON out."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from sandbox.clock import Clock
from sandbox.faults import FaultPlan
from sandbox.http import Headers, Request
from sandbox.jira.build import build_jira
from sandbox.jira.service import JiraService
from sandbox.jira.site import ACCOUNT, TOKEN
from sandbox.jira.site_file import parse_site
from sandbox.service import Limits

NOON = 1_790_000_000.0


def basic(user: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode()


SIGNED_IN = basic(ACCOUNT, TOKEN)


def doc(*texts: str) -> dict[str, Any]:
    """A document with a paragraph per text."""
    content = [{"type": "paragraph", "content": [{"type": "text", "text": text}]} for text in texts]
    return {"type": "doc", "version": 1, "content": content}


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def faults(self) -> dict[str, str]:
        """The field errors."""
        return dict(self.json["errors"])

    @property
    def messages(self) -> list[str]:
        return list(self.json["errorMessages"])


class Site:
    """A stand-in with a frozen clock and its usual callers."""

    def __init__(
        self,
        site: dict[str, Any] | None = None,
        *,
        limits: Limits = Limits.NONE,
        faults: FaultPlan | None = None,
    ) -> None:
        self.clock = Clock(NOON)
        self.service: JiraService = build_jira(
            site=parse_site(site or {}), clock=self.clock, limits=limits, faults=faults
        )
        self.service.base_url = "http://jira.test"

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        auth: str | None = SIGNED_IN,
        raw: bytes | None = None,
        headers: dict[str, str] | None = None,
        **query: object,
    ) -> Answer:
        """One exchange; a path without a leading slash is under version 3."""
        target = path if path.startswith("/") else f"/rest/api/3/{path}"
        if query:
            target += "?" + urlencode(query, doseq=True)
        sent = {"Accept": "application/json", **(headers or {})}
        if auth:
            sent["Authorization"] = auth
        data = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        outcome = self.service.handle(Request(method, target, Headers(sent), data))
        assert outcome.response is not None
        return Answer(outcome.response.status, dict(outcome.response.headers), outcome.response.body)

    def get(self, path: str, **query: object) -> Answer:
        return self.ask("GET", path, **query)  # type: ignore[arg-type]

    def post(self, path: str, body: object = None, **query: object) -> Answer:
        return self.ask("POST", path, body, **query)  # type: ignore[arg-type]

    def put(self, path: str, body: object = None, **query: object) -> Answer:
        return self.ask("PUT", path, body, **query)  # type: ignore[arg-type]

    def delete(self, path: str, **query: object) -> Answer:
        return self.ask("DELETE", path, **query)  # type: ignore[arg-type]

    def fields(self, type_name: Any = "Story", summary: Any = "Something", **more: Any) -> dict[str, Any]:
        """The body of a create."""
        chosen = {"project": {"key": "DEMO"}, "issuetype": {"name": type_name}, "summary": summary, **more}
        return {"fields": chosen}

    def create(self, type_name: Any = "Story", summary: Any = "Something", **more: Any) -> str:
        """Create an issue and return its key."""
        answer = self.post("issue", self.fields(type_name, summary, **more))
        assert answer.status == 201, answer.body
        return str(answer.json["key"])

    def issue(self, key: str, *fields: str) -> dict[str, Any]:
        """The fields of an issue."""
        found: dict[str, Any] = self.get(f"issue/{key}", fields=",".join(fields) or "*all").json["fields"]
        return found

    def field_id(self, name: str) -> str:
        return next(str(entry["id"]) for entry in self.get("field").json if entry["name"] == name)

    def sprint(self, name: str = "Sprint 1", **more: object) -> int:
        answer = self.post("/rest/agile/1.0/sprint", {"name": name, "originBoardId": 1, **more})
        assert answer.status == 201, answer.body
        return int(answer.json["id"])

    def found(self, jql: str) -> list[str]:
        """The keys a query finds, in its order."""
        answer = self.post("search/jql", {"jql": jql, "fields": ["summary"], "maxResults": 100})
        assert answer.status == 200, answer.body
        return [issue["key"] for issue in answer.json["issues"]]

    def attach(self, key: str, *files: tuple[str, bytes], token: str = "no-check") -> Answer:
        """Upload files as multipart."""
        parts = b""
        for name, content in files:
            head = f'--edge\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            parts += head.encode() + b"Content-Type: application/octet-stream\r\n\r\n" + content + b"\r\n"
        return self.ask(
            "POST",
            f"issue/{key}/attachments",
            raw=parts + b"--edge--\r\n",
            headers={"Content-Type": "multipart/form-data; boundary=edge", "X-Atlassian-Token": token},
        )
