"""Everything tenant-owned belongs to exactly one organization, and every read starts there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self, TypeVar

from django.db import models

if TYPE_CHECKING:
    from tenancy.models import Organization

M = TypeVar("M", bound=models.Model, covariant=True)


class OrganizationQuerySet(models.QuerySet[M]):
    """A queryset that can be bound to one organization."""

    def for_organization(self, organization: Organization) -> Self:
        """Only this organization's rows: the first call of every read that answers a request."""
        return self.filter(organization=organization)


class OrganizationOwned(models.Model):
    """Base of every tenant-owned model. The key is never null and never changes."""

    organization = models.ForeignKey("tenancy.Organization", on_delete=models.CASCADE, related_name="+")

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        abstract = True


class BulkOwned(OrganizationOwned):
    """Tenant-owned rows that come by the million and are always reached through what they belong to: the key of the
    organization is there, an index of its own is not."""

    organization = models.ForeignKey("tenancy.Organization", on_delete=models.CASCADE, related_name="+", db_index=False)

    class Meta:
        abstract = True
