"""What to do next, by the code of a failure or of a finding."""

from __future__ import annotations

_NEW_SECRET = "Make a new token on the platform and enter it in the connector."  # noqa: S105 - a sentence
_CHECK_PROJECT = "Check the project's name in the connector, and that the account may see it."
_CHECK_ADDRESS = "Check the server's address in the connector; open it in a browser to compare."
_LATER = "Nothing to change here: test again in a few minutes."

_AFTER_FAILURE = {
    "CREDENTIALS_REFUSED": _NEW_SECRET,
    "PLATFORM_ACCESS_LOST": _NEW_SECRET,
    "PERMISSION_MISSING": "Give the token or its account the named permission on the platform, then test again.",
    "SSO_REQUIRED": "Authorize the token for the organization's single sign-on on the platform, then test again.",
    "PLATFORM_CAPTCHA": "Sign in to the site once in a browser with this account, then test again.",
    "CREDENTIALS_UNREADABLE": "Enter the secret again in the connector: the key that sealed it is gone.",
    "ORGANIZATION_NOT_FOUND": "Check the organization's name in the connector.",
    "PROJECT_NOT_FOUND": _CHECK_PROJECT,
    "REPOSITORY_NOT_FOUND": "Check owner and repository in the connector, and that the token may see the repository.",
    "PLATFORM_OBJECT_MISSING": _CHECK_PROJECT,
    "SITE_NOT_FOUND": _CHECK_ADDRESS,
    "PLATFORM_HTML_PAGE": _CHECK_ADDRESS,
    "PLATFORM_NOT_JSON": _CHECK_ADDRESS,
    "ANSWER_UNREADABLE": _CHECK_ADDRESS,
    "ADDRESS_INVALID": _CHECK_ADDRESS,
    "REDIRECT_REFUSED": _CHECK_ADDRESS,
    "ADDRESS_NOT_ALLOWED": "Use a public address, or ask the operator to add host and port to ALLOW_PRIVATE_TARGETS.",
    "PLATFORM_UNREACHABLE": "Check the connector's address. If it is right, the platform may be down: try again later.",
    "PLATFORM_THROTTLED": _LATER,
    "PLATFORM_ANSWER_LOST": _LATER,
    "PLATFORM_ERROR": _LATER,
    "ISSUES_DISABLED": "Switch on issues in the repository's settings, then test again.",
    "CONNECTOR_INACCESSIBLE": 'Untick "Never contact this server" in the connector to use it.',
    "SYSTEM_NOT_RUNNABLE": "Choose a connector for Azure DevOps, Jira or GitHub.",
    "SYSTEM_NOT_SCANNABLE": "Choose a connector of a source: Azure DevOps or GitHub.",
    "PROJECT_REQUIRED": "Enter the project's name.",
    "CONNECTOR_NOT_FOUND": "Add the connector again and start a new scan.",
    "ENGINE_DISPATCH_FAILED": "Ask the operator to look at the job queue, then start again.",
    "SCAN_FAILED": "Start a new scan. If it ends like this again, send the scan's number to the operator.",
}

_AFTER_FINDING = {
    "ITEM_UNREADABLE": "Ask an administrator of the source to let the account view these area paths, then scan again.",
    "ATTACHMENT_TOO_LARGE": "Raise the limit in the target's settings or shrink the files before the run.",
    "ATTACHMENT_SIZE_UNKNOWN": "Nothing to do; allow some room in the estimate.",
    "TEXT_TOO_LONG": "Shorten the texts in the source if they should stay in one piece.",
    "TITLE_TOO_LONG": "Shorten the titles in the source if they should stay whole.",
    "PARENT_SAME_LEVEL": "Move the items below another parent in the source, or accept the links.",
    "PARENT_TOO_DEEP": "Map a level to another type in the mapping, or accept the links.",
    "PARENT_OUTSIDE": "Nothing to do, unless the parents should move too: migrate their project first.",
    "PARENT_CYCLE": "Remove one of the parent links in the source.",
    "PEOPLE_WITHOUT_EMAIL": "Choose their accounts in the mapping's list of people.",
    "PEOPLE_INACTIVE": "Choose accounts for them in the mapping, or keep their names as text.",
    "TOO_MANY_COMMENTS": "Decide which comments can go before the run.",
    "TOO_MANY_LINKS": "Remove links in the source that nobody needs.",
    "TAG_CHANGES": "Nothing to do, unless searches rely on the exact tags.",
    "COMMENT_COUNT_UNKNOWN": "Nothing to do; allow some room in the estimate.",
    "FIELD_NOT_DESCRIBED": "Look at these fields in the mapping if their values matter.",
}


def after_failure(code: str) -> str:
    """What helps against a failure; for one that nobody foresaw, where to look."""
    return _AFTER_FAILURE.get(code, "Check address, project and credentials in the connector, then test again.")


def after_finding(code: str) -> str:
    """What somebody can do about a finding of an audit."""
    return _AFTER_FINDING.get(code, "Look at the named items.")
