"""Routes below `/console/` of the shell: signing in and the organization's own pages."""

from django.urls import path

from tenancy.console import session

app_name = "tenancy_console"

urlpatterns = [
    path("login/", session.SignInView.as_view(), name="sign_in"),
    path("logout/", session.SignOutView.as_view(), name="sign_out"),
    path("organizations/", session.OrganizationsView.as_view(), name="organizations"),
]
