"""The worker that runs jobs in its own process."""

from __future__ import annotations

from django.db import close_old_connections
from rq import Queue, SimpleWorker
from rq.executions import Execution
from rq.job import Job

from tenancy import queueing


class Worker(SimpleWorker):
    """No work-horse: killing this process kills the job with it, so that no orphan goes on writing.

    https://python-rq.org/docs/workers/
    """

    max_connection_wait_time = 2.0  # a restarted Redis is noticed at once

    def perform_job(self, job: Job, queue: Queue, execution: Execution) -> bool:
        """Run one job with connections that are known to be alive, as Django does around a request."""
        close_old_connections()
        try:
            return bool(super().perform_job(job, queue, execution))
        finally:
            close_old_connections()

    def handle_warm_shutdown_request(self) -> None:
        """Tell the running job; it saves its checkpoint and returns early."""
        queueing.stopping.set()
        super().handle_warm_shutdown_request()  # type: ignore[no-untyped-call]
