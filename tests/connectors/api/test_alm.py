"""`/api/v2/connectors/alm/`: the founding document's examples, equal but for masks and ids; masks; refusals."""

import json

import pytest
from rest_framework.test import APIClient

from connectors import opening
from connectors.domain.errors import AccessLost
from connectors.domain.ports import Probe
from connectors.models import Connector
from tenancy.models import ApiToken, AuditEntry
from tenancy.services import issue_api_token
from tests.builders import cast
from tests.connectors.api.test_operations import AZURE, new_connector
from tests.connectors.sources import MemorySource

pytestmark = pytest.mark.django_db

ALM = "/api/v2/connectors/alm/"
MASK = "********"
GITHUB = {
    "name": "GitHub Example Connector",
    "system": {"id": "github"},
    "inaccessible": False,
    "params": {
        "github_repo_owner": "repo owner",
        "sde_verification_filter": "none,partial,pass,fail",
        "alm_api_token": "token",
        "title_format": "$task_id $title",
        "alm_method": "https",
        "alm_server": "api.github.com",
        "github_duplicate_label": "duplicate",
        "alm_phases": "requirements,architecture-design,development",
        "sde_statuses_in_scope": "TODO",
        "conflict_policy": "alm",
        "sde_min_priority": "7",
    },
}
JIRA = {
    "name": "JIRA Example Connector",
    "system": {"id": "jira"},
    "inaccessible": False,
    "params": {
        "sde_verification_filter": "none,partial,pass,fail",
        "jira_version": "5",
        "title_format": "$task_id $title",
        "alm_method": "https",
        "alm_server": "my-company.atlassian.net",
        "alm_user": "user",
        "alm_pass": "pass",
        "alm_phases": "requirements,architecture-design,development",
        "sde_statuses_in_scope": "TODO",
        "conflict_policy": "alm",
        "sde_min_priority": "7",
    },
}
SYSTEMS = {
    "github": {"id": "github", "short_name": "GitHub", "name": "GitHub"},
    "jira": {"id": "jira", "short_name": "JIRA", "name": "JIRA"},
}


@pytest.fixture
def people():
    return cast()


def with_params(body, **changes):
    params = {**body["params"], **changes}
    return {**body, "params": {name: value for name, value in params.items() if value is not None}}


def answered(body, pk):
    """The documented answer to a documented body: secrets masked, the row's own id."""
    params = {name: MASK if name in ("alm_pass", "alm_api_token") else text for name, text in body["params"].items()}
    return {**body, "id": pk, "system": SYSTEMS[body["system"]["id"]], "params": params}


def created(person, body=JIRA):
    answer = person.client.post(ALM, body)
    assert answer.status_code == 201, answer.json()
    return answer.json()


def secrets_of(connector_id):
    return opening.stored_access(Connector.objects.get(pk=connector_id)).secret


# --- The documented examples -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [GITHUB, JIRA], ids=["github", "jira"])
def test_a_connector_is_created_as_documented(people, body):
    answer = people.admin.client.post(ALM, body)

    assert (answer.status_code, answer.json()) == (201, answered(body, answer.json()["id"]))
    assert answer["Content-Type"] == "application/json"


def test_connectors_are_listed_as_documented(people):
    first, second = created(people.owner, GITHUB)["id"], created(people.owner, JIRA)["id"]

    answer = people.member.client.get(ALM)

    assert (answer.status_code, answer.json()) == (
        200,
        {"results": [answered(GITHUB, first), answered(JIRA, second)]},
    )


@pytest.mark.parametrize("slash", ["/", ""])
def test_a_connector_is_answered_with_and_without_a_slash(people, slash):
    pk = created(people.owner, GITHUB)["id"]

    answer = people.member.client.get(f"{ALM}{pk}{slash}")

    assert (answer.status_code, answer.json()) == (200, answered(GITHUB, pk))


@pytest.mark.parametrize("slash", ["/", ""])
def test_a_connector_is_replaced_as_documented(people, slash):
    pk = created(people.owner, GITHUB)["id"]
    body = with_params(
        {**GITHUB, "name": "GitHub Connector PUT Example"},
        github_repo_owner="new repo owner",
        alm_api_token="new token",
        sde_min_priority="5",
    )

    answer = people.owner.client.put(f"{ALM}{pk}{slash}", body)

    assert (answer.status_code, answer.json()) == (200, answered(body, pk))
    assert secrets_of(pk) == "new token"


