"""The client's verbs against a scripted service: schemes of the token, windows of ids, batches, pages, files."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from requests import PreparedRequest

from connectors.clients.azure_devops.answers import BAD_TOKEN, Code
from connectors.clients.azure_devops.client import AzureDevOpsClient, ItemQuery
from connectors.clients.settings import TransportSettings
from connectors.domain.errors import AccessLost, Missing, NotSent, PlatformError, Refused
from tests.connectors.clients.scripted import Bench, Scripted, Step, bench, json_answer, page

ME = {"authenticatedUser": {"id": "g-1", "descriptor": "aad.x", "providerDisplayName": "Ann"}}
ANONYMOUS = {"id": "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa", "descriptor": "System:PublicAccess;aaaaaaaa"}
GUID = "098a279a-60b9-40a8-868b-b7fd00c0a439"


def client_of(*steps: Step, **around: object) -> tuple[AzureDevOpsClient, Bench]:
    trial = bench(*steps, base_url="https://dev.azure.com/contoso", **around)
    return AzureDevOpsClient(trial.transport, "token-token"), trial


def scheme(request: PreparedRequest) -> str:
    return str(request.headers["Authorization"]).partition(" ")[0]


def only_for(wanted: str, answer: Scripted, refused: Scripted) -> Callable[[PreparedRequest], Scripted]:
    def answered(request: PreparedRequest) -> Scripted:
        if scheme(request) != wanted:
            return refused
        return json_answer(ME) if "connectionData" in (request.url or "") else answer

    return answered


def test_a_personal_access_token_is_sent_with_an_empty_user() -> None:
    client, trial = client_of(json_answer({"id": "p"}))

    client.project("P")

    assert trial.adapter.requests[0].headers["Authorization"] == "Basic OnRva2VuLXRva2Vu"


@pytest.mark.parametrize("refused", [page(203), page(302), Scripted(401, {}, b""), json_answer({}, 401)])
def test_a_token_that_fails_as_pat_is_tried_as_bearer_and_stays_so(refused: Scripted) -> None:
    client, trial = client_of(only_for("Bearer", json_answer({"id": "p"}), refused))

    client.project("P")
    client.project("P")

    assert [scheme(request) for request in trial.adapter.requests] == ["Basic", "Basic", "Bearer", "Bearer", "Bearer"]


def test_a_token_that_is_nobodys_is_told_in_plain_words() -> None:
    client, trial = client_of(page(203))

    with pytest.raises(AccessLost) as caught:
        client.project("P")

    assert (caught.value.code, str(caught.value)) == (Code.CREDENTIALS_REFUSED, BAD_TOKEN)
    assert (len(trial.adapter.requests), trial.clock.slept) == (3, [])


def test_an_anonymous_identity_is_nobody() -> None:
    client, _ = client_of(json_answer({"authenticatedUser": ANONYMOUS}))

    with pytest.raises(AccessLost) as caught:
        client.who_am_i()

    assert caught.value.code == Code.CREDENTIALS_REFUSED


def test_a_token_of_somebody_without_the_right_keeps_the_services_words() -> None:
    def answered(request: PreparedRequest) -> Scripted:
        if "connectionData" in (request.url or ""):
            return json_answer(ME)
        return json_answer({"message": "TF50309: no"}, 403)

    client, _ = client_of(answered)

    with pytest.raises(AccessLost) as caught:
        client.project("P")

    assert (caught.value.code, caught.value.message) == (Code.PERMISSION_MISSING, "TF50309: no")


def test_a_refusal_later_on_is_not_taken_for_a_wrong_scheme() -> None:
    client, trial = client_of(json_answer({"id": "p"}), page(203))
    client.project("P")

    with pytest.raises(AccessLost):
        client.project("P")

    assert [scheme(request) for request in trial.adapter.requests] == ["Basic", "Basic"]


def test_a_page_from_somebody_else_is_said_to_be_one() -> None:
    client, _ = client_of(page(200))

    with pytest.raises(AccessLost) as caught:
        client.project("P")

    assert caught.value.code == "PLATFORM_HTML_PAGE"


def test_an_error_never_repeats_the_token() -> None:
    client, _ = client_of(json_answer({"message": "no project token-token here"}, 404))

    with pytest.raises(Missing) as caught:
        client.project("P")

    assert "token-token" not in str(caught.value)
    assert "token-token" not in caught.value.message


class FakeWiql:
    """Ids as WIQL answers them. `strict` refuses more than 20,000 matches whatever `$top` says."""

    def __init__(self, ids: list[int], *, strict: bool) -> None:
        self.ids = ids
        self.strict = strict
        self.asked = 0

    def __call__(self, request: PreparedRequest) -> Scripted:
        self.asked += 1
        assert isinstance(request.body, bytes)
        query = json.loads(request.body)["query"]
        after, up_to = _bound(query, ">"), _bound(query, "<=")
        top = int(parse_qs(urlsplit(request.url or "").query)["$top"][0])
        found = [each for each in self.ids if each > after and each <= (up_to or each)]
        if self.strict and len(found) > 20_000:
            key = "WorkItemTrackingQueryResultSizeLimitExceededException"
            return json_answer({"message": "VS402337: The number of work items returned exceeds", "typeKey": key}, 400)
        return json_answer({"workItems": [{"id": each, "url": "x"} for each in found[:top]]})


def _bound(query: str, sign: str) -> int:
    match = re.search(rf"\[System\.Id\] {sign} (\d+)", query)
    return int(match[1]) if match else 0


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize(
    "ids",
    [
        [],
        [7],
        list(range(1, 19_999)),
        list(range(1, 20_000)),
        list(range(1, 20_001)),
        list(range(1, 45_002)),
        list(range(5, 2_000_000, 37)),
        [*range(1, 25_001), *range(3_000_000, 3_030_000)],
    ],
    ids=["none", "one", "below", "page", "ceiling", "dense", "sparse", "gap"],
)
def test_all_ids_come_once_in_order_however_many_there_are(ids: list[int], strict: bool) -> None:
    service = FakeWiql(ids, strict=strict)
    client, _ = client_of(service)

    pages = list(client.item_ids("P", ItemQuery()))

    assert [each for page in pages for each in page] == ids
    assert all(len(page) <= 20_000 for page in pages)
    assert service.asked <= 60


def test_other_refusals_of_a_query_are_raised() -> None:
    client, _ = client_of(json_answer({"message": "TF51011: no such area"}, 400))

    with pytest.raises(Refused) as caught:
        list(client.item_ids("P", ItemQuery(area="P\\Nowhere")))

    assert caught.value.code == Code.PATH_INVALID


def test_a_query_that_always_times_out_ends() -> None:
    client, _ = client_of(json_answer({"message": "VS402335: took too long"}, 400))

    with pytest.raises(PlatformError) as caught:
        list(client.item_ids("P", ItemQuery()))

    assert caught.value.code == Code.QUERY_TIMEOUT


def test_a_batch_with_a_huge_answer_is_halved() -> None:
    def answered(request: PreparedRequest) -> Scripted:
        assert isinstance(request.body, bytes)
        ids = json.loads(request.body)["ids"]
        return json_answer({"value": [{"id": each, "text": "x" * 400} for each in ids]})

    client, trial = client_of(answered, settings=TransportSettings(max_answer_bytes=1000))

    items = client.read_items("P", [1, 2, 3, 4, 5])

    assert [item["id"] for item in items] == [1, 2, 3, 4, 5]
    assert len(trial.adapter.requests) == 5


def test_comments_are_paged_until_the_token_is_gone() -> None:
    first = {"comments": [{"id": 1}, {"id": 2}], "continuationToken": "t"}
    client, trial = client_of(json_answer(first), json_answer({"comments": [{"id": 3}]}))

    pages = list(client.comments("P", 7))

    assert [[comment["id"] for comment in page] for page in pages] == [[1, 2], [3]]
    assert "continuationToken=t" in (trial.adapter.requests[1].url or "")


def test_a_token_that_comes_back_does_not_run_for_ever() -> None:
    client, _ = client_of(json_answer({"comments": [{"id": 1}], "continuationToken": "t"}))

    with pytest.raises(NotSent):
        list(client.comments("P", 7))


def test_a_file_is_streamed_with_its_size() -> None:
    client, trial = client_of(
        json_answer(ME), Scripted(200, {"Content-Type": "application/octet-stream"}, b"x" * 200_000)
    )

    with client.open_attachment("P", GUID, name="a b.png") as download:
        content = b"".join(download)
        size = download.size

    assert (len(content), size) == (200_000, 200_000)
    assert f"/P/_apis/wit/attachments/{GUID}?fileName=a%20b.png&download=true" in (trial.adapter.requests[1].url or "")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (page(200), AccessLost),
        (page(203), AccessLost),
        (Scripted(302, {"Location": "https://x.vssps.visualstudio.com/_signin"}), AccessLost),
        (json_answer({"message": "TF14040: not found"}, 404), Missing),
    ],
)
def test_something_else_in_place_of_a_file(answer: Scripted, error: type[PlatformError]) -> None:
    client, _ = client_of(json_answer(ME), answer)

    with pytest.raises(error), client.open_attachment("P", GUID, name="a"):
        pytest.fail("this is no file")


def test_a_web_page_may_be_a_file() -> None:
    headers = {"Content-Type": "text/html", "Content-Disposition": "attachment; filename=a.html"}
    client, _ = client_of(json_answer(ME), Scripted(200, headers, b"<html>mine</html>"))

    with client.open_attachment("P", GUID, name="a.html") as download:
        assert b"".join(download) == b"<html>mine</html>"
