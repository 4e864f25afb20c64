"""The rows of a synchronization and what the database refuses."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from connectors.credentials import seal, unseal
from sync.models import Pair
from tests.recipes import pair, synchronization

pytestmark = pytest.mark.django_db


def test_a_synchronization_is_called_by_its_number() -> None:
    made = synchronization.make(number=16)

    assert made.key == "INT-16"


@pytest.mark.parametrize("taken", ["first_key", "second_key"])
def test_an_item_has_one_partner_in_a_synchronization(taken: str) -> None:
    existing = pair.make()

    with pytest.raises(IntegrityError), transaction.atomic():
        pair.make(
            synchronization=existing.synchronization,
            organization=existing.organization,
            **{taken: getattr(existing, taken)},
        )


def test_a_deleted_pair_leaves_its_items_free() -> None:
    gone = pair.make(deleted_at=timezone.now())

    again = pair.make(
        synchronization=gone.synchronization,
        organization=gone.organization,
        first_key=gone.first_key,
        second_key=gone.second_key,
    )

    assert Pair.objects.filter(first_key=gone.first_key).count() == 2
    assert again.pk != gone.pk


def test_a_base_is_sealed_for_its_pair() -> None:
    made = pair.make()
    row = f"sync.pair:{made.pk}"

    sealed = seal('{"title": "x"}', organization=made.organization_id, row=row)

    assert "title" not in sealed
    assert unseal(sealed, organization=made.organization_id, row=row) == '{"title": "x"}'
