"""Two reports side by side: only what differs is told."""

from __future__ import annotations

from typing import Any

from connectors.domain.audit_compare import CountChange, compare_reports


def finding(code: str, count: int) -> dict[str, Any]:
    return {"code": code, "severity": "warning", "message": f"About {code}.", "count": count, "sampleIds": []}


BEFORE: dict[str, Any] = {
    "totalWorkItems": 10,
    "commentCount": 4,
    "attachmentCount": 0,
    "users": [{"id": "a"}],
    "typeCounts": {"Bug": 4, "Task": 6},
    "stateCounts": {"New": 10},
    "areaPaths": [{"path": "Shop", "depth": 1, "itemCount": 10}],
    "iterationPaths": [{"path": "Shop", "itemCount": 10}],
    "tagCounts": {},
    "customFields": [],
    "findings": [finding("TEXT_TOO_LONG", 2), finding("PARENT_CYCLE", 1)],
}


def test_a_report_compared_with_itself_is_equal() -> None:
    assert compare_reports(BEFORE, BEFORE).is_equal


def test_names_that_came_and_went_count_as_none_on_the_other_side() -> None:
    after = BEFORE | {"totalWorkItems": 11, "typeCounts": {"Task": 6, "Epic": 5}}

    found = compare_reports(BEFORE, after)

    assert not found.is_equal
    assert found.totals[0] == CountChange("Work items", 10, 11)
    assert found.types == (CountChange("Epic", 0, 5), CountChange("Bug", 4, 0))
    assert found.states == ()


def test_areas_and_fields_are_compared_by_what_people_call_them() -> None:
    after = BEFORE | {
        "areaPaths": [{"path": "Shop", "depth": 1, "itemCount": 7}, {"path": "Shop\\API", "depth": 2, "itemCount": 3}],
        "customFields": [{"referenceName": "Custom.Team", "name": "Team", "type": "String", "itemCount": 2}],
    }

    found = compare_reports(BEFORE, after)

    assert found.areas == (CountChange("Shop", 10, 7), CountChange("Shop\\API", 0, 3))
    assert found.fields == (CountChange("Team", 0, 2),)


def test_findings_are_told_new_ones_first_and_gone_ones_last() -> None:
    after = BEFORE | {"findings": [finding("TEXT_TOO_LONG", 5), finding("TITLE_TOO_LONG", 1)]}

    found = compare_reports(BEFORE, after).findings

    assert [(each.code, each.before, each.after) for each in found] == [
        ("TITLE_TOO_LONG", 0, 1),
        ("TEXT_TOO_LONG", 2, 5),
        ("PARENT_CYCLE", 1, 0),
    ]


def test_a_report_from_before_a_key_existed_can_be_compared() -> None:
    assert compare_reports({}, {"totalWorkItems": 3}).totals[0] == CountChange("Work items", 0, 3)
