"""The configuration document: read, refused with reasons, written, and compared with what the sides offer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from connectors.domain.errors import DomainError
from connectors.domain.sides import SideShape, SideType
from sync.engine.base import Both, PairBase, Part, PartKind, equals_base
from sync.engine.config import problems, read_config, write_config
from sync.engine.mappings import Direction, InitialPass, Policy, Position, SyncConfig
from tests.sync.engine.driver import document, shape_of

FIRST, SECOND = shape_of("first", "html"), shape_of("second", "adf")


def test_a_document_is_read_and_written_alike() -> None:
    given = document(
        policy="responsible",
        responsible="second",
        otherSideChanges="ask",
        deletionPolicy="close",
        closeStates={"first": "Closed", "second": "Done"},
        fieldDefaults={"first": [], "second": [{"id": "d", "field": "effort", "value": 3, "issueTypes": ["Bug"]}]},
        peopleMapping={"a": "b"},
        pollSeconds=30,
    )
    config = read_config(given)

    assert read_config(write_config(config)) == config
    assert config.responsible is Position.SECOND
    assert config.initial_pass is InitialPass.CREATE
    assert config.defaults(Position.SECOND, "Bug")[0].value == 3
    assert config.defaults(Position.SECOND, "Task") == ()
    written = write_config(config)
    assert written["fieldMappings"][0] == {
        "id": "f-title",
        "firstField": "title",
        "secondField": "title",
        "direction": "BOTH",
        "issueTypes": [],
        "valueMapping": None,
        "policy": None,
    }


def test_what_is_left_out_takes_its_default() -> None:
    config = read_config({})

    assert config == SyncConfig()
    assert (config.policy, config.comments, config.attachments) == (Policy.NEWEST, None, None)


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"fieldMappings": {}}, "fieldMappings"),
        ({"fieldMappings": [7]}, "fieldMappings[0]"),
        ({"fieldMappings": [None]}, "fieldMappings[0]"),
        ({"fieldMappings": [{"id": "x", "firstField": 3, "secondField": "b"}]}, "fieldMappings[0].firstField"),
        ({"fieldMappings": [{"id": "x", "firstField": "a"}]}, "fieldMappings[0].secondField"),
        (
            {"fieldMappings": [{"id": "x", "firstField": "a", "secondField": "b", "direction": "UP"}]},
            "fieldMappings[0].direction",
        ),
        (
            {"fieldMappings": [{"id": "x", "firstField": "a", "secondField": "b", "valueMapping": "y"}]},
            "fieldMappings[0].valueMapping",
        ),
        (
            {"fieldMappings": [{"id": "x", "firstField": "a", "secondField": "b", "extra": 1}]},
            "fieldMappings[0].extra",
        ),
        ({"issueTypeMappings": [{"id": "f-title", "firstType": "a", "secondType": "b"}]}, "fieldMappings[0].id"),
        (
            {"workflowMappings": [{"id": "x", "firstType": "a", "secondType": "b", "firstToSecond": [1]}]},
            "workflowMappings[0].firstToSecond[0]",
        ),
        ({"attachmentMapping": {"id": "x", "fileNamePattern": "("}}, "attachmentMapping.fileNamePattern"),
        ({"attachmentMapping": {"id": "x", "maxSizeMb": -1}}, "attachmentMapping.maxSizeMb"),
        ({"commentMapping": {"id": "x", "edits": "yes"}}, "commentMapping.edits"),
        ({"pollSeconds": True}, "pollSeconds"),
        ({"pollSeconds": 0}, "pollSeconds"),
        ({"policy": "loudest"}, "policy"),
        ({"parents": 1}, "parents"),
        ({"peopleMapping": {"a": None}}, "peopleMapping"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_a_wrong_place_is_named(changes: dict[str, Any], where: str) -> None:
    with pytest.raises(DomainError) as refused:
        read_config(document(**changes))

    assert refused.value.code == "CONFIGURATION_INVALID"
    assert where in refused.value.errors


@pytest.mark.parametrize("value", [7, [], "text"])
def test_what_is_no_object_is_no_configuration(value: Any) -> None:
    with pytest.raises(DomainError):
        read_config(value)


def test_a_configuration_that_fits_has_no_problems() -> None:
    assert problems(read_config(document()), FIRST, SECOND) == []


def found(changes: dict[str, Any], *, second: SideShape = SECOND) -> list[tuple[str, str]]:
    return [(p.code, p.where) for p in problems(read_config(document(**changes)), FIRST, second)]


def field_mapping(**changes: Any) -> dict[str, Any]:
    title = {"id": "t", "firstField": "title", "secondField": "title"}
    return {"fieldMappings": [title, {"id": "x", "firstField": "effort", "secondField": "effort", **changes}]}


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        (field_mapping(firstField="nothing"), ("FIELD_UNKNOWN", "fieldMappings[1].firstField")),
        (field_mapping(secondField="title"), ("FIELD_TWICE", "fieldMappings[1]")),
        (field_mapping(secondField="assignee"), ("FIELD_KINDS_DIFFER", "fieldMappings[1]")),
        (field_mapping(firstField="state"), ("STATE_IS_WORKFLOW", "fieldMappings[1].firstField")),
        (
            {"linkMappings": [{"id": "x", "firstLinkType": "Related", "secondLinkType": "Eats"}]},
            ("LINK_TYPE_UNKNOWN", "linkMappings[0].secondLinkType"),
        ),
        (
            {"issueTypeMappings": [{"id": "x", "firstType": "Epic", "secondType": "Bug"}]},
            ("ISSUE_TYPE_UNKNOWN", "issueTypeMappings[0].firstType"),
        ),
        (
            {"deletionPolicy": "close", "closeStates": {"first": "Closed", "second": "Gone"}},
            ("CLOSE_STATE_UNKNOWN", "closeStates.second"),
        ),
        (
            {"fieldDefaults": {"first": [{"id": "x", "field": "priority", "value": "9"}]}},
            ("VALUE_UNKNOWN", "fieldDefaults.first[0]"),
        ),
        ({"issueTypeMappings": []}, ("NO_ISSUE_TYPES", "issueTypeMappings")),
        ({"fieldMappings": []}, ("REQUIRED_FIELD_UNFILLED", "issueTypeMappings[0]")),
    ],
)
def test_what_the_sides_do_not_offer_is_a_problem(changes: dict[str, Any], problem: tuple[str, str]) -> None:
    assert problem in found(changes)


def test_values_and_states_that_are_not_offered_are_problems() -> None:
    values = [{"id": "v", "name": "P", "mode": "correlation", "pairs": [{"first": "7", "second": "High"}]}]
    assert ("VALUE_UNKNOWN", "fieldMappings[6].valueMapping") in found({"valueMappings": values})
    steps = [{"from": "New", "to": "Somewhere"}, {"from": "New", "to": "Done"}]
    flow = {"id": "w", "firstType": "Bug", "secondType": "Bug", "firstToSecond": steps}
    codes = found({"workflowMappings": [flow]})
    assert codes == [
        ("STATE_UNKNOWN", "workflowMappings[0].firstToSecond[0]"),
        ("STATE_TWICE", "workflowMappings[0].firstToSecond[1]"),
    ]


def test_files_and_fields_that_a_side_does_not_take_are_problems() -> None:
    fields = tuple(replace(each, writable=each.id != "effort") for each in SECOND.fields)
    second = replace(SECOND, takes_files=False, fields=fields)

    assert found({}, second=second) == [
        ("FIELD_READ_ONLY", "fieldMappings[5].secondField"),
        ("FILES_UNSUPPORTED", "attachmentMapping.direction"),
    ]
    one_way = [{"id": "x", "firstField": "effort", "secondField": "effort", "direction": "SECOND_TO_FIRST"}]
    assert all(code != "FIELD_READ_ONLY" for code, _ in found({"fieldMappings": one_way}, second=second))


def test_directions() -> None:
    assert [Direction.BOTH.carries(each) for each in Position] == [True, True]
    assert [Direction.FIRST_TO_SECOND.carries(each) for each in Position] == [True, False]


def test_a_base_comes_back_from_its_document_and_stays_small() -> None:
    long = {"markup": "html", "text": "x" * 200_000}
    part = Part(PartKind.LINK, Both("a", "b"), Position.SECOND, Both("p", "q"), "gone")
    base = PairBase(
        Both("Bug", "Task"), Both("1", "2"), {"f": Both(long, ["a"]), "g": Both(1, None)}, {"g": "d"}, (part,)
    )

    stored = base.to_json()
    rows = [Part.of_row(part.kind.value, "a", "b", 2, part.fingerprint())]
    read = PairBase.from_json(stored, parts=rows, versions=Both("1", "2"))

    assert len(str(stored)) < 1000
    assert equals_base(read.fields["f"].first, long)
    assert not equals_base(read.fields["f"].first, {**long, "text": "y"})
    assert not equals_base(1, bool(1))
    assert replace(read, fields={}) == replace(base, fields={})
    assert read.fields["g"] == base.fields["g"]


def test_a_further_mapping_of_a_type_lets_pairs_be_and_the_first_one_makes_items() -> None:
    document = {
        "issueTypeMappings": [
            {"id": "a", "firstType": "Task", "secondType": "Sub-task"},
            {"id": "b", "firstType": "Task", "secondType": "Task"},
        ]
    }
    types = (SideType("Task"), SideType("Sub-task"))
    config = read_config(document)

    assert problems(config, SideShape("jira", "A", types), SideShape("jira", "B", types)) == []
    assert config.pairs_types("Task", "Task")
    made = config.type_mapping(Position.FIRST, "Task")
    assert made is not None and made.second == "Sub-task"


def test_a_mapping_of_the_same_types_twice_is_a_conflict() -> None:
    document = {
        "issueTypeMappings": [
            {"id": "a", "firstType": "Task", "secondType": "Task"},
            {"id": "b", "firstType": "Task", "secondType": "Task"},
        ]
    }
    shape = SideShape("jira", "A", (SideType("Task"),))

    assert [each.code for each in problems(read_config(document), shape, shape)] == ["ISSUE_TYPE_TWICE"]
