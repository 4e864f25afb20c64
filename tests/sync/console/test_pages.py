"""The pages of synchronizations: what they show, to whom, and what their forms answer."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from connectors.domain.errors import DomainError
from connectors.domain.sides import SideField, SideShape, SideType, ValueKind
from sync.console import making
from sync.models import AsyncTask, HourlyCount, Matter, MatterKind, Pair, Synchronization, SynchronizationStatus
from sync.queries import find_synchronization, sides_of
from sync.shapes import keep_shape
from tests import recipes
from tests.builders import Cast, Person
from tests.sync.api.builders import two_jiras
from tests.sync.builders import jira

pytestmark = pytest.mark.django_db

HOME = "/console/synchronizations/"
PAGES = ("", "matters/", "mapping/", "pairs/", "webhooks/", "resync/")
ADMINISTRATION = ("edit/", "delete/", "cut-over/")


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person.user)
    return client


@pytest.fixture
def made(people: Cast) -> Synchronization:
    row = two_jiras(people.admin.principal)
    fields = tuple(SideField(name, name.title(), ValueKind.TEXT) for name in ("title", "description", "team"))
    ids = frozenset(field.id for field in fields)
    types = (SideType("Task", ("To Do", "Done"), ids), SideType("Bug", ("Open", "Closed"), ids))
    for side in sides_of(row):
        keep_shape(side, SideShape("jira", side.connector_project.key, types, fields, ("Blocks",)))
    return find_synchronization(people.organization, row.key)


@pytest.fixture
def admin(people: Cast) -> Client:
    return signed_in(people.admin)


def conflict(made: Synchronization, **more: Any) -> Matter:
    pair = recipes.pair.make(
        organization=made.organization, synchronization=made, first_key="PA-1", second_key="PB-1", held=True
    )
    values = {"item": "PA-1", "kind": MatterKind.ERROR, "code": "FIELD_REFUSED", "message": "The title is too long"}
    return Matter.objects.create(
        organization=made.organization, synchronization=made, pair=pair, position=1, **{**values, **more}
    )


def text_of(response: Any, status: int = 200) -> str:
    assert response.status_code == status, response.content[:2000]
    found: str = response.content.decode()
    return found


@pytest.mark.parametrize("page", [*PAGES, *ADMINISTRATION])
def test_every_page_is_drawn_and_an_outsider_finds_none(
    people: Cast, made: Synchronization, admin: Client, page: str
) -> None:
    address = f"{HOME}{made.key}/{page}"

    text = text_of(admin.get(address))

    assert made.key in text
    assert " style=" not in text and "<script>" not in text and "onclick" not in text
    assert signed_in(people.outsider).get(address).status_code == 404
    assert signed_in(people.member).get(address).status_code == (403 if page in ADMINISTRATION else 200)


def test_without_any_the_list_says_what_to_do_next(admin: Client, people: Cast) -> None:
    assert "keeps two projects alike" in text_of(admin.get(HOME))
    assert "Ask an owner or administrator" in text_of(signed_in(people.member).get(HOME))


def test_the_list_shows_ours_with_what_waits_in_as_many_queries_for_three(
    people: Cast, made: Synchronization, admin: Client
) -> None:
    conflict(made)
    admin.get(HOME)
    with CaptureQueriesContext(connection) as one:
        text = text_of(admin.get(HOME))
    two_more(people)
    with CaptureQueriesContext(connection) as three:
        more = text_of(admin.get(HOME))

    assert "PA &lt;&gt; PB" in text and "Stopped" in text
    assert more.count('scope="row"') == 3
    assert len(three) == len(one)
    assert "INT-" not in text_of(signed_in(people.outsider).get(HOME)).split("<main", 1)[1]


def two_more(people: Cast) -> None:
    client = people.admin.client
    for project in ("PX", "PY"):
        by = people.admin.principal
        body = {
            "firstConnector": {"connectorId": jira(by, project="PW").pk},
            "secondConnector": {"connectorId": jira(by, project=project).pk},
        }
        assert client.post("/integrations", body, format="json").status_code == 201


@pytest.mark.parametrize(
    ("asked", "found"), [("?q=PB", True), ("?q=pa-2", True), ("?q=zz", False), ("?status=RUNNING", False)]
)
def test_the_list_is_narrowed(made: Synchronization, admin: Client, asked: str, found: bool) -> None:
    assert (made.key in text_of(admin.get(f"{HOME}{asked}"))) is found


def test_a_synchronization_shows_its_health_and_draws_what_it_carried(made: Synchronization, admin: Client) -> None:
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    HourlyCount.objects.create(
        organization=made.organization, synchronization=made, hour=now, direction=1, changes=1200, errors=3
    )
    Synchronization.objects.filter(pk=made.pk).update(
        status=SynchronizationStatus.RUNNING, lag_ms=4_200, last_error_message="The token has expired"
    )

    text = text_of(admin.get(f"{HOME}{made.key}/"))

    assert "1,200" in text and "4 s" in text
    assert "The token has expired" in text
    assert 'hx-trigger="every 3s"' in text
    assert text_of(admin.get(f"{HOME}{made.key}/", headers={"HX-Request": "true"})).lstrip().startswith("<div")


def test_starting_says_so_and_shows_the_task(made: Synchronization, admin: Client, people: Cast) -> None:
    text = text_of(admin.post(f"{HOME}{made.key}/start", follow=True))

    assert "both sides are checked first" in text
    assert AsyncTask.objects.get().kind == "start"
    task = AsyncTask.objects.get().pk
    assert "cancelled" in text_of(admin.post(f"{HOME}{made.key}/tasks/{task}/cancel", follow=True))
    assert "is not running" in text_of(admin.post(f"{HOME}{made.key}/stop", follow=True))
    assert signed_in(people.member).post(f"{HOME}{made.key}/start").status_code in (303, 403)


def test_a_new_synchronization_is_made_and_a_silent_side_is_told(
    people: Cast, admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_given: object, **_wishes: object) -> None:
        raise DomainError("PLATFORM_UNREACHABLE", "Nobody answers at demo.atlassian.net")

    monkeypatch.setattr(making, "suggested_configuration", refuse)
    by = people.admin.principal
    first, second = jira(by, project="PA"), jira(by, project="PB")
    body = {"first": first.pk, "second": second.pk, "initial_pass": "create", "policy": "ask", "deletion": "never"}

    answer = admin.post(f"{HOME}new/", body, follow=True)

    made = Synchronization.objects.get()
    text = text_of(answer)
    assert (made.configuration["policy"], made.configuration["initialPass"]) == ("ask", "create")
    assert "is made, and stopped" in text
    assert "Nobody answers at demo.atlassian.net" in text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"first": ""}, "This field is required"),
        ({"first": "999999"}, "not one of the available choices"),
        ({"policy": "loudest"}, "not one of the available choices"),
        ({"second_project": "PA"}, "the same project"),
    ],
)
def test_a_wrong_new_one_keeps_what_was_typed(people: Cast, admin: Client, change: dict[str, str], words: str) -> None:
    made = jira(people.admin.principal, project="PA")
    body = {"first": made.pk, "second": made.pk, "second_project": "PB", "summary": "Both teams"}
    body |= {"initial_pass": "create", "policy": "ask", "deletion": "never", **change}

    text = text_of(admin.post(f"{HOME}new/", body), 422)

    assert words in text and "Both teams" in text
    assert Synchronization.objects.count() == 0


def test_an_error_is_shown_with_what_to_do_and_tried_again(made: Synchronization, people: Cast) -> None:
    matter = conflict(made, code="STATE_UNREACHABLE", message="DEMO-1 cannot become Done")
    member = signed_in(people.member)

    listed = text_of(member.get(f"{HOME}{made.key}/matters/"))
    answered = text_of(
        member.post(f"{HOME}{made.key}/matters/{matter.pk}/", {"resolution": "retry"}, headers={"HX-Request": "true"})
    )

    assert "DEMO-1 cannot become Done" in listed and "No path of transitions leads there" in listed
    assert "the next pass carries this out" in answered
    matter.refresh_from_db()
    assert (matter.status, matter.resolution, matter.resolved_by) == ("taken", "retry", people.member.user)


def test_a_matter_of_another_synchronization_does_not_exist(made: Synchronization, people: Cast, admin: Client) -> None:
    two_more(people)
    matter = conflict(made)

    assert admin.post(f"{HOME}INT-2/matters/{matter.pk}/", {"resolution": "retry"}).status_code == 404
    outsider = signed_in(people.outsider)
    assert outsider.post(f"{HOME}{made.key}/matters/{matter.pk}/", {"resolution": "retry"}).status_code == 404


@pytest.mark.parametrize("part", ["types", "fields", "values", "states", "links", "rest", "json", "odd"])
def test_every_part_of_the_mapping_is_drawn(made: Synchronization, admin: Client, part: str) -> None:
    assert "Propose everything anew" in text_of(admin.get(f"{HOME}{made.key}/mapping/?part={part}"))


def test_a_mapping_is_added_in_a_draft_checked_and_published(made: Synchronization, admin: Client) -> None:
    address = f"{HOME}{made.key}/mapping/"
    body = {"part": "fields", "order": "add", "first": "team", "second": "team", "direction": "BOTH"}

    text = text_of(admin.post(address, body, follow=True))

    assert "This is a draft" in text
    published = text_of(admin.post(f"{address}publish", follow=True))
    made.refresh_from_db()
    assert "Published" in published
    assert [each["firstField"] for each in made.configuration["fieldMappings"]] == ["title", "description", "team"]


def test_rules_states_and_removals_end_in_the_draft(made: Synchronization, admin: Client) -> None:
    address = f"{HOME}{made.key}/mapping/"
    title = made.configuration["fieldMappings"][0]["id"]

    admin.post(address, {"part": "rest", "order": "rest", "policy": "ask", "comments": "BOTH", "authorLine": "on"})
    admin.post(address, {"part": "fields", "order": "remove", "id": title})
    admin.post(address, {"part": "types", "order": "turn", "id": "no-such", "direction": "BOTH"})

    made.refresh_from_db()
    assert made.draft is not None
    assert (made.draft["policy"], made.draft["commentMapping"]["authorLine"]) == ("ask", True)
    assert made.draft["attachmentMapping"] is None
    assert [each["firstField"] for each in made.draft["fieldMappings"]] == ["description"]
    assert made.configuration["policy"] == "newest"
    assert "discarded" in text_of(admin.post(f"{address}discard", follow=True))


@pytest.mark.parametrize(
    ("document", "words"),
    [("{", "This is no JSON"), ("[]", "An object is expected"), ('{"policy": "loudest"}', "policy")],
)
def test_wrong_json_keeps_what_was_typed(made: Synchronization, admin: Client, document: str, words: str) -> None:
    answer = admin.post(f"{HOME}{made.key}/mapping/", {"part": "json", "order": "json", "document": document})

    text = text_of(answer, 422)
    assert words in text
    assert document.replace('"', "&quot;") in text


def test_pairs_are_imported_found_forgotten_and_restored(made: Synchronization, admin: Client) -> None:
    address = f"{HOME}{made.key}/pairs/"

    imported = text_of(admin.post(address, {"pairs": "PA-1, PB-7\nPA-2,PB-8\n"}, follow=True))
    found = text_of(admin.get(f"{address}?q=pb-8"))
    table = b"".join(admin.get(f"{HOME}{made.key}/pairs.csv")).decode()
    admin.post(f"{HOME}{made.key}/pairs/forget", {"pair": Pair.objects.get(first_key="PA-1").pk})
    left = text_of(admin.get(address))
    unconfirmed = text_of(admin.post(f"{HOME}{made.key}/pairs/forget", {"confirm": "yes"}, follow=True))
    back = text_of(admin.post(f"{HOME}{made.key}/pairs/restore", follow=True))

    assert "2 new pairs" in imported
    assert "PA-2" in found and "PB-7" not in found
    assert table.splitlines()[1].startswith("PA-1,PB-7,")
    assert "PA-1" not in left.split("<main", 1)[1]
    assert "Nothing is forgotten" in unconfirmed
    assert "1 pair is back" in back


@pytest.mark.parametrize(
    ("typed", "words"),
    [("", "nothing to import"), ("PA-1", "[0].remoteIssueKey"), ("PB-1,PA-1", "is no issue of"), ("[{]", "neither")],
)
def test_a_wrong_import_is_named_and_kept(made: Synchronization, admin: Client, typed: str, words: str) -> None:
    text = text_of(admin.post(f"{HOME}{made.key}/pairs/", {"pairs": typed}), 422)

    assert words in text and "Nothing was imported" in text
    assert f">{typed}</textarea>" in text.replace("&quot;", '"')
    assert Pair.objects.count() == 0


def test_a_secret_is_shown_once(made: Synchronization, admin: Client) -> None:
    address = f"{HOME}{made.key}/webhooks/"

    shown = text_of(admin.post(address, {"side": "2"}))
    again = text_of(admin.get(address))

    assert "shown this once" in shown and "/hooks/" in shown
    assert "shown this once" not in again


@pytest.mark.parametrize(("page", "words"), [("cut-over/", "Type INT-1"), ("delete/", "Type INT-1")])
def test_what_cannot_be_taken_back_wants_the_key_typed(
    made: Synchronization, admin: Client, page: str, words: str
) -> None:
    text = text_of(admin.post(f"{HOME}{made.key}/{page}", {"confirm": "int"}), 422)

    assert words in text and 'value="int"' in text
    assert Synchronization.objects.count() == 1


def test_deleting_needs_the_key_and_leads_to_the_list(made: Synchronization, admin: Client) -> None:
    assert "is deleted" in text_of(admin.post(f"{HOME}{made.key}/delete/", {"confirm": "INT-1"}, follow=True))
    assert Synchronization.objects.count() == 0


def test_a_resync_of_a_stopped_one_says_why_not(made: Synchronization, admin: Client) -> None:
    title = made.configuration["fieldMappings"][0]["id"]

    text = text_of(admin.post(f"{HOME}{made.key}/resync/", {"side": "1", "mappings": [title], "jql": "a = b"}), 422)

    assert "is not running" in text and "a = b" in text


def test_the_overview_is_told_what_needs_attention(made: Synchronization, admin: Client, people: Cast) -> None:
    Synchronization.objects.filter(pk=made.pk).update(status=SynchronizationStatus.RUNNING)
    conflict(made)

    assert "1 change waits" in text_of(admin.get(f"{HOME}attention"))
    assert "change waits" not in text_of(signed_in(people.outsider).get(f"{HOME}attention"))
