"""Asking the GitHub stand-in without a socket: requests in, statuses and JSON out."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from sandbox.clock import Clock
from sandbox.faults import FaultPlan
from sandbox.github.build import build_github
from sandbox.github.service import GitHubService
from sandbox.github.tokens import READONLY_TOKEN, TOKEN
from sandbox.http import Headers, Request
from sandbox.service import Limits

NOON = 1_790_000_000.0
DEMO = "/repos/contoso/demo"
SIGNED_IN = f"Bearer {TOKEN}"
READER = f"token {READONLY_TOKEN}"
_LINK = re.compile(r'<([^>]*)>; rel="(\w+)"')


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def message(self) -> str:
        return str(self.json["message"])

    @property
    def faults(self) -> list[tuple[str, str]]:
        """Field and code of every fault."""
        return [(fault["field"], fault["code"]) for fault in self.json["errors"]]

    @property
    def links(self) -> dict[str, str]:
        """The targets of the Link header, without the host."""
        found = {name: urlsplit(address) for address, name in _LINK.findall(self.headers.get("Link", ""))}
        return {name: f"{parts.path}?{parts.query}" for name, parts in found.items()}


class Hub:
    """A stand-in with a frozen clock and its usual callers."""

    def __init__(
        self,
        *,
        limits: Limits = Limits.NONE,
        faults: FaultPlan | None = None,
        generate_issues: int | None = None,
        cursor_from: int = 10_000,
        hourly: int = 5_000,
        search_lag_ms: int = 0,
        refuse_assignees: bool = False,
    ) -> None:
        self.clock = Clock(NOON)
        self.service: GitHubService = build_github(
            clock=self.clock,
            limits=limits,
            faults=faults,
            generate_issues=generate_issues,
            cursor_from=cursor_from,
            hourly=hourly,
            search_lag_ms=search_lag_ms,
            refuse_assignees=refuse_assignees,
        )
        self.service.base_url = "http://github.test"

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
        """One exchange; a path without a leading slash is below contoso/demo."""
        target = path if path.startswith("/") else f"{DEMO}/{path}"
        if query:
            target += "?" + urlencode(query, doseq=True)
        sent = {"Accept": "application/vnd.github+json", "User-Agent": "tests", **(headers or {})}
        if auth:
            sent["Authorization"] = auth
        data = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        outcome = self.service.handle(Request(method, target, Headers(sent), data))
        assert outcome.response is not None
        return Answer(outcome.response.status, dict(outcome.response.headers), outcome.response.body)

    def get(self, path: str, **query: object) -> Answer:
        return self.ask("GET", path, **query)  # type: ignore[arg-type]

    def post(self, path: str, body: object = None, *, auth: str | None = SIGNED_IN) -> Answer:
        return self.ask("POST", path, body, auth=auth)

    def patch(self, path: str, body: object = None, *, auth: str | None = SIGNED_IN) -> Answer:
        return self.ask("PATCH", path, body, auth=auth)

    def put(self, path: str, body: object = None) -> Answer:
        return self.ask("PUT", path, body)

    def delete(self, path: str, body: object = None) -> Answer:
        return self.ask("DELETE", path, body)

    def control(self, action: str, body: object = None) -> Answer:
        """One of the stand-in's own endpoints."""
        made = self.service.control("POST", action, Request("POST", "/", Headers(), json.dumps(body).encode()))
        assert made is not None
        return Answer(made.status, dict(made.headers), made.body)

    def create(self, title: str = "Something", **more: object) -> dict[str, Any]:
        """Create an issue and return it."""
        answer = self.post("issues", {"title": title, **more})
        assert answer.status == 201, answer.body
        made: dict[str, Any] = answer.json
        return made

    def issue(self, number: int) -> dict[str, Any]:
        answer = self.get(f"issues/{number}")
        assert answer.status == 200, answer.body
        found: dict[str, Any] = answer.json
        return found

    def walk(self, path: str, **query: object) -> list[dict[str, Any]]:
        """Every item of a list, by following the links."""
        answer = self.get(path, **query)
        found = list(answer.json)
        while "next" in answer.links:
            answer = self.get(answer.links["next"])
            assert answer.status == 200, answer.body
            found += answer.json
        return found
