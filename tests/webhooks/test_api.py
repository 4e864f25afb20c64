"""`/api/webhooks…`: who may what, secrets told once, addresses that are refused at once."""

import pytest

from connectors.credentials import unseal_values
from tenancy.models import AuditEntry
from tests.builders import cast
from webhooks.emitting import emit
from webhooks.models import Webhook, WebhookDelivery

pytestmark = pytest.mark.django_db

WEBHOOKS = "/api/webhooks"
MASK = "********"
SECRET = "distinctive-signing-secret"
URL = "https://93.184.216.34/hook"  # a literal address: nothing is looked up


@pytest.fixture
def people():
    return cast()


def made(person, **changes):
    answer = person.client.post(WEBHOOKS, {"url": URL, "events": ["run.*"], **changes})
    assert answer.status_code == 201, answer.json()
    return answer.json()


def test_a_webhook_is_made_and_its_secret_told_once(people):
    answer = people.admin.client.post(WEBHOOKS, {"url": URL, "events": ["run.*", "scan.failed"], "name": "CI"})

    body = answer.json()
    shown = people.member.client.get(f"{WEBHOOKS}/{body['id']}").json()
    assert answer.status_code == 201
    assert body["secret"].startswith("isth_webhook_") and len(body["secret"]) > 40
    assert shown == body | {"secret": MASK}
    assert (shown["url"], shown["events"], shown["name"], shown["active"], shown["createdBy"]) == (
        URL,
        ["run.*", "scan.failed"],
        "CI",
        True,
        people.admin.user.email,
    )
    assert people.member.client.get(WEBHOOKS).json() == [shown]


def test_an_own_secret_is_kept_sealed_and_the_mask_keeps_it(people):
    pk = made(people.owner, secret=SECRET)["id"]

    people.owner.client.patch(f"{WEBHOOKS}/{pk}", {"name": "Renamed", "secret": MASK})
    row = Webhook.objects.get(pk=pk)
    assert (row.name, unseal_values(row, row.sealed_secret)) == ("Renamed", {"secret": SECRET})
    people.owner.client.patch(f"{WEBHOOKS}/{pk}", {"secret": "another-signing-secret"})

    row.refresh_from_db()
    assert unseal_values(row, row.sealed_secret) == {"secret": "another-signing-secret"}
    assert SECRET not in str(list(Webhook.objects.values())) + str(list(AuditEntry.objects.values()))


def test_what_is_sent_changes_and_the_rest_stays(people):
    before = made(people.owner)

    after = people.owner.client.patch(f"{WEBHOOKS}/{before['id']}", {"active": False, "events": ["scan.*"]}).json()

    assert after == before | {
        "active": False,
        "events": ["scan.*"],
        "secret": MASK,
        "updatedAt": after["updatedAt"],
    }


def test_a_webhook_is_deleted_with_its_deliveries(people):
    pk = made(people.owner)["id"]
    emit(people.organization.pk, "run.completed", {})

    assert people.owner.client.delete(f"{WEBHOOKS}/{pk}").status_code == 204
    assert (Webhook.objects.count(), WebhookDelivery.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"url": None}, "url"),
        ({"url": ""}, "url"),
        ({"url": "http://93.184.216.34/hook"}, "url"),
        ({"url": "ftp://93.184.216.34/hook"}, "url"),
        ({"url": "https://user:pass@93.184.216.34/"}, "url"),
        ({"url": "https://"}, "url"),
        ({"url": "https://93.184.216.34:99999/"}, "url"),
        ({"url": "https://[::1/"}, "url"),
        ({"url": "https://93.184.216.34/#part"}, "url"),
        ({"url": "https://dev.azure.com\\@127.0.0.1/"}, "url"),
        ({"url": "https://bücher.example/"}, "url"),
        ({"url": "https://93.184.216.34/" + "a" * 2100}, "url"),
        ({"events": []}, "events"),
        ({"events": "run.*"}, "events"),
        ({"events": ["run.exploded"]}, "events"),
        ({"events": ["*"]}, "events"),
        ({"secret": "short"}, "secret"),
        ({"secret": "ünprintable-in-a-header"}, "secret"),
        ({"active": "perhaps"}, "active"),
        ({"name": "x" * 201}, "name"),
    ],
)
def test_a_wrong_value_is_named_and_nothing_is_stored(people, changes, field):
    answer = people.owner.client.post(WEBHOOKS, {"url": URL, "events": ["run.*"], **changes})

    assert (answer.status_code, answer.json()["code"], Webhook.objects.count()) == (400, "VALIDATION_FAILED", 0)
    assert [name.partition("[")[0] for name in answer.json()["errors"]] == [field]


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "2130706433",
        "0177.0.0.1",
        "0x7f.1",
        "[::1]",
        "[::ffff:10.0.0.1]",
        "169.254.169.254",
        "metadata.google.internal",
        "printer.local",
        "10.0.0.1",
    ],
)
@pytest.mark.parametrize("method", ["post", "patch"])
def test_private_addresses_are_refused_at_once(people, host, method):
    path = WEBHOOKS if method == "post" else f"{WEBHOOKS}/{made(people.owner)['id']}"

    answer = getattr(people.owner.client, method)(path, {"url": f"https://{host}/hook", "events": ["run.*"]})

    assert (answer.status_code, answer.json()["code"], list(answer.json()["errors"])) == (
        400,
        "ADDRESS_NOT_ALLOWED",
        ["url"],
    )
    assert not Webhook.objects.exclude(url=URL).exists()


