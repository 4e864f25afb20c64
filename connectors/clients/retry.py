"""The retry policy: one table, nothing else decides whether a request is repeated.

A row is what happened to a request, a column what repeating it would do. A cell says how often the request may be
sent in all and what the caller is told when it is not repeated any more. Waits come from the platform first
(Retry-After, X-RateLimit-Reset), then from a jittered exponential backoff; a wait longer than `patience` is never
slept: it is raised, so that the slice of work ends and comes back when the platform says.

Atlassian: https://developer.atlassian.com/cloud/jira/platform/rate-limiting/
Microsoft: https://learn.microsoft.com/azure/devops/integrate/concepts/rate-limits
GitHub: https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum

from connectors.clients.calls import Effect


class Event(StrEnum):
    """What came of one try."""

    NOT_SENT = "not sent"
    """No connection: name not resolved, connection refused, TLS handshake or proxy failed."""
    LOST = "sent, answer lost"
    LATE = "no answer in time"
    HALF_BODY = "half a body"
    HTML = "HTML page"
    S408 = "408"
    S409 = "409"
    S413 = "413"
    S425 = "425"
    BURST = "429 jira-burst-based"
    PER_ISSUE = "429 jira-per-issue-on-write"
    QUOTA_GLOBAL = "429 jira-quota-global-based"
    QUOTA_TENANT = "429 jira-quota-tenant-based"
    PRIMARY_LIMIT = "primary rate limit"
    """GitHub: the hour's requests are used up."""
    SECONDARY_LIMIT = "secondary rate limit"
    """GitHub: too much at once, whatever is left of the hour."""
    THROTTLED = "429"
    S500 = "500"
    S502 = "502"
    S503 = "503"
    S503_WAIT = "503 with Retry-After"
    S504 = "504"


class Outcome(StrEnum):
    """What the caller learns when a request is not repeated. `REFUSED` hands the answer to the wire half, which
    knows the vendor's words and raises `Refused`."""

    NOT_SENT = "not sent"
    THROTTLED = "throttled"
    UNCLEAR = "unclear"
    REFUSED = "refused"
    ACCESS_LOST = "access lost"


@dataclass(frozen=True, slots=True)
class Rule:
    """One cell: send at most `tries` times, then `then`."""

    tries: int
    then: Outcome


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long our own waits are. `patience` bounds every wait that is slept, the platform's included."""

    base: float = 2.0
    cap: float = 30.0
    patience: float = 5.0

    def wait(self, attempt: int, jitter: float) -> float:
        """Between half and all of base * 2^(attempt-1), at most the cap. `jitter` is in 0..1."""
        full = min(self.cap, self.base * 2.0 ** (attempt - 1))
        return full * (0.5 + jitter / 2)


@dataclass(frozen=True, slots=True)
class Decision:
    """Repeat after `wait` seconds when `outcome` is None, else stop and report `outcome`; `wait` is then how long
    the caller should leave the platform alone, if that is known."""

    outcome: Outcome | None
    wait: float | None = None


def _row(read: Rule, idempotent: Rule, create: Rule) -> dict[Effect, Rule]:
    return {Effect.READ: read, Effect.IDEMPOTENT: idempotent, Effect.CREATE: create}


_NEVER_ACTED = Rule(4, Outcome.NOT_SENT)
_MAY_HAVE_ACTED = Rule(4, Outcome.UNCLEAR)
_SLOW = Rule(4, Outcome.THROTTLED)
_STOP = Rule(1, Outcome.THROTTLED)
_ONCE_UNCLEAR = Rule(1, Outcome.UNCLEAR)

_NOTHING_HAPPENED = _row(_NEVER_ACTED, _NEVER_ACTED, _NEVER_ACTED)
_SOMETHING_MAY_HAVE_HAPPENED = _row(_NEVER_ACTED, _MAY_HAVE_ACTED, _ONCE_UNCLEAR)
_WAIT = _row(_SLOW, _SLOW, _SLOW)

TABLE: Mapping[Event, Mapping[Effect, Rule]] = {
    Event.NOT_SENT: _NOTHING_HAPPENED,
    Event.LOST: _SOMETHING_MAY_HAVE_HAPPENED,
    # A silent platform is asked once more only: each try costs the whole timeout.
    Event.LATE: _row(Rule(2, Outcome.NOT_SENT), Rule(2, Outcome.UNCLEAR), _ONCE_UNCLEAR),
    Event.HALF_BODY: _SOMETHING_MAY_HAVE_HAPPENED,
    # A sign-in page means that nobody looked at the request; still, a create is not repeated on a guess.
    Event.HTML: _row(Rule(2, Outcome.ACCESS_LOST), Rule(2, Outcome.ACCESS_LOST), _ONCE_UNCLEAR),
    Event.S408: _SOMETHING_MAY_HAVE_HAPPENED,
    # Jira: another update or workflow change of the same thing is under way; nothing was done.
    Event.S409: _row(Rule(3, Outcome.REFUSED), Rule(3, Outcome.REFUSED), Rule(3, Outcome.REFUSED)),
    Event.S413: _row(Rule(1, Outcome.REFUSED), Rule(1, Outcome.REFUSED), Rule(1, Outcome.REFUSED)),
    Event.S425: _NOTHING_HAPPENED,
    Event.BURST: _WAIT,
    Event.PER_ISSUE: _WAIT,
    # A spent quota concerns everything we do there: nothing is tried again before the platform says so.
    Event.QUOTA_GLOBAL: _row(_STOP, _STOP, _STOP),
    Event.QUOTA_TENANT: _row(_STOP, _STOP, _STOP),
    # Going on in spite of either can get an integration banned.
    Event.PRIMARY_LIMIT: _row(_STOP, _STOP, _STOP),
    Event.SECONDARY_LIMIT: _row(_STOP, _STOP, _STOP),
    Event.THROTTLED: _WAIT,
    Event.S500: _SOMETHING_MAY_HAVE_HAPPENED,
    Event.S502: _SOMETHING_MAY_HAVE_HAPPENED,
    Event.S503: _SOMETHING_MAY_HAVE_HAPPENED,
    Event.S503_WAIT: _row(_SLOW, _MAY_HAVE_ACTED, _ONCE_UNCLEAR),
    Event.S504: _SOMETHING_MAY_HAVE_HAPPENED,
}

