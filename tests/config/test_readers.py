"""A wrong variable stops the start with a sentence; a secret is never in it."""

from __future__ import annotations

import base64
import stat
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.readers import Readers, kept_secret, make_credentials_key, parse_credentials_keys


def test_unset_and_empty_variables_give_the_default() -> None:
    read = Readers({"EMPTY": "  "})

    assert (read.text("EMPTY", default="d"), read.text("UNSET", default="d")) == ("d", "d")
    assert (read.flag("EMPTY"), read.seconds("UNSET", default=30), read.words("EMPTY")) == (False, 30, [])


@pytest.mark.parametrize(
    ("value", "expected"), [("1", True), ("True", True), ("on", True), ("no", False), ("0", False)]
)
def test_a_switch_reads_the_usual_words(value: str, expected: bool) -> None:
    assert Readers({"DEBUG": value}).flag("DEBUG") is expected


def test_an_unknown_word_for_a_switch_is_no_silent_no() -> None:
    with pytest.raises(ImproperlyConfigured, match=r"DEBUG is 'maybe'. Set it to 1 or 0"):
        Readers({"DEBUG": "maybe"}).flag("DEBUG")


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "soon", "³"])
def test_seconds_must_be_a_positive_number(value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"LEASE_SECONDS .* whole number of seconds"):
        Readers({"LEASE_SECONDS": value}).seconds("LEASE_SECONDS", default=30)


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "many", "³"])
def test_a_count_must_be_a_positive_number(value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"WORKERS .* whole number, 1 or more"):
        Readers({"WORKERS": value}).count("WORKERS", default=2)


def test_a_choice_lists_its_words() -> None:
    with pytest.raises(ImproperlyConfigured, match=r"LOG_FORMAT is 'xml'. Set it to one of: text, json"):
        Readers({"LOG_FORMAT": "xml"}).choice("LOG_FORMAT", options=("text", "json"), default="text")


@pytest.mark.parametrize("value", ["dev.azure.com", "ftp://x", "https://", "https://x:port", "https://["])
def test_an_address_must_be_a_url(value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="AZURE_DEVOPS_URL is not a URL"):
        Readers({"AZURE_DEVOPS_URL": value}).address("AZURE_DEVOPS_URL", default="")


def test_an_address_loses_its_trailing_slash() -> None:
    read = Readers({"AZURE_DEVOPS_URL": "https://ado.example.com/tfs/"})

    assert read.address("AZURE_DEVOPS_URL", default="") == "https://ado.example.com/tfs"


def test_targets_are_a_list_of_host_and_port() -> None:
    read = Readers({"T": "127.0.0.1:9000, [::1]:80,Jira.Local:8080,"})

    assert read.targets("T") == ("127.0.0.1:9000", "[::1]:80", "jira.local:8080")


@pytest.mark.parametrize("value", ["127.0.0.1", "::1:80", "host:0", "host:65536", "http://host:80", "a b:1"])
def test_a_malformed_target_is_named(value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"Write each as host:port"):
        Readers({"T": value}).targets("T")


def test_a_file_must_exist(tmp_path: Path) -> None:
    there = tmp_path / "ca.pem"
    there.touch()

    assert Readers({"CA_BUNDLE": str(there)}).file("CA_BUNDLE") == there
    assert Readers({}).file("CA_BUNDLE") is None
    with pytest.raises(ImproperlyConfigured, match="CA_BUNDLE names no file"):
        Readers({"CA_BUNDLE": str(tmp_path / "other.pem")}).file("CA_BUNDLE")


def test_the_database_is_sqlite_unless_named(tmp_path: Path) -> None:
    read = Readers({}).database(default=tmp_path / "a b%c.sqlite3")

    assert read == {"ENGINE": "django.db.backends.sqlite3", "NAME": str(tmp_path / "a b%c.sqlite3")}


def test_a_postgresql_address_is_taken_apart(tmp_path: Path) -> None:
    read = Readers({"DATABASE_URL": "postgres://me:p%40ss@db.example.com:5433/isthmus"}).database(default=tmp_path)

    assert {name: read[name] for name in ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT")} == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "isthmus",
        "USER": "me",
        "PASSWORD": "p@ss",
        "HOST": "db.example.com",
        "PORT": 5433,
    }


@pytest.mark.parametrize(
    "value", ["mysql://secret@h/d", "isthmus", "postgres://u:secret@h:port/d", "postgres://u:secret@h", "sqlite://"]
)
def test_an_unusable_database_is_explained_without_its_password(value: str, tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL") as caught:
        Readers({"DATABASE_URL": value}).database(default=tmp_path)

    assert "secret" not in str(caught.value)


def test_credentials_keys_keep_their_order() -> None:
    first, second = make_credentials_key(), base64.b64encode(b"\xff" * 32).decode()

    keys = parse_credentials_keys([first, second])

    assert [len(key) for key in keys] == [32, 32]
    assert keys[1] == b"\xff" * 32


@pytest.mark.parametrize("word", ["short", "x" * 44, base64.b64encode(b"a" * 16).decode(), "é" * 44])
def test_a_malformed_key_is_counted_but_not_repeated(word: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="entry 2 is not a key") as caught:
        parse_credentials_keys([make_credentials_key(), word])

    assert word not in str(caught.value)


def test_the_same_key_twice_is_a_mistake() -> None:
    key = make_credentials_key()

    with pytest.raises(ImproperlyConfigured, match="same key twice"):
        parse_credentials_keys([key, key])


def test_a_kept_secret_is_made_once_and_private(tmp_path: Path) -> None:
    path = tmp_path / "var" / "key"

    first, second = kept_secret(path, lambda: "one"), kept_secret(path, lambda: "two")

    assert (first, second) == ("one", "one")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["key"]
