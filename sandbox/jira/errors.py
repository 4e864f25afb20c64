"""How the service refuses. Bodies and texts as recorded or reported; clients must match keys, not prose.

Three shapes: the usual ``{"errorMessages", "errors"}``; the same without ``errors`` when the body is not
what the operation defines; and RFC 9457 problem documents for paths and query values.
"""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.http import Response, json_response

ISSUE_MISSING = "Issue does not exist or you do not have permission to see it."
BAD_PAYLOAD = "Invalid request payload. Refer to the REST API documentation and try again."
BAD_JSON = "There was an error parsing JSON. Check that your request body is valid."
TOO_LONG = "The entered text is too long. It exceeds the allowed limit of 32,767 characters."
NOT_A_DOCUMENT = "Operation value must be an Atlassian Document (see the Atlassian Document Format)"
BAD_COMMENT = "Comment body is not valid!"
NO_SUMMARY = "You must specify a summary of the issue."
LONG_SUMMARY = "Summary must be less than 255 characters."
SUMMARY_LINES = "The summary is invalid because it contains newline characters."
BAD_PROJECT = "Specify a valid project ID or key"
BAD_TYPE = "Specify an issue type"
BAD_PARENT = "Given parent work item does not belong to appropriate hierarchy."
BAD_VALUE = "data was not an object"
NO_TRANSITION = "Missing 'transition' identifier"
UNBOUNDED = "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."
BAD_MAX_RESULTS = "The max results parameter has to be between 1 and 5,000."
BAD_PAGE_TOKEN = "The provided next page token is invalid or expired."
SEARCH_REMOVED = (
    "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. "
    "A full migration guideline is available at https://developer.atlassian.com/changelog/#CHANGE-2046"
)
WORKFLOW_SEARCH_REMOVED = (
    "The requested API has been removed. Please migrate to the /rest/api/3/workflows/search API. "
    "See https://developer.atlassian.com/changelog/#CHANGE-2569"
)
NOTIFY_REFUSED = "To discard the user notification either admin or project admin permissions are required."
SIGN_IN = "Client must be authenticated to access this resource."
PROBLEM_TYPE = "application/problem+json;charset=UTF-8"


class Refusal(Exception):
    """A refusal on its way to the wire."""

    def __init__(
        self,
        status: int,
        body: object,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = body
        self.headers = dict(headers or {})

    def response(self) -> Response:
        """The refusal as an answer."""
        return json_response(self.body, self.status, self.headers)


class FieldFault(Exception):
    """A value that a field does not take; becomes an entry of ``errors``."""


def refuse(status: int, *messages: str, **fields: str) -> Refusal:
    """The usual shape."""
    return Refusal(status, {"errorMessages": list(messages), "errors": fields})


def refuse_fields(fields: Mapping[str, str], *messages: str, status: int = 400) -> Refusal:
    """Field errors whose names are not Python names."""
    return Refusal(status, {"errorMessages": list(messages), "errors": dict(fields)})


def refuse_payload(text: str = BAD_PAYLOAD) -> Refusal:
    """Unreadable JSON or members the operation does not define: no ``errors``."""
    return Refusal(400, {"errorMessages": [text]})


def problem(status: int, title: str, detail: str, instance: str) -> Refusal:
    """RFC 9457 problem document."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, "instance": instance}
    return Refusal(status, body, headers={"Content-Type": PROBLEM_TYPE})


def issue_missing() -> Refusal:
    """Missing and hidden are the same to a caller."""
    return refuse(404, ISSUE_MISSING)


def cannot_be_set(field_id: str) -> str:
    """The text for a field off the screen, unknown, or closed to the caller."""
    return f"Field '{field_id}' cannot be set. It is not on the appropriate screen, or unknown."


def sign_in_required(*, wants_json: bool, reason: str = "AUTHENTICATED_FAILED", text: str = SIGN_IN) -> Response:
    """401 with the login reason header, as text or JSON."""
    headers = {
        "WWW-Authenticate": 'OAuth realm="https%3A%2F%2Fsandbox.atlassian.net"',
        "X-Seraph-LoginReason": reason,
    }
    if wants_json:
        return json_response(
            {"message": text, "status-code": 401}, 401, {**headers, "Content-Type": "application/json"}
        )
    return Response(401, {"Content-Type": "text/plain;charset=UTF-8", **headers}, text.encode())
