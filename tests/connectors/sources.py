"""Projects in memory: sources that answer as told, for tests of what happens around a tracker."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from connectors import opening
from connectors.domain.modules import source_modules
from connectors.domain.ports import ItemFilter, Probe
from connectors.domain.shapes import SourceShape, SourceType
from connectors.domain.systems import Access
from connectors.domain.work_items import WorkItem

SHAPE = SourceShape("contoso", "p1", "Shop", types=(SourceType("Task", level=-1), SourceType("Epic", level=2)))


@dataclass
class MemorySource:
    """A project of `size` tasks. `on_read` is called before each batch and may raise; `hidden` ids are not given."""

    size: int = 3
    page: int = 20_000
    hidden: frozenset[str] = frozenset()
    on_read: Callable[[int], None] = lambda _batch: None
    on_list: Callable[[], None] = lambda: None
    batches: int = 0
    opened: list[Access] = field(default_factory=list)

    def describe(self) -> SourceShape:
        return SHAPE

    def list_ids(self, selection: ItemFilter) -> Iterator[list[str]]:
        self.on_list()
        for first in range(1, self.size + 1, self.page):
            yield [str(number) for number in range(first, min(first + self.page, self.size + 1))]

    def read_items(self, ids: Sequence[str]) -> list[WorkItem]:
        assert len(ids) <= 200, "a platform refuses more"
        self.batches += 1
        self.on_read(self.batches)
        return [
            WorkItem(id=each, rev=1, type="Task", title=f"Task {each}", state="New", comment_count=1)
            for each in ids
            if each not in self.hidden
        ]

    def probe(self) -> Probe:
        return Probe(organisation="contoso", project="Shop", item_count=self.size)

    def install(self, monkeypatch: pytest.MonkeyPatch) -> MemorySource:
        """Answer for every source that is opened from now on."""

        @contextmanager
        def opened(access: Access, **_watchers: object) -> Iterator[MemorySource]:
            self.opened.append(access)
            yield self

        def probed(access: Access) -> Probe:
            self.opened.append(access)
            return self.probe()

        monkeypatch.setattr(opening, "open_source", opened)
        monkeypatch.setattr(opening, "probe", probed)
        monkeypatch.setattr(opening, "read_modules", lambda _access: source_modules(SHAPE))
        return self
