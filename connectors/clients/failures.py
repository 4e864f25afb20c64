"""From the retry table's outcome to the error that callers of a client meet."""

from __future__ import annotations

from connectors.clients.exchange import TryFailed
from connectors.clients.retry import Decision, Outcome
from connectors.domain.errors import AccessLost, NotSent, PlatformError, Refused, Throttled, Unclear

HTML_PAGE = "PLATFORM_HTML_PAGE"
"""Code of AccessLost when a page for people came where data was asked for."""


def error_of(message: str, failed: TryFailed, decision: Decision) -> PlatformError:
    """The error for a decision to stop. `message` is already scrubbed."""
    status = failed.answer.status if failed.answer is not None else None
    match decision.outcome:
        case Outcome.NOT_SENT:
            return NotSent(message, status=status, retry_after=decision.wait)
        case Outcome.THROTTLED:
            return _throttled(message, failed, decision, status=status)
        case Outcome.ACCESS_LOST:
            words = "a web page came back where data was asked for. Check the address and the credentials"
            return AccessLost(f"{message}: {words}", code=HTML_PAGE, status=status)
        case Outcome.REFUSED:
            return Refused(message, status=status)
        case _:
            return Unclear(message, status=status, retry_after=decision.wait)


def _throttled(message: str, failed: TryFailed, decision: Decision, *, status: int | None) -> Throttled:
    said = failed.answer.headers.get("ratelimit-reason", "") if failed.answer is not None else ""
    return Throttled(message, retry_after=decision.wait or 0.0, reason=said or failed.event.value, status=status or 429)
