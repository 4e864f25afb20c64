"""Pages and their files are sent compressed to whoever can read that."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

# What programs read is left as it is: a stream of events must not wait for a block to be full, and a body that repeats
# what the caller sent beside a secret would betray the secret by its length. Pages are safe from that, because the
# framework masks the form token anew and adds a random length each time.
COMPRESSED = frozenset(
    {
        "text/html",
        "text/css",
        "text/javascript",
        "application/javascript",
        "image/svg+xml",
    }
)


class Compression(GZipMiddleware):
    """Middleware: whole pages, styles, scripts and drawings, nothing else."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """The answer, compressed if it is worth it."""
        kind = response.get("Content-Type", "").partition(";")[0].strip()
        if response.status_code == 304 or kind not in COMPRESSED:
            return response
        found: HttpResponseBase = super().process_response(request, response)
        if response.streaming and found.has_header("Content-Encoding"):
            # A file is asked for again by its date: its server would not know the mark of the compressed form.
            del found["ETag"]
        return found
