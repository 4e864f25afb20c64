"""Finding source people on a site with hidden e-mails, namesakes and apps."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.domain.work_items import Person
from connectors.trackers.jira import JiraTracker
from tests.connectors.clients.jira.scripted import Asked, Script, Told, scripted_client

ASSIGNABLE = ("GET", "/rest/api/3/user/assignable/search")
SEARCH = ("GET", "/rest/api/3/user/search")
EVERYBODY = ("GET", "/rest/api/3/users/search")

JO = {"accountId": "jo", "accountType": "atlassian", "displayName": "Jo Smith", "emailAddress": "jo@x.example"}
KIM = {"accountId": "kim", "accountType": "atlassian", "displayName": "Kim Lee"}
LEFT = {"accountId": "left", "accountType": "atlassian", "displayName": "Lena Left", "active": False}
TWIN_A = {"accountId": "twin-a", "accountType": "atlassian", "displayName": "Alex Twin"}
TWIN_B = {"accountId": "twin-b", "accountType": "atlassian", "displayName": "Alex Twin"}
APP = {"accountId": "app", "accountType": "app", "displayName": "Sam Robot"}


def tracker(*listed: Any, search: dict[str, list[Any]] | None = None, strangers: int = 0) -> tuple[JiraTracker, Script]:
    """A site that lists these people first, and then as many strangers."""
    crowd = [{"accountId": f"s{n}", "accountType": "atlassian", "displayName": f"S {n}"} for n in range(strangers)]
    everybody = [*listed, *crowd]

    def searched(asked: Asked) -> Told:
        return Told(body=(search or {}).get(asked.query.get("query") or asked.query["accountId"], []))

    client, script = scripted_client(
        {EVERYBODY: Told(body=everybody[:1000]), SEARCH: searched, ASSIGNABLE: Told(body=list(listed))}
    )
    return JiraTracker(client, "DEMO"), script


def found(people: dict[str, Person]) -> dict[str, str]:
    return {source: person.id for source, person in people.items()}


def test_people_the_listing_shows_cost_no_request_of_their_own() -> None:
    target, script = tracker(JO, KIM)

    people = target.find_people(
        [Person("guid-1", "Somebody Else", "JO@x.example"), Person("kim", "?"), Person("guid-3", "kim  LEE")]
    )

    assert found(people) == {"guid-1": "jo", "kim": "kim", "guid-3": "kim"}
    assert len(script.asked) == 1


def test_the_exact_e_mail_wins_over_the_name() -> None:
    target, _ = tracker(KIM, search={"kim@x.example": [{**JO, "emailAddress": "kim@x.example"}]})

    assert found(target.find_people([Person("guid", "Kim Lee", "kim@x.example")])) == {"guid": "jo"}


def test_trap_16_a_hidden_e_mail_is_found_because_it_was_written_in_full() -> None:
    target, _ = tracker(search={"kim@x.example": [KIM]})

    assert found(target.find_people([Person("guid", "Unlike", "kim@x.example")])) == {"guid": "kim"}


def test_an_e_mail_that_only_begins_alike_is_somebody_else() -> None:
    longer = {**JO, "emailAddress": "jo@x.example.org"}
    target, _ = tracker(search={"jo@x.example": [longer]})

    assert target.find_people([Person("guid", "Nobody", "jo@x.example")]) == {}


def test_two_people_with_one_name_are_nobody() -> None:
    target, script = tracker(TWIN_A, TWIN_B)

    assert target.find_people([Person("guid", "Alex Twin")]) == {}
    assert len(script.asked) == 1


def test_on_a_large_site_a_name_is_searched_because_the_listing_may_lack_namesakes() -> None:
    twins, _ = tracker(TWIN_A, strangers=1000, search={"Alex Twin": [TWIN_A, TWIN_B]})
    only, _ = tracker(strangers=1000, search={"Kim Lee": [KIM, {**TWIN_A, "displayName": "Kim Leeson"}]})

    assert twins.find_people([Person("guid", "Alex Twin")]) == {}
    assert found(only.find_people([Person("guid", "Kim Lee")])) == {"guid": "kim"}


def test_people_who_left_are_found_and_known_as_inactive() -> None:
    target, _ = tracker(LEFT)

    assert target.find_people([Person("guid", "Lena Left")]) == {"guid": Person("left", "Lena Left", "", active=False)}


def test_an_app_is_no_person() -> None:
    target, _ = tracker(APP, search={"Sam Robot": [APP]})

    assert target.find_people([Person("guid", "Sam Robot")]) == {}


def test_an_account_id_is_asked_for_as_such() -> None:
    account = "557058:f58131cb-b67d-43c7-b30d-6b58d40bd077"
    target, script = tracker(search={account: [{**KIM, "accountId": account}]})

    assert found(target.find_people([Person(account, "Whoever", "who@x.example")])) == {account: account}
    assert script.asked[-1].query == {"accountId": account}


def test_one_request_at_most_for_each_person_beside_the_listing() -> None:
    target, script = tracker(JO)
    strangers = [Person(f"guid-{n}", f"Name {n}", f"n{n}@x.example" if n % 2 else "") for n in range(6)]

    assert target.find_people([*strangers, Person("g", "", "")]) == {}
    assert len(script.asked) == 1 + 3  # those without an e-mail are settled by the listing


NO = Told(403, {"errorMessages": ["You do not have permission to browse users."], "errors": {}})


def test_who_may_not_browse_users_finds_those_who_can_be_assigned() -> None:
    client, _ = scripted_client({EVERYBODY: NO, ASSIGNABLE: Told(body=[KIM]), SEARCH: Told(body=[])})
    people = [Person("guid", "Jo", "jo@x.example"), Person("guid-2", "Kim Lee")]

    assert found(JiraTracker(client, "DEMO").find_people(people)) == {"guid-2": "kim"}


def test_who_may_ask_for_nobody_finds_nobody_instead_of_failing() -> None:
    client, _ = scripted_client({EVERYBODY: NO, ASSIGNABLE: NO, SEARCH: Told(body=[])})

    assert JiraTracker(client, "DEMO").find_people([Person("guid", "Jo", "jo@x.example")]) == {}


@pytest.mark.parametrize(("answer", "result"), [([KIM], True), ([], False)])
def test_somebody_outside_the_listing_is_asked_about(answer: list[Any], result: bool) -> None:
    def reaction(asked: Asked) -> Told:
        return Told(body=answer if asked.query.get("accountId") == "kim" else [JO])

    client, _ = scripted_client({ASSIGNABLE: reaction})

    assert JiraTracker(client, "DEMO").may_assign(Person("kim", "Kim Lee")) is result


def test_somebody_in_the_listing_may_be_assigned_without_asking_again() -> None:
    target, script = tracker(JO)

    assert target.may_assign(Person("jo", "Jo Smith"))
    assert target.may_assign(Person("jo", "Jo Smith"))
    assert len(script.asked) == 1
