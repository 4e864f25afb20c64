"""Audits in the console: started, watched until they end, read, downloaded, compared."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from connectors.domain.errors import AccessLost
from connectors.models import Connector, Scan
from tests.builders import Cast, Person
from tests.connectors.console.conftest import SECRET, MakeConnector
from tests.connectors.sources import MemorySource
from tests.jobs import RecordedJobs

pytestmark = pytest.mark.django_db

REPORT: dict[str, Any] = {
    "totalWorkItems": 1_240,
    "typeCounts": {"Epic": 40, "Task": 1_200},
    "stateCounts": {"New": 1_240},
    "iterationPaths": [{"path": "Shop\\Sprint 1", "startDate": None, "endDate": None, "itemCount": 1_240}],
    "areaPaths": [
        {"path": "Shop", "depth": 1, "itemCount": 0},
        {"path": "Shop\\Backend", "depth": 2, "itemCount": 1_240},
    ],
    "customFields": [{"referenceName": "Custom.Team", "name": "Team", "type": "String", "itemCount": 12}],
    "attachmentTotalGb": 1.5,
    "attachmentCount": 30,
    "commentCount": 2_000,
    "pricing": {
        "totalItems": 1_240,
        "attachmentGb": 1.5,
        "basePrice": 49.0,
        "discountPercent": 5,
        "finalPriceGbp": 46.55,
        "currency": "GBP",
    },
    "relationCounts": {"parent": 1_200},
    "depthCounts": {"1": 40, "2": 1_200},
    "tagCounts": {"=HYPERLINK(1)": 3},
    "users": [{"id": "a", "name": "Anna", "email": "a@example.com", "active": False, "created": 9, "assigned": 1}],
    "estimate": {"requests": 4_321, "durationSeconds": 7_500},
    "findings": [
        {
            "severity": "warning",
            "code": "PARENT_CYCLE",
            "message": "Items are their own ancestor; a link keeps the relation.",
            "count": 12,
            "sampleIds": ["17", "18"],
        },
        {
            "severity": "info",
            "code": "PEOPLE_INACTIVE",
            "message": "People who left are still named.",
            "count": 1,
            "sampleIds": ["Anna"],
        },
    ],
}


def url(name: str, **key: Any) -> str:
    return reverse(f"connectors_console:{name}", kwargs=key or None)


def page(person: Person, address: str) -> str:
    answer = person.browser.get(address)
    assert answer.status_code == 200, answer.status_code
    return " ".join(answer.content.decode().replace("&#x27;", "'").split())


def make_scan(people: Cast, *, status: str = "COMPLETED", **fields: Any) -> Scan:
    values: dict[str, Any] = {
        "system": "azure_devops",
        "server": "https://dev.azure.com/contoso",
        "external_project": "Shop",
        "report": REPORT if status == "COMPLETED" else None,
        "total_items": 1_240,
        "finished_at": timezone.now(),
        **fields,
    }
    return Scan.objects.create(organization=people.organization, status=status, **values)


# --- Starting and watching -------------------------------------------------------------------------------------------


def test_a_scan_is_started_read_in_the_background_and_reported(
    people: Cast, make_connector: MakeConnector, jobs: RecordedJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    MemorySource(size=12).install(monkeypatch)
    connector = make_connector()
    browser = people.member.browser

    started = browser.post(url("scan_start"), {"connector": connector.pk, "project": ""})

    scan = Scan.objects.get()
    assert (started.status_code, started["Location"]) == (303, url("scan", scan=scan.pk))
    assert "0 of 12 work items read, 0 %." in page(people.member, url("scan", scan=scan.pk))
    progress = browser.get(url("scan_progress", scan=scan.pk), headers={"HX-Request": "true"})
    assert "HX-Refresh" not in progress
    assert b'hx-trigger="every 2s"' in progress.content

    jobs.run_all()

    ended = browser.get(url("scan_progress", scan=scan.pk), headers={"HX-Request": "true"})
    assert ended["HX-Refresh"] == "true"
    assert "Audit of Shop" in page(people.member, url("scan", scan=scan.pk))


def test_a_refusal_is_answered_on_the_form_that_keeps_the_choice(
    people: Cast, make_connector: MakeConnector, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise AccessLost("The token is not accepted", code="CREDENTIALS_REFUSED")

    source = MemorySource(on_list=refuse)
    monkeypatch.setattr(source, "probe", refuse)
    source.install(monkeypatch)
    connector = make_connector()

    answer = people.owner.browser.post(url("scan_start"), {"connector": connector.pk, "project": "Warehouse"})

    shown = answer.content.decode()
    assert answer.status_code == 422
    assert "The token is not accepted" in shown
    assert "Make a new token on the platform" in shown
    assert 'value="Warehouse"' in shown
    assert f'<option value="{connector.pk}" selected>' in shown


def test_another_organizations_connector_cannot_be_scanned(people: Cast, make_connector: MakeConnector) -> None:
    foreign = make_connector(by=people.outsider.principal)

    answer = people.owner.browser.post(url("scan_start"), {"connector": foreign.pk})

    assert answer.status_code == 422
    assert not Scan.objects.exists()


def test_only_sources_are_offered(people: Cast, make_connector: MakeConnector) -> None:
    make_connector("A source")
    make_connector("A target", system="jira", alm_user="a@example.com")
    never = make_connector("Out of bounds")
    Connector.objects.filter(pk=never.pk).update(inaccessible=True)

    shown = page(people.owner, url("scan_start"))

    assert "A source" in shown
    assert "A target" not in shown
    assert "Out of bounds" not in shown


def test_without_a_source_the_page_says_what_to_add(people: Cast) -> None:
    assert "Add a connector to Azure DevOps or GitHub first." in page(people.owner, url("scan_start"))
    assert "Ask an owner or administrator" in page(people.member, url("scan_start"))


def test_a_failed_scan_says_why_and_what_to_do(people: Cast) -> None:
    scan = make_scan(people, status="FAILED", error_code="PROJECT_NOT_FOUND", error_message="No project Shop")

    shown = page(people.owner, url("scan", scan=scan.pk))

    assert "The scan failed: No project Shop" in shown
    assert "Check the project's name in the connector" in shown


# --- The report ------------------------------------------------------------------------------------------------------


def test_the_report_shows_counts_estimate_price_people_and_fields(people: Cast) -> None:
    shown = page(people.member, url("scan", scan=make_scan(people).pk))

    for text in ("1,240", "2,000", "30", "4,321", "2 h 05 min", "46.55 GBP", "Custom.Team", "a@example.com", "5 %"):
        assert text in shown, text


def test_charts_are_drawn_on_the_server_with_a_table_behind_each(people: Cast) -> None:
    shown = page(people.member, url("scan", scan=make_scan(people).pk))

    assert '<rect class="chart__bar" width="100.0" height="10">' in shown
    assert '<rect class="chart__bar" width="3.3" height="10">' in shown
    for part in ("types", "states", "areas", "iterations", "depths", "relations", "tags"):
        assert f'id="chart-{part}"' in shown, part
    assert "96.8 %" in shown
    assert "style=" not in shown


def test_findings_say_what_to_do_and_link_their_items_to_the_source(people: Cast) -> None:
    shown = page(people.member, url("scan", scan=make_scan(people).pk))

    assert "Items are their own ancestor; a link keeps the relation." in shown
    assert "Remove one of the parent links in the source." in shown
    assert 'href="https://dev.azure.com/contoso/Shop/_workitems/edit/17"' in shown
    assert "and 10 more." in shown
    assert ">Anna</a>" not in shown


def test_a_report_from_before_some_keys_existed_is_still_drawn(people: Cast) -> None:
    scan = make_scan(people, report={"totalWorkItems": 3, "typeCounts": {"Bug": 3}})

    assert "Bug" in page(people.member, url("scan", scan=scan.pk))


def test_names_from_outside_are_never_markup(people: Cast) -> None:
    evil = "<script>alert(1)</script>"
    scan = make_scan(people, report={**REPORT, "typeCounts": {evil: 1_240}}, external_project=evil)

    assert evil not in page(people.member, url("scan", scan=scan.pk))


def test_a_large_report_is_cut_on_the_page_and_whole_in_the_download(people: Cast) -> None:
    tags = {f"tag-{number:05}": 1 for number in range(5_000)}
    scan = make_scan(people, report={**REPORT, "tagCounts": tags})
    browser = people.member.browser

    shown = browser.get(url("scan", scan=scan.pk)).content.decode()
    rows = list(csv.reader(io.StringIO(browser.get(url("scan_table", scan=scan.pk, part="tags")).content.decode())))

    assert "the CSV has all 5,000" in shown
    assert "tag-04999" not in shown
    assert len(rows) == 5_001


@pytest.mark.parametrize(
    ("part", "lines"),
    [
        ("types", ["type,items", "Epic,40", "Task,1200"]),
        ("areas", ["path,depth,items", "Shop,1,0", "Shop\\Backend,2,1240"]),
        ("depths", ["depth,items", "1,40", "2,1200"]),
        ("tags", ["tag,items", "'=HYPERLINK(1),3"]),
        ("people", ["id,name,email,active,created,assigned", "a,Anna,a@example.com,False,9,1"]),
    ],
)
def test_every_table_can_be_downloaded(people: Cast, part: str, lines: list[str]) -> None:
    answer = people.member.browser.get(url("scan_table", scan=make_scan(people).pk, part=part))

    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.content.decode().splitlines() == lines


def test_findings_are_downloaded_with_their_items(people: Cast) -> None:
    answer = people.member.browser.get(url("scan_table", scan=make_scan(people).pk, part="findings"))

    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert [(row["code"], row["count"], row["sample"]) for row in rows] == [
        ("PARENT_CYCLE", "12", "17 18"),
        ("PEOPLE_INACTIVE", "1", "Anna"),
    ]


def test_there_is_no_table_of_another_name_or_before_the_report(people: Cast) -> None:
    browser = people.member.browser

    assert browser.get(url("scan_table", scan=make_scan(people).pk, part="secrets")).status_code == 404
    waiting = make_scan(people, status="RUNNING")
    assert browser.get(url("scan_table", scan=waiting.pk, part="types")).status_code == 404


# --- Comparing -------------------------------------------------------------------------------------------------------


def test_two_scans_are_compared_the_older_first(people: Cast) -> None:
    older = make_scan(people, created_at=timezone.now() - timedelta(days=2))
    changed = {**REPORT, "totalWorkItems": 1_250, "typeCounts": {"Epic": 50, "Task": 1_200}, "findings": []}
    newer = make_scan(people, report=changed)

    shown = page(people.member, f"{url('scan_compare')}?before={newer.pk}&after={older.pk}")

    assert "Work items, +10" in shown
    assert '<th scope="row">Epic</th><td data-label="Before" class="number">40</td>' in shown
    assert '<th scope="row">Task</th>' not in shown
    assert "Parent cycle" in shown
    assert ">Gone</span>" in shown


def test_equal_scans_say_so(people: Cast) -> None:
    first, second = make_scan(people), make_scan(people)

    shown = page(people.member, f"{url('scan_compare')}?before={first.pk}&after={second.pk}")

    assert "Nothing that is counted has changed." in shown


@pytest.mark.parametrize("query", ["", "?before=x&after=y", "?before={0}", "?before={0}&after={0}x"])
def test_a_comparison_without_two_scans_is_not_found(people: Cast, query: str) -> None:
    scan = make_scan(people)

    assert people.member.browser.get(url("scan_compare") + query.format(scan.pk)).status_code == 404


def test_a_report_offers_the_other_scans_of_the_same_project_only(people: Cast) -> None:
    scan, same = make_scan(people), make_scan(people)
    other = make_scan(people, external_project="Warehouse")

    shown = page(people.member, url("scan", scan=scan.pk))

    assert f'<option value="{same.pk}">' in shown
    assert str(other.pk) not in shown


# --- Lists and access ------------------------------------------------------------------------------------------------


def test_the_list_is_narrowed_by_project_and_status(people: Cast) -> None:
    make_scan(people, external_project="Alpha")
    make_scan(people, external_project="Beta", status="FAILED", error_message="No such project")

    assert "Beta" not in page(people.member, url("scans") + "?q=alph")
    failed = page(people.member, url("scans") + "?status=FAILED")
    assert "Alpha" not in failed
    assert "No such project" in failed
    assert "No scan matches" in page(people.member, url("scans") + "?q=gamma")
    assert "Alpha" in page(people.member, url("scans") + "?q=%00&status=%00")


def test_the_list_takes_as_many_queries_for_three_as_for_one(people: Cast, make_connector: MakeConnector) -> None:
    counts = []
    browser = people.member.browser
    for number in (1, 2, 3):
        connector = make_connector(f"c{number}")
        make_scan(people, connector=connector, started_by=people.owner.user)
        if number != 2:
            with CaptureQueriesContext(connection) as queries:
                assert browser.get(url("scans")).status_code == 200
            counts.append(len(queries))

    assert counts[0] == counts[1]


def test_an_outsider_finds_no_scan(people: Cast) -> None:
    scan = make_scan(people, external_project="Hidden name")
    browser = people.outsider.browser

    assert "Hidden name" not in page(people.outsider, url("scans"))
    for address in (
        url("scan", scan=scan.pk),
        url("scan_progress", scan=scan.pk),
        url("scan_table", scan=scan.pk, part="types"),
        f"{url('scan_compare')}?before={scan.pk}&after={scan.pk}",
    ):
        assert browser.get(address).status_code == 404, address


def test_no_page_of_a_scan_shows_the_secret(people: Cast, make_connector: MakeConnector) -> None:
    scan = make_scan(people, connector=make_connector())

    assert SECRET not in page(people.owner, url("scan", scan=scan.pk)) + page(people.owner, url("scans"))
