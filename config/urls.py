"""Every path of the installation. Surfaces mount their own routes; trailing slashes are exactly as documented."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from config import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="admin:index"), name="home"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
    path("api/", include("tenancy.api.urls")),
    path("api/v2/", include("connectors.api.v2_urls")),
    path("rest/", include("connectors.api.rest_urls")),
    path("api/", include("webhooks.api.urls")),
    path("api/", include("connectors.api.urls")),
    path("api/", include("migrations_app.api.urls")),
    path("admin/", admin.site.urls),
]

handler400 = "config.api_errors.bad_request"
handler403 = "config.api_errors.permission_denied"
handler404 = "config.api_errors.page_not_found"
handler500 = "config.api_errors.server_error"
