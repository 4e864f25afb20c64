"""The checks of single parameters, and the parsed forms that later code works with."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from string import Template

from connectors.domain.forms.fields import split_list

HIGHEST_PRIORITY = 10
TITLE_WORDS = frozenset({"task_id", "title", "context", "application", "project"})
_NEEDED_WORDS = ("task_id", "title")
_RANGE = re.compile(r"([0-9]{1,2})(?:\s*-\s*([0-9]{1,2}))?")
_HOST = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?\.?)(?::([0-9]{1,5}))?")
_SEGMENT = re.compile(r"[^\s\\?#<>\"'^`{|}]+")
_TASK = re.compile(r"[A-Za-z]{0,3}([0-9]{1,18})")


def title_words(template: str) -> frozenset[str]:
    """The names that a title template uses. Raises ValueError when it cannot be read."""
    if not Template(template).is_valid():
        raise ValueError("Not a valid title format: write $name or ${name}, and $$ for a dollar sign.")
    return frozenset(Template(template).get_identifiers())


def check_title_format(text: str) -> None:
    used = title_words(text)
    if unknown := sorted(used - TITLE_WORDS):
        raise ValueError(f"Unknown name in the title format: {', '.join(unknown)}.")
    if missing := [f"${word}" for word in _NEEDED_WORDS if word not in used]:
        raise ValueError(f"The title format must contain {' and '.join(missing)}.")


def check_priority(text: str) -> None:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= HIGHEST_PRIORITY):
        raise ValueError(f"Enter a whole number from 1 to {HIGHEST_PRIORITY}.")


def parse_priority_map(text: str) -> Mapping[int, str]:
    """Each priority 1..10 with the name it has on the tracker. Raises ValueError for a gap or an overlap."""
    named: dict[int, str] = {}
    for key, name in _json_object(text).items():
        if not isinstance(name, str) or not name.strip():
            raise ValueError(f"The priority {key!r} needs a name.")
        for priority in _priorities(key):
            if priority in named:
                raise ValueError(f"The priority {priority} is mapped twice.")
            named[priority] = name.strip()
    if missing := [str(each) for each in range(1, HIGHEST_PRIORITY + 1) if each not in named]:
        raise ValueError(f"Not mapped: {', '.join(missing)}. Every priority from 1 to 10 is mapped exactly once.")
    return named


def check_priority_map(text: str) -> None:
    parse_priority_map(text)


def parse_fields(text: str) -> Mapping[str, str]:
    """Field name or id -> value. Raises ValueError for anything but an object of texts and numbers."""
    found: dict[str, str] = {}
    for name, value in _json_object(text).items():
        if not name.strip() or isinstance(value, bool) or not isinstance(value, str | int | float):
            raise ValueError(f"The value of {name!r} must be a text or a number.")
        found[name.strip()] = str(value)
    return found


def check_fields(text: str) -> None:
    parse_fields(text)


def check_host(text: str) -> None:
    """`host` or `host:port`: scheme and path are parameters of their own."""
    found = _HOST.fullmatch(text)
    if found is None or len(text) > 253:
        raise ValueError("Enter a host name, with :port where needed; method and path have fields of their own.")
    if found[1] is not None and not 0 < int(found[1]) < 65_536:
        raise ValueError("Enter a port from 1 to 65535.")


def check_path(text: str) -> None:
    if not _SEGMENT.fullmatch(text) or ".." in text:
        raise ValueError("Enter a path without query and blanks.")


def check_tasks(text: str) -> None:
    parse_tasks(text)


def parse_tasks(text: str) -> frozenset[str]:
    """Item numbers of a comma list such as `T12, CT3, 45`. Raises ValueError."""
    numbers = set()
    for word in split_list(text):
        found = _TASK.fullmatch(word)
        if found is None:
            raise ValueError(f"{word[:40]!r} is no item number.")
        numbers.add(str(int(found[1])))
    return frozenset(numbers)


def check_ascii(text: str) -> None:
    """Tokens travel in a header."""
    if not text.isascii():
        raise ValueError("A token has no letters outside ASCII.")


def check_number(text: str) -> None:
    if not (text.isascii() and text.isdigit()):
        raise ValueError("A valid integer is required.")


def _priorities(key: str) -> range:
    found = _RANGE.fullmatch(key.strip())
    if found is None:
        raise ValueError(f"{key[:20]!r} is no priority: write 7 or 7-10.")
    first = int(found[1])
    last = int(found[2]) if found[2] else first
    if found[2] and first >= last:
        raise ValueError(f"The range {key.strip()} does not rise.")
    if first < 1 or last > HIGHEST_PRIORITY:
        raise ValueError(f"The range {key.strip()} leaves 1 to {HIGHEST_PRIORITY}.")
    return range(first, last + 1)


def _json_object(text: str) -> dict[str, object]:
    try:
        value = json.loads(text, object_pairs_hook=_without_repeats)
    except (json.JSONDecodeError, RecursionError):
        raise ValueError("Not valid JSON.") from None
    if not isinstance(value, dict):
        raise ValueError("Enter a JSON object.")
    return value


def _without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Python keeps the last of two equal keys silently; a map with two rules for one priority is a mistake."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("A key stands twice.")
    return found
