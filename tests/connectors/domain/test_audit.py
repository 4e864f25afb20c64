"""The audit report: documented keys, invariants, and findings with counts and samples."""

import tracemalloc
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.domain.audit import Audit, AuditLimits
from connectors.domain.pricing import DEFAULT_RULES
from connectors.domain.shapes import Iteration, SourceField, SourceShape, SourceType
from connectors.domain.work_items import (
    Attachment,
    Link,
    LinkKind,
    Markup,
    Person,
    RemoteLink,
    Text,
    WorkItem,
)

SHAPE = SourceShape(
    organization="contoso",
    project_id="p1",
    project="Shop",
    types=(
        SourceType("Task", level=-1),
        SourceType("User Story", level=0),
        SourceType("Feature", level=1),
        SourceType("Epic", level=2),
        SourceType("Test Case"),
    ),
    fields=(
        SourceField("Custom.RegulatoryRef", "Regulatory Reference", "String", custom=True),
        SourceField("Custom.Unused", "Unused", "String", custom=True),
        SourceField("Custom.Notes", "Notes", "html", custom=True),
        SourceField("Microsoft.VSTS.Common.Severity", "Severity", "String"),
    ),
    iterations=(
        Iteration("Shop"),
        Iteration("Shop\\Q1\\Sprint 1", datetime(2025, 1, 6, tzinfo=UTC), datetime(2025, 1, 17, tzinfo=UTC)),
    ),
    areas=("Shop", "Shop\\Backend", "Shop\\Backend\\API"),
)
ALICE = Person(id="a", name="Alice", email="alice@example.com")
GHOST = Person(id="g", name="Ghost", active=False)


def item(number, kind="User Story", **changes):
    values = {"id": str(number), "rev": 1, "type": kind, "title": f"Item {number}", "state": "New"}
    return WorkItem(**(values | {"area": "Shop", "iteration": "Shop", "comment_count": 0} | changes))


def report_of(*items, limits=None, unreadable=()):
    audit = Audit(SHAPE, limits)
    for each in items:
        audit.add(each)
    audit.add_unreadable(unreadable)
    return audit.report(DEFAULT_RULES)


def findings_of(*items, **options):
    return {
        entry["code"]: (entry["severity"], entry["count"], entry["sampleIds"])
        for entry in report_of(*items, **options)["findings"]
    }


def test_an_empty_project_has_every_key_and_no_finding():
    report = report_of()

    assert report == {
        "totalWorkItems": 0,
        "typeCounts": {},
        "iterationPaths": [
            {"path": "Shop", "startDate": None, "endDate": None, "itemCount": 0},
            {"path": "Shop\\Q1\\Sprint 1", "startDate": "2025-01-06", "endDate": "2025-01-17", "itemCount": 0},
        ],
        "areaPaths": [
            {"path": "Shop", "depth": 1, "itemCount": 0},
            {"path": "Shop\\Backend", "depth": 2, "itemCount": 0},
            {"path": "Shop\\Backend\\API", "depth": 3, "itemCount": 0},
        ],
        "customFields": [],
        "attachmentTotalGb": 0.0,
        "attachmentCount": 0,
        "commentCount": 0,
        "pricing": {
            "totalItems": 0,
            "attachmentGb": 0.0,
            "basePrice": 19.0,
            "discountPercent": 0,
            "finalPriceGbp": 19.0,
            "currency": "GBP",
        },
        "stateCounts": {},
        "relationCounts": {},
        "depthCounts": {},
        "tagCounts": {},
        "users": [],
        "estimate": {"requests": 0, "durationSeconds": 0},
        "findings": [],
    }


def test_types_are_counted_in_backlog_order():
    report = report_of(item(1, "Task"), item(2, "Test Case"), item(3, "Epic"), item(4, "Task"), item(5, "Alien"))

    assert list(report["typeCounts"].items()) == [("Epic", 1), ("Task", 2), ("Alien", 1), ("Test Case", 1)]
    assert report["totalWorkItems"] == 5


def test_paths_count_items_and_keep_those_the_tree_lost():
    report = report_of(
        item(1, iteration="Shop\\Q1\\Sprint 1", area="Shop\\Backend\\API"),
        item(2, iteration="Shop\\Gone", area="Shop\\Gone\\Too"),
    )

    assert report["iterationPaths"] == [
        {"path": "Shop", "startDate": None, "endDate": None, "itemCount": 0},
        {"path": "Shop\\Q1\\Sprint 1", "startDate": "2025-01-06", "endDate": "2025-01-17", "itemCount": 1},
        {"path": "Shop\\Gone", "startDate": None, "endDate": None, "itemCount": 1},
    ]
    assert report["areaPaths"][2:] == [
        {"path": "Shop\\Backend\\API", "depth": 3, "itemCount": 1},
        {"path": "Shop\\Gone\\Too", "depth": 3, "itemCount": 1},
    ]


