"""The web server alone."""

import warnings
from typing import Any

import uvicorn
from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    """Serves HTTP until SIGTERM; event streams are ended, other requests finish."""

    help = __doc__
    requires_system_checks = ()  # `up` has checked, and a restart should be quick

    def add_arguments(self, parser: CommandParser) -> None:
        """Address."""
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the server with our logging: uvicorn's own would write query strings, tokens included."""
        # WhiteNoise hands files over as synchronous iterators; they are small and local.
        warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")
        uvicorn.run(
            "config.asgi:application",
            host=options["host"],
            port=options["port"],
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=4,
            timeout_keep_alive=30,
        )
