"""Times, keys, addresses and names."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from connectors.clients.jira.wire.values import (
    SPRINT_NAME_LIMIT,
    fit_sprint_name,
    format_time,
    key_number,
    looks_like_account_id,
    media_id_in,
    parse_time,
    quote_jql,
    site_address,
)
from tests.shared import shared_path


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-09-27T10:03:11.123+0200", datetime(2026, 9, 27, 8, 3, 11, 123000, UTC)),
        ("2026-09-27T10:03:11.123-0930", datetime(2026, 9, 27, 19, 33, 11, 123000, UTC)),
        ("2015-04-11T15:22:00.000+10:00", datetime(2015, 4, 11, 5, 22, tzinfo=UTC)),
        ("2020-06-22T05:59:58.980Z", datetime(2020, 6, 22, 5, 59, 58, 980000, UTC)),
        (1651316514000, datetime(2022, 4, 30, 11, 1, 54, tzinfo=UTC)),
        (None, None),
        ("", None),
        ("yesterday", None),
    ],
)
def test_trap_12_every_form_of_time_becomes_one_instant(text: object, moment: datetime | None) -> None:
    assert parse_time(text) == moment


def test_real_timestamps_are_read() -> None:
    responses = json.loads(shared_path("data/jira/issues.json").read_text())["responses"]

    times = [parse_time(response["data"]["fields"]["created"]) for response in responses]

    assert all(time is not None and time.tzinfo is UTC for time in times)


def test_a_time_survives_writing_and_reading() -> None:
    moment = datetime(2026, 1, 2, 10, 0, 0, 250000, UTC)

    assert format_time(moment) == "2026-01-02T10:00:00.250Z"
    assert parse_time(format_time(moment)) == moment


@pytest.mark.parametrize(
    ("key", "number"),
    [("DEMO-12", 12), ("OTHER-12", None), ("DEMO-", None), ("DEMO", None), ("DEMO-1a", None), ("DEMO-٣", None)],
)
def test_a_key_of_another_project_has_no_number(key: str, number: int | None) -> None:
    assert key_number(key, "DEMO") == number


def test_the_media_id_is_read_from_the_redirect_only() -> None:
    uuid = "0a1b2c3d-1111-2222-3333-444455556666"

    assert media_id_in(f"https://media.example/file/{uuid}/binary?token=x") == uuid
    assert media_id_in("https://media.example/file/10001/binary") is None
    assert media_id_in("") is None


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("5b10a2844c20165700ede21a", True),
        ("557058:f58131cb-b67d-43c7-b30d-6b58d40bd077", True),
        ("f58131cb-b67d-43c7-b30d-6b58d40bd077", False),
        ("jo@example.com", False),
        ("", False),
    ],
)
def test_account_ids_are_told_from_other_ids(text: str, result: bool) -> None:
    assert looks_like_account_id(text) is result


def test_a_short_sprint_name_is_kept() -> None:
    assert fit_sprint_name("  Sprint   1 ") == "Sprint 1"
    assert fit_sprint_name("x" * SPRINT_NAME_LIMIT) == "x" * SPRINT_NAME_LIMIT


def test_long_sprint_names_stay_different_and_stable() -> None:
    one = fit_sprint_name("Release 2026.1 Team Antelope Sprint 1")
    two = fit_sprint_name("Release 2026.1 Team Antelope Sprint 2")

    assert one != two
    assert len(one) <= SPRINT_NAME_LIMIT
    assert len(two) <= SPRINT_NAME_LIMIT
    assert one == fit_sprint_name("Release 2026.1 Team Antelope Sprint 1")
    assert one.startswith("Release 2026.1 Team Ant")


def test_quoting_ends_no_jql_string_early() -> None:
    assert quote_jql('A" OR project = "B\\') == '"A\\" OR project = \\"B\\\\"'


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://acme.atlassian.net", "https://acme.atlassian.net"),
        ("https://acme.atlassian.net/", "https://acme.atlassian.net"),
        (" acme.atlassian.net ", "https://acme.atlassian.net"),
        ("https://acme.atlassian.net/jira/software/projects/DEMO/boards/1", "https://acme.atlassian.net"),
        ("https://acme.atlassian.net/browse/DEMO-1?x=1#y", "https://acme.atlassian.net"),
        ("http://127.0.0.1:8123", "http://127.0.0.1:8123"),
        ("http://jira.example/context", "http://jira.example/context"),
        ("https://jira.example", "https://jira.example"),
    ],
)
def test_a_site_is_found_in_what_people_paste(text: str, address: str) -> None:
    assert site_address(text) == address
