"""Values of every kind into fields of every kind, and what does not fit."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.domain.mapping.values import Conversion, convert_value, hours_as_estimate, same_value, shown
from connectors.domain.richtext.words import visible_words
from connectors.domain.shapes import TargetField
from connectors.domain.work_items import Person

CUSTOM = "com.atlassian.jira.plugin.system.customfieldtypes:"
ADA = Person("u1", "Ada Byron", "ada@example.com")
NOBODY = Person("u2", "Nobody")


def options(*names: str) -> tuple[tuple[str, str], ...]:
    return tuple((str(number), name) for number, name in enumerate(names, start=100))


TEXT = TargetField("t", "Text", kind="string", custom=CUSTOM + "textfield")
AREA = TargetField("a", "Area", kind="string", custom=CUSTOM + "textarea")
URL = TargetField("u", "Link", kind="string", custom=CUSTOM + "url")
NUMBER = TargetField("n", "Number", kind="number")
DATE = TargetField("d", "Date", kind="date")
MOMENT = TargetField("m", "Moment", kind="datetime")
USER = TargetField("p", "Person", kind="user")
PEOPLE = TargetField("pp", "People", kind="array", items="user")
CHOICE = TargetField("o", "Choice", kind="option", allowed=options("Critical", "High", "1 - Low", "Yes", "No"))
CHOICES = TargetField("oo", "Choices", kind="array", items="option", allowed=options("Red", "Green", "Dark blue"))
CASCADE = TargetField("c", "Cascade", kind="option-with-child", allowed=options("Europe", "Asia"))
LABELS = TargetField("l", "Labels", kind="array", items="string")
VERSION = TargetField("v", "Version", kind="version", allowed=(("7", "1.0"),))
VERSIONS = TargetField("vv", "Versions", kind="array", items="version", allowed=(("7", "1.0"), ("8", "2.0")))
HIDDEN = TargetField("h", "Off screen", kind="option")
RANK = TargetField("r", "Rank", kind="any")


def account(person: Person) -> str | None:
    return "acc-1" if person is ADA else None


def convert(value: Any, target: TargetField, kind: str = "text", **renamed: str) -> Any:
    return convert_value(value, target, Conversion(kind, renamed, account))


@pytest.mark.parametrize(
    ("value", "kind", "target", "expected"),
    [
        ("Red", "text", TEXT, "Red"),
        (8.0, "number", TEXT, "8"),
        (True, "boolean", TEXT, "Yes"),
        (ADA, "identity", TEXT, "Ada Byron (ada@example.com)"),
        ("x" * 255, "text", TEXT, "x" * 255),
        ("x" * 256, "text", TEXT, None),
        ("two\nlines", "text", TEXT, None),
        ("   ", "text", TEXT, None),
        ("bell\x07", "text", TEXT, "bell"),
        ("https://a.example/b?c=d", "text", URL, "https://a.example/b?c=d"),
        ("a.example", "text", URL, None),
        ("https://a.example b", "text", URL, None),
        (3, "number", NUMBER, 3),
        ("3.5", "text", NUMBER, 3.5),
        ("3,5", "text", NUMBER, None),
        ("nan", "text", NUMBER, None),
        ("inf", "text", NUMBER, None),
        (1e15, "number", NUMBER, None),
        (True, "boolean", NUMBER, None),
        ("2026-03-04T23:30:00-02:00", "date", DATE, "2026-03-05"),
        ("2026-03-04", "date", DATE, "2026-03-04"),
        ("9999-01-01T00:00:00Z", "date", DATE, None),
        ("soon", "text", DATE, None),
        ("2026-03-04T01:02:03.4567Z", "date", MOMENT, "2026-03-04T01:02:03.456+0000"),
        (ADA, "identity", USER, {"accountId": "acc-1"}),
        (NOBODY, "identity", USER, None),
        ("Ada Byron", "text", USER, None),
        (ADA, "identity", PEOPLE, [{"accountId": "acc-1"}]),
        ("Critical", "text", CHOICE, {"value": "Critical"}),
        ("1 - Critical", "text", CHOICE, {"value": "Critical"}),
        ("critical!", "text", CHOICE, {"value": "Critical"}),
        ("4 - low", "text", CHOICE, {"value": "1 - Low"}),
        ("Medium", "text", CHOICE, None),
        (False, "boolean", CHOICE, {"value": "No"}),
        ("green; Dark Blue", "text", CHOICES, [{"value": "Green"}, {"value": "Dark blue"}]),
        ("Green; Pink", "text", CHOICES, None),
        ("Green; green", "text", CHOICES, [{"value": "Green"}]),
        ("Asia", "text", CASCADE, {"value": "Asia"}),
        ("big ship;small", "text", LABELS, ["big-ship", "small"]),
        ("x" * 256, "text", LABELS, None),
        ("1.0", "text", VERSION, {"id": "7"}),
        ("3.0", "text", VERSION, None),
        ("1.0;2.0", "text", VERSIONS, [{"id": "7"}, {"id": "8"}]),
        ("anything", "text", HIDDEN, {"value": "anything"}),
        ("anything", "text", RANK, None),
        (None, "text", TEXT, None),
    ],
)
def test_a_value_takes_the_shape_of_its_field(value: Any, kind: str, target: TargetField, expected: Any) -> None:
    assert convert(value, target, kind) == expected


def test_a_paragraph_takes_any_text_as_a_document() -> None:
    document = convert("one\n\ntwo https://a.example", AREA)

    assert document["type"] == "doc"
    assert visible_words(document) == ["one", "two", "https://a.example"]


def test_ambiguous_options_are_not_guessed() -> None:
    twins = TargetField("o", "Choice", kind="option", allowed=options("1 - High", "2 - High"))

    assert convert("High", twins) is None
    assert convert("2 - High", twins) == {"value": "2 - High"}


def test_values_are_renamed_before_they_are_matched() -> None:
    assert convert("Worst", CHOICE, worst="Critical") == {"value": "Critical"}
    assert convert(True, CHOICES, "boolean", yes="Red") == [{"value": "Red"}]


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        ("2026-03-04T00:00:00Z", "date", "2026-03-04"),
        ("2026-03-04T05:06:07.8Z", "date", "2026-03-04 05:06:07 UTC"),
        ("2026-03-04T05:06:07.8Z", "text", "2026-03-04T05:06:07.8Z"),
        (2.5, "number", "2.5"),
        (None, "text", ""),
        ("a\r\nb", "text", "a\nb"),
        (NOBODY, "identity", "Nobody"),
    ],
)
def test_values_are_shown_as_people_read_them(value: Any, kind: str, expected: str) -> None:
    assert shown(value, kind) == expected


@pytest.mark.parametrize(
    ("hours", "expected"),
    [(2, "120m"), (0.75, "45m"), ("7.5", "450m"), (0, "0m"), (1 / 3, "20m"), (-1, None), ("x", None), (True, None)],
)
def test_hours_become_whole_minutes(hours: Any, expected: str | None) -> None:
    assert hours_as_estimate(hours) == expected


@pytest.mark.parametrize(
    ("sent", "found", "same"),
    [
        ({"value": "Red"}, {"id": "1", "value": "Red", "self": "x"}, True),
        ({"value": "Red"}, {"id": "1", "value": "Green"}, False),
        ({"value": "Red"}, None, False),
        ({"accountId": "a"}, {"accountId": "a", "displayName": "Ada"}, True),
        ([{"value": "A"}, {"value": "B"}], [{"value": "B", "id": "2"}, {"value": "A", "id": "1"}], True),
        ([{"value": "A"}], [{"value": "A"}, {"value": "B"}], False),
        ([{"id": "7"}], [{"id": "7", "name": "1.0"}], True),
        (["b", "a"], ["a", "b"], True),
        (3, 3.0, True),
        (3, None, False),
        ("2026-03-04T01:02:03.456+0000", "2026-03-04T02:02:03.456+0100", True),
        ("2026-03-04T01:02:03.456+0000", "2026-03-04T01:02:04.456+0000", False),
        ("Team", "Team", True),
        ({"remainingEstimate": "90m"}, {"remainingEstimate": "1h 30m", "remainingEstimateSeconds": 5400}, True),
        (
            {"remainingEstimate": "90m"},
            {"originalEstimateSeconds": 60, "remainingEstimate": "x", "remainingEstimateSeconds": 5400},
            True,
        ),
        ({"remainingEstimate": "90m"}, {"remainingEstimate": "1h", "remainingEstimateSeconds": 3600}, False),
        ({"remainingEstimate": "90m"}, {}, False),
    ],
)
def test_what_stands_is_compared_with_what_was_sent(sent: Any, found: Any, same: bool) -> None:
    assert same_value(sent, found) is same


def test_documents_are_compared_by_their_words() -> None:
    one, other = convert("one two", AREA), convert("one two", AREA)
    other["content"][0]["attrs"] = {"localId": "x"}

    assert same_value(one, other)
    assert not same_value(one, convert("one", AREA))
