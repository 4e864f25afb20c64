"""The admin's pages of connectors: every one opens, none shows or takes a secret."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.urls import reverse

from connectors.domain.pricing import DEFAULT_RULES, dump_rules
from connectors.models import AnalysisConnector, Connector, ConnectorProject, Mapping, PriceList, Scan
from connectors.opening import stored_access
from connectors.scanning import ScanRequest, start_scan
from connectors.services import create_connector, set_price_list
from tenancy.models import User
from tests.builders import cast
from tests.connectors.sources import MemorySource

pytestmark = pytest.mark.django_db

SECRET = "s3cret-pat-0123456789-distinctive"
MODELS = (Connector, ConnectorProject, Scan, PriceList, Mapping, AnalysisConnector)


@pytest.fixture
def rows(monkeypatch):
    """One row of each model; the scan waits, so that it still holds its sealed secret."""
    owner = cast().owner.principal
    credentials = {"organization_url": "contoso", "project": "Shop", "personal_access_token": SECRET}
    connector = create_connector(by=owner, name="Shop", system="azure_devops", credentials=credentials)
    project = ConnectorProject.objects.create(
        organization=owner.organization, connector=connector, external_id="p1", key="Shop", name="Shop"
    )
    MemorySource(size=2).install(monkeypatch)
    scan = start_scan(ScanRequest(stored_access(connector), respond_async=True), by=owner)
    prices = set_price_list(dump_rules(DEFAULT_RULES), by=owner)
    mapping = Mapping.objects.create(
        organization=owner.organization, name="Map", source_system="azure_devops", target_system="jira"
    )
    analysis = AnalysisConnector.objects.create(organization=owner.organization, name="Fortify", system="fortify")
    return (connector, project, scan, prices, mapping, analysis)


@pytest.fixture
def staff(client):
    client.force_login(User.objects.create_superuser("staff@example.com", "password-of-staff"))
    return client


def page(row, name):
    return reverse(
        f"admin:{row._meta.app_label}_{row._meta.model_name}_{name}", args=[] if name != "change" else [row.pk]
    )


def test_every_model_has_its_page():
    assert [model for model in MODELS if not admin.site.is_registered(model)] == []


def test_pages_open_and_show_no_secret(rows, staff):
    sealed = [rows[0].sealed_credentials, Scan.objects.get().sealed_credentials]
    assert all(sealed)

    for row in rows:
        for name in ("changelist", "change"):
            answer = staff.get(page(row, name))
            text = answer.content.decode()
            assert answer.status_code == 200, page(row, name)
            assert SECRET not in text
            assert [each for each in sealed if each in text] == []


def test_a_change_in_the_admin_leaves_the_secret_as_it_is(rows, staff):
    connector = rows[0]

    answer = staff.post(page(connector, "change"), {"name": "Store", "inaccessible": "on", "sealed_credentials": "x"})

    assert answer.status_code == 302
    changed = Connector.objects.get(pk=connector.pk)
    assert (changed.name, changed.inaccessible, stored_access(changed).secret) == ("Store", True, SECRET)


def test_rows_that_services_write_cannot_be_added_or_changed(rows, staff):
    _, project, scan, _, mapping, _ = rows

    for row in (project, scan, mapping):
        assert staff.get(page(row, "add")).status_code == 403
        assert staff.post(page(row, "change"), {"name": "X"}).status_code == 403


def test_a_report_is_shown_as_text_never_as_markup(rows, staff, jobs):
    Scan.objects.update(status="COMPLETED", report={"typeCounts": {"<script>alert(1)</script>": 1}})

    text = staff.get(page(rows[2], "change")).content.decode()

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "<script>alert(1)" not in text


def test_a_price_list_that_cannot_price_is_refused(rows, staff):
    prices = rows[3]

    answer = staff.post(page(prices, "change"), {"rules": '{"tiers": []}'})

    assert answer.status_code == 200
    assert "tiers: The last tier, and only the last, has no upToItems." in answer.content.decode()
    prices.refresh_from_db()
    assert prices.rules == dump_rules(DEFAULT_RULES)


def test_staff_of_another_organization_see_nothing(rows, client):
    outsider = cast().outsider.user
    outsider.is_staff = True
    outsider.save()
    outsider.user_permissions.set(Permission.objects.filter(content_type__app_label="connectors"))
    client.force_login(outsider)

    for row in rows:
        listed = client.get(page(row, "changelist"))
        assert (listed.status_code, listed.context["cl"].result_count) == (200, 0)
        assert client.get(page(row, "change")).status_code == 302  # to the start page: no such row
