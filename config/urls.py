"""Every path of the installation. Surfaces mount their own routes; trailing slashes are exactly as documented."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from config import health
from sync.api.synchronize import RunSynchronization
from sync.hooks import Hook

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="migrations_console:overview"), name="home"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("hooks/<str:slug>", Hook.as_view(), name="hook"),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    path("api/", include("tenancy.api.urls")),
    path("api/v2/", include("connectors.api.v2_urls")),
    path("rest/", include("connectors.api.rest_urls")),
    path("api/", include("webhooks.api.urls")),
    path("api/", include("connectors.api.urls")),
    path("api/", include("migrations_app.api.urls")),
    path("api/migrations/<str:run_id>/synchronize", RunSynchronization.as_view({"post": "create"})),
    path("console", RedirectView.as_view(pattern_name="migrations_console:overview")),
    path("console/", include("migrations_app.console.urls")),
    path("console/", include("connectors.console.urls")),
    path("console/", include("sync.console.urls")),
    path("console/", include("webhooks.console.urls")),
    path("console/", include("tenancy.console.urls")),
    path("plugins/servlet/backbone-issue-sync/api/1/", include("sync.api.urls")),
    path("", include("sync.api.urls")),
    path("admin/", admin.site.urls),
]

handler400 = "config.error_pages.bad_request"
handler403 = "config.error_pages.permission_denied"
handler404 = "config.error_pages.page_not_found"
handler500 = "config.error_pages.server_error"