def test_there_is_an_end_to_webhooks(people, monkeypatch):
    monkeypatch.setattr("webhooks.services.MOST_WEBHOOKS", 1)
    made(people.owner)

    assert people.owner.client.post(WEBHOOKS, {"url": URL, "events": ["run.*"]}).status_code == 409


def test_members_read_and_do_not_write(people):
    pk = made(people.owner)["id"]
    emit(people.organization.pk, "run.completed", {})
    delivery = WebhookDelivery.objects.get()
    client = people.member.client

    assert [
        client.get(WEBHOOKS).status_code,
        client.get(f"{WEBHOOKS}/{pk}/deliveries").status_code,
        client.post(WEBHOOKS, {"url": URL, "events": ["run.*"]}).status_code,
        client.patch(f"{WEBHOOKS}/{pk}", {"name": "x"}).status_code,
        client.delete(f"{WEBHOOKS}/{pk}").status_code,
        client.post(f"{WEBHOOKS}/{pk}/deliveries/{delivery.pk}/redeliver").status_code,
    ] == [200, 200, 403, 403, 403, 403]


def test_another_organizations_webhook_does_not_exist(people):
    pk = made(people.owner)["id"]
    emit(people.organization.pk, "run.completed", {})
    delivery = WebhookDelivery.objects.get()
    client = people.outsider.client

    assert client.get(WEBHOOKS).json() == []
    assert [
        client.get(f"{WEBHOOKS}/{pk}").status_code,
        client.patch(f"{WEBHOOKS}/{pk}", {"name": "x"}).status_code,
        client.delete(f"{WEBHOOKS}/{pk}").status_code,
        client.get(f"{WEBHOOKS}/{pk}/deliveries").status_code,
        client.post(f"{WEBHOOKS}/{pk}/deliveries/{delivery.pk}/redeliver").status_code,
        client.get(f"{WEBHOOKS}/no-id").status_code,
    ] == [404] * 6


def test_deliveries_are_listed_newest_first_and_filtered(people):
    pk = made(people.owner)["id"]
    for event in ("run.running", "run.completed"):
        emit(people.organization.pk, event, {"runId": "r"})
    WebhookDelivery.objects.filter(event="run.running").update(status="DELIVERED")
    path = f"{WEBHOOKS}/{pk}/deliveries"

    listed = people.member.client.get(path).json()

    assert [each["event"] for each in listed] == ["run.completed", "run.running"]
    assert listed[0]["payload"]["data"] == {"runId": "r"}
    assert [each["event"] for each in people.member.client.get(path, {"status": "PENDING"}).json()] == ["run.completed"]
    assert len(people.member.client.get(path, {"limit": 1}).json()) == 1
    for query in ({"status": "LOST"}, {"limit": 0}, {"limit": "x"}):
        assert people.member.client.get(path, query).status_code == 400


@pytest.mark.parametrize("count", [1, 3])
def test_a_list_takes_the_same_number_of_queries_whatever_its_length(people, count, django_assert_num_queries):
    for _ in range(count):
        made(people.owner)

    with django_assert_num_queries(2):
        people.member.client.get(WEBHOOKS)
