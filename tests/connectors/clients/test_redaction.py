"""No credential leaves a client in a text."""

from __future__ import annotations

import base64
import io
import logging

import pytest

from connectors.clients.redaction import MASK, RedactingFilter, Redactor

PAT = "q7" * 26
BASIC = base64.b64encode(b":" + PAT.encode()).decode()


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (f"Authorization: Basic {BASIC}", BASIC),
        ("Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOjF9.c2ln", "eyJhbGci"),
        ("Authorization: Token 0123456789abcdef0123", "0123456789abcdef"),
        ('{"Authorization": "Basic Zm9vOmJhcmJhcmJhcg=="}', "Zm9vOmJhcmJhcmJhcg"),
        ("GET https://x.example/a?token=abcdef&b=1", "abcdef"),
        ("GET https://x.example/a?b=1&access_token=abc%20def", "abc%20def"),
        ("https://s3.example/f?X-Amz-Signature=deadbeef&x=1", "deadbeef"),
        ("https://ann:hunter2@x.example/", "hunter2"),
        (f"the PAT {PAT} is wrong", PAT),
        ("A" * 76 + "AZDO" + "b2C4", "AZDO"),
        ("ATATT3xFfGF0T4JNpl3pJZ5cXaSDFGHJKLqwertyuiop=1A2B3C4D", "ATATT3x"),
        ("ghp_abcdefghijklmnopqrstuvwxyz0123456789", "ghp_"),
        ('{"personal_access_token": "short-one"}', "short-one"),
        ("password=correct-horse", "correct-horse"),
        ("apikey: 00112233445566778899", "0011223344"),
    ],
)
def test_what_looks_like_a_credential_is_masked(text: str, secret: str) -> None:
    scrubbed = Redactor().scrub(text)

    assert secret not in scrubbed
    assert MASK in scrubbed


@pytest.mark.parametrize(
    "text",
    [
        "TF401232: Work item 12 does not exist, or you do not have permissions to read it.",
        "https://dev.azure.com/contoso/_apis/wit/workitems/12?api-version=7.1&$top=200",
        "commit 5f64706ac6184444888800000000000000000000 of main",
        "The token is basic knowledge for the bearer of this letter",
        "Summary must be less than 255 characters.",
    ],
)
def test_ordinary_words_stay(text: str) -> None:
    assert Redactor().scrub(text) == text


@pytest.mark.parametrize("form", ["p@ss/w0rd+x", "p%40ss%2Fw0rd%2Bx", base64.b64encode(b":p@ss/w0rd+x").decode()])
def test_known_secrets_are_masked_in_every_form(form: str) -> None:
    assert Redactor(["p@ss/w0rd+x"]).scrub(f"sent {form} there") == f"sent {MASK} there"


def test_short_words_are_no_secrets() -> None:
    assert Redactor(["a"]).scrub("banana") == "banana"


def test_an_exception_says_something_even_when_it_is_silent() -> None:
    redactor = Redactor(["hunter2-hunter2"])

    assert redactor.scrub_error(ValueError("no hunter2-hunter2")) == f"no {MASK}"
    assert redactor.scrub_error(ValueError()) == "ValueError"


def test_log_records_are_scrubbed_with_arguments_and_traceback() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(RedactingFilter(Redactor(["hunter2-hunter2"])))
    logger = logging.Logger("scrubbed")
    logger.addHandler(handler)

    try:
        raise ValueError("bad hunter2-hunter2")
    except ValueError:
        logger.exception("calling %s with %s", "https://x.example/?token=abcdefgh", "hunter2-hunter2")

    assert "hunter2" not in stream.getvalue()
    assert "abcdefgh" not in stream.getvalue()
    assert "ValueError" in stream.getvalue()


@pytest.mark.parametrize(
    "written",
    [
        "pass/word+1=x",
        "pass%2Fword%2B1%3Dx",
        "pass%2fword%2b1%3dx",
        "pass/word%2B1%3Dx",
        "pass\\/word+1=x",
        "pass\\u002fword\\u002B1=x",
        "pass&#47;word&#x2B;1=x",
        base64.b64encode(b":pass/word+1=x").decode(),
        base64.b64encode(b":pass/word+1=x").decode().rstrip("="),
    ],
)
def test_a_known_secret_is_masked_in_every_encoding(written: str) -> None:
    assert Redactor(["pass/word+1=x"]).scrub(f"<{written}>") == f"<{MASK}>"
