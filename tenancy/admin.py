"""Organizations, people and their credentials in the admin."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import TabularInline
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from tenancy import services
from tenancy.admin_base import OrganizationScopedAdmin, ReadOnlyAdmin, visible_organizations
from tenancy.models import ApiToken, AuditEntry, Invitation, Membership, Organization, RefreshToken, Role, User

admin.site.unregister(Group)  # roles come from memberships


class MembershipInline(TabularInline):  # type: ignore[misc]  # the library has no types
    """The people of an organization, to look at; changed on the page of memberships."""

    model = Membership
    extra = 0
    can_delete = False
    fields = readonly_fields = ("user", "role", "created_at")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Memberships have a page of their own."""
        return False


@admin.register(Organization)
class OrganizationAdmin(OrganizationScopedAdmin):
    """Tenants."""

    list_display = ("name", "code", "slug", "created_at")
    search_fields = ("name", "code", "slug")
    readonly_fields = ("id", "code", "slug", "created_at")
    fields = ("name", "id", "code", "slug", "created_at")

    def get_inlines(self, request: HttpRequest, obj: Organization | None = None) -> list[type[MembershipInline]]:
        """A new organization has nobody yet."""
        return [MembershipInline] if obj else []

    def save_model(self, request: HttpRequest, obj: Organization, form: Any, change: bool) -> None:
        """A new one gets its code and slug from the service."""
        if change:
            obj.save(update_fields=["name"])
        else:
            made = services.create_organization(obj.name)
            obj.__dict__.update(made.__dict__)


@admin.register(User)
class UserAdmin(DjangoUserAdmin, OrganizationScopedAdmin):  # type: ignore[type-arg]
    """Accounts. Only superusers may hand out rights in the admin."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    ordering = ("email",)
    list_display = ("email", "name", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff")
    search_fields = ("email", "name")
    readonly_fields = ("id", "last_login", "created_at")
    filter_horizontal = ("user_permissions",)
    fieldsets = (
        (None, {"fields": ("email", "name", "password", "is_active")}),
        ("Admin", {"fields": ("is_staff", "is_superuser", "user_permissions")}),
        ("Record", {"fields": ("id", "last_login", "created_at")}),
    )
    add_fieldsets = ((None, {"classes": ("wide",), "fields": ("email", "name", "password1", "password2")}),)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """Whoever may edit accounts may not make themselves, or others, more than they are."""
        own = tuple(super().get_readonly_fields(request, obj))
        if isinstance(request.user, User) and request.user.is_superuser:
            return own
        return (*own, "is_staff", "is_superuser", "user_permissions")

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """See `_may_touch`."""
        return self._may_touch(request, obj) and bool(super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """See `_may_touch`."""
        return self._may_touch(request, obj) and bool(super().has_delete_permission(request, obj))

    def get_deleted_objects(
        self, objs: Iterable[User], request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """What would go with accounts that may not be touched is not told either."""
        chosen = list(objs)
        if all(self._may_touch(request, user) for user in chosen):
            found: tuple[list[str], dict[str, int], set[str], list[str]] = super().get_deleted_objects(chosen, request)
            return found
        return [str(user) for user in chosen], {}, {"account"}, []

    def _may_touch(self, request: HttpRequest, obj: User | None) -> bool:
        """A superuser's account, password included, is for superusers; so is one that other organizations rely on."""
        if obj is None or getattr(request.user, "is_superuser", False):
            return True
        elsewhere = obj.memberships.exclude(organization__in=visible_organizations(request))
        return not obj.is_superuser and not elsewhere.exists()


@admin.register(Membership)
class MembershipAdmin(OrganizationScopedAdmin):
    """Who belongs where, and as what."""

    list_display = ("user", "organization", "role", "created_at")
    list_filter = ("role", "organization")
    search_fields = ("user__email", "organization__name")
    autocomplete_fields = ("user", "organization")
    fields = ("organization", "user", "role")

    def get_readonly_fields(self, request: HttpRequest, obj: Membership | None = None) -> tuple[str, ...]:
        """Only the role of an existing membership changes."""
        return ("organization", "user") if obj else ()

    def save_model(self, request: HttpRequest, obj: Membership, form: Any, change: bool) -> None:
        """Through the service, which writes the audit trail."""
        by = request.user if isinstance(request.user, User) else None
        saved = services.set_membership(obj.organization, obj.user, role=Role(obj.role), by=by)
        obj.pk = saved.pk


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    """Tokens and apikeys: made elsewhere, ended here."""

    list_display = ("prefix", "kind", "name", "user", "organization", "last_used_at", "expires_at", "revoked_at")
    list_filter = ("kind", "organization")
    search_fields = ("prefix", "name", "user__email")
    fields = (
        "prefix",
        "kind",
        "name",
        "user",
        "organization",
        "created_at",
        "last_used_at",
        "expires_at",
        "revoked_at",
    )
    actions = ("revoke",)

    @admin.action(description="Revoke", permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        """End the chosen tokens."""
        by = request.user if isinstance(request.user, User) else None
        for token in queryset:
            services.end_api_token(token, by=by)

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        """Whoever may change tokens."""
        return bool(request.user.has_perm("tenancy.change_apitoken"))


@admin.register(RefreshToken)
class RefreshTokenAdmin(ReadOnlyAdmin):
    """Sign-ins over the API: when they began, went on and ended. No text, no digest."""

    list_display = ("created_at", "user", "organization", "expires_at", "rotated_at", "revoked_at")
    list_filter = ("organization",)
    list_select_related = ("user", "organization")
    search_fields = ("user__email",)
    fields = ("user", "organization", "created_at", "expires_at", "rotated_at", "revoked_at")


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    """Links that make members: made and taken back in the console."""

    list_display = ("email", "role", "organization", "invited_by", "expires_at", "accepted_at", "revoked_at")
    list_filter = ("role", "organization")
    search_fields = ("email",)
    fields = ("email", "role", "organization", "invited_by", "created_at", "expires_at", "accepted_at", "revoked_at")


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """The trail; nobody edits it."""

    list_display = ("created_at", "organization", "actor_email", "action", "target_type", "target_name")
    list_filter = ("action", "organization")
    search_fields = ("actor_email", "target_id", "target_name")
    date_hierarchy = "created_at"
