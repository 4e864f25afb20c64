"""The demo's way into the product: the REST API and the live stream, like any other client."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import requests

LONGEST_SILENCE = 40.0
"""Seconds without even a heartbeat after which the stream is opened again."""
RECONNECT_SECONDS = 1.0
MOST_RECONNECTS = 60


class DemoFailed(Exception):
    """The demo cannot go on; the text is for the person at the terminal."""


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """One event of a run's stream."""

    id: int
    kind: str
    data: Mapping[str, Any]


class DemoClient:
    """Signed in to one installation."""

    def __init__(self, address: str, *, email: str, password: str) -> None:
        self._address = address.rstrip("/")
        self._credentials = {"email": email, "password": password}
        self._session = requests.Session()
        self._session.trust_env = False  # the installation is on this machine; a proxy would not find it
        self._sign_in()

    def get(self, path: str) -> Any:
        """The JSON below `path`. Raises DemoFailed."""
        return self._call("GET", path).json()

    def get_text(self, path: str) -> str:
        """A page or table below `path`. Raises DemoFailed."""
        return self._call("GET", path).text

    def post(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """What the call answered. Raises DemoFailed with the words of a refusal."""
        return self._call("POST", path, body=body).json()

    def stream(self, run_id: str) -> Iterator[StreamEvent]:
        """Every event of the run, also over a cut connection or a restarted server. Raises DemoFailed."""
        ticket = self.post(f"/api/migrations/{run_id}/stream-ticket")["ticket"]
        address = f"{self._address}/api/migrations/{run_id}/stream"
        last = 0
        for _ in range(MOST_RECONNECTS):
            try:
                with requests.get(
                    address,
                    params={"token": ticket, "lastEventId": str(last)},
                    stream=True,
                    timeout=(5, LONGEST_SILENCE),
                    proxies={"http": "", "https": ""},
                ) as answer:
                    answer.raise_for_status()
                    for event in _events(answer):
                        last = event.id
                        yield event
                        if event.kind == "done":
                            return
            except requests.RequestException:
                time.sleep(RECONNECT_SECONDS)
        raise DemoFailed("The live stream keeps breaking off; look at the run in the console.")

    def _call(self, method: str, path: str, *, body: Mapping[str, Any] | None = None) -> requests.Response:
        answer = self._send(method, path, body)
        if answer.status_code == requests.codes.unauthorized:  # access tokens live for 15 minutes
            self._sign_in()
            answer = self._send(method, path, body)
        if not answer.ok:
            raise DemoFailed(f"{method} {path} was refused: {answer.status_code} {_words(answer)}")
        return answer

    def _send(self, method: str, path: str, body: Mapping[str, Any] | None) -> requests.Response:
        try:
            return self._session.request(method, f"{self._address}{path}", json=body, timeout=(5, 120))
        except requests.RequestException as error:
            raise DemoFailed(f"{self._address} does not answer: {type(error).__name__}") from error

    def _sign_in(self) -> None:
        answer = self._send("POST", "/api/auth/login", self._credentials)
        if not answer.ok:
            raise DemoFailed(f"Signing in was refused: {_words(answer)}")
        self._session.headers["Authorization"] = f"Bearer {answer.json()['accessToken']}"


def _events(answer: requests.Response) -> Iterator[StreamEvent]:
    """https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation"""
    fields: dict[str, str] = {}
    for line in answer.iter_lines(chunk_size=1):
        text = line.decode()
        if text:
            name, _, value = text.partition(": ")
            fields[name] = value
            continue
        if "event" in fields:
            yield StreamEvent(int(fields["id"]), fields["event"], json.loads(fields["data"]))
        fields = {}


def _words(answer: requests.Response) -> str:
    try:
        message = answer.json()["message"]
    except (ValueError, KeyError, TypeError):
        return answer.text[:200]
    return "; ".join(message) if isinstance(message, list) else str(message)
