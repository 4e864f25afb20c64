"""Deciphering Jira's answers: its words about a refusal, and answers that are successes only in part."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from connectors.clients.calls import Answer
from connectors.clients.jira.wire.payloads import Json
from connectors.domain.errors import AccessLost, Missing, NotSent, PlatformError, Refused, Unclear

ACCESS_REFUSED = "PLATFORM_ACCESS_LOST"
CAPTCHA = "PLATFORM_CAPTCHA"
PERMISSION_MISSING = "PERMISSION_MISSING"
SITE_NOT_FOUND = "SITE_NOT_FOUND"
NOT_JSON = "PLATFORM_NOT_JSON"
OPERATION_UNKNOWN = "OPERATION_UNKNOWN"
OPERATION_RETIRED = "OPERATION_RETIRED"
LIMIT_REACHED = "LIMIT_REACHED"
CONFIGURATION_REFUSED = "CONFIGURATION_REFUSED"
CONCURRENT_CHANGE = "CONCURRENT_CHANGE"
FIELD_REFUSED = "FIELD_REFUSED"

FIELD_CODES: Mapping[str, str] = {
    "assignee": "PERSON_REFUSED",
    "comment": "TEXT_REFUSED",
    "components": "COMPONENT_REFUSED",
    "description": "TEXT_REFUSED",
    "environment": "TEXT_REFUSED",
    "issuetype": "TYPE_REFUSED",
    "labels": "LABEL_REFUSED",
    "parent": "PARENT_REFUSED",
    "parentId": "PARENT_REFUSED",
    "priority": "PRIORITY_REFUSED",
    "project": "PROJECT_REFUSED",
    "reporter": "PERSON_REFUSED",
    "resolution": "RESOLUTION_REFUSED",
    "summary": "TITLE_REFUSED",
}
"""Code of a refusal that names exactly one field; any other field is FIELD_REFUSED. Only these keys are matched,
never the texts: those change and repeat (the same word appears in unrelated refusals)."""

LOGIN_REASON = "x-seraph-loginreason"
CAPTCHA_ASKED = "AUTHENTICATION_DENIED"
_NOT_ACCEPTED = "AUTHENTICATED_FAILED"
_SOLVE_CAPTCHA = "Jira asks for a CAPTCHA: sign in once in a browser as this user, then try again."
_WRONG_TOKEN = "Jira did not accept the e-mail and API token."  # noqa: S105  # a sentence, not a secret
_TITLE = re.compile(rb"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
_ONLY_TEXT = 400


@dataclass(frozen=True, slots=True)
class Words:
    """What an answer says: one line for a person, and the platform's words by field id."""

    text: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    body: Json = None
    html: bool = False


def parse_json(body: bytes) -> Json:
    """The decoded body. Raises ValueError when it is no JSON document (HTML page, half a body)."""
    return json.loads(body)


def read_words(answer: Answer) -> Words:
    """The platform's own words in any of its forms: error collection, problem+json, gateway JSON, text, page."""
    body = answer.body
    if not body.strip():
        return Words()
    if answer.is_html:
        title = _TITLE.search(body)
        name = " ".join(title.group(1).decode("utf-8", "replace").split()) if title else ""
        return Words(text=f'a web page titled "{name}"' if name else "a web page", html=True)
    try:
        document = parse_json(body)
    except ValueError:
        return Words(text=" ".join(body.decode("utf-8", "replace").split())[:_ONLY_TEXT])
    return words_of(document)


def words_of(document: Json) -> Words:
    """The words of a decoded error document."""
    if isinstance(document, str):
        return Words(text=document[:_ONLY_TEXT], body=document)
    if not isinstance(document, dict):
        return Words(body=document)
    fields = _field_words(document.get("errors"))
    texts = [str(text) for text in document.get("errorMessages") or () if text]
    texts += [f"{name}: {text}" for name, text in fields.items()]
    if not texts:
        named = (document.get(name) for name in ("detail", "message", "errorMessage", "error_description", "error"))
        texts = [text for text in named if isinstance(text, str) and text][:1]
    if not texts and isinstance(document.get("title"), str):
        texts = [document["title"]]
    return Words(text="; ".join(texts), fields=fields, body=document)


def _field_words(errors: Json) -> dict[str, str]:
    if not isinstance(errors, dict):
        return {}
    return {str(name): text if isinstance(text, str) else json.dumps(text) for name, text in errors.items()}


def identity_refused(headers: Mapping[str, str]) -> AccessLost | None:
    """The refusal that hides behind another status.

    An operation that allows anonymous use answers 200 with less or nothing to a credential it did not accept;
    only `X-Seraph-LoginReason` tells. AUTHENTICATION_DENIED asks for a CAPTCHA that a person must solve.
    """
    reason = headers.get(LOGIN_REASON, "")
    if CAPTCHA_ASKED in reason:
        return AccessLost(_SOLVE_CAPTCHA, code=CAPTCHA, status=401)
    if _NOT_ACCEPTED in reason:
        return AccessLost(_WRONG_TOKEN, code=ACCESS_REFUSED, status=401)
    return None


