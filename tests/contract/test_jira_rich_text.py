"""The stand-in's document check agrees with the published schema, on real and on damaged documents."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest

from sandbox.jira.adf import document_fault, model_fault
from tests.shared import shared_path

pytestmark = pytest.mark.contract

DAMAGED = 4_000
VALUES: list[Any] = ["", 1, 0, 7, -1, None, [], {}, True, "wide", "pixel", [1], ["a"], "#ffffff"]


def corpus() -> list[dict[str, Any]]:
    return [json.loads(line) for line in shared_path("data/richtext/adf.jsonl").read_text().splitlines()]


def schema() -> jsonschema_rs.Draft4Validator:
    return jsonschema_rs.Draft4Validator(json.loads(shared_path("specs/jira-cloud/adf-schema-full.json").read_text()))


def test_real_documents_are_judged_as_the_published_schema_judges_them() -> None:
    published = schema()

    wrong = [
        (entry["id"], model_fault(entry["doc"]))
        for entry in corpus()
        if published.is_valid(entry["doc"]) != (model_fault(entry["doc"]) is None)
    ]

    assert wrong == []


def test_real_documents_are_judged_as_the_corpus_says() -> None:
    # Four lines of the corpus say otherwise than the schema beside them, which came later and is looser.
    published = schema()
    judged = [e for e in corpus() if published.is_valid(e["doc"]) == e["validAgainstPublishedSchema"]]

    wrong = [e["id"] for e in judged if (model_fault(e["doc"]) is None) != e["validAgainstPublishedSchema"]]

    assert wrong == []
    assert len(corpus()) - len(judged) <= 4


def test_damaged_documents_are_judged_as_the_published_schema_judges_them() -> None:
    published, documents = schema(), [entry["doc"] for entry in corpus()]
    nodes = [node for document in documents for node in _nodes(document)]
    dice = random.Random(20_261_121)
    judged = {True: 0, False: 0}

    for _ in range(DAMAGED):
        document = copy.deepcopy(dice.choice(documents))
        _damage(document, nodes, dice)
        valid = published.is_valid(document)
        judged[valid] += 1
        assert (model_fault(document) is None) is valid, (model_fault(document), document)

    assert min(judged.values()) > DAMAGED // 20


def test_the_service_refuses_nothing_the_publisher_calls_valid_but_links_that_lead_nowhere() -> None:
    refused = {
        entry["id"]: document_fault(entry["doc"])
        for entry in corpus()
        if entry["labelled"] in ("valid", "example") and model_fault(entry["doc"]) is None
    }

    assert {fault.rpartition(": ")[2] for fault in refused.values() if fault} == {"link without a usable address"}


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if "type" in value:
            yield value
        for item in value.values():
            yield from _nodes(item)
    elif isinstance(value, list):
        for item in value:
            yield from _nodes(item)


def _containers(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        yield value
        for item in value.values() if isinstance(value, dict) else value:
            yield from _containers(item)


def _damage(document: Any, nodes: list[dict[str, Any]], dice: random.Random) -> None:
    target, way = dice.choice(list(_containers(document))), dice.random()
    if isinstance(target, list):
        if way < 0.6:
            target.insert(dice.randint(0, len(target)), copy.deepcopy(dice.choice(nodes)))
        elif target:
            target.pop(dice.randrange(len(target)))
    elif target:
        name = dice.choice(list(target))
        if way < 0.3:
            del target[name]
        elif way < 0.6:
            target[name] = dice.choice(VALUES)
        elif way < 0.8:
            member = dice.choice(["marks", "content", "attrs", "localId", "x"])
            target[member] = dice.choice([[], {}, "a", [copy.deepcopy(dice.choice(nodes))]])
        elif "type" in target:
            replacement = copy.deepcopy(dice.choice(nodes))
            target.clear()
            target.update(replacement)
