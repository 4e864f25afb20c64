"""What to do next about a reason code: the sentence that follows the platform's own words."""

from __future__ import annotations

from dataclasses import dataclass

CREDENTIALS = frozenset(
    {
        "PLATFORM_ACCESS_LOST",
        "CREDENTIALS_REFUSED",
        "CREDENTIALS_UNREADABLE",
        "PLATFORM_CAPTCHA",
        "SSO_REQUIRED",
        "PLATFORM_HTML_PAGE",
    }
)
"""The credentials are no longer good: they are changed in the connector."""

PERMISSIONS = frozenset({"PERMISSION_MISSING", "PERMISSIONS_MISSING", "CONFIGURATION_REFUSED"})

AWAY = frozenset(
    {
        "PLATFORM_UNREACHABLE",
        "PLATFORM_THROTTLED",
        "PLATFORM_ANSWER_LOST",
        "PLATFORM_ERROR",
        "PLATFORM_NOT_JSON",
        "ANSWER_UNREADABLE",
    }
)
"""Nothing is wrong with the run: the platform was away for too long."""

ADDRESSES = frozenset({"ADDRESS_NOT_ALLOWED", "ADDRESS_INVALID", "CONNECTOR_INACCESSIBLE"})

PLACES = frozenset(
    {
        "PROJECT_NOT_FOUND",
        "SITE_NOT_FOUND",
        "ORGANIZATION_NOT_FOUND",
        "REPOSITORY_NOT_FOUND",
        "PLATFORM_OBJECT_MISSING",
        "CONNECTOR_NOT_FOUND",
    }
)

MAPPING = frozenset(
    {
        "TYPE_NOT_IN_TARGET",
        "STATUS_NOT_IN_TARGET",
        "PRIORITY_NOT_IN_TARGET",
        "LINK_TYPE_NOT_IN_TARGET",
        "FIELD_NOT_IN_TARGET",
        "FIELD_NOT_MAPPABLE",
        "PERSON_NOT_IN_TARGET",
        "REQUIRED_FIELD_EMPTY",
        "MAPPING_UNCONFIRMED",
        "PREFLIGHT_FAILED",
    }
)


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do, and which page helps: `connectors`, `mapping` or none."""

    text: str
    page: str = ""


def advice_on(code: str, *, paused: bool) -> Advice:
    """For a run that stands still for this reason; `paused` ones can go on, others begin anew."""
    again = "resume the run" if paused else "start the run again"
    if code in CREDENTIALS:
        return Advice(f"Enter working credentials in the connector and test it there, then {again}.", "connectors")
    if code in PERMISSIONS:
        return Advice(f"Give the connector's account the permission that is named, then {again}.", "connectors")
    if code in ADDRESSES:
        return Advice(f"Check the connector's address, or ask the operator to allow it, then {again}.", "connectors")
    if code in PLACES:
        return Advice(f"Check that the place still exists and the account may see it, then {again}.", "connectors")
    if code in MAPPING:
        return Advice(
            "Decide what is named in the project's mapping, check the project, and start a new run.", "mapping"
        )
    if code in AWAY:
        return Advice(f"Nothing was lost. When the platform answers again, {again}.")
    if code == "ENGINE_DISPATCH_FAILED":
        return Advice(f"The job queue was away. Ask the operator whether Redis and the workers run, then {again}.")
    if code in ("ENGINE_STUCK", "INTERNAL_ERROR"):
        return Advice("This is a fault of Isthmus. Tell the operator the run's id; what was moved is safe.")
    if paused:
        return Advice("Set right what is named, then resume the run. It goes on where it stopped.")
    return Advice("Set right what is named, then start a new run. What was moved is not moved again.")
