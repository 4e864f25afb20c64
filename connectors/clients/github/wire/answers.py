"""Deciphering GitHub's answers: rows for the retry table, words of a refusal, its field errors. Pure.

https://docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from connectors.clients.calls import Answer
from connectors.clients.github.wire.payloads import Json
from connectors.clients.retry import Event
from connectors.domain.errors import AccessLost, Missing, NotSent, PlatformError, Refused


class Code(StrEnum):
    """Stable codes of what GitHub said."""

    CREDENTIALS_REFUSED = "CREDENTIALS_REFUSED"
    SSO_REQUIRED = "SSO_REQUIRED"
    PERMISSION_MISSING = "PERMISSION_MISSING"
    REPOSITORY_NOT_FOUND = "REPOSITORY_NOT_FOUND"
    ISSUES_DISABLED = "ISSUES_DISABLED"
    ITEM_NOT_FOUND = "ITEM_NOT_FOUND"
    ITEM_LOCKED = "ITEM_LOCKED"
    NAME_TAKEN = "NAME_TAKEN"
    TEXT_TOO_LONG = "TEXT_TOO_LONG"
    FIELD_REFUSED = "FIELD_REFUSED"
    PAGE_REFUSED = "PAGE_REFUSED"
    ANSWER_UNREADABLE = "ANSWER_UNREADABLE"
    REFUSED = "PLATFORM_REFUSED"


BAD_TOKEN = "GitHub did not accept the token: it is wrong, expired or revoked."  # noqa: S105 - a sentence
_LONGEST_MESSAGE = 500
_FIELDS = {"assignees": "assignee", "body": "description", "data": "description", "title": "summary", "name": "labels"}
"""GitHub's names of fields -> those of the canonical draft."""


@dataclass(frozen=True, slots=True)
class Words:
    """What an answer says: one line for a person, the errors by field, and their machine codes."""

    text: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    codes: frozenset[str] = frozenset()


def classify(answer: Answer) -> Event | None:
    """The retry table's row of a limit. Both kinds come as 403 or 429 and differ by what is left of the hour, and by
    their words where no header tells.

    https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
    """
    if answer.status not in (403, 429):
        return None
    said = answer.body.lower()
    if b"secondary rate limit" in said or b"abuse detection" in said:
        return Event.SECONDARY_LIMIT
    if answer.headers.get("x-ratelimit-remaining", "").strip() == "0" or b"api rate limit exceeded" in said:
        return Event.PRIMARY_LIMIT
    if "retry-after" in answer.headers or answer.status == 429:
        return Event.SECONDARY_LIMIT
    return None


def read_json(answer: Answer) -> Json:
    """The decoded body of a good answer, None for an empty one. Raises what `refusal` says of any other answer, and
    NotSent for a body that is no JSON."""
    if not answer.ok:
        raise refusal(answer)
    if not answer.body.strip():
        return None
    try:
        return json.loads(answer.body)
    except ValueError:
        raise NotSent("The answer is no readable JSON", code=Code.ANSWER_UNREADABLE, status=answer.status) from None


def read_words(answer: Answer) -> Words:
    """GitHub's own words about a refusal."""
    if answer.is_html:
        return Words("a web page")
    try:
        body = json.loads(answer.body)
    except ValueError:
        return Words(" ".join(answer.body.decode("utf-8", "replace").split())[:_LONGEST_MESSAGE])
    if not isinstance(body, dict):
        return Words()
    message = str(body.get("message") or body.get("error") or "")
    errors = body.get("errors")
    told = [_error_words(error) for error in errors] if isinstance(errors, list) else [(None, str(errors or ""), "")]
    texts = [message, *(words for _, words, _ in told if words and words != message)]
    return Words(
        text=": ".join(text for text in (texts[0], "; ".join(texts[1:])) if text)[:_LONGEST_MESSAGE],
        fields={name: words for name, words, _ in reversed(told) if name},
        codes=frozenset(code for _, _, code in told if code),
    )


def _error_words(error: Json) -> tuple[str | None, str, str]:
    """Field, words and code of one entry of `errors`; an entry may be a plain sentence."""
    if not isinstance(error, dict):
        return None, str(error), ""
    name = str(error.get("field") or "")
    code = str(error.get("code") or "")
    words = str(error.get("message") or "") or " ".join(
        filter(None, (str(error.get("resource") or ""), name, code.replace("_", " ")))
    )
    return (_FIELDS.get(name, name) or None), words, code


def describe(answer: Answer) -> str:
    """The platform's words, for messages about answers that are repeated."""
    return read_words(answer).text


def refusal(answer: Answer) -> PlatformError:
    """What a not good answer means; limits and 5xx are the retry table's. A repository that does not exist and one
    that is hidden from the token both answer 404."""
    words = read_words(answer)
    said = words.text or f"GitHub answered {answer.status} without a word."
    status = answer.status
    if status == 401:
        return AccessLost(f"{BAD_TOKEN} ({said})", code=Code.CREDENTIALS_REFUSED, status=401)
    if status == 403:
        return _forbidden(answer, said)
    if status == 404:
        return Missing(said, status=404)
    if status == 410:
        disabled = "disabled" in said.lower()
        return Missing(said, code=Code.ISSUES_DISABLED if disabled else Code.ITEM_NOT_FOUND, status=410)
    if status == 409:
        return NotSent(said, code="CONCURRENT_CHANGE", status=409)
    return Refused(said, code=_code_of(words, said), status=status, fields=words.fields)


def _forbidden(answer: Answer, said: str) -> PlatformError:
    sso = answer.headers.get("x-github-sso", "")
    if sso:
        words = f"{said} Authorise the token for the organisation's single sign-on."
        return AccessLost(words, code=Code.SSO_REQUIRED, status=403)
    if "locked" in said.lower():
        return Refused(said, code=Code.ITEM_LOCKED, status=403)
    if "bad credentials" in said.lower() or "maximum number of login attempts" in said.lower():
        return AccessLost(said, code=Code.CREDENTIALS_REFUSED, status=403)
    return Refused(said, code=Code.PERMISSION_MISSING, status=403)


def _code_of(words: Words, said: str) -> str:
    if "already_exists" in words.codes:
        return Code.NAME_TAKEN
    if "too long" in said.lower():
        return Code.TEXT_TOO_LONG
    if "pagination" in said.lower():
        return Code.PAGE_REFUSED
    return Code.FIELD_REFUSED if words.fields else Code.REFUSED
