"""Typed readers of variables, and the development keys kept in `var/`.

`config/settings.py` hands the environment in and is the only one that does. Every reader fails with a sentence that
names the variable and says how to set it; no reader ever puts a secret's value in that sentence.
"""

import base64
import binascii
import os
import re
import secrets
from collections.abc import Callable, MutableMapping
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off", ""})
_HOST_PORT = re.compile(r"^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):([0-9]{1,5})$")
CREDENTIALS_KEY_BYTES = 32


class Readers:
    """Reads variables through django-environ."""

    def __init__(self, variables: MutableMapping[str, str]) -> None:
        self._env = environ.Env()
        self._env.ENVIRON = variables

    def text(self, name: str, *, default: str = "") -> str:
        """The variable with surrounding blanks removed; unset and empty both give the default."""
        return str(self._env.str(name, default="")).strip() or default

    def choice(self, name: str, *, options: tuple[str, ...], default: str) -> str:
        """One of a closed list of words."""
        value = self.text(name, default=default).lower()
        if value not in options:
            raise ImproperlyConfigured(f"{name} is {value!r}. Set it to one of: {', '.join(options)}.")
        return value

    def flag(self, name: str) -> bool:
        """A switch that is off unless it says yes; an unknown word is an error, not a silent no."""
        value = self.text(name).lower()
        if value in _TRUE:
            return True
        if value in _FALSE:
            return False
        raise ImproperlyConfigured(f"{name} is {value!r}. Set it to 1 or 0.")

    def seconds(self, name: str, *, default: int) -> int:
        """A positive whole number of seconds."""
        value = self.text(name, default=str(default))
        if not value.isascii() or not value.isdigit() or int(value) < 1:
            raise ImproperlyConfigured(f"{name} is {value!r}. Set it to a whole number of seconds, 1 or more.")
        return int(value)

    def count(self, name: str, *, default: int) -> int:
        """A positive whole number of things."""
        value = self.text(name, default=str(default))
        if not value.isascii() or not value.isdigit() or int(value) < 1:
            raise ImproperlyConfigured(f"{name} is {value!r}. Set it to a whole number, 1 or more.")
        return int(value)

    def words(self, name: str) -> list[str]:
        """A comma list without blanks and empty entries."""
        return [word for word in (part.strip() for part in self.text(name).split(",")) if word]

    def address(self, name: str, *, default: str, schemes: tuple[str, ...] = ("http", "https")) -> str:
        """A URL without a trailing slash; an empty default makes the variable optional."""
        value = self.text(name, default=default)
        if not value:
            return ""
        parts = _split_url(value)
        if parts is None or parts[0] not in schemes or not parts[1]:
            listed = " or ".join(f"{scheme}://" for scheme in schemes)
            raise ImproperlyConfigured(f"{name} is not a URL. Set it to an address that begins with {listed}.")
        return value.rstrip("/")

    def file(self, name: str) -> Path | None:
        """A readable file, or None when unset."""
        value = self.text(name)
        if not value:
            return None
        path = Path(value).expanduser()
        if not path.is_file():
            raise ImproperlyConfigured(f"{name} names no file ({path}). Set it to the path of a PEM file, or unset it.")
        return path

    def targets(self, name: str) -> tuple[str, ...]:
        """A comma list of `host:port`; IPv6 addresses stand in brackets."""
        found = []
        for word in self.words(name):
            match = _HOST_PORT.match(word)
            if match is None or not 0 < int(match.group(2)) < 65536:
                raise ImproperlyConfigured(
                    f"{name} has the entry {word!r}. Write each as host:port, separated by commas, "
                    "for example 127.0.0.1:9000,[::1]:9001."
                )
            found.append(word.lower())
        return tuple(found)

    def database(self, *, default: Path) -> dict[str, object]:
        """Django's connection parameters from DATABASE_URL; only the two supported engines are accepted."""
        value = self.text("DATABASE_URL")
        if not value:
            return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(default)}
        scheme = value.partition(":")[0]
        if scheme not in {"sqlite", "postgres", "postgresql"}:
            raise ImproperlyConfigured(
                "DATABASE_URL must begin with postgres:// or sqlite:///. "
                "Set it like postgres://user:password@host:5432/isthmus, or unset it for SQLite in var/."
            )
        try:
            parsed = environ.Env.db_url_config(value)
        except (ValueError, KeyError) as error:
            raise ImproperlyConfigured(
                "DATABASE_URL cannot be read. Set it like postgres://user:password@host:5432/isthmus; "
                "percent-encode special characters of the password."
            ) from error
        if parsed.get("NAME") in (None, "", ":memory:"):  # each process would have a memory of its own
            raise ImproperlyConfigured("DATABASE_URL names no database. Set it like postgres://user@host/isthmus.")
        return dict(parsed)


def _split_url(value: str) -> tuple[str, str | None] | None:
    """Scheme and host, or None when the standard library cannot read the text as a URL."""
    try:
        parts = urlsplit(value)
        _ = parts.port  # raises on a port that is no number
    except ValueError:
        return None
    return parts.scheme, parts.hostname or parts.path


def kept_secret(path: Path, make: Callable[[], str]) -> str:
    """Read a development secret, making it on first use with mode 0600.

    Two processes may start at once: the file is written aside and linked into place, so exactly one text wins and
    nobody reads half of it.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(make())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text(encoding="ascii").strip()


def make_secret_key() -> str:
    """A signing key for sessions and tokens."""
    return secrets.token_urlsafe(50)


def make_credentials_key() -> str:
    """A key for credentials at rest, in the text form CREDENTIALS_KEYS expects."""
    return base64.urlsafe_b64encode(secrets.token_bytes(CREDENTIALS_KEY_BYTES)).decode("ascii")


def parse_credentials_keys(words: list[str]) -> tuple[bytes, ...]:
    """The keys of CREDENTIALS_KEYS in order; the first encrypts, all decrypt.

    Raises ImproperlyConfigured when an entry is not 32 bytes in base64, without repeating the entry.
    """
    keys = []
    for number, word in enumerate(words, start=1):
        try:
            key = base64.b64decode(word.replace("-", "+").replace("_", "/") + "=" * (-len(word) % 4), validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if len(key) != CREDENTIALS_KEY_BYTES:
            raise ImproperlyConfigured(
                f"CREDENTIALS_KEYS: entry {number} is not a key. Each entry is {CREDENTIALS_KEY_BYTES} random bytes "
                f"in base64; make one with: openssl rand -base64 {CREDENTIALS_KEY_BYTES}"
            )
        keys.append(key)
    if len(set(keys)) != len(keys):
        raise ImproperlyConfigured("CREDENTIALS_KEYS lists the same key twice. Remove one of them.")
    return tuple(keys)