@pytest.mark.parametrize("quote", ['"', "'", ""])
def test_the_documented_header_signs_in(people, quote):
    token = issue_api_token(people.organization, people.owner.user, kind=ApiToken.Kind.TOKEN).secret
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {quote}{token}{quote}")

    assert client.get(ALM).status_code == 200


def test_a_stranger_gets_401_in_the_words_of_the_surface(people):
    answer = APIClient().get(ALM)

    assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHORIZED")


def test_the_list_without_its_slash_is_not_there_and_nothing_is_redirected(people):
    assert [people.owner.client.post(ALM.rstrip("/"), JIRA).status_code, Connector.objects.count()] == [404, 0]


# --- One row behind all surfaces -------------------------------------------------------------------------------------


def test_a_connector_made_here_is_the_operations_surfaces_connector(people, monkeypatch):
    MemorySource(size=4).install(monkeypatch)
    azure = {
        "name": "Shop",
        "system": {"id": "tfs"},
        "params": {
            "alm_method": "https",
            "alm_server": "dev.azure.com",
            "alm_context_root": "contoso",
            "alm_pass": "some-pat",
            "alm_project": "Shop",
        },
    }
    pk = created(people.owner, azure)["id"]

    shown = people.member.client.get(f"/api/connectors/{pk}").json()
    tested = people.member.client.post("/api/connectors/test", {"connectorId": pk})

    assert (shown["type"], shown["credentials"]) == (
        "azure_devops",
        {"organization_url": "https://dev.azure.com/contoso", "project": "Shop", "personal_access_token": MASK},
    )
    assert tested.json()["metadata"]["itemCount"] == 4


def test_a_connector_of_the_operations_surface_has_parameters(people):
    pk = new_connector(people.owner, credentials={**AZURE["credentials"], "organization_url": "contoso"})["id"]

    answer = people.member.client.get(f"{ALM}{pk}/").json()

    assert answer["params"] == {
        "alm_method": "https",
        "alm_server": "dev.azure.com",
        "alm_context_root": "contoso",
        "alm_project": "YourProject",
        "alm_pass": MASK,
    }
    assert people.owner.client.put(f"{ALM}{pk}/", answer).status_code == 200


def test_a_change_by_one_surface_is_seen_by_the_other(people):
    pk = created(people.owner, with_params(JIRA, alm_project="SHOP", alm_vendor_token="bound to the server"))["id"]
    changes = {"credentials": {"base_url": "https://other.atlassian.net", "api_token": "fresh"}}

    assert people.owner.client.patch(f"/api/connectors/{pk}", changes).status_code == 200
    params = people.owner.client.get(f"{ALM}{pk}/").json()["params"]

    assert (params["alm_server"], params["alm_project"], params["title_format"]) == (
        "other.atlassian.net",
        "SHOP",
        "$task_id $title",
    )
    assert "alm_vendor_token" not in params  # the other secret was given for another server


# --- Secrets ---------------------------------------------------------------------------------------------------------


def test_the_mask_keeps_the_secret(people):
    pk = created(people.owner, GITHUB)["id"]

    answer = people.owner.client.put(f"{ALM}{pk}/", answered(GITHUB, pk))

    assert (answer.status_code, secrets_of(pk)) == (200, "token")


@pytest.mark.parametrize(
    "change",
    [
        {"alm_server": "evil.example"},
        {"alm_method": "http"},
        {"alm_context_root": "elsewhere"},
        {"alm_user": "somebody-else"},
    ],
    ids=lambda change: next(iter(change)),
)
@pytest.mark.parametrize("method", ["put", "patch"])
def test_the_mask_does_not_follow_to_another_place(people, change, method):
    body = with_params(JIRA, alm_server="jira.example.com")
    pk = created(people.owner, body)["id"]
    sent = {"params": change} if method == "patch" else with_params(body, alm_pass=MASK, **change)

    answer = getattr(people.owner.client, method)(f"{ALM}{pk}/", sent)

    assert (answer.status_code, answer.json()) == (
        400,
        {"params": {"alm_pass": ["Enter it again: the method, server, context root or user has changed."]}},
    )
    assert people.owner.client.get(f"{ALM}{pk}/").json()["params"] == answered(body, pk)["params"]


