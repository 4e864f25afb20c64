"""Reading request bodies: JSON objects whose members have the types the operation's schema gives."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sandbox.github.errors import Refusal, invalid_request
from sandbox.http import NotJson, Request

PACIFIC = ZoneInfo("America/Los_Angeles")


class Body:
    """The members of a body. Every reader raises Refusal 422 when the value has another type."""

    def __init__(self, members: Mapping[str, object]) -> None:
        self._members = members

    @staticmethod
    def of(request: Request) -> Body:
        """The body of a request; none counts as an empty object. Raises Refusal 400 when it is not an object."""
        if not request.body:
            return Body({})
        try:
            raw = request.json()
        except NotJson as error:
            raise Refusal(400, "Problems parsing JSON") from error
        if not isinstance(raw, dict):
            raise Refusal(400, "Body should be a JSON object")
        return Body(raw)

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def raw(self, name: str) -> object:
        """A member as it came."""
        return self._members.get(name)

    def required(self, *names: str) -> None:
        """Raises Refusal 422 for members that must be there."""
        for name in names:
            if name not in self._members:
                raise invalid_request(f'"{name}" wasn\'t supplied.')

    def text(self, name: str) -> str | None:
        """A text, or None when absent or null."""
        value = self.raw(name)
        if value is None or isinstance(value, str):
            return value
        raise _wrong(name, value, "a string")

    def number(self, name: str) -> int | None:
        """A whole number, or None when absent or null."""
        value = self.raw(name)
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        raise _wrong(name, value, "an integer")

    def flag(self, name: str, *, default: bool = False) -> bool:
        """A yes or no."""
        value = self._members.get(name, default)
        if isinstance(value, bool):
            return value
        raise _wrong(name, value, "a boolean")

    def texts(self, name: str) -> list[str]:
        """A list of texts; empty when absent or null."""
        value = self.raw(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise _wrong(name, value, "an array")
        for place, item in enumerate(value):
            if not isinstance(item, str):
                raise _wrong(f"{name}/{place}", item, "a string")
        return value

    def choice(self, name: str, *allowed: str) -> str | None:
        """One of a few texts, or None when absent or null."""
        value = self.text(name)
        if value is not None and value not in allowed:
            raise invalid_request(f"{value} is not a member of {json.dumps(list(allowed))}.")
        return value

    def title(self) -> str | None:
        """A title: a number is taken as text."""
        value = self.raw("title")
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else self.text("title")

    def label_names(self) -> list[str]:
        """`labels` as texts or as objects with a name."""
        value = self.raw("labels")
        if value is None:
            return []
        if not isinstance(value, list):
            raise _wrong("labels", value, "an array")
        names = [item.get("name") if isinstance(item, Mapping) else item for item in value]
        for place, name in enumerate(names):
            if not isinstance(name, str):
                raise _wrong(f"labels/{place}", value[place], "a string")
        return [str(name) for name in names]


def _wrong(name: str, value: object, kind: str) -> Refusal:
    shown = "nil" if value is None else json.dumps(value)
    return invalid_request(f"For 'properties/{name}', {shown} is not {kind}.")


def read_moment(text: str) -> float:
    """An ISO 8601 date or time as epoch seconds; without a zone it is UTC. Raises ValueError."""
    moment = datetime.fromisoformat(text.strip().replace("Z", "+00:00").replace(" 00:00", "+00:00"))
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def read_due(text: str) -> float:
    """A due date: only its day counts, kept as that day's midnight in Pacific time. Raises ValueError."""
    day = datetime.fromtimestamp(read_moment(text), UTC)
    return datetime(day.year, day.month, day.day, tzinfo=PACIFIC).timestamp()


def stamp(moment: float) -> str:
    """A moment as GitHub shows it: seconds, UTC."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def stamp_or_null(moment: float | None) -> str | None:
    """The same for a moment that may not have come."""
    return None if moment is None else stamp(moment)