def refusal(answer: Answer) -> PlatformError:
    """The error for an answer that the transport's policy table left to us: 4xx about the request itself.

    408, 425, 429 and 5xx are that table's. A 409 says that nothing was changed because something else changed at
    the same moment: NotSent, so that it is repeated later.
    """
    status = answer.status
    words = read_words(answer)
    said = words.text or f"Jira answered {status} without a word."
    if CAPTCHA_ASKED in answer.headers.get(LOGIN_REASON, ""):
        return AccessLost(_SOLVE_CAPTCHA, code=CAPTCHA, status=status)
    if status == 401:
        return AccessLost(words.text or _WRONG_TOKEN, code=ACCESS_REFUSED, status=status)
    if status == 403:
        return _forbidden(words, said)
    if status == 404:
        return _not_found(words, said, answer.headers.get("content-type", ""))
    if status == 409:
        return NotSent(said, code=CONCURRENT_CHANGE, status=status)
    return Refused(said, code=_code_of(status, words), status=status, fields=words.fields)


def _forbidden(words: Words, said: str) -> PlatformError:
    """A credential that could not be read answers `{"error": ...}` alone; a missing permission has messages."""
    if isinstance(words.body, dict) and "error" in words.body and "errorMessages" not in words.body:
        return AccessLost(said, code=ACCESS_REFUSED, status=403)
    return Refused(said, code=PERMISSION_MISSING, status=403, fields=words.fields)


def _not_found(words: Words, said: str, content_type: str) -> PlatformError:
    """Four different 404s: no such site, unknown gateway id, no such operation, no such (or a hidden) object."""
    if words.html:
        return Missing(f"No Jira site at this address: it answers {said}.", code=SITE_NOT_FOUND, status=404)
    if "problem+json" in content_type:
        return Refused(said, code=OPERATION_UNKNOWN, status=404)
    if isinstance(words.body, dict) and "timestamp" in words.body and "path" in words.body:
        return Missing("The Atlassian gateway knows no site with this cloud id.", code=SITE_NOT_FOUND, status=404)
    return Missing(said, status=404, fields=words.fields)


_STATUS_CODES = {410: OPERATION_RETIRED, 413: LIMIT_REACHED, 422: CONFIGURATION_REFUSED}


def _code_of(status: int, words: Words) -> str | None:
    if status in _STATUS_CODES:
        return _STATUS_CODES[status]
    return field_code(words.fields)


def field_code(fields: Mapping[str, str]) -> str | None:
    """The code of a refusal by the keys of `errors`; None when no field is named."""
    codes = {FIELD_CODES.get(name, FIELD_REFUSED) for name in fields}
    if not codes:
        return None
    return codes.pop() if len(codes) == 1 else FIELD_REFUSED


@dataclass(frozen=True, slots=True)
class NewIssue:
    """One success of a bulk create; `step_refused` holds Jira's words when its transition was not taken."""

    id: str
    key: str
    step_refused: str = ""


def read_bulk_created(document: Json, count: int) -> list[NewIssue | Refused]:
    """One entry per issue asked for, in order.

    `issues` holds only the successes, so they are dealt to the places that `failedElementNumber` leaves free.
    Raises Unclear when the numbers do not add up, or when an element failed for a reason that may pass or may
    have acted (408, 409, 429, 5xx): which issues exist must then be found out by their marks.
    """
    if not isinstance(document, dict):
        raise Unclear("The answer to a bulk create is not an object.", status=None)
    failed = dict(_element_refusal(error) for error in document.get("errors") or ())
    made = [_new_issue(issue) for issue in document.get("issues") or ()]
    if len(made) + len(failed) != count or any(not 0 <= number < count for number in failed):
        raise Unclear(f"A bulk create of {count} answered {len(made)} issues and {len(failed)} errors.")
    remaining = iter(made)
    return [failed[number] if number in failed else next(remaining) for number in range(count)]


def _element_refusal(error: Json) -> tuple[int, Refused]:
    number = error.get("failedElementNumber")
    status = error.get("status")
    words = words_of(error.get("elementErrors"))
    if not isinstance(number, int):
        raise Unclear(f"A bulk create failed without saying for which issue: {words.text}")
    if isinstance(status, int) and (status in (408, 409, 429) or status >= 500):
        raise Unclear(f"One issue of a bulk create answered {status}: {words.text}", status=status)
    said = words.text or "Jira refused this issue without a word."
    return number, Refused(said, code=field_code(words.fields), status=status, fields=words.fields)


def _new_issue(issue: Json) -> NewIssue:
    step = issue.get("transition") or {}
    refused = ""
    if isinstance(step.get("status"), int) and step["status"] >= 400:
        refused = words_of(step.get("errorCollection")).text or f"status {step['status']}"
    return NewIssue(id=str(issue["id"]), key=str(issue["key"]), step_refused=refused)


def is_bulk_answer(document: Json) -> bool:
    """Whether a 400 is a bulk create of which every element failed, rather than a refusal of the whole call."""
    return isinstance(document, dict) and isinstance(document.get("errors"), list) and "issues" in document


def read_failures(failures: Mapping[str, Sequence[str]] | None) -> dict[str, str]:
    """Failed issues of a bulk task by id, their texts joined."""
    return {str(issue): "; ".join(texts) for issue, texts in (failures or {}).items()}