def test_a_mask_without_anything_stored_is_a_missing_secret(people):
    answer = people.owner.client.post(ALM, with_params(JIRA, alm_pass=MASK))

    assert (answer.status_code, answer.json()) == (400, {"params": {"alm_pass": ["This field is required."]}})


def test_unknown_parameters_are_kept_and_those_that_sound_secret_are_sealed(people):
    body = with_params(JIRA, vendor_hint="as sent", proxy_password="hush-hush-hush")
    pk = created(people.owner, body)["id"]

    params = people.owner.client.get(f"{ALM}{pk}/").json()["params"]
    kept = people.owner.client.patch(f"{ALM}{pk}/", {"params": {"proxy_password": MASK, "alm_project": "X"}})

    assert (params["vendor_hint"], params["proxy_password"]) == ("as sent", MASK)
    assert (kept.status_code, kept.json()["params"]["proxy_password"]) == (200, MASK)
    row = Connector.objects.get(pk=pk)
    assert "hush" not in f"{row.settings}{row.sealed_credentials}"
    assert "hush" not in str(list(AuditEntry.objects.values()))


def test_a_bearer_token_needs_no_account(people):
    body = with_params(JIRA, alm_auth_mode="api_token", alm_api_token="jira-pat", alm_pass=None, alm_user=None)
    pk = created(people.owner, body)["id"]

    access = opening.stored_access(Connector.objects.get(pk=pk))

    assert (access.account, access.secret) == ("", "jira-pat")
    assert people.owner.client.get(f"{ALM}{pk}/").json()["params"]["alm_api_token"] == MASK


def test_credentials_under_a_key_that_was_taken_away_are_entered_again(people, settings, asked):
    pk = created(people.owner, with_params(JIRA, proxy_password="sealed-as-well"))["id"]
    settings.CREDENTIALS_KEYS = (b"k" * 32,)
    client = people.owner.client

    shown = client.get(f"{ALM}{pk}/").json()
    used = [
        client.post("/api/v2/connectors/testalm/", {"id": pk}),
        client.post("/api/connectors/test", {"connectorId": pk}),
    ]
    masked = client.put(f"{ALM}{pk}/", shown)
    entered = client.patch(f"{ALM}{pk}/", {"params": {"alm_pass": "again"}})

    assert shown["params"]["alm_pass"] == MASK
    assert [(answer.status_code, answer.json()["code"]) for answer in used] == [(400, "CREDENTIALS_UNREADABLE")] * 2
    assert (masked.status_code, set(masked.json()["params"])) == (400, {"alm_pass", "proxy_password"})
    assert (entered.status_code, secrets_of(pk)) == (200, "again")
    assert "proxy_password" not in entered.json()["params"]


def test_the_operations_surface_takes_them_again_as_well(people, settings):
    pk = new_connector(people.owner)["id"]
    settings.CREDENTIALS_KEYS = (b"k" * 32,)
    path, again = f"/api/connectors/{pk}", {"credentials": {"personal_access_token": "again"}}

    masked = people.owner.client.patch(path, {"credentials": {"personal_access_token": MASK}})
    entered = people.owner.client.patch(path, again)

    assert (masked.status_code, list(masked.json()["errors"])) == (400, ["credentials.personal_access_token"])
    assert (entered.status_code, secrets_of(pk)) == (200, "again")


# --- Changes ---------------------------------------------------------------------------------------------------------


def test_a_patch_changes_what_is_sent_and_null_removes(people):
    pk = created(people.owner)["id"]

    answer = people.owner.client.patch(
        f"{ALM}{pk}/", {"inaccessible": True, "params": {"sde_min_priority": 3, "conflict_policy": None}}
    )

    params = answered(JIRA, pk)["params"] | {"sde_min_priority": "3"}
    del params["conflict_policy"]
    assert (answer.status_code, answer.json()) == (200, answered(JIRA, pk) | {"params": params, "inaccessible": True})
    assert secrets_of(pk) == "pass"


