"""Reading many items in few requests: a window of batches ahead of whoever folds them, never the whole project."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from types import TracebackType

from connectors.domain.ports import SourceTracker
from connectors.domain.work_items import WorkItem

BATCH = 200
"""https://learn.microsoft.com/rest/api/azure/devops/wit/work-items/get-work-items-batch"""
READERS = 4


@dataclass(frozen=True, slots=True)
class Batch:
    """Items read together, and the ids that were asked for but not given."""

    ids: Sequence[str]
    items: Sequence[WorkItem]

    @property
    def unreadable(self) -> list[str]:
        """Asked for, but deleted meanwhile or hidden from these credentials."""
        found = {item.id for item in self.items}
        return [each for each in self.ids if each not in found]


class ReadAhead:
    """Iterates batches in the order of the ids while the next ones are being read by threads.

    The threads do nothing but ask the platform. An error of the platform is raised where its batch would have come;
    leaving the block drops what is not started and waits for the requests in flight.
    """

    def __init__(self, source: SourceTracker, ids: Iterable[str], *, readers: int = READERS) -> None:
        self._source = source
        self._ids = iter(ids)
        self._readers = readers
        self._pool = ThreadPoolExecutor(max_workers=readers, thread_name_prefix="read-ahead")

    def __enter__(self) -> Iterator[Batch]:
        return self._batches()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _batches(self) -> Iterator[Batch]:
        waiting: deque[Future[Batch]] = deque()
        while True:
            while len(waiting) <= self._readers and (ids := list(islice(self._ids, BATCH))):
                waiting.append(self._pool.submit(self._read, ids))
            if not waiting:
                return
            yield waiting.popleft().result()

    def _read(self, ids: list[str]) -> Batch:
        return Batch(ids, self._source.read_items(ids))
