"""What can go wrong in this layer, with the documented messages."""


class TenancyError(Exception):
    """A request this layer refuses: a stable code, a sentence for a person, the HTTP status that says the same."""

    def __init__(self, code: str, message: str, *, status: int) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


class NotSignedIn(TenancyError):
    """The request does not prove who it speaks for."""

    def __init__(self, message: str = "Invalid or expired access token", *, code: str = "UNAUTHORIZED") -> None:
        super().__init__(code, message, status=401)


class NotPermitted(TenancyError):
    """Known, but not allowed. Never used for another organization's objects: those do not exist (404)."""

    def __init__(self, message: str = "Your role does not permit this") -> None:
        super().__init__("FORBIDDEN", message, status=403)


class OrganizationNotNamed(TenancyError):
    """A user of several organizations must say which one is meant."""

    def __init__(self) -> None:
        super().__init__(
            "ORGANIZATION_REQUIRED",
            "You belong to several organizations: name one as `organization` at login, or in the X-Organization header",
            status=400,
        )


class LastOwner(TenancyError):
    """Without an owner nobody could ever manage the members again."""

    def __init__(self) -> None:
        super().__init__(
            "LAST_OWNER",
            "This is the organization's only owner. Make somebody else an owner first.",
            status=409,
        )


class AlreadyMember(TenancyError):
    """The invited person belongs to the organization; a role is changed in the list of members."""

    def __init__(self, email: str) -> None:
        super().__init__("ALREADY_MEMBER", f"{email} is a member already. Change the role in the list.", status=409)


class InvitationUnusable(TenancyError):
    """Unknown, used, taken back or expired: the answer does not tell which, for the link is all the proof there is."""

    def __init__(self) -> None:
        super().__init__(
            "INVITATION_NOT_FOUND",
            "This invitation is not valid: it was used, taken back, or has expired. Ask for a new link.",
            status=404,
        )


class AccountExists(TenancyError):
    """The invited address has an account: its owner proves to be it by signing in."""

    def __init__(self, email: str) -> None:
        super().__init__("ACCOUNT_EXISTS", f"{email} has an account already. Sign in with it to join.", status=409)


class TooManyAttempts(TenancyError):
    """The limit of sign-in attempts is reached; `retry_after` seconds are left."""

    def __init__(self, *, retry_after: int, limit: int) -> None:
        super().__init__("RATE_LIMITED", "Too many sign-in attempts; try again later", status=429)
        self.retry_after = retry_after
        self.limit = limit


class QueueUnreachable(Exception):
    """The job could not be handed over. The caller decides what that means for its own row."""
