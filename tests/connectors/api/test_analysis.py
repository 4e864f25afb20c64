"""`/api/v2/connectors/analysis/` as documented; rows are made by staff in the admin."""

import pytest

from connectors.models import AnalysisConnector
from tenancy.models import User
from tests.builders import cast

pytestmark = pytest.mark.django_db

ANALYSIS = "/api/v2/connectors/analysis/"


@pytest.fixture
def people():
    return cast()


def fortify(organization, **changes):
    values = {"name": "Fortify Connector", "system": "fortify", **changes}
    return AnalysisConnector.objects.create(organization=organization, **values)


def shown(row):
    return {
        "id": row.pk,
        "name": "Fortify Connector",
        "system": {"id": "fortify", "name": "Fortify"},
        "inaccessible": False,
    }


def test_the_list_is_as_documented(people):
    row = fortify(people.organization)

    answer = people.member.client.get(ANALYSIS)

    assert (answer.status_code, answer.json()) == (200, {"results": [shown(row)]})


@pytest.mark.parametrize("slash", ["/", ""])
def test_one_is_as_documented(people, slash):
    row = fortify(people.organization)

    answer = people.member.client.get(f"{ANALYSIS}{row.pk}{slash}")

    assert (answer.status_code, answer.json()) == (200, shown(row))


def test_pages(people):
    rows = [fortify(people.organization) for _ in range(3)]

    page = people.member.client.get(ANALYSIS, {"page_size": 2, "page": 2}).json()

    assert (page["count"], [each["id"] for each in page["results"]]) == (3, [rows[2].pk])


def test_they_are_only_read(people):
    row = fortify(people.organization)
    client = people.owner.client

    assert [
        client.post(ANALYSIS, {"name": "x"}).status_code,
        client.put(f"{ANALYSIS}{row.pk}/", {}).status_code,
        client.delete(f"{ANALYSIS}{row.pk}/").status_code,
    ] == [405, 405, 405]


def test_another_organizations_do_not_exist(people):
    row = fortify(people.organization)
    client = people.outsider.client

    assert (client.get(ANALYSIS).json(), client.get(f"{ANALYSIS}{row.pk}/").status_code) == ({"results": []}, 404)
    assert client.get(f"{ANALYSIS}{'9' * 30}/").status_code == 404


def test_staff_make_them_in_the_admin(people, client):
    client.force_login(User.objects.create_superuser("staff@example.com", "a long password"))

    answer = client.post(
        "/admin/connectors/analysisconnector/add/",
        {"organization": str(people.organization.pk), "name": "Vera", "system": "veracode"},
    )

    assert answer.status_code == 302
    assert people.member.client.get(ANALYSIS).json()["results"][0]["system"] == {"id": "veracode", "name": "Veracode"}
