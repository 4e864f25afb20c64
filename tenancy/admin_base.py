"""The admin, bound to organizations.

Support staff with every right (superusers) see everything. Other staff see the organizations they belong to, and the
admin's side doors are closed with the front one: choices of foreign keys, list filters, autocompletion and actions all
read from the same bound querysets.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.admin import RelatedOnlyFieldListFilter
from django.core.exceptions import FieldDoesNotExist
from django.db.models import ForeignKey, Model, QuerySet
from django.forms import ModelChoiceField
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from tenancy.models import Membership, Organization, User
from tenancy.scoping import OrganizationOwned


def visible_organizations(request: HttpRequest) -> QuerySet[Organization]:
    """The organizations whose rows this member of staff may see."""
    if not isinstance(request.user, User):
        return Organization.objects.none()
    if request.user.is_superuser:
        return Organization.objects.all()
    # A subquery instead of a join: a join would need DISTINCT, and a DISTINCT queryset cannot be deleted.
    return Organization.objects.filter(pk__in=request.user.memberships.values("organization"))


def visible_users(request: HttpRequest) -> QuerySet[User]:
    """The people of those organizations."""
    if isinstance(request.user, User) and request.user.is_superuser:
        return User.objects.all()
    members = Membership.objects.filter(organization__in=visible_organizations(request))
    return User.objects.filter(pk__in=members.values("user"))


def visible_rows(model: type[Model], request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
    """The part of `rows` that may be seen. Rows of models that belong to nobody are left as they are."""
    if issubclass(model, OrganizationOwned):
        return rows.filter(organization__in=visible_organizations(request))
    if issubclass(model, Organization):
        return rows.filter(pk__in=visible_organizations(request))
    if issubclass(model, User):
        return rows.filter(pk__in=visible_users(request))
    return rows


class OrganizationScopedAdmin(ModelAdmin):  # type: ignore[misc]  # the library has no types
    """Base of every admin class over tenant-owned rows."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Front door: lists, single objects, history, deletion, actions, and autocompletion of others."""
        return visible_rows(self.model, request, super().get_queryset(request))

    def get_list_filter(self, request: HttpRequest) -> Sequence[Any]:
        """A filter over a relation offers only values that occur in the visible rows."""
        return [
            (given, RelatedOnlyFieldListFilter) if isinstance(given, str) and self._is_relation(given) else given
            for given in super().get_list_filter(request)
        ]

    def formfield_for_foreignkey(self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        """Choices, and what a form accepts, are visible rows only."""
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if isinstance(field, ModelChoiceField) and field.queryset is not None:
            field.queryset = visible_rows(db_field.remote_field.model, request, field.queryset)
        return field

    def _is_relation(self, name: str) -> bool:
        try:
            return bool(self.model._meta.get_field(name).is_relation)
        except FieldDoesNotExist:
            return False


class ReadOnlyAdmin(OrganizationScopedAdmin):
    """Rows that only services write: to look at."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Made by services only."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """To look at, not to edit."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nor to remove."""
        return False
