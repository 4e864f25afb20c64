"""One worker, alone or as a child of `up`."""

from typing import Any

import django_rq
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from rq.serializers import JSONSerializer

from config.workers import Worker
from tenancy.queueing import shared_redis

# Short work first: a worker that is free takes a resync before it goes on with a long run.
ORDER = ("default", "synchronizations", "resyncs", "scans", "runs")


class Command(BaseCommand):
    """Runs jobs of the named queues (default: all) until it is told to stop."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """Queues and the name under which the worker reports."""
        parser.add_argument("queues", nargs="*", choices=[*settings.RQ_QUEUES, []], help="queues, first come first")
        parser.add_argument("--name", help="name of this worker in Redis; unique")
        parser.add_argument("--burst", action="store_true", help="stop when the queues are empty")

    def handle(self, *args: Any, **options: Any) -> None:
        """Work; a signal ends it after the running job has saved its checkpoint."""
        connection = shared_redis()
        names = options["queues"] or ORDER
        queues = [django_rq.get_queue(name, connection=connection) for name in names]
        worker = Worker(queues, connection=connection, name=options["name"], serializer=JSONSerializer)
        worker.work(burst=options["burst"], logging_level="WARNING")
