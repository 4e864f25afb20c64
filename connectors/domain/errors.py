"""What can go wrong, in the product's own terms.

Two trees. `DomainError` is an answer to a person or a program that asked us for something: it has a stable code
and an HTTP status, and `config.api_errors` turns it into the body of the surface it left by. `PlatformError` is
what a client reports about an external platform; nobody above the clients ever sees an exception of the HTTP
library. Neither carries a credential: clients scrub texts before they raise.

    PlatformError
    +-- NotSent         the platform certainly did not act; the call may be repeated
    |   +-- Throttled   ... because it asked us to wait
    +-- Unclear         the call left, no usable answer came back: it may have acted
    +-- Refused         the platform understood and said no to this very request
    |   +-- Missing     ... because the thing does not exist, or is hidden from us
    +-- AccessLost      the credentials are wrong, expired, or lack a right the whole job needs
    +-- AddressRefused  the address guard forbids the target
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class DomainError(Exception):
    """A request that cannot be fulfilled, with a stable `code` such as MIGRATION_NOT_PAUSED."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        status: int = 400,
        errors: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.errors = {name: list(texts) for name, texts in (errors or {}).items()}


class PlatformError(Exception):
    """Something an external platform did. `message` is safe to show; `code` is stable."""

    default_code = "PLATFORM_ERROR"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        status: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.status = status
        self.retry_after = retry_after


class NotSent(PlatformError):
    """The platform did not act: connection refused, or an answer that promises nothing happened."""

    default_code = "PLATFORM_UNREACHABLE"


class Throttled(NotSent):
    """The platform asks for a pause of `retry_after` seconds; `reason` is the vendor's own word."""

    default_code = "PLATFORM_THROTTLED"

    def __init__(self, message: str, *, retry_after: float, reason: str = "", status: int = 429) -> None:
        super().__init__(message, status=status, retry_after=retry_after)
        self.reason = reason


class Unclear(PlatformError):
    """Sent, but no usable answer: the effect may exist. Must be settled before it is repeated."""

    default_code = "PLATFORM_ANSWER_LOST"


class Refused(PlatformError):
    """A definite no for this request. `fields` maps a field id to the platform's words about it."""

    default_code = "PLATFORM_REFUSED"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        status: int | None = None,
        fields: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message, code=code, status=status)
        self.fields = dict(fields or {})


class Missing(Refused):
    """The object does not exist or is hidden from these credentials (platforms do not tell which)."""

    default_code = "PLATFORM_OBJECT_MISSING"


class AccessLost(PlatformError):
    """Credentials refused, expired, or without a right the work needs."""

    default_code = "PLATFORM_ACCESS_LOST"


class AddressRefused(PlatformError):
    """The target resolves to an address that connectors may not reach."""

    default_code = "ADDRESS_NOT_ALLOWED"