def test_a_replacement_forgets_what_it_leaves_out(people):
    pk = created(people.owner)["id"]
    body = with_params(JIRA, sde_min_priority=None, title_format=None)

    assert people.owner.client.put(f"{ALM}{pk}/", body).json()["params"] == answered(body, pk)["params"]


def test_a_connector_is_deleted(people):
    pk = created(people.owner)["id"]

    assert [people.owner.client.delete(f"{ALM}{pk}/").status_code, Connector.objects.count()] == [204, 0]


def test_the_system_of_a_connector_does_not_change(people):
    pk = created(people.owner)["id"]

    answer = people.owner.client.put(f"{ALM}{pk}/", GITHUB)

    assert answer.status_code == 400
    assert answer.json() == {"system": {"id": ["The connector is of the system jira, which cannot change."]}}


def test_changes_are_audited_without_secrets(people):
    pk = created(people.owner)["id"]
    people.owner.client.patch(f"{ALM}{pk}/", {"params": {"alm_pass": "entirely-new"}})

    entries = list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))
    assert entries == ["connector.created", "connector.updated"]
    assert "entirely-new" not in str(list(AuditEntry.objects.values()))


# --- Lists -----------------------------------------------------------------------------------------------------------


def test_pages_have_neighbours(people):
    ids = [created(people.owner, {**JIRA, "name": f"C{number}"})["id"] for number in range(3)]

    whole = people.owner.client.get(ALM, {"page_size": 2}).json()
    second = people.owner.client.get(whole["next"]).json()

    assert (whole["count"], whole["previous"], [each["id"] for each in whole["results"]]) == (3, None, ids[:2])
    assert (second["next"], [each["id"] for each in second["results"]]) == (None, ids[2:])
    assert [each["id"] for each in people.owner.client.get(second["previous"]).json()["results"]] == ids[:2]


def test_an_empty_page_one_is_a_page(people):
    assert people.owner.client.get(ALM, {"page_size": 5}).json() == {
        "count": 0,
        "next": None,
        "previous": None,
        "results": [],
    }


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"page_size": "0"}, "page_size"),
        ({"page_size": "501"}, "page_size"),
        ({"page_size": "x"}, "page_size"),
        ({"page_size": "9" * 400}, "page_size"),
        ({"page_size": "2", "page": "2"}, "page"),
        ({"page_size": "2", "page": "0"}, "page"),
        ({"page": "2"}, "page"),
        ({"system": "clearquest"}, "system"),
    ],
)
def test_a_page_or_system_that_is_not_there_is_named(people, query, field):
    created(people.owner)

    answer = people.owner.client.get(ALM, query)

    assert (answer.status_code, list(answer.json())) == (400, [field])


@pytest.mark.parametrize(("system", "count"), [("jira", 1), ("github", 2), ("tfs", 0)])
def test_connectors_are_filtered_by_system(people, system, count):
    for body in (JIRA, GITHUB, GITHUB):
        created(people.owner, body)

    assert len(people.owner.client.get(ALM, {"system": system}).json()["results"]) == count


@pytest.mark.parametrize("count", [1, 3])
def test_a_list_takes_the_same_number_of_queries_whatever_its_length(people, count, django_assert_num_queries):
    for _ in range(count):
        created(people.owner)

    with django_assert_num_queries(2):  # the membership, the rows
        people.member.client.get(ALM)


# --- Bad input -------------------------------------------------------------------------------------------------------

