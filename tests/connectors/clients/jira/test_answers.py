"""What Jira's refusals and half successes mean."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.clients.calls import Answer
from connectors.clients.jira.wire.answers import (
    NewIssue,
    identity_refused,
    is_bulk_answer,
    read_bulk_created,
    read_failures,
    read_words,
    refusal,
)
from connectors.domain.errors import AccessLost, Missing, NotSent, PlatformError, Refused, Unclear
from tests.shared import shared_path

JSON = "application/json;charset=UTF-8"


def answer(status: int, body: object = None, *, kind: str = JSON, headers: dict[str, str] | None = None) -> Answer:
    data = body.encode() if isinstance(body, str) else b"" if body is None else json.dumps(body).encode()
    return Answer(status, {"content-type": kind, **(headers or {})}, data)


def errors(*messages: str, **fields: str) -> dict[str, Any]:
    return {"errorMessages": list(messages), "errors": fields}


def seen(error: PlatformError) -> tuple[type[PlatformError], str, int | None]:
    return type(error), error.code, error.status


def recorded() -> dict[str, dict[str, Any]]:
    lines = shared_path("data/http/jira-cloud/refusals.jsonl").read_text().splitlines()
    return {record["case"]: record for record in map(json.loads, lines)}


RECORDED: dict[str, tuple[type[PlatformError], str, dict[str, str]]] = {
    "search_retired": (Refused, "OPERATION_RETIRED", {}),
    "jql_unbounded": (Refused, "PLATFORM_REFUSED", {}),
    "jql_expecting_field": (Refused, "PLATFORM_REFUSED", {}),
    "search_max_results_over": (Refused, "PLATFORM_REFUSED", {}),
    "search_page_token_invalid": (Refused, "PLATFORM_REFUSED", {}),
    "search_body_unknown_property": (Refused, "PLATFORM_REFUSED", {}),
    "issue_create_not_json": (Refused, "PLATFORM_REFUSED", {}),
    "issue_create_empty": (Refused, "PLATFORM_REFUSED", {}),
    "issue_create_no_project": (Refused, "PROJECT_REFUSED", {"project": "Specify a valid project ID or key"}),
    "issue_create_no_type": (Refused, "TYPE_REFUSED", {"issuetype": "Specify an issue type"}),
    "issue_edit_not_on_screen": (
        Refused,
        "TITLE_REFUSED",
        {"summary": "Field 'summary' cannot be set. It is not on the appropriate screen, or unknown."},
    ),
    "comment_body_not_a_document": (Refused, "TEXT_REFUSED", {"comment": "Comment body is not valid!"}),
    "transition_missing": (Refused, "PLATFORM_REFUSED", {}),
    "unknown_issue": (Missing, "PLATFORM_OBJECT_MISSING", {}),
    "unknown_project": (Missing, "PLATFORM_OBJECT_MISSING", {}),
    "link_type_unknown": (Missing, "PLATFORM_OBJECT_MISSING", {}),
    "user_search_no_query": (Refused, "PLATFORM_REFUSED", {}),
    "unknown_path": (Refused, "OPERATION_UNKNOWN", {}),
    "site_unknown": (Missing, "SITE_NOT_FOUND", {}),
    "gateway_unknown_cloud_id": (Missing, "SITE_NOT_FOUND", {}),
}


@pytest.mark.parametrize("case", sorted(RECORDED))
def test_recorded_refusal_is_understood(case: str) -> None:
    record = recorded()[case]
    kind, code, fields = RECORDED[case]

    error = refusal(answer(record["status"], record["body"], kind=record["contentType"]))

    assert seen(error) == (kind, code, record["status"])
    assert isinstance(error, Refused)
    assert error.fields == fields


def test_every_recorded_refusal_is_in_the_table() -> None:
    refused = {case for case, record in recorded().items() if record["status"] >= 400}

    assert refused == set(RECORDED)


@pytest.mark.parametrize("case", sorted(RECORDED))
def test_a_refusal_says_the_platforms_own_words(case: str) -> None:
    record = recorded()[case]

    message = refusal(answer(record["status"], record["body"], kind=record["contentType"])).message

    if isinstance(record["body"], dict) and "timestamp" not in record["body"]:
        said = [*record["body"].get("errorMessages", []), *record["body"].get("errors", {}).values()]
        assert all(text in message for text in said or [record["body"]["detail"]])
    assert message


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"summary": "Summary must be less than 255 characters."}, "TITLE_REFUSED"),
        ({"labels": "The label 'a b' contains spaces which is invalid."}, "LABEL_REFUSED"),
        ({"parent": "Please select valid parent issue."}, "PARENT_REFUSED"),
        ({"parentId": "Given parent work item does not belong to appropriate hierarchy."}, "PARENT_REFUSED"),
        ({"assignee": "User 'x' cannot be assigned issues."}, "PERSON_REFUSED"),
        ({"reporter": "no"}, "PERSON_REFUSED"),
        ({"assignee": "no", "reporter": "no"}, "PERSON_REFUSED"),
        ({"description": "Operation value must be an Atlassian Document"}, "TEXT_REFUSED"),
        ({"customfield_10042": "Field 'customfield_10042' cannot be set."}, "FIELD_REFUSED"),
        ({"summary": "no", "labels": "no"}, "FIELD_REFUSED"),
    ],
)
def test_a_refusal_is_known_by_the_keys_of_errors(fields: dict[str, str], code: str) -> None:
    error = refusal(answer(400, errors(**fields)))

    assert seen(error) == (Refused, code, 400)
    assert isinstance(error, Refused)
    assert error.fields == fields


def test_a_text_that_names_a_field_proves_nothing() -> None:
    error = refusal(answer(400, errors("The parent summary and labels of this project are being changed.")))

    assert seen(error) == (Refused, "PLATFORM_REFUSED", 400)


@pytest.mark.parametrize(
    ("given", "kind", "code"),
    [
        (answer(401, "Client must be authenticated to access this resource.", kind="text/plain"), AccessLost, None),
        (answer(401, {"message": "Client must be authenticated to access this resource."}), AccessLost, None),
        (answer(403, {"error": "Failed to parse Connect Session Auth Token"}), AccessLost, None),
        (answer(403, errors("You do not have permission to create attachments.")), Refused, "PERMISSION_MISSING"),
        (answer(403, "XSRF check failed", kind="text/plain"), Refused, "PERMISSION_MISSING"),
        (answer(409, errors("The issue was changed meanwhile.")), NotSent, "CONCURRENT_CHANGE"),
        (answer(413, errors("The issue has too many comments.")), Refused, "LIMIT_REACHED"),
        (answer(422, errors("A workflow is not configured.")), Refused, "CONFIGURATION_REFUSED"),
        (answer(400, "INVALID_INPUT", kind="text/plain"), Refused, "PLATFORM_REFUSED"),
        (answer(404), Missing, "PLATFORM_OBJECT_MISSING"),
    ],
)
def test_each_status_has_its_meaning(given: Answer, kind: type[PlatformError], code: str | None) -> None:
    error = refusal(given)

    assert seen(error) == (kind, code or "PLATFORM_ACCESS_LOST", given.status)
    assert error.message


def test_captcha_is_told_from_a_wrong_token() -> None:
    denied = {"x-seraph-loginreason": "AUTHENTICATION_DENIED"}
    failed = {"x-seraph-loginreason": "AUTHENTICATED_FAILED"}

    captcha = refusal(answer(401, "", headers=denied))
    wrong = refusal(answer(401, "", headers=failed))

    assert seen(captcha) == (AccessLost, "PLATFORM_CAPTCHA", 401)
    assert "CAPTCHA" in captcha.message
    assert seen(wrong) == (AccessLost, "PLATFORM_ACCESS_LOST", 401)


def test_an_anonymous_success_is_a_refusal_of_the_credentials() -> None:
    assert identity_refused({"x-seraph-loginreason": "AUTHENTICATED_FAILED"}) is not None
    assert identity_refused({"x-seraph-loginreason": "OK"}) is None
    assert identity_refused({}) is None


def test_a_web_page_is_quoted_by_its_title() -> None:
    page = answer(404, "<html><head><title> Page\n Unavailable </title></head></html>", kind="text/html")

    assert read_words(page).text == 'a web page titled "Page Unavailable"'
    assert seen(refusal(page)) == (Missing, "SITE_NOT_FOUND", 404)


def test_an_answer_without_a_word_still_gets_a_sentence() -> None:
    assert refusal(answer(400)).message == "Jira answered 400 without a word."


# -- bulk create


def failure(number: int, status: int = 400, **fields: str) -> dict[str, Any]:
    return {"status": status, "elementErrors": errors(**fields), "failedElementNumber": number}


def issue(number: int) -> dict[str, Any]:
    return {"id": str(10000 + number), "key": f"DEMO-{number}", "self": "https://example.invalid"}


def test_successes_of_a_bulk_create_are_dealt_to_the_gaps_between_failures() -> None:
    document = {"issues": [issue(1), issue(2)], "errors": [failure(0, summary="no"), failure(2, labels="bad")]}

    entries = read_bulk_created(document, 4)

    assert [entry.key if isinstance(entry, NewIssue) else entry.code for entry in entries] == [
        "TITLE_REFUSED",
        "DEMO-1",
        "LABEL_REFUSED",
        "DEMO-2",
    ]


def test_failures_of_a_bulk_create_may_come_in_any_order() -> None:
    document = {"issues": [issue(5)], "errors": [failure(2, labels="bad"), failure(0, summary="no")]}

    entries = read_bulk_created(document, 3)

    assert [type(entry) for entry in entries] == [Refused, NewIssue, Refused]


def test_a_bulk_create_of_which_every_element_failed_is_no_refusal_of_the_call() -> None:
    document = {"issues": [], "errors": [failure(0, summary="no"), failure(1, summary="no")]}

    assert is_bulk_answer(document)
    assert not is_bulk_answer(errors("No Issue Create payload supplied"))
    assert [type(entry) for entry in read_bulk_created(document, 2)] == [Refused, Refused]


@pytest.mark.parametrize(
    "document",
    [
        {"issues": [issue(1)], "errors": []},
        {"issues": [issue(1), issue(2), issue(3)], "errors": []},
        {"issues": [issue(1)], "errors": [failure(7, summary="no")]},
        {"issues": [issue(1)], "errors": [{"status": 400, "elementErrors": errors("?")}]},
        [],
    ],
)
def test_a_bulk_answer_that_does_not_add_up_is_unclear(document: object) -> None:
    with pytest.raises(Unclear):
        read_bulk_created(document, 2)


@pytest.mark.parametrize("status", [408, 409, 429, 500, 503])
def test_an_element_that_may_pass_or_may_have_acted_makes_the_bulk_unclear(status: int) -> None:
    document = {"issues": [issue(1)], "errors": [failure(1, status)]}

    with pytest.raises(Unclear):
        read_bulk_created(document, 2)


def test_a_refused_step_of_a_created_issue_is_reported_with_it() -> None:
    step = {"status": 400, "errorCollection": errors("Transition id '99' is not valid for this issue.")}
    done = {"status": 200, "errorCollection": errors()}
    document = {"issues": [{**issue(1), "transition": step}, {**issue(2), "transition": done}], "errors": []}

    entries = read_bulk_created(document, 2)

    assert entries == [
        NewIssue("10001", "DEMO-1", "Transition id '99' is not valid for this issue."),
        NewIssue("10002", "DEMO-2"),
    ]


def test_failures_of_a_bulk_task_are_joined_by_issue() -> None:
    assert read_failures({"10001": ["no", "never"]}) == {"10001": "no; never"}
    assert read_failures(None) == {}
