"""The registry of systems: what each needs, what is wrong with what was sent, and where secrets may go."""

import pytest

from connectors.domain.errors import DomainError
from connectors.domain.systems import (
    MASK,
    SYSTEMS,
    Access,
    SystemId,
    find_system,
    keep_secret,
    read_access,
    require_available,
    require_scannable,
    write_access,
)

AZURE = {
    "organization_url": "https://dev.azure.com/yourorg",
    "project": "YourProject",
    "personal_access_token": "your-pat",
}
JIRA = {
    "base_url": "https://yourorg.atlassian.net",
    "email": "migration@company.com",
    "api_token": "your-jira-token",
    "project_key": "PROJ",
}


def errors_of(system, data, **options):
    with pytest.raises(DomainError) as caught:
        read_access(find_system(system), data, **options)
    assert (caught.value.code, caught.value.status) == ("VALIDATION_FAILED", 400)
    return caught.value.errors


def test_documented_credentials_become_an_access():
    assert read_access(find_system("azure_devops"), AZURE) == Access(
        SystemId.AZURE_DEVOPS, server="https://dev.azure.com/yourorg", project="YourProject", secret="your-pat"
    )
    assert read_access(find_system("jira"), JIRA) == Access(
        SystemId.JIRA,
        server="https://yourorg.atlassian.net",
        project="PROJ",
        account="migration@company.com",
        secret="your-jira-token",
    )


def test_the_names_of_the_run_document_mean_the_same():
    short = {"org": "yourorg", "project": "YourProject", "pat": "your-pat"}

    assert read_access(find_system("tfs"), short) == Access(
        SystemId.AZURE_DEVOPS, server="yourorg", project="YourProject", secret="your-pat"
    )


@pytest.mark.parametrize(
    ("system", "name", "given", "normal"),
    [
        ("azure_devops", "organization_url", " contoso ", "contoso"),
        ("azure_devops", "organization_url", "dev.azure.com/contoso", "https://dev.azure.com/contoso"),
        (
            "azure_devops",
            "organization_url",
            "https://DEV.azure.com/contoso/Shop/_boards",
            "https://dev.azure.com/contoso",
        ),
        (
            "azure_devops",
            "organization_url",
            "https://contoso.visualstudio.com/Shop",
            "https://contoso.visualstudio.com",
        ),
        ("azure_devops", "organization_url", "http://127.0.0.1:9001/contoso/", "http://127.0.0.1:9001/contoso"),
        ("jira", "base_url", "yourorg.atlassian.net", "https://yourorg.atlassian.net"),
        ("jira", "base_url", "https://yourorg.atlassian.net/jira/projects?x=1#y", "https://yourorg.atlassian.net"),
        ("jira", "base_url", "https://api.atlassian.com/ex/jira/1-2/", "https://api.atlassian.com/ex/jira/1-2"),
        ("jira", "base_url", "http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_addresses_are_brought_into_their_normal_form(system, name, given, normal):
    data = (AZURE if system == "azure_devops" else JIRA) | {name: given}

    assert read_access(find_system(system), data).server == normal


@pytest.mark.parametrize(
    ("change", "name", "words"),
    [
        ({"personal_access_token": None}, "personal_access_token", "This field is required."),
        ({"personal_access_token": "  "}, "personal_access_token", "This field is required."),
        ({"personal_access_token": "a b"}, "personal_access_token", "A token has no blanks"),
        ({"project": 5}, "project", "Not a valid string."),
        ({"project": ["Shop"]}, "project", "Not a valid string."),
        ({"project": "x" * 256}, "project", "Ensure this field has no more than 255 characters."),
        ({"project": "Sh\r\nop"}, "project", "Control characters are not allowed."),
        ({"project": "Sh\ud800op"}, "project", "Control characters are not allowed."),
        ({"organization_url": "\ud800"}, "organization_url", "Control characters are not allowed."),
        ({"organization_url": "https://dev.azure.com"}, "organization_url", "The address lacks the organization"),
        ({"organization_url": "ftp://dev.azure.com/x"}, "organization_url", "Enter a valid address."),
        ({"organization_url": "https://dev.azure.com:99999/x"}, "organization_url", "Enter a valid address."),
        ({"organization_url": "https://[half/x"}, "organization_url", "Enter a valid address."),
        ({"organization_url": "https:///x"}, "organization_url", "Enter a valid address."),
        ({"organization_url": "not a name"}, "organization_url", "Enter a valid address."),
        ({"organization_url": "https://u:p@dev.azure.com/x"}, "organization_url", "must not contain credentials"),
    ],
)
def test_a_malformed_value_is_named_with_its_reason(change, name, words):
    errors = errors_of("azure_devops", AZURE | change)

    assert list(errors) == [f"credentials.{name}"]
    assert words in errors[f"credentials.{name}"][0]


def test_every_missing_value_is_named():
    assert errors_of("jira", {}, within="target") == {
        "target.base_url": ["This field is required."],
        "target.email": ["This field is required."],
        "target.api_token": ["This field is required."],
        "target.project_key": ["This field is required."],
    }


def test_a_stored_connector_needs_no_project():
    access = read_access(find_system("jira"), JIRA | {"project_key": ""}, project_optional=True)

    assert access.project == ""


def test_a_secret_is_masked_on_the_way_out_and_absent_from_texts():
    access = read_access(find_system("jira"), JIRA)

    assert write_access(access) == JIRA | {"api_token": MASK}
    assert "your-jira-token" not in repr(access)


def test_a_mask_keeps_the_stored_secret():
    stored = read_access(find_system("jira"), JIRA)
    new = read_access(find_system("jira"), JIRA | {"api_token": MASK, "project_key": "NEXT"})

    assert keep_secret(new, stored).secret == "your-jira-token"
    assert keep_secret(stored, stored) == stored


@pytest.mark.parametrize("change", [{"base_url": "https://evil.example"}, {"email": "other@company.com"}])
def test_a_mask_is_refused_once_the_secret_would_go_elsewhere(change):
    stored = read_access(find_system("jira"), JIRA)
    new = read_access(find_system("jira"), JIRA | {"api_token": MASK} | change)

    with pytest.raises(DomainError) as caught:
        keep_secret(new, stored)

    assert caught.value.errors == {"credentials.api_token": ["Enter it again: the server or the account has changed."]}


def test_a_mask_without_a_stored_secret_is_a_missing_secret():
    stored = Access(SystemId.JIRA, server="https://yourorg.atlassian.net", account="migration@company.com")

    with pytest.raises(DomainError) as caught:
        keep_secret(read_access(find_system("jira"), JIRA | {"api_token": MASK}), stored)

    assert caught.value.errors == {"credentials.api_token": ["This field is required."]}


def test_systems_say_what_they_can_do():
    require_scannable(find_system("azure_devops"))
    require_scannable(find_system("github"))
    require_available(find_system("jira"))
    codes = {}
    for name in ("jira", "rally"):
        with pytest.raises(DomainError) as caught:
            require_scannable(find_system(name))
        codes[name] = (caught.value.code, caught.value.status)
    with pytest.raises(DomainError) as caught:
        find_system("clearquest")
    codes["clearquest"] = (caught.value.code, caught.value.status)

    assert codes == {
        "rally": ("SYSTEM_NOT_RUNNABLE", 400),
        "jira": ("SYSTEM_NOT_SCANNABLE", 400),
        "clearquest": ("SYSTEM_UNKNOWN", 400),
    }


def test_every_system_is_listed_once():
    assert [each.id for each in SYSTEMS] == list(SystemId)