def test_custom_fields_are_those_that_items_fill():
    report = report_of(
        item(1, fields={"Custom.RegulatoryRef": "R1", "Microsoft.VSTS.Common.Severity": "2 - High"}),
        item(2, fields={"Custom.RegulatoryRef": ""}),
        item(3, fields={"Custom.RegulatoryRef": None}, texts={"Custom.Notes": Text("<p>x</p>")}),
        item(4, fields={"Custom.RegulatoryRef": 0}),
    )

    assert report["customFields"] == [
        {"referenceName": "Custom.RegulatoryRef", "name": "Regulatory Reference", "type": "String", "itemCount": 2},
        {"referenceName": "Custom.Notes", "name": "Notes", "type": "Html", "itemCount": 1},
    ]


def test_files_comments_and_price_are_summed():
    big = Attachment("f1", "a.bin", "u", size=4_200_000_000)
    unknown = Attachment("f2", "b.bin", "u")

    report = report_of(item(1, attachments=(big, unknown), comment_count=8300), item(2, comment_count=2))

    assert (report["attachmentTotalGb"], report["attachmentCount"], report["commentCount"]) == (4.2, 2, 8302)
    assert report["pricing"]["attachmentGb"] == 4.2
    assert report["relationCounts"] == {"attached_file": 2}


def test_relations_are_counted_at_each_end():
    report = report_of(
        item(1, links=(Link(LinkKind.CHILD, "2"), Link(LinkKind.RELATES, "3"))),
        item(2, parent="1", links=(Link(LinkKind.PARENT, "1"),)),
        item(3, parent="1", remote_links=(RemoteLink("hyperlink", "https://example.com"),)),
    )

    assert report["relationCounts"] == {"parent": 2, "child": 1, "hyperlink": 1, "relates": 1}


def test_tags_are_counted_without_case_under_their_first_spelling():
    report = report_of(item(1, tags=("UX", "two words")), item(2, tags=("ux",)))

    assert report["tagCounts"] == {"UX": 2, "two words": 1}


def test_people_are_listed_with_what_they_did_the_busiest_first():
    report = report_of(
        item(1, author=ALICE, assignee=GHOST),
        item(2, author=ALICE),
        item(3, fields={"Custom.Owner": Person("o", "Owner", "o@example.com")}),
    )

    assert report["users"] == [
        {"id": "a", "name": "Alice", "email": "alice@example.com", "active": True, "created": 2, "assigned": 0},
        {"id": "g", "name": "Ghost", "email": "", "active": False, "created": 0, "assigned": 1},
        {"id": "o", "name": "Owner", "email": "o@example.com", "active": True, "created": 0, "assigned": 0},
    ]


@pytest.mark.parametrize(
    ("changes", "code", "severity", "sample"),
    [
        ({"attachments": (Attachment("f", "a", "u", size=11),)}, "ATTACHMENT_TOO_LARGE", "warning", "7"),
        ({"attachments": (Attachment("f", "a", "u"),)}, "ATTACHMENT_SIZE_UNKNOWN", "info", "7"),
        ({"texts": {"description": Text("x" * 21)}}, "TEXT_TOO_LONG", "warning", "7"),
        ({"texts": {"description": Text("<b>" * 21, Markup.MARKDOWN)}}, "TEXT_TOO_LONG", "warning", "7"),
        ({"title": "x" * 256}, "TITLE_TOO_LONG", "warning", "7"),
        ({"assignee": GHOST}, "PEOPLE_WITHOUT_EMAIL", "warning", "Ghost"),
        ({"assignee": GHOST}, "PEOPLE_INACTIVE", "info", "Ghost"),
        ({"comment_count": 31}, "TOO_MANY_COMMENTS", "warning", "7"),
        ({"comment_count": None}, "COMMENT_COUNT_UNKNOWN", "info", "7"),
        ({"links": (Link(LinkKind.RELATES, "1"),) * 3}, "TOO_MANY_LINKS", "warning", "7"),
        ({"tags": ("a b",)}, "TAG_CHANGES", "info", "7"),
        ({"parent": "99"}, "PARENT_OUTSIDE", "info", "7"),
        ({"parent": "7"}, "PARENT_CYCLE", "warning", "7"),
        ({"fields": {"Strange.Field": 1}}, "FIELD_NOT_DESCRIBED", "info", "Strange.Field"),
    ],
)
def test_what_needs_attention_becomes_a_finding(changes, code, severity, sample):
    limits = AuditLimits(attachment_bytes=10, text_characters=20, comments=30, links=2)

    assert findings_of(item(7, **changes), limits=limits)[code] == (severity, 1, [sample])


