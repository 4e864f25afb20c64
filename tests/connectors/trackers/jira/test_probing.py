"""The connection test says precisely what is wrong."""

from __future__ import annotations

import pytest

from connectors.domain.errors import AccessLost, Missing, PlatformError, Refused
from connectors.domain.ports import Probe
from connectors.trackers.jira import JiraTracker
from tests.connectors.clients.jira.scripted import Script, Told, scripted_client
from tests.connectors.trackers.jira.sites import MYSELF, PERMISSIONS, PROJECT, TENANT, Site, refused, site


def tracker(changes: Site | None = None) -> tuple[JiraTracker, Script]:
    client, script = scripted_client({**site(), TENANT: Told(404), **(changes or {})})
    return JiraTracker(client, "DEMO"), script


def test_a_good_connection_names_the_site_the_project_and_the_person() -> None:
    target, script = tracker()

    assert target.probe() == Probe("acme.example", "Demo", 5847, "Jo")
    assert script.routes()[0] == "GET /rest/api/3/myself"


TEXT = {"Content-Type": "text/plain"}
PAGE = {"Content-Type": "text/html"}


@pytest.mark.parametrize(
    ("changes", "kind", "code", "words"),
    [
        (
            {MYSELF: Told(401, b"Client must be authenticated to access this resource.", TEXT)},
            AccessLost,
            "PLATFORM_ACCESS_LOST",
            "Jira connection failed: 401. Client must be authenticated to access this resource.",
        ),
        (
            {MYSELF: Told(401, b"", {"X-Seraph-LoginReason": "AUTHENTICATION_DENIED"})},
            AccessLost,
            "PLATFORM_CAPTCHA",
            "CAPTCHA",
        ),
        (
            {MYSELF: Told(403, {"error": "Failed to parse Connect Session Auth Token"})},
            AccessLost,
            "PLATFORM_ACCESS_LOST",
            "Jira connection failed: 403. Failed to parse Connect Session Auth Token",
        ),
        (
            {PROJECT: refused(404, "No project could be found with key 'DEMO'.")},
            Missing,
            "PROJECT_NOT_FOUND",
            "Jira project key not found: No project could be found with key 'DEMO'.",
        ),
        (
            {PERMISSIONS: Told(body={"permissions": {"BROWSE_PROJECTS": {"havePermission": True}}})},
            Refused,
            "PERMISSION_MISSING",
            "Jo lacks the permission Create Issues in project DEMO",
        ),
        (
            {MYSELF: Told(404, b"<html><title>Page Unavailable</title></html>", PAGE)},
            Missing,
            "SITE_NOT_FOUND",
            'No Jira site at this address: it answers a web page titled "Page Unavailable"',
        ),
        (
            {MYSELF: Told(200, b"<html><title>Log in</title></html>", PAGE)},
            AccessLost,
            "PLATFORM_HTML_PAGE",
            "web page",
        ),
    ],
)
def test_a_failure_says_what_a_person_can_do(changes: Site, kind: type[PlatformError], code: str, words: str) -> None:
    target, _ = tracker(changes)

    with pytest.raises(kind) as caught:
        target.probe()

    assert caught.value.code == code
    assert words in caught.value.message
    assert "s3cret-token" not in caught.value.message


def test_an_anonymous_answer_is_not_taken_for_a_connection() -> None:
    target, script = tracker({MYSELF: Told(200, {}, {"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"})})

    with pytest.raises(AccessLost):
        target.probe()
    assert script.routes() == ["GET /rest/api/3/myself"]
