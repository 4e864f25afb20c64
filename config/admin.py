"""The queues in the admin: jobs that wait, run and failed. They name runs of every organization: superusers only."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, reverse
from django_rq.admin import QueueAdmin
from django_rq.models import Dashboard
from redis.exceptions import RedisError

View = Callable[..., HttpResponseBase]


@admin.register(Dashboard)
class QueuesAdmin(QueueAdmin):
    """The pages of django-rq, which would otherwise open for everybody of the staff."""

    def get_urls(self) -> list[URLPattern]:
        """All of them behind the same door, those that take a token elsewhere included."""
        patterns: list[URLPattern] = super().get_urls()  # type: ignore[no-untyped-call]  # the library's own
        for pattern in patterns:
            pattern.callback = for_superusers(pattern.callback)
        return patterns

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whether the index names the queues."""
        return is_superuser(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether a link leads there."""
        return is_superuser(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """There are no rows to change."""
        return is_superuser(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nor to delete."""
        return False


def is_superuser(request: HttpRequest) -> bool:
    """Signed in, active, and allowed everything."""
    user = request.user
    return bool(user.is_active and getattr(user, "is_superuser", False))


def for_superusers(view: View) -> View:
    """The view for superusers; strangers sign in first, everybody else is refused."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path(), reverse("admin:login"))
        if not is_superuser(request):
            raise PermissionDenied
        try:
            return view(request, *args, **kwargs)
        except RedisError as error:
            words = f"The queues cannot be shown: Redis does not answer ({type(error).__name__}). Runs wait meanwhile."
            messages.error(request, words)
            return redirect("admin:index")

    return guarded
