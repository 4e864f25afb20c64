"""What a process tree tells its children."""

from __future__ import annotations

from typing import Any

import pytest

from config.children import ChildSpec
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