MAY_ACT = frozenset(event for event, row in TABLE.items() if row[Effect.CREATE].then is Outcome.UNCLEAR)
"""Events after which a write may have happened, whatever comes of later tries."""

_REASONS = {
    "jira-burst-based": Event.BURST,
    "jira-per-issue-on-write": Event.PER_ISSUE,
    "jira-quota-global-based": Event.QUOTA_GLOBAL,
    "jira-quota-tenant-based": Event.QUOTA_TENANT,
}
_STATUSES = {
    408: Event.S408,
    409: Event.S409,
    413: Event.S413,
    425: Event.S425,
    500: Event.S500,
    502: Event.S502,
    504: Event.S504,
}


def decide(
    event: Event,
    effect: Effect,
    *,
    attempt: int,
    hint: float | None,
    jitter: float,
    acted: bool = False,
    backoff: Backoff | None = None,
) -> Decision:
    """What to do after try number `attempt` (from 1) ended in `event`.

    `hint` is the platform's own wait in seconds. `acted` tells that an earlier try of the same write may have had
    its effect: then no later try can promise that nothing happened.
    """
    backoff = backoff or Backoff()
    rule = TABLE[event][effect]
    wait = hint if hint is not None else backoff.wait(attempt, jitter)
    if attempt < rule.tries and wait <= backoff.patience:
        # A hint is a floor; the spread keeps waiting callers from returning in one instant.
        return Decision(None, wait + (jitter * min(wait, 1.0) / 4 if hint is not None else 0.0))
    outcome = rule.then
    if outcome is Outcome.NOT_SENT and hint is not None:
        outcome = Outcome.THROTTLED
    if acted and outcome in (Outcome.NOT_SENT, Outcome.THROTTLED):
        outcome = Outcome.UNCLEAR
    return Decision(outcome, wait if hint is not None or outcome is Outcome.THROTTLED else None)


def event_of(status: int, headers: Mapping[str, str], *, html: bool) -> Event | None:
    """The row of an answer, None when the answer is for the wire half. `headers` by lower-case name.

    A page counts as HTML only where the status promises data: a 502 page is a 502, a 404 page a wrong address, and
    203, 401 and 403 already say that it is about credentials.
    """
    if status == 429:
        return _REASONS.get(headers.get("ratelimit-reason", "").strip().lower(), Event.THROTTLED)
    if status == 503:
        return Event.S503_WAIT if "retry-after" in headers else Event.S503
    if html and status < 300 and status != 203:
        return Event.HTML
    if status in _STATUSES:
        return _STATUSES[status]
    return Event.S500 if status > 504 else None


SILENT_SECONDARY_WAIT = 60.0
"""How long GitHub wants to be left alone when it does not say."""


def asked_wait(event: Event, headers: Mapping[str, str], *, now: float) -> float | None:
    """Seconds the platform asks us to wait after an answer that is a row of the table; None when it is silent. The end
    of the hour's quota, which GitHub tells in every answer, is no answer to a secondary limit."""
    if event is Event.SECONDARY_LIMIT:
        told = {name: text for name, text in headers.items() if name in ("retry-after", "date")}
        hint = wait_hint(told, now=now)
        return SILENT_SECONDARY_WAIT if hint is None else hint
    return wait_hint(headers, now=now)


def wait_hint(headers: Mapping[str, str], *, now: float) -> float | None:
    """Seconds the platform asks us to wait, from Retry-After, else from X-RateLimit-Reset; None when it is silent.

    The answer's own Date is the reference for points in time, so that a wrong local clock does no harm. Where
    something is left of a quota, its end is nothing to wait for.
    """
    reference = _http_date(headers.get("date", "")) or now
    after = headers.get("retry-after", "").strip()
    if after:
        seconds = _number(after)
        moment = _http_date(after) if seconds is None else None
        if seconds is not None or moment is not None:
            return max(0.0, seconds if seconds is not None else (moment or 0.0) - reference)
    if (_number(headers.get("x-ratelimit-remaining", "")) or 0) > 0:
        return None
    reset = _moment(headers.get("x-ratelimit-reset", "").strip())
    return None if reset is None else max(0.0, reset - reference)


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _http_date(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError):
        return None


def _moment(text: str) -> float | None:
    """Epoch seconds (Azure DevOps) or ISO 8601 with or without seconds (Jira)."""
    seconds = _number(text)
    if seconds is not None:
        return seconds
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
