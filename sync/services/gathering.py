"""Asking the sides several things at once while the lease is kept up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

from sync.desk import Desk, Finished
from sync.doors import guarded_by
from sync.fence import Fence

Job = Callable[[], Any]


def gather(fence: Fence, jobs: Sequence[Job], store: Callable[[Finished], None], desk: Desk | None = None) -> None:
    """Have the jobs done by threads; `store` is called in a transaction of the fence for each that has finished.

    Raises FenceLost, and whatever `store` raises.
    """
    at = desk or desk_of(fence)
    at.run([partial(_guarded, fence, job) for job in jobs], store)


def read_all(fence: Fence, jobs: Sequence[Job]) -> list[Any]:
    """The results of the jobs, in their order. Raises the first error of any of them, FenceLost."""
    results: list[Any] = [None] * len(jobs)

    def keep(finished: Finished) -> None:
        if finished.error is not None:
            raise finished.error
        results[finished.ticket] = finished.result

    gather(fence, jobs, keep)
    return results


def desk_of(fence: Fence) -> Desk:
    """A desk whose transactions are the fence's."""

    def begin() -> AbstractContextManager[None]:
        return fence.passed()

    return Desk(begin)


def _guarded(fence: Fence, job: Job) -> Any:
    with guarded_by(fence.check):
        return job()