REQUIRED = ["This field is required."]


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, {"name": REQUIRED, "system": REQUIRED, "params": REQUIRED}),
        ({**JIRA, "system": {}}, {"system": {"id": REQUIRED}}),
        ({**JIRA, "system": {"id": 7}}, {"system": {"id": ["Not a valid string."]}}),
        ({**JIRA, "params": "x"}, {"params": ['Expected a dictionary of items but got type "str".']}),
        ({**JIRA, "name": "x" * 201}, {"name": ["Ensure this field has no more than 200 characters."]}),
        ({**JIRA, "inaccessible": "perhaps"}, {"inaccessible": ["Must be a valid boolean."]}),
        (
            {**JIRA, "params": {}},
            {"params": dict.fromkeys(("alm_method", "alm_server", "alm_user", "alm_pass"), REQUIRED)},
        ),
        (
            {**GITHUB, "params": {}},
            {
                "params": dict.fromkeys(
                    ("alm_method", "alm_server", "github_repo_owner", "alm_api_token", "github_duplicate_label"),
                    REQUIRED,
                )
            },
        ),
    ],
)
def test_missing_and_malformed_parts_are_named(people, body, errors):
    answer = people.owner.client.post(ALM, body)

    assert (answer.status_code, answer.json(), Connector.objects.count()) == (400, errors, 0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("alm_method", "gopher"),
        ("alm_server", "https://jira.example"),
        ("alm_server", "jira.example/path"),
        ("alm_server", "user@jira.example"),
        ("alm_server", "jira.example:0"),
        ("alm_server", "jira.example:99999"),
        ("alm_server", ["jira.example"]),
        ("alm_server", "a" * 300),
        ("alm_context_root", "a b"),
        ("alm_context_root", "../x"),
        ("alm_pass", "line\nbreak"),
        ("alm_pass", "\ud800"),
        ("alm_user", {"a": 1}),
        ("conflict_policy", "coin"),
        ("sde_min_priority", "0"),
        ("sde_min_priority", "11"),
        ("sde_min_priority", "high"),
        ("sde_statuses_in_scope", "TODO,LATER"),
        ("sde_verification_filter", "none,perhaps"),
        ("alm_phases", "requirements,cooking"),
        ("title_format", "$task_id"),
        ("title_format", "$task_id $title $color"),
        ("title_format", "$task_id $title $"),
        ("alm_validate_cert", "perhaps"),
        ("alm_priority_map", "not json"),
        ("alm_priority_map", "[]"),
        ("alm_priority_map", '{"1-10": ""}'),
        ("alm_priority_map", '{"1-9": "Low"}'),
        ("alm_priority_map", '{"1-10": "Low", "5": "High"}'),
        ("alm_priority_map", '{"1-5": "Low", "5-10": "High"}'),
        ("alm_priority_map", '{"10-1": "Low"}'),
        ("alm_priority_map", '{"0-10": "Low"}'),
        ("alm_priority_map", '{"1-10": "Low", "1-10": "High"}'),
        ("alm_priority_map", "[" * 3000),
        ("alm_custom_fields", '{"Team": ["a"]}'),
        ("selected_tasks", "T12,#13"),
        ("jira_version", "99"),
        ("test_alm", "everything"),
        ("alm_project", "x" * 256),
        ("alm_auth_mode", "kerberos"),
        ("vendor_thing", {"a": 1}),
        ("vendor_thing", "x" * 5000),
    ],
)
def test_a_wrong_parameter_is_named_below_params_and_nothing_is_stored(people, name, value):
    body = json.dumps(with_params(JIRA, **{name: value}))  # escaped, as half a character must be

    answer = people.owner.client.post(ALM, body, content_type="application/json")

    assert (answer.status_code, list(answer.json()), Connector.objects.count()) == (400, ["params"], 0)
    assert list(answer.json()["params"]) == [name]


def test_the_context_of_a_title_must_be_there(people):
    body = with_params(JIRA, title_format="$context $task_id $title")

    refused = people.owner.client.post(ALM, body)
    accepted = people.owner.client.post(ALM, with_params(body, alm_context="Shop"))

    assert (list(refused.json()["params"]), accepted.status_code) == (["alm_context"], 201)


def test_azure_devops_names_its_organization_in_the_context_root(people):
    params = {"alm_method": "https", "alm_server": "dev.azure.com", "alm_pass": "some-pat"}

    answer = people.owner.client.post(ALM, {"name": "A", "system": {"id": "azure_devops"}, "params": params})

    assert answer.json() == {"params": {"alm_context_root": ["Enter the organization: dev.azure.com serves many."]}}


def test_an_unknown_system_is_named(people):
    answer = people.owner.client.post(ALM, {**JIRA, "system": {"id": "clearquest"}})

    assert (answer.status_code, list(answer.json()["system"])) == (400, ["id"])


@pytest.mark.parametrize("name", ["", "a b", "x" * 90, "nul\0"])
def test_a_parameter_needs_a_name(people, name):
    answer = people.owner.client.post(ALM, {**JIRA, "params": {**JIRA["params"], name: "x"}})

    assert (answer.status_code, list(answer.json())) == (400, ["params"])


