"""Credentials at rest: AES-GCM, bound to their organization and row, under a ring of keys.

The first key of CREDENTIALS_KEYS encrypts, all decrypt, so a key is changed by putting a new one in front, running
`manage.py rotate_credentials`, and taking the old one away. The organization and the row are associated data: a
sealed text that is copied into another row, or another tenant's, cannot be opened there.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Iterator, Mapping
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.apps import apps
from django.conf import settings
from django.db import models

from connectors.domain.errors import DomainError
from tenancy.scoping import OrganizationOwned

_VERSION = "1"
_NONCE_BYTES = 12


class SealedTextField(models.TextField):  # type: ignore[type-arg]
    """A column that holds sealed text only: never editable, so no form and no admin page shows it."""

    def __init__(self, **options: object) -> None:
        super().__init__(**{**options, "editable": False, "blank": True, "default": ""})  # type: ignore[arg-type]


class CredentialsUnreadable(DomainError):
    """No key of the ring opens the sealed text: its key was taken away, or the text is not this row's."""

    def __init__(self) -> None:
        super().__init__(
            "CREDENTIALS_UNREADABLE", "The stored credentials cannot be decrypted any more: enter them again"
        )


def seal(plain: str, *, organization: UUID, row: str) -> str:
    """The text encrypted for one row of one organization; the empty text stays empty."""
    if not plain:
        return ""
    key = settings.CREDENTIALS_KEYS[0]
    nonce = secrets.token_bytes(_NONCE_BYTES)
    sealed = AESGCM(key).encrypt(nonce, plain.encode(), _binding(organization, row))
    return ".".join((_VERSION, _fingerprint(key), base64.urlsafe_b64encode(nonce + sealed).decode("ascii")))


def unseal(sealed: str, *, organization: UUID, row: str) -> str:
    """The text that `seal` was given for the same row. Raises CredentialsUnreadable."""
    if not sealed:
        return ""
    version, _, rest = sealed.partition(".")
    named, _, encoded = rest.partition(".")
    key = next((each for each in settings.CREDENTIALS_KEYS if _fingerprint(each) == named), None)
    if version != _VERSION or key is None:
        raise CredentialsUnreadable
    try:
        content = base64.b64decode(encoded, altchars=b"-_", validate=True)
        plain = AESGCM(key).decrypt(content[:_NONCE_BYTES], content[_NONCE_BYTES:], _binding(organization, row))
    except (InvalidTag, ValueError) as error:
        raise CredentialsUnreadable from error
    return plain.decode()


def seal_values(instance: OrganizationOwned, values: Mapping[str, str]) -> str:
    """Named secrets sealed for a saved row, as its sealed column stores them. The caller saves it."""
    if instance.pk is None:
        raise ValueError("A row is sealed for its key: save it first.")
    kept = {name: value for name, value in values.items() if value}
    if not kept:
        return ""
    return seal(json.dumps(kept, sort_keys=True), organization=instance.organization_id, row=row_of(instance))


def unseal_values(instance: OrganizationOwned, sealed: str) -> dict[str, str]:
    """What `seal_values` was given. Raises CredentialsUnreadable."""
    if not sealed:
        return {}
    plain = unseal(sealed, organization=instance.organization_id, row=row_of(instance))
    return {str(name): str(value) for name, value in json.loads(plain).items()}


def row_of(instance: models.Model) -> str:
    """The row's name inside its organization."""
    return f"{instance._meta.label_lower}:{instance.pk}"


def is_current(sealed: str) -> bool:
    """Whether the first key of the ring sealed this text (nothing to seal counts as current)."""
    return not sealed or sealed.split(".")[1:2] == [_fingerprint(settings.CREDENTIALS_KEYS[0])]


def sealed_columns() -> Iterator[tuple[type[OrganizationOwned], str]]:
    """Every model of the installation with a sealed column, and the column's name."""
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if isinstance(field, SealedTextField) and issubclass(model, OrganizationOwned):
                yield model, field.name


def rotate(model: type[OrganizationOwned], column: str) -> tuple[int, int]:
    """Seal a column's texts again under the first key. Returns how many were sealed, and how many no key opens.

    A text that changed meanwhile is left alone: whoever wrote it used the first key already.
    """
    sealed_again = unreadable = 0
    rows = model._default_manager.exclude(**{column: ""}).only("pk", "organization_id", column)
    for row in rows.iterator(chunk_size=500):
        old = getattr(row, column)
        if is_current(old):
            continue
        try:
            plain = unseal(old, organization=row.organization_id, row=row_of(row))
        except CredentialsUnreadable:
            unreadable += 1
            continue
        new = seal(plain, organization=row.organization_id, row=row_of(row))
        sealed_again += model._default_manager.filter(pk=row.pk, **{column: old}).update(**{column: new})
    return sealed_again, unreadable


def _binding(organization: UUID, row: str) -> bytes:
    return f"isthmus.credentials|{organization}|{row}".encode()


def _fingerprint(key: bytes) -> str:
    return hashlib.sha256(b"isthmus.key|" + key).hexdigest()[:8]
