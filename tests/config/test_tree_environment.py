"""What a process tree tells its children."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from config import process_tree
from config.children import ChildSpec
from config.embedded_redis import default_redis_url
from config.process_tree import ProcessTree, TreeOptions


@pytest.mark.parametrize(("started", "told", "shared"), [(4, 2, "4"), (2, 6, "6")])
def test_children_know_by_how_many_workers_the_limits_are_shared(
    monkeypatch: pytest.MonkeyPatch, settings: Any, started: int, told: int, shared: str
) -> None:
    settings.WORKERS = told
    added: list[ChildSpec] = []
    monkeypatch.setattr(ProcessTree, "_add", lambda _, spec: added.append(spec))

    ProcessTree(TreeOptions(port=8000, workers=started))._add_own({})

    assert len([spec for spec in added if spec.name.startswith("worker-")]) == started
    assert {spec.environment["WORKERS"] for spec in added} == {shared}


@pytest.mark.parametrize("folder", ["var", "v" * 120])
def test_no_secret_stands_in_the_arguments_of_a_process(
    monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path, folder: str
) -> None:
    """Arguments are visible to every user of the machine; Redis has a password where its socket's path is too long."""
    settings.VAR = tmp_path / folder
    settings.VAR.mkdir()
    address = default_redis_url(settings.VAR)
    settings.REDIS_URL, settings.REDIS_EMBEDDED = address, True
    answers = iter([False, True])
    monkeypatch.setattr(process_tree, "_answers_ping", lambda: next(answers))
    monkeypatch.setattr(process_tree.ProcessTree, "_wait_for_sandbox", lambda *_: None)
    added: list[ChildSpec] = []
    monkeypatch.setattr(ProcessTree, "_add", lambda _, spec: added.append(spec))
    tree = ProcessTree(TreeOptions(port=8000, sandbox=True))

    tree._start_redis()
    tree._add_own(tree._start_sandbox())

    password = urlsplit(address).password or ""
    keys = [settings.SECRET_KEY, *(base64.b64encode(key).decode() for key in settings.CREDENTIALS_KEYS)]
    arguments = " ".join(word for spec in added for word in spec.command)
    assert [spec.name for spec in added] == ["redis", "sandbox", "web", "worker-1", "worker-2", "scheduler"]
    assert bool(password) == (folder != "var")
    assert [secret for secret in (*keys, password) if secret and secret in arguments] == []