def test_there_is_an_end_to_parameters(people):
    many = {f"p{number}": "x" for number in range(120)}

    assert people.owner.client.post(ALM, with_params(JIRA, **many)).status_code == 400


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"x"'])
def test_a_body_that_is_no_object_is_400(people, text):
    answer = people.owner.client.post(ALM, text, content_type="application/json")

    assert answer.status_code == 400


# --- Systems that are stored only ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("system", "params"),
    [
        ("rally", {"rally_workspace": "W", "alm_user": "u", "alm_pass": "p"}),
        ("trac", {"alm_user": "u", "alm_pass": "p"}),
        ("gitlab", {"alm_api_token": "t"}),
        ("hp_alm", {"hp_alm_domain": "D", "alm_user": "u", "alm_pass": "p"}),
        ("pt", {"alm_api_token": "t"}),
        ("mingle", {"alm_user": "u", "alm_pass": "p"}),
        ("rational", {"alm_user": "u", "alm_pass": "p"}),
    ],
)
def test_systems_that_do_not_run_are_validated_and_stored(people, system, params):
    body = {
        "name": "Old",
        "system": {"id": system},
        "params": {"alm_method": "https", "alm_server": "alm.example", **params},
    }
    pk = created(people.owner, body)["id"]

    shown = people.owner.client.get(f"{ALM}{pk}/").json()
    test = people.owner.client.post("/api/v2/connectors/testalm/", {"id": pk})

    assert (shown["runnable"], shown["system"]["id"]) == (False, system)
    assert (test.status_code, test.json()["code"]) == (400, "SYSTEM_NOT_RUNNABLE")
    for missing in params:
        answer = people.owner.client.post(ALM, with_params(body, **{missing: None}))
        assert (answer.status_code, list(answer.json()["params"])) == (400, [missing])


@pytest.mark.parametrize(("system", "policy"), [("rational", "sde"), ("rational", "timestamp"), ("trac", "timestamp")])
def test_policies_that_a_system_does_not_take_are_refused(people, system, policy):
    params = {"alm_method": "https", "alm_server": "a.example", "alm_user": "u", "alm_pass": "p"}
    body = {"name": "Old", "system": {"id": system}, "params": {**params, "conflict_policy": policy}}

    assert list(people.owner.client.post(ALM, body).json()["params"]) == ["conflict_policy"]


# --- Who may ---------------------------------------------------------------------------------------------------------


def test_members_read_and_do_not_write(people):
    pk = created(people.owner)["id"]
    client = people.member.client

    assert [
        client.get(f"{ALM}{pk}/").status_code,
        client.post(ALM, JIRA).status_code,
        client.put(f"{ALM}{pk}/", JIRA).status_code,
        client.patch(f"{ALM}{pk}/", {"name": "x"}).status_code,
        client.delete(f"{ALM}{pk}/").status_code,
    ] == [200, 403, 403, 403, 403]


def test_another_organizations_connector_does_not_exist(people):
    pk = created(people.owner)["id"]
    client = people.outsider.client

    assert client.get(ALM).json() == {"results": []}
    assert [
        client.get(f"{ALM}{pk}/").status_code,
        client.put(f"{ALM}{pk}/", JIRA).status_code,
        client.patch(f"{ALM}{pk}/", {"name": "x"}).status_code,
        client.delete(f"{ALM}{pk}/").status_code,
        client.post("/api/v2/connectors/testalm/", {"id": pk}).status_code,
    ] == [404] * 5


@pytest.mark.parametrize("pk", ["0", "999999999", "9" * 30])
def test_an_unknown_connector_is_404(people, pk):
    assert people.owner.client.get(f"{ALM}{pk}/").status_code == 404


# --- testalm ---------------------------------------------------------------------------------------------------------

TEST = "/api/v2/connectors/testalm/"


@pytest.fixture
def asked(monkeypatch):
    """Every access that was tested, with what of it."""
    seen = []

    def probe(kind):
        def answer(access):
            seen.append((kind, access.server, access.secret))
            return Probe("site", "", 0)

        return answer

    monkeypatch.setattr(opening, "probe", probe("project"))
    monkeypatch.setattr(opening, "probe_server", probe("server"))
    return seen


