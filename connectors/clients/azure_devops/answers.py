"""Deciphering Azure DevOps answers: JSON with or without a byte order mark, sign-in pages in their disguises,
refusals by `typeKey` and TF/VS code. Pure.

A bad credential is not reliably a 401: seen are 203 with a page, 302 to `_signin`, 200 with a page once redirects
are followed, 401 with and without a body.
https://learn.microsoft.com/azure/devops/integrate/get-started/authentication/authentication-guidance
"""

from __future__ import annotations

import json
import re
from enum import StrEnum

from connectors.clients.azure_devops.values import Json, as_list, as_object, as_text
from connectors.clients.calls import Answer
from connectors.domain.errors import AccessLost, Missing, NotSent, PlatformError, Refused


class Code(StrEnum):
    """Stable codes of what Azure DevOps said."""

    CREDENTIALS_REFUSED = "CREDENTIALS_REFUSED"
    PERMISSION_MISSING = "PERMISSION_MISSING"
    PROJECT_NOT_FOUND = "PROJECT_NOT_FOUND"
    ORGANIZATION_NOT_FOUND = "ORGANIZATION_NOT_FOUND"
    ITEM_NOT_FOUND = "ITEM_NOT_FOUND"
    QUERY_TOO_LARGE = "QUERY_TOO_LARGE"
    QUERY_TIMEOUT = "QUERY_TIMEOUT"
    BATCH_TOO_LARGE = "BATCH_TOO_LARGE"
    REVISION_CHANGED = "REVISION_CHANGED"
    RULE_BROKEN = "RULE_BROKEN"
    FIELD_UNKNOWN = "FIELD_UNKNOWN"
    PATH_INVALID = "PATH_INVALID"
    ATTACHMENT_TOO_LARGE = "ATTACHMENT_TOO_LARGE"
    ANSWER_UNREADABLE = "ANSWER_UNREADABLE"
    REFUSED = "PLATFORM_REFUSED"


NO_WORK_ITEM_READ = "Authentication failed: PAT does not have Work Items (Read) permission"
"""The documented sentence."""
BAD_TOKEN = "Authentication failed: the personal access token is wrong, expired or revoked"  # noqa: S105 - a sentence

_BY_TYPE = {
    "WorkItemTrackingQueryResultSizeLimitExceededException": Code.QUERY_TOO_LARGE,
    "WorkItemTrackingQueryTimeoutException": Code.QUERY_TIMEOUT,
    "ProjectDoesNotExistWithNameException": Code.PROJECT_NOT_FOUND,
    "ProjectDoesNotExistException": Code.PROJECT_NOT_FOUND,
    "HostDoesNotExistException": Code.ORGANIZATION_NOT_FOUND,
    "WorkItemUnauthorizedAccessException": Code.ITEM_NOT_FOUND,
    "TestPatchOperationFailedException": Code.REVISION_CHANGED,
    "RuleValidationException": Code.RULE_BROKEN,
    "InvalidTreeNameException": Code.PATH_INVALID,
}
_BY_NUMBER = {
    "VS402337": Code.QUERY_TOO_LARGE,
    "VS402335": Code.QUERY_TIMEOUT,
    "VS403474": Code.BATCH_TOO_LARGE,
    "VS403351": Code.REVISION_CHANGED,
    "TF200016": Code.PROJECT_NOT_FOUND,
    "TF401232": Code.ITEM_NOT_FOUND,
    "TF401320": Code.RULE_BROKEN,
    "TF51535": Code.FIELD_UNKNOWN,
    "TF401347": Code.PATH_INVALID,
    "TF401346": Code.PATH_INVALID,
    "TF51011": Code.PATH_INVALID,
    "TF237082": Code.ATTACHMENT_TOO_LARGE,
}
_NUMBER = re.compile(r"\b(?:TF|VS)\d{4,6}\b")
_LONGEST_MESSAGE = 500


def read_json(answer: Answer) -> Json:
    """The object a good answer holds. Raises what `refusal` says of any other, NotSent for unreadable JSON."""
    value = _read_any(answer)
    if isinstance(value, list):  # the recycle bin answers a bare array
        return {"count": len(value), "value": value}
    return as_object(value)


def read_values(answer: Answer) -> list[Json]:
    """The objects of a list answer, nulls left out."""
    return [as_object(entry) for entry in as_list(read_json(answer).get("value")) if entry is not None]


def continuation_of(answer: Answer) -> str:
    """The paging header, nothing on the last page."""
    return answer.headers.get("x-ms-continuationtoken", "")


def is_sign_in(answer: Answer) -> bool:
    """Whether this is one of the ways to say "who are you?"."""
    if answer.status in (203, 401):
        return True
    if 300 <= answer.status < 400:
        return True
    return answer.ok and answer.is_html


def refusal(answer: Answer) -> PlatformError:
    """What a not good answer means."""
    body = _error_body(answer)
    message = as_text(body.get("message")) or _plain(answer) or f"HTTP status {answer.status}"
    code = _code_of(body, message)
    if is_sign_in(answer):
        words = message if body else BAD_TOKEN
        return AccessLost(words, code=Code.CREDENTIALS_REFUSED, status=answer.status)
    if answer.status == 403:
        return AccessLost(message, code=Code.PERMISSION_MISSING, status=403)
    if answer.status == 404:
        return Missing(message, code=_missing_code(answer, code), status=404)
    if answer.status == 413 and code is Code.REFUSED:
        code = Code.ATTACHMENT_TOO_LARGE
    return Refused(message, code=code, status=answer.status, fields=_broken_fields(body))


def describe(answer: Answer) -> str:
    """The platform's words for messages about answers that are repeated (5xx, 429)."""
    return as_text(_error_body(answer).get("message"))[:_LONGEST_MESSAGE]


def _read_any(answer: Answer) -> object:
    if not answer.ok or is_sign_in(answer):
        raise refusal(answer)
    if not answer.body:
        return {}
    try:
        value: object = json.loads(answer.body.decode("utf-8-sig"))
    except ValueError:
        raise NotSent("The answer is no readable JSON", code=Code.ANSWER_UNREADABLE, status=answer.status) from None
    return value


def _error_body(answer: Answer) -> Json:
    if answer.is_html or not answer.body:
        return {}
    try:
        return as_object(json.loads(answer.body.decode("utf-8-sig")))
    except ValueError:
        return {}


def _code_of(body: Json, message: str) -> Code:
    """The TF/VS number is more precise than the type, which several refusals share."""
    for number in _NUMBER.findall(message):
        if number in _BY_NUMBER:
            return _BY_NUMBER[number]
    return _BY_TYPE.get(as_text(body.get("typeKey")), Code.REFUSED)


def _missing_code(answer: Answer, code: Code) -> str:
    if code is not Code.REFUSED:
        return code
    return Code.ORGANIZATION_NOT_FOUND if answer.is_html else Missing.default_code


def _plain(answer: Answer) -> str:
    if not answer.headers.get("content-type", "").startswith("text/plain"):
        return ""
    return answer.body.decode("utf-8", errors="replace").strip()[:_LONGEST_MESSAGE]


def _broken_fields(body: Json) -> dict[str, str]:
    """The fields a RuleValidationException names, with the service's words."""
    errors = as_list(as_object(body.get("customProperties")).get("RuleValidationErrors"))
    entries = [as_object(entry) for entry in errors]
    return {
        as_text(entry.get("fieldReferenceName")): as_text(entry.get("errorMessage"))
        for entry in entries
        if entry.get("fieldReferenceName")
    }
