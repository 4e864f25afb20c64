"""The scheduler alone, or as a child of `up`."""

import signal
import threading
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand

from config.periodic import periodic_services
from config.scheduling import Schedule


class Command(BaseCommand):
    """Calls the periodic services until it is told to stop."""

    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        """One thread, one service at a time: a slow one delays the others, two never overlap."""
        stopping = threading.Event()

        def stop(number: int, frame: FrameType | None) -> None:
            stopping.set()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        schedule = Schedule(periodic_services())
        while not stopping.wait(schedule.run_due()):
            pass
