"""What is sent compressed, and what never is."""

from __future__ import annotations

import gzip

import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.test import Client, RequestFactory

from config.compression import Compression

ZIP = {"HTTP_ACCEPT_ENCODING": "gzip, br"}
LONG = "word " * 500


def answered(response: HttpResponse | StreamingHttpResponse, **headers: str) -> HttpResponse | StreamingHttpResponse:
    found = Compression(lambda _request: response)(RequestFactory().get("/", **headers))
    assert isinstance(found, HttpResponse | StreamingHttpResponse)
    return found


@pytest.mark.django_db
def test_a_page_is_compressed_for_a_browser_and_plain_for_others() -> None:
    small = Client(**ZIP).get("/console/login/")
    plain = Client().get("/console/login/")

    assert small["Content-Encoding"] == "gzip"
    assert b"<h1>Sign in</h1>" in gzip.decompress(small.content)
    assert "Content-Encoding" not in plain
    assert "Accept-Encoding" in plain["Vary"]


def test_a_file_is_compressed_and_asked_for_again_by_its_date() -> None:
    client = Client(**ZIP)
    whole = client.get("/static/console/app.css")
    again = client.get("/static/console/app.css", headers={"If-Modified-Since": whole["Last-Modified"]})

    sent = b"".join(whole.streaming_content)
    assert whole["Content-Encoding"] == "gzip" and "ETag" not in whole
    assert b"--" in gzip.decompress(sent) and len(sent) < 12_000
    assert (again.status_code, b"".join(again.streaming_content)) == (304, b"")


@pytest.mark.parametrize("kind", ["text/event-stream", "application/json", "application/octet-stream", "image/png"])
def test_what_programs_read_is_left_alone(kind: str) -> None:
    whole = answered(HttpResponse(LONG, content_type=kind), **ZIP)
    streamed = answered(StreamingHttpResponse(iter([b"data: 1\n\n"]), content_type=kind), **ZIP)

    assert whole.content == LONG.encode() and "Content-Encoding" not in whole
    assert b"".join(streamed.streaming_content) == b"data: 1\n\n"


def test_two_answers_of_one_page_differ_in_length() -> None:
    lengths = {len(answered(HttpResponse(LONG), **ZIP).content) for _ in range(30)}

    assert len(lengths) > 1
