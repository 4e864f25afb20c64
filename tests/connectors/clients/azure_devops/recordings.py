"""Recorded exchanges with the real service, from the shared material."""

from __future__ import annotations

import json
from collections.abc import Iterator

from connectors.clients.calls import Answer
from tests.shared import shared_path


def recorded() -> Iterator[tuple[str, str, Answer]]:
    """Method, address and answer of every recorded exchange; skips the test when the material is absent."""
    lines = shared_path("data/http/azure-devops/recordings.jsonl").read_text(encoding="utf-8").splitlines()
    for line in lines:
        entry = json.loads(line)
        body = entry["body"] or ""
        text = body if isinstance(body, str) else json.dumps(body)
        headers = {name.lower(): value for name, value in entry["headers"].items()}
        yield entry["method"], entry["url"], Answer(entry["status"], headers, text.encode(), entry["url"])


def recorded_answer(method: str, part: str, *, status: int = 200) -> Answer:
    """The first recorded answer to a request whose address holds `part`."""
    for verb, url, answer in recorded():
        if verb == method and part.lower() in url.lower() and answer.status == status:
            return answer
    raise LookupError(f"no recording of {method} {part} with {status}")
