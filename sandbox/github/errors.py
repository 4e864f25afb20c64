"""How GitHub refuses: a message, where it is documented, and since 2024 the status as text.

https://docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api
"""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.github.models import JsonObject
from sandbox.http import Response, json_response

DOCS = "https://docs.github.com/rest"
JSON_TYPE = "application/json; charset=utf-8"
LIMITS_DOCS = f"{DOCS}/using-the-rest-api/rate-limits-for-the-rest-api"
BAD_CREDENTIALS = "Bad credentials"
SIGN_IN = "Requires authentication"
NOT_FOUND = "Not Found"
NO_ACCESS = "Resource not accessible by personal access token"
NEEDS_PUSH = "Must have admin rights to Repository."
ARCHIVED = "Repository was archived so is read-only."
DISABLED = "Issues has been disabled in this repository."
DELETED = "This issue was deleted"
LOCKED = "Unable to create comment because issue is locked."
NO_AGENT = (
    "Request forbidden by administrative rules. Please make sure your request has a User-Agent header "
    f"({DOCS}/overview/resources-in-the-rest-api#user-agent-required). "
    "Check https://developer.github.com for other possible causes."
)
LARGE_PAGES = (
    "Pagination with the page parameter is not supported for large datasets, "
    "please use cursor based pagination (after/before)"
)


class Refusal(Exception):
    """A refusal on its way to the wire. `docs` is filled in by the endpoint when it is empty."""

    def __init__(self, status: int, message: str, *, headers: Mapping[str, str] | None = None, **more: object) -> None:
        super().__init__(f"{status} {message}")
        self.status = status
        self.message = message
        self.headers = dict(headers or {})
        self.more = more

    def response(self, docs: str = DOCS) -> Response:
        """The refusal as an answer."""
        body: JsonObject = {"message": self.message, **self.more}
        body.setdefault("documentation_url", docs)
        if self.status >= 400:
            body["status"] = str(self.status)
        return json_response(body, self.status, {"Content-Type": JSON_TYPE, **self.headers})


def not_found() -> Refusal:
    """Missing and hidden are the same to a caller."""
    return Refusal(404, NOT_FOUND)


def invalid_request(detail: str) -> Refusal:
    """A body or query that does not fit the operation's schema."""
    return Refusal(422, f"Invalid request.\n\n{detail}")


def validation_failed(*faults: object) -> Refusal:
    """Values that fit the schema and still cannot be taken; a fault is an object or, at times, a plain text."""
    return Refusal(422, "Validation Failed", errors=list(faults))


def fault(resource: str, field: str, code: str, message: str | None = None, **more: object) -> JsonObject:
    """One entry of `errors`. Codes: missing, missing_field, invalid, already_exists, unprocessable, custom."""
    made: JsonObject = {**more, "resource": resource, "code": code, "field": field}
    if message is not None:
        made["message"] = message
    return made


def moved(address: str, *, permanent: bool) -> Refusal:
    """A renamed or transferred resource: 301 for reading, 307 for what has a body."""
    message = "Moved Permanently" if permanent else "Temporary Redirect"
    return Refusal(301 if permanent else 307, message, headers={"Location": address}, url=address)
