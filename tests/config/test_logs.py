"""No credential reaches a log line, in whatever part of it it stands."""

from __future__ import annotations

import json
import logging
import sys

import pytest

from config.logs import JsonFormatter, TextFormatter, redact

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTYifQ.c2lnbmF0dXJlLXNpZ25hdHVyZQ"


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Basic c2VjcmV0",
        "{'Authorization': 'Bearer secret'}",
        'headers={"authorization": "Token secret"}',
        "GET /api/migrations/1/stream?token=secret&lastEventId=3",
        "{'personal_access_token': 'secret', 'project': 'x'}",
        "api_token=secret",
        '"alm_pass": "secret"',
        "password = secret",
        "apikey: secret",
        "redis://:secret@127.0.0.1:6379/0",
        "postgres://user:secret@db/isthmus",
        "isth_token_secretsecretsecret",
    ],
)
def test_secrets_are_masked(text: str) -> None:
    assert "secret" not in redact(text)
    assert "c2VjcmV0" not in redact(text)


def test_an_access_token_is_masked_wherever_it_stands() -> None:
    assert redact(f"stream opened with {JWT}") == "stream opened with ********"


@pytest.mark.parametrize("text", ["12 tokens left", "Project not found", "path: /api/projects", "a basic question"])
def test_ordinary_sentences_stay_as_they_are(text: str) -> None:
    assert redact(text) == text


def record() -> logging.LogRecord:
    try:
        raise RuntimeError("cannot reach https://user:secret@host")
    except RuntimeError:
        return logging.LogRecord("isthmus", logging.ERROR, __file__, 1, "token=%s", ("secret",), sys.exc_info())


def test_the_text_format_masks_arguments_and_tracebacks() -> None:
    line = TextFormatter().format(record())

    assert "secret" not in line
    assert "RuntimeError" in line


def test_the_json_format_is_one_object_with_masked_texts() -> None:
    line = JsonFormatter().format(record())

    shown = json.loads(line)
    assert "secret" not in line
    assert "\n" not in line
    assert {name: shown[name] for name in ("level", "logger", "message")} == {
        "level": "error",
        "logger": "isthmus",
        "message": "token=********",
    }
