"""Jobs in tests: recorded instead of queued, and run in this process when a test says so."""

from __future__ import annotations

from django.db import connection
from django.utils.module_loading import import_string

from tenancy.errors import QueueUnreachable
from tenancy.queueing import Call, Delivery


class RecordedJobs:
    """What would have gone to the workers, in order.

    Calls made inside a test's own transaction count as soon as no inner transaction is left that could take them back:
    Django forgets them with a rolled-back savepoint, and so does this list.
    """

    def __init__(self) -> None:
        self.unreachable = False
        self._sent: list[Call] = []

    def send(self, call: Call) -> None:
        """The transport's end."""
        if self.unreachable:
            raise QueueUnreachable("The job queue is unreachable: switched off by the test")
        self._sent.append(call)

    @property
    def sent(self) -> list[Call]:
        """Calls that were handed over and not run yet."""
        self._collect()
        return list(self._sent)

    def run_all(self, *, limit: int = 1000) -> int:
        """Run waiting jobs, and those they enqueue, until none is left. Returns how many ran."""
        for count in range(limit):
            self._collect()
            if not self._sent:
                return count
            call = self._sent.pop(0)
            import_string(call.path)(*call.args)
        raise AssertionError(f"still jobs after {limit}: {self._sent[:3]}")

    def _collect(self) -> None:
        """Deliver what only the test's own, never committed transaction holds back."""
        waiting = [entry for entry in connection.run_on_commit if isinstance(entry[1], Delivery)]
        connection.run_on_commit = [entry for entry in connection.run_on_commit if entry not in waiting]
        for _, delivery, *_ in waiting:
            delivery()
