"""The admin, bound to organizations.

Support staff with every right (superusers) see everything. Other staff see the organizations they belong to, and the
admin's side doors are closed with the front one: choices of foreign keys, list filters, autocompletion and actions all
read from the same bound querysets.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib.admin import RelatedOnlyFieldListFilter
from django.contrib.admin.models import LogEntry
from django.core.exceptions import FieldDoesNotExist
from django.core.paginator import Page, Paginator
from django.db.models import ForeignKey, Model, Q, QuerySet
from django.forms import ModelChoiceField
from django.http import HttpRequest
from django.utils.functional import cached_property
from unfold.admin import ModelAdmin, TabularInline
from unfold.forms import PaginationInlineFormSet

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


class ShortPaginator(Paginator):  # type: ignore[type-arg]  # generic for the type checker only
    """Counts no further than somebody would leaf: exact counts of a million rows take longer than the page."""

    most_listed = 10_000
    template_name = "admin/short_pagination.html"

    @cached_property
    def count(self) -> int:
        """How many rows there are, or `most_listed` when there are more."""
        rows = self.object_list
        return rows.order_by()[: self.most_listed].count() if isinstance(rows, QuerySet) else len(rows)


class ShortFormSet(PaginationInlineFormSet):  # type: ignore[misc]
    """The rows of an inline, a page at a time."""

    def get_page(self, paginator: Any, page: int) -> Page[Any]:
        """From a paginator that does not count a million rows."""
        self.paginator = ShortPaginator(self.queryset, self.per_page)
        found: Page[Any] = super().get_page(self.paginator, page)
        return found


class ReadOnlyInline(TabularInline):  # type: ignore[misc]
    """Rows below another one, to look at, paged on the server."""

    formset = ShortFormSet
    per_page = 10
    tab = True
    extra = 0
    can_delete = False
    show_change_link = True
    hide_title = True

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """All of them."""
        return tuple(self.fields)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Made by services only."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """To look at, not to edit."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nor to remove."""
        return False


class OrganizationScopedAdmin(ModelAdmin):  # type: ignore[misc]  # the library has no types
    """Base of every admin class over tenant-owned rows."""

    paginator: ClassVar[type[Paginator[Any]]] = ShortPaginator
    show_full_result_count = False

    def get_paginator(self, request: HttpRequest, queryset: Any, *args: Any, **kwargs: Any) -> Any:
        """Of a history, only what people in view have done, and superusers."""
        if isinstance(queryset, QuerySet) and queryset.model is LogEntry:
            queryset = queryset.filter(Q(user__in=visible_users(request)) | Q(user__is_superuser=True))
        return super().get_paginator(request, queryset, *args, **kwargs)

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