def test_markup_does_not_count_as_text():
    limits = AuditLimits(text_characters=20)

    assert findings_of(item(1, texts={"description": Text("<p>&amp;</p>" * 20)}), limits=limits) == {}


def test_unreadable_items_are_reported_and_not_counted():
    report = report_of(item(1), unreadable=["5", "6"])

    assert report["totalWorkItems"] == 1
    assert [(entry["code"], entry["count"], entry["sampleIds"]) for entry in report["findings"]] == [
        ("ITEM_UNREADABLE", 2, ["5", "6"])
    ]


def test_parents_that_jira_cannot_hold_are_found_whatever_the_order():
    items = [
        item(1, "Task", parent="4"),
        item(2, "Task", parent="1"),
        item(4, "User Story", parent="5"),
        item(5, "Feature", parent="6"),
        item(6, "Epic"),
        item(7, "Test Case", parent="4"),
    ]

    found = findings_of(*items)

    assert found == findings_of(*reversed(items))
    assert found == {
        "PARENT_SAME_LEVEL": ("warning", 1, ["2"]),
        "PARENT_TOO_DEEP": ("warning", 3, ["1", "2", "7"]),
    }


def test_depth_counts_the_steps_to_the_topmost_parent_in_the_project():
    report = report_of(
        item(1, "Task", parent="4"), item(4, "User Story", parent="6"), item(6, "Epic"), item(7, "Task", parent="99")
    )

    assert report["depthCounts"] == {"1": 2, "2": 1, "3": 1}


def test_ids_that_are_no_numbers_keep_their_text():
    assert findings_of(item("SHOP-1", parent="SHOP-2"))["PARENT_OUTSIDE"] == ("info", 1, ["SHOP-1"])
    assert "PARENT_OUTSIDE" not in findings_of(item("007", parent="7"), item("7"))


def test_a_finding_names_ten_items_and_counts_all():
    found = findings_of(*(item(number, tags=("a b",)) for number in range(1, 31)))

    assert found["TAG_CHANGES"] == ("info", 30, [str(number) for number in range(1, 11)])


def test_warnings_stand_before_information():
    severities = [
        entry["severity"] for entry in report_of(item(1, tags=("a b",), title="x" * 300, assignee=GHOST))["findings"]
    ]

    assert severities == ["warning", "warning", "info", "info"]


def test_the_estimate_grows_with_the_work():
    small = report_of(*(item(number) for number in range(1, 201)))["estimate"]
    large = report_of(
        *(
            item(number, comment_count=2, attachments=(Attachment("f", "a", "u", size=10**7),))
            for number in range(1, 201)
        )
    )["estimate"]

    shown = {"texts": {"description": Text('<IMG src="a"> and <img src="b">')}}
    illustrated = report_of(item(1, **shown))["estimate"]

    # 45 for both projects; 200 items: 2 reads, 4 bulk creates, 2 fetches; then 2 reads and 2 writes per commented item,
    # 4 per file, 6 per image in a text.
    assert small == {"requests": 45 + 8, "durationSeconds": 6}
    assert large == {"requests": 45 + 8 + 400 + 400 + 800, "durationSeconds": 1666}
    assert illustrated["requests"] == 45 + 4 + 2 * 6


names = st.text(max_size=5)
items = st.builds(
    item,
    st.integers(1, 60),
    names,
    state=names,
    area=names,
    iteration=names,
    tags=st.lists(names, max_size=3).map(tuple),
    parent=st.none() | st.integers(1, 60).map(str),
    comment_count=st.none() | st.integers(0, 9),
    links=st.lists(st.builds(Link, st.sampled_from(LinkKind), st.just("1")), max_size=3).map(tuple),
)


@given(st.lists(items, max_size=40))
def test_counts_reconcile_with_the_total_for_any_project(project):
    report = report_of(*project)

    assert sum(report["typeCounts"].values()) == report["totalWorkItems"] == len(project)
    assert sum(report["stateCounts"].values()) == report["totalWorkItems"]
    assert sum(report["depthCounts"].values()) == report["totalWorkItems"]
    assert report["commentCount"] == sum(each.comment_count or 0 for each in project)
    assert report["pricing"]["totalItems"] == report["totalWorkItems"]
    assert all(entry["count"] >= len(entry["sampleIds"]) > 0 for entry in report["findings"])


def test_memory_does_not_grow_with_the_texts():
    audit = Audit(SHAPE)
    tracemalloc.start()
    try:
        for number in range(1, 2001):
            audit.add(item(number, texts={"description": Text(f"{number} " * 2000)}, parent="1"))
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    # The texts alone are more than 18 MB.
    assert kept < 500_000
    assert audit.report(DEFAULT_RULES)["totalWorkItems"] == 2000
