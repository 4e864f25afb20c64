"""Real texts and the official schema, as the tests of this folder read them."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import jsonschema_rs

from connectors.domain.richtext.adf import Document, NodeJson
from connectors.domain.richtext.references import ItemTarget, Media, References
from tests.shared import shared_path


@dataclass(frozen=True)
class Sample:
    """One real text."""

    id: str
    field: str
    text: str


@cache
def samples(name: str) -> tuple[Sample, ...]:
    """The lines of one corpus."""
    lines = shared_path(f"data/richtext/{name}.jsonl").read_text(encoding="utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    return tuple(Sample(record["id"], record.get("field", ""), record["text"]) for record in records)


@cache
def real_documents() -> tuple[Document, ...]:
    """Valid documents of the publisher's own test suite."""
    lines = shared_path("data/richtext/adf.jsonl").read_text(encoding="utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    return tuple(record["doc"] for record in records if record["validAgainstPublishedSchema"])


@cache
def schema() -> dict[str, Any]:
    """The published schema of Atlassian documents."""
    loaded: dict[str, Any] = json.loads(shared_path("specs/jira-cloud/adf-schema-full.json").read_text())
    return loaded


@cache
def _validator() -> Any:
    return jsonschema_rs.validator_for(schema())


def assert_valid(document: Document) -> None:
    """The document passes the official schema, and the rules Jira adds to it."""
    validator = _validator()
    if not validator.is_valid(document):
        problems = [error.message[:300] for error in validator.iter_errors(document)]
        raise AssertionError(f"{problems}\n{json.dumps(document)[:3000]}")
    for node in nodes(document):
        if node["type"] == "listItem":
            assert node["content"][0]["type"] in {"paragraph", "mediaSingle", "codeBlock"}
        if node["type"] == "codeBlock":
            assert all(not child.get("marks") for child in node.get("content", []))


def nodes(document: Document) -> Iterator[NodeJson]:
    """Every node of a document, in order."""
    pending = [document]
    while pending:
        node = pending.pop()
        yield node
        pending.extend(reversed(node.get("content", [])))


def kinds(document: Document) -> Counter[str]:
    """How many nodes of each type a document has."""
    return Counter(node["type"] for node in nodes(document))


def media_of(url: str) -> Media:
    """A made-up uploaded file for every address."""
    return Media(media_id="media-" + str(sum(map(ord, url))), filename="picture.png", width=100, height=50)


EVERYTHING_MOVED = References(
    image=media_of,
    item=lambda item_id: ItemTarget(f"DEMO-{item_id}", f"https://demo.example/browse/DEMO-{item_id}"),
)
FILES_MOVED = References(image=media_of)