@pytest.mark.parametrize(
    ("changes", "depth"),
    [
        ({}, "server"),
        ({"alm_project": "SHOP"}, "project"),
        ({"alm_project": "SHOP", "test_alm": "server"}, "server"),
        ({"alm_project": "SHOP", "test_alm": "settings"}, "project"),
    ],
)
def test_a_connection_is_tested_as_deep_as_asked_and_nothing_is_stored(people, asked, changes, depth):
    answer = people.member.client.post(TEST, with_params(JIRA, **changes))

    assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert asked == [(depth, "https://my-company.atlassian.net", "pass")]
    assert Connector.objects.count() == 0


def test_a_refusal_is_an_answer(people, monkeypatch):
    def refuse(_access):
        raise AccessLost("Jira says no", code="CREDENTIALS_REFUSED")

    monkeypatch.setattr(opening, "probe_server", refuse)

    answer = people.member.client.post(TEST, JIRA)

    assert (answer.status_code, answer.json()) == (
        200,
        {"success": False, "message": "Jira says no", "code": "CREDENTIALS_REFUSED"},
    )


def test_a_mask_is_tested_with_the_named_connectors_secret(people, asked):
    pk = created(people.owner)["id"]

    unnamed = people.member.client.post(TEST, with_params(JIRA, alm_pass=MASK))
    named = people.member.client.post(TEST, {"id": pk, **with_params(JIRA, alm_pass=MASK)})
    moved = people.member.client.post(TEST, {"id": pk, **with_params(JIRA, alm_pass=MASK, alm_server="evil.example")})

    assert [unnamed.status_code, named.json(), moved.status_code] == [400, {"success": True}, 400]
    assert asked == [("server", "https://my-company.atlassian.net", "pass")]


def test_a_stored_connector_is_tested_and_its_health_remembered(people, asked):
    pk = created(people.owner)["id"]

    assert people.member.client.post(TEST, {"id": pk}).json() == {"success": True}
    assert Connector.objects.get(pk=pk).health == "ok"


def test_an_inaccessible_connector_is_never_contacted(people, asked):
    pk = created(people.owner, {**JIRA, "inaccessible": True})["id"]

    v2 = people.member.client.post(TEST, {"id": pk})
    operations = people.member.client.post("/api/connectors/test", {"connectorId": pk})

    assert [(v2.status_code, v2.json()["code"]), (operations.status_code, operations.json()["code"])] == [
        (400, "CONNECTOR_INACCESSIBLE")
    ] * 2
    assert asked == []


@pytest.mark.parametrize(
    ("body", "fields"), [({}, {"system", "params"}), ({"system": {"id": "jira"}}, {"params"}), ({"id": "x"}, {"id"})]
)
def test_a_test_says_what_it_lacks(people, body, fields):
    answer = people.member.client.post(TEST, body)

    assert (answer.status_code, set(answer.json())) == (400, fields)


# --- The newer spelling ----------------------------------------------------------------------------------------------

TRACKERS = "/api/v2/connectors/issue-tracker/"


def test_the_newer_spelling_is_the_same_resource(people):
    renamed = {
        name.replace("alm_", "issue_tracker_", 1) if name.startswith("alm_") else name: value
        for name, value in JIRA["params"].items()
    } | {"conflict_policy": "issue_tracker"}
    pk = people.owner.client.post(TRACKERS, {**JIRA, "params": renamed}).json()["id"]

    new = people.owner.client.get(f"{TRACKERS}{pk}/").json()["params"]
    old = people.owner.client.get(f"{ALM}{pk}/").json()["params"]

    assert new == renamed | {"issue_tracker_pass": MASK}
    assert old == answered(JIRA, pk)["params"]


def test_errors_are_named_in_the_spelling_that_was_used(people):
    answer = people.owner.client.post(TRACKERS, {**JIRA, "params": {}})

    assert set(answer.json()["params"]) == {
        "issue_tracker_method",
        "issue_tracker_server",
        "issue_tracker_user",
        "issue_tracker_pass",
    }


def test_two_spellings_that_contradict_each_other_are_refused(people):
    answer = people.owner.client.post(ALM, with_params(JIRA, issue_tracker_server="other.example"))

    assert (answer.status_code, list(answer.json())) == (400, ["params"])
