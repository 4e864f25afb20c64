"""Credentials at rest: bound to row and organization, opened by every key of the ring, rotated to the first."""

import base64
import uuid

import pytest
from django.core.management import CommandError, call_command

from connectors.credentials import (
    CredentialsUnreadable,
    is_current,
    rotate,
    row_of,
    seal,
    seal_values,
    sealed_columns,
    unseal,
    unseal_values,
)
from connectors.models import Connector, Scan
from tenancy.services import create_organization

OLD, NEW = b"o" * 32, b"n" * 32
ONE, OTHER = uuid.UUID(int=1), uuid.UUID(int=2)


@pytest.fixture(autouse=True)
def _keys(settings):
    settings.CREDENTIALS_KEYS = (OLD,)


@pytest.fixture
def connector():
    row = Connector.objects.create(organization=create_organization("Contoso"), name="C", system="jira", server="s")
    row.sealed_credentials = seal_values(row, {"secret": "hunter2-secret"})
    row.save()
    return row


def test_a_sealed_text_shows_nothing_and_opens_for_its_row():
    sealed = seal("hunter2-secret", organization=ONE, row="connectors.connector:1")

    assert "hunter2" not in sealed
    assert unseal(sealed, organization=ONE, row="connectors.connector:1") == "hunter2-secret"
    assert sealed != seal("hunter2-secret", organization=ONE, row="connectors.connector:1")


@pytest.mark.parametrize(
    ("organization", "row"), [(OTHER, "connectors.connector:1"), (ONE, "connectors.connector:2"), (ONE, "")]
)
def test_a_sealed_text_does_not_open_elsewhere(organization, row):
    sealed = seal("hunter2-secret", organization=ONE, row="connectors.connector:1")

    with pytest.raises(CredentialsUnreadable):
        unseal(sealed, organization=organization, row=row)


@pytest.mark.parametrize("damage", ["", "2", "1.", "1.x.y", "1.{0}.", "1.{0}.AAAA", "1.{0}.!!!!"])
def test_a_damaged_text_is_unreadable_not_a_crash(damage):
    sealed = damage.format(seal("x", organization=ONE, row="r").split(".")[1])

    if not sealed:
        assert unseal(sealed, organization=ONE, row="r") == ""
    else:
        with pytest.raises(CredentialsUnreadable):
            unseal(sealed, organization=ONE, row="r")


def test_a_changed_byte_is_noticed():
    version, key, encoded = seal("hunter2-secret", organization=ONE, row="r").split(".")
    content = bytearray(base64.urlsafe_b64decode(encoded))
    content[-1] ^= 1

    with pytest.raises(CredentialsUnreadable):
        unseal(f"{version}.{key}.{base64.urlsafe_b64encode(content).decode()}", organization=ONE, row="r")


def test_every_key_of_the_ring_opens_and_the_first_seals(settings):
    old = seal("x", organization=ONE, row="r")
    settings.CREDENTIALS_KEYS = (NEW, OLD)

    assert unseal(old, organization=ONE, row="r") == "x"
    assert (is_current(old), is_current(seal("x", organization=ONE, row="r"))) == (False, True)
    settings.CREDENTIALS_KEYS = (NEW,)
    with pytest.raises(CredentialsUnreadable) as caught:
        unseal(old, organization=ONE, row="r")
    assert (caught.value.code, caught.value.status) == ("CREDENTIALS_UNREADABLE", 400)


@pytest.mark.django_db
def test_named_secrets_are_sealed_for_a_saved_row(connector):
    assert unseal_values(connector, connector.sealed_credentials) == {"secret": "hunter2-secret"}
    assert seal_values(connector, {"secret": ""}) == ""
    with pytest.raises(ValueError, match="save it first"):
        seal_values(Connector(organization=connector.organization), {"secret": "x"})


def test_every_sealed_column_of_the_installation_is_found():
    columns = set(sealed_columns())

    assert {(Connector, "sealed_credentials"), (Scan, "sealed_credentials")} <= columns


@pytest.mark.django_db
def test_rotation_leaves_everything_readable_with_the_new_key_alone(settings, connector):
    settings.CREDENTIALS_KEYS = (NEW, OLD)

    call_command("rotate_credentials")

    settings.CREDENTIALS_KEYS = (NEW,)
    connector.refresh_from_db()
    assert unseal_values(connector, connector.sealed_credentials) == {"secret": "hunter2-secret"}
    assert rotate(Connector, "sealed_credentials") == (0, 0)


@pytest.mark.django_db
def test_rotation_says_how_many_texts_no_key_opens(settings, connector, capsys):
    settings.CREDENTIALS_KEYS = (NEW,)

    with pytest.raises(CommandError, match="1 stored credentials cannot be opened"):
        call_command("rotate_credentials")

    printed = capsys.readouterr().out
    assert "connectors.Connector.sealed_credentials: 0 re-encrypted, 1 unreadable" in printed
    assert "hunter2" not in printed
    assert row_of(connector) == f"connectors.connector:{connector.pk}"
