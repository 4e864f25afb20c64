"""The client against answers that no well-behaved site gives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connectors.clients.jira.session import gateway_of
from connectors.clients.jira.wire.answers import NewIssue
from connectors.clients.jira.wire.payloads import CreateBody
from connectors.domain.errors import AccessLost, Missing, NotSent, Refused, Throttled, Unclear
from tests.connectors.clients.jira.scripted import GATEWAY, LOST, SITE, Asked, Reaction, Told, scripted_client

MYSELF = ("GET", "/rest/api/3/myself")
BULK = ("POST", "/rest/api/3/issue/bulk")
EDIT = ("PUT", "/rest/api/3/issue/10001")
TENANT = ("GET", "/_edge/tenant_info")
ME = Told(body={"accountId": "a1", "displayName": "Jo"})
SIGN_IN = Told(401, b"Client must be authenticated to access this resource.", {"Content-Type": "text/plain"})
GATEWAY_MYSELF = ("GET", "/ex/jira/cloud-1/rest/api/3/myself")
BODY: CreateBody = {"fields": {"summary": "s"}}


def refused(status: int, *messages: str, **fields: str) -> Told:
    return Told(status, {"errorMessages": list(messages), "errors": fields})


class Chunks:
    """A file of a source: chunks once, with or without an announced size."""

    def __init__(self, *chunks: bytes, size: int | None, error: Exception | None = None) -> None:
        self.size = size
        self._chunks = chunks
        self._error = error
        self.read = 0

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self.read += 1
            yield chunk
        if self._error is not None:
            raise self._error


# -- credentials and addresses


def test_a_scoped_token_moves_to_the_gateway_once_and_for_all() -> None:
    client, script = scripted_client(
        {MYSELF: SIGN_IN, TENANT: Told(body={"cloudId": "cloud-1"}), GATEWAY_MYSELF: ME},
    )

    first, second = client.get_current_user(), client.get_current_user()

    assert first == second == ME.body
    assert client.address == f"{GATEWAY}/ex/jira/cloud-1"
    assert client.site == SITE
    assert script.routes() == [
        "GET /rest/api/3/myself",
        "GET /_edge/tenant_info",
        "GET /ex/jira/cloud-1/rest/api/3/myself",  # does it accept us?
        "GET /ex/jira/cloud-1/rest/api/3/myself",
        "GET /ex/jira/cloud-1/rest/api/3/myself",
    ]


@pytest.mark.parametrize(
    ("site", "gateway"),
    [
        ("https://acme.atlassian.net", "https://api.atlassian.com"),
        ("http://127.0.0.1:8123", "http://127.0.0.1:8123"),
        ("https://atlassian.net.evil.example", "https://atlassian.net.evil.example"),
    ],
)
def test_credentials_go_to_atlassians_gateway_for_its_own_sites_only(site: str, gateway: str) -> None:
    assert gateway_of(site) == gateway


def test_a_wrong_token_is_told_in_the_sites_own_words_and_the_gateway_is_asked_once() -> None:
    client, script = scripted_client(
        {MYSELF: SIGN_IN, TENANT: Told(body={"cloudId": "cloud-1"}), GATEWAY_MYSELF: SIGN_IN}
    )

    for _ in range(2):
        with pytest.raises(AccessLost, match="Client must be authenticated") as caught:
            client.get_current_user()

    assert caught.value.status == 401
    assert script.routes().count("GET /_edge/tenant_info") == 1


def test_a_401_after_a_success_is_a_missing_permission_and_does_not_move() -> None:
    workflows = ("POST", "/rest/api/3/workflows")
    client, script = scripted_client({MYSELF: ME, workflows: SIGN_IN})
    client.get_current_user()

    with pytest.raises(AccessLost):
        client.read_workflows("10000", ["1"])

    assert "GET /_edge/tenant_info" not in script.routes()


def test_an_anonymous_answer_to_refused_credentials_is_no_success() -> None:
    client, _ = scripted_client({MYSELF: Told(body={}, headers={"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"})})

    with pytest.raises(AccessLost):
        client.get_current_user()


def test_a_token_that_the_platform_repeats_never_shows() -> None:
    client, _ = scripted_client({MYSELF: refused(400, "Bad header: s3cret-token for jo")})

    with pytest.raises(Refused) as caught:
        client.get_current_user()

    assert "s3cret-token" not in str(caught.value)
    assert "Bad header" in caught.value.message


def test_trap_18_a_project_refused_once_is_asked_again() -> None:
    project = ("GET", "/rest/api/3/project/DEMO")
    client, script = scripted_client({project: [refused(404, "No project"), Told(body={"id": "1", "key": "DEMO"})]})

    assert client.get_project("DEMO") == {"id": "1", "key": "DEMO"}
    assert len(script.asked) == 2


def test_trap_11_a_project_refused_twice_is_missing_or_hidden() -> None:
    client, _ = scripted_client(
        {("GET", "/rest/api/3/project/NO"): refused(404, "No project could be found with key 'NO'.")}
    )

    with pytest.raises(Missing, match="No project could be found with key 'NO'"):
        client.get_project("NO")


def test_ids_cannot_leave_their_place_in_the_address() -> None:
    path = "/rest/api/3/issue/..%2Fmyself%3Fx%3D1/transitions"
    client, script = scripted_client({("GET", path): Told(body={"transitions": []})})

    assert client.get_transitions("../myself?x=1") == []
    assert script.routes() == [f"GET {path}"]


# -- creating


def test_a_lost_answer_to_a_create_is_unclear_and_the_create_is_not_repeated() -> None:
    client, script = scripted_client({BULK: LOST})

    with pytest.raises(Unclear):
        client.create_issues([BODY])

    assert len(script.asked) == 1


@pytest.mark.parametrize("told", [Told(500), Told(502), Told(503), Told(200, b"<html>", {"Content-Type": "text/html"})])
def test_trap_4_a_create_that_may_have_happened_is_never_sent_twice(told: Told) -> None:
    client, script = scripted_client({BULK: told})

    with pytest.raises(Unclear):
        client.create_issues([BODY])

    assert len(script.asked) == 1


def test_a_create_answered_by_no_json_is_unclear() -> None:
    client, _ = scripted_client({BULK: Told(201, b"thanks")})

    with pytest.raises(Unclear, match="thanks"):
        client.create_issues([BODY])


def test_a_throttled_create_did_not_happen_and_is_sent_again() -> None:
    slow = Told(429, {}, {"Retry-After": "1", "RateLimit-Reason": "jira-burst-based"})
    made = Told(201, {"issues": [{"id": "1", "key": "DEMO-1"}], "errors": []})
    client, script = scripted_client({BULK: [slow, made]})

    assert client.create_issues([BODY]) == [NewIssue("1", "DEMO-1")]
    assert len(script.asked) == 2


def test_a_spent_quota_stops_at_once_and_says_for_how_long() -> None:
    spent = Told(429, {}, {"Retry-After": "900", "RateLimit-Reason": "jira-quota-tenant-based"})
    client, script = scripted_client({BULK: spent})

    with pytest.raises(Throttled) as caught:
        client.create_issues([BODY])

    assert caught.value.retry_after == 900
    assert caught.value.reason == "jira-quota-tenant-based"
    assert len(script.asked) == 1


def test_a_bulk_of_which_all_elements_failed_answers_one_refusal_each() -> None:
    failed = [
        {"status": 400, "elementErrors": {"errorMessages": [], "errors": {"summary": "no"}}, "failedElementNumber": n}
        for n in range(2)
    ]
    client, _ = scripted_client({BULK: Told(400, {"issues": [], "errors": failed})})

    entries = client.create_issues([BODY, BODY])

    assert [entry.code for entry in entries if isinstance(entry, Refused)] == ["TITLE_REFUSED", "TITLE_REFUSED"]


def test_a_bulk_refused_as_a_whole_raises() -> None:
    client, _ = scripted_client(
        {BULK: Told(400, {"errorMessages": ["No Issue Create payload supplied"], "errors": {}})}
    )

    with pytest.raises(Refused, match="No Issue Create payload supplied"):
        client.create_issues([BODY])


# -- editing quietly


def test_trap_8_an_edit_refused_for_its_quietness_is_made_aloud_and_the_wish_forgotten() -> None:
    words = "To discard the user notification either admin or project admin permissions are required."

    def reaction(asked: Asked) -> Told:
        return refused(403, words) if "notifyUsers" in asked.query else Told(204)

    client, script = scripted_client({EDIT: reaction})

    client.edit_issue("10001", {"summary": "a"})
    client.edit_issue("10001", {"summary": "b"})

    assert [asked.query for asked in script.asked] == [{"notifyUsers": "false"}, {}, {}]


def test_a_field_refused_by_an_edit_is_not_tried_aloud() -> None:
    client, script = scripted_client({EDIT: refused(400, summary="too long")})

    with pytest.raises(Refused) as caught:
        client.edit_issue("10001", {"summary": "a"})

    assert caught.value.fields == {"summary": "too long"}
    assert len(script.asked) == 1


def test_an_edit_refused_both_ways_stays_quiet_next_time() -> None:
    client, script = scripted_client({EDIT: [refused(400, "No."), refused(400, "No."), Told(204)]})

    with pytest.raises(Refused):
        client.edit_issue("10001", {"summary": "a"})
    client.edit_issue("10001", {"summary": "a"})

    assert [asked.query for asked in script.asked] == [{"notifyUsers": "false"}, {}, {"notifyUsers": "false"}]


def test_a_concurrent_update_is_repeated() -> None:
    client, script = scripted_client({EDIT: [refused(409, "Changed meanwhile."), Told(204)]})

    client.edit_issue("10001", {"summary": "a"})

    assert len(script.asked) == 2


def test_an_update_that_stays_concurrent_did_not_happen() -> None:
    client, _ = scripted_client({EDIT: refused(409, "Changed meanwhile.")})

    with pytest.raises(NotSent, match="Changed meanwhile"):
        client.edit_issue("10001", {"summary": "a"})


# -- files

UPLOAD = ("POST", "/rest/api/3/issue/10001/attachments")
ATTACHED: Reaction = Told(200, [{"id": "7", "filename": "a.txt", "size": 6}])


def test_a_file_is_streamed_as_one_part_with_its_length_announced() -> None:
    client, script = scripted_client({UPLOAD: ATTACHED})

    made = client.add_attachment("10001", 'näme "1".txt', Chunks(b"abc", b"def", size=6))

    asked = script.asked[0]
    assert made["id"] == "7"
    assert asked.headers["X-Atlassian-Token"] == "no-check"
    assert asked.headers["Content-Type"].startswith("multipart/form-data; boundary=")
    assert int(asked.headers["Content-Length"]) == len(asked.body)
    assert b'name="file"' in asked.body
    assert "näme %221%22.txt".encode() in asked.body
    assert b"\r\n\r\nabcdef\r\n" in asked.body


def test_a_file_of_unknown_size_is_measured_first() -> None:
    client, script = scripted_client({UPLOAD: ATTACHED})

    client.add_attachment("10001", "a.bin", Chunks(b"x" * 300_000, b"y", size=None))

    asked = script.asked[0]
    assert int(asked.headers["Content-Length"]) == len(asked.body)
    assert b"x" * 300_000 + b"y\r\n" in asked.body


@pytest.mark.parametrize(
    "content",
    [
        Chunks(b"abc", size=6),
        Chunks(b"abc", b"defg", size=6),
        Chunks(b"abcdef", b"g", size=6),
        Chunks(b"abc", size=6, error=NotSent("The file broke off")),
        Chunks(b"abc", size=6, error=Unclear("The answer broke off")),
    ],
)
def test_an_upload_whose_source_changes_or_breaks_off_did_not_happen(content: Chunks) -> None:
    client, _ = scripted_client({UPLOAD: ATTACHED})

    with pytest.raises(NotSent):
        client.add_attachment("10001", "a.txt", content)


def test_a_throttled_upload_is_put_off_so_that_its_source_is_read_again() -> None:
    client, script = scripted_client({UPLOAD: [Told(429, {}, {"Retry-After": "1"}), ATTACHED]})

    with pytest.raises(NotSent) as caught:
        client.add_attachment("10001", "a.txt", Chunks(b"abcdef", size=6))

    assert caught.value.code == "UPLOAD_PUT_OFF"
    assert len(script.asked) == 1


def test_a_lost_answer_to_an_upload_is_unclear() -> None:
    client, script = scripted_client({UPLOAD: LOST})

    with pytest.raises(Unclear):
        client.add_attachment("10001", "a.txt", Chunks(b"abcdef", size=6))

    assert len(script.asked) == 1


def test_the_media_id_is_taken_from_a_redirect_that_is_not_followed() -> None:
    uuid = "0a1b2c3d-1111-2222-3333-444455556666"
    content = ("GET", "/rest/api/3/attachment/content/7")
    client, script = scripted_client({content: Told(303, None, {"Location": f"https://m.example/file/{uuid}/binary"})})

    assert client.get_attachment_media_id("7") == uuid
    assert len(script.asked) == 1


def test_a_site_that_serves_the_content_itself_tells_no_media_id() -> None:
    content = ("GET", "/rest/api/3/attachment/content/7")
    client, _ = scripted_client({content: Told(200, b"bytes", {"Content-Type": "text/plain"})})

    assert client.get_attachment_media_id("7") is None


def test_content_is_read_through_the_site_itself() -> None:
    content = ("GET", "/rest/api/3/attachment/content/7")
    client, script = scripted_client({content: Told(200, b"bytes", {"Content-Type": "image/png"})})

    with client.open_attachment("7") as download:
        data = b"".join(download)

    assert data == b"bytes"
    assert script.asked[0].query == {"redirect": "false"}


def test_a_missing_attachment_is_missing() -> None:
    content = ("GET", "/rest/api/3/attachment/content/7")
    client, _ = scripted_client({content: refused(404, "The attachment with id '7' does not exist")})

    with pytest.raises(Missing, match="does not exist"), client.open_attachment("7"):
        pass
    with pytest.raises(Missing):
        client.get_attachment_media_id("7")


# -- listings


def test_search_pages_follow_the_token() -> None:
    pages: dict[str | None, Any] = {
        None: {"issues": [{"id": "1"}], "nextPageToken": "t1", "isLast": False},
        "t1": {"issues": [], "nextPageToken": "t2", "isLast": False},
        "t2": {"issues": [{"id": "2"}], "isLast": True},
    }
    client, script = scripted_client(
        {("POST", "/rest/api/3/search/jql"): lambda asked: Told(body=pages[asked.json.get("nextPageToken")])}
    )

    found = [issue["id"] for page in client.search_issues('project = "DEMO"') for issue in page]

    assert found == ["1", "2"]
    assert len(script.asked) == 3


def test_trap_7_comments_are_read_beyond_the_hundred_of_one_page() -> None:
    def page(asked: Asked) -> Told:
        start = int(asked.query["startAt"])
        ids = range(start, min(start + 100, 250))
        return Told(body={"total": 250, "maxResults": 100, "comments": [{"id": str(n)} for n in ids]})

    client, script = scripted_client({("GET", "/rest/api/3/issue/10001/comment"): page})

    found = [comment["id"] for comments in client.get_comments("10001") for comment in comments]

    assert found == [str(n) for n in range(250)]
    assert len(script.asked) == 3
