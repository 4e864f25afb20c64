"""Reading the api-version of a request, in either of its two places."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from sandbox.ado import errors

_VERSION = re.compile(r"(\d+)\.(\d+)(-preview(?:\.(\d+))?)?$")
_IN_ACCEPT = re.compile(r"api-version=([^;,\s]+)", re.IGNORECASE)
NEWEST = (7, 2)


@dataclass(frozen=True, slots=True)
class ApiVersion:
    """A requested version; `text` is echoed in the content type."""

    text: str
    number: tuple[int, int]
    preview: bool

    @property
    def identity_objects(self) -> bool:
        """From 5.0 on people are objects, before they are strings."""
        return self.number >= (5, 0)


_DEFAULT = ApiVersion("7.1", (7, 1), False)


@lru_cache(maxsize=256)
def read_version(query: str | None, accept: str, method: str, preview_only: bool) -> ApiVersion:
    """The version of a request. Raises ApiError when it is missing where needed, unknown, or lacks `-preview`."""
    text = query
    if text is None:
        found = _IN_ACCEPT.search(accept)
        text = found.group(1) if found else None
    if text is None:
        if preview_only or method not in ("GET", "HEAD", "OPTIONS"):
            raise errors.version_not_specified(method)
        return _DEFAULT
    parsed = _VERSION.match(text)
    if parsed is None:
        raise errors.bad_request(f"Invalid api version string: {text}", "InvalidApiVersionStringException")
    number = (int(parsed.group(1)), int(parsed.group(2)))
    if number > NEWEST:
        raise errors.version_out_of_range(text)
    preview = parsed.group(3) is not None
    if preview_only and not preview:
        raise errors.preview_required(text)
    return ApiVersion(text, number, preview)
