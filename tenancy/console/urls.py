"""Routes below `/console/` of the shell: signing in and the organization's own pages."""

from django.urls import path

from tenancy.console import account, audit, invitations, members, session, tokens

app_name = "tenancy_console"

urlpatterns = [
    path("login/", session.SignInView.as_view(), name="sign_in"),
    path("logout/", session.SignOutView.as_view(), name="sign_out"),
    path("password/", account.PasswordView.as_view(), name="password"),
    path("organizations/", session.OrganizationsView.as_view(), name="organizations"),
    path("invitations/<str:secret>/", invitations.InvitationView.as_view(), name="invitation"),
    path("members/", members.MembersView.as_view(), name="members"),
    path("members/<int:pk>/role/", members.MemberRoleView.as_view(), name="member_role"),
    path("members/<int:pk>/remove/", members.MemberRemovalView.as_view(), name="member_remove"),
    path(
        "members/invitations/<uuid:pk>/revoke/",
        members.InvitationRevocationView.as_view(),
        name="invitation_revoke",
    ),
    path("tokens/", tokens.TokensView.as_view(), name="tokens"),
    path("tokens/<uuid:pk>/revoke/", tokens.TokenRevocationView.as_view(), name="token_revoke"),
    path("audit/", audit.AuditView.as_view(), name="audit"),
]
