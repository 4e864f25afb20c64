"""Members, their roles, and invitations. Owners change them; everybody sees who is there."""

from __future__ import annotations

from uuid import UUID

from django.forms import ChoiceField, EmailField
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from tenancy import member_services
from tenancy.console.base import ConsoleView
from tenancy.console.forms import ConsoleForm
from tenancy.errors import TenancyError
from tenancy.models import Invitation, Membership, Role
from tenancy.permissions import Action
from tenancy.queries import members_of, open_invitations_of


class InviteForm(ConsoleForm):
    """Whom, and as what."""

    email = EmailField(label="E-mail address", max_length=254)
    role = ChoiceField(
        label="Role",
        choices=Role.choices,
        initial=Role.MEMBER,
        help_text="Members run and watch, administrators set up, owners also manage the members.",
    )


class RoleForm(ConsoleForm):
    """Another role."""

    role = ChoiceField(label="Role", choices=Role.choices)


class MembersView(ConsoleView):
    """The list, with the form that invites."""

    section = "members"
    post_action = Action.MANAGE_MEMBERS

    def get(self, request: HttpRequest) -> HttpResponse:
        """Everybody, and for owners the open invitations."""
        return self._list(InviteForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Make a link, which is shown this once."""
        form = InviteForm(request.POST)
        if not form.is_valid():
            return self._list(form, status=422)
        try:
            issued = member_services.invite(
                form.cleaned_data["email"], role=Role(form.cleaned_data["role"]), by=self.principal
            )
        except TenancyError as error:
            form.add_error("email", error.message)
            return self._list(form, status=422)
        path = reverse("tenancy_console:invitation", args=[issued.secret])
        response = self.page(
            "console/organization/invited.html", invitation=issued.row, link=request.build_absolute_uri(path)
        )
        response.headers["Cache-Control"] = "no-store"
        return response

    def _list(self, form: InviteForm, *, status: int = 200) -> HttpResponse:
        manages = self.may(Action.MANAGE_MEMBERS)
        invitations = open_invitations_of(self.organization, now=timezone.now()) if manages else ()
        return self.page(
            "console/organization/members.html",
            status=status,
            members=members_of(self.organization),
            invitations=invitations,
            form=form,
            roles=Role.choices,
        )


class MemberRoleView(ConsoleView):
    """Another role for a member."""

    post_action = Action.MANAGE_MEMBERS
    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Change it and return to the list."""
        membership = self.find(members_of(self.organization), pk=pk)
        form = RoleForm(request.POST)
        if form.is_valid():
            self._change(membership, Role(form.cleaned_data["role"]))
        else:
            self.say("There is no such role. Choose one of the list.", kind="bad")
        return self.go("tenancy_console:members")

    def _change(self, membership: Membership, role: Role) -> None:
        try:
            member_services.change_role(membership, role=role, by=self.principal)
        except TenancyError as error:
            self.say(f"{membership.user.email} was not changed. {error.message}", kind="bad")
        else:
            self.say(f"{membership.user.email} is now {_with_article(role)}.")


class MemberRemovalView(ConsoleView):
    """The end of a membership."""

    post_action = Action.MANAGE_MEMBERS
    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Remove and return to the list; whoever removed oneself goes on elsewhere."""
        membership = self.find(members_of(self.organization), pk=pk)
        email = membership.user.email
        try:
            member_services.remove_member(membership, by=self.principal)
        except TenancyError as error:
            self.say(f"{email} was not removed. {error.message}", kind="bad")
            return self.go("tenancy_console:members")
        self.say(f"{email} was removed. Tokens and sign-ins of this account no longer work here.")
        return self.go("home" if membership.user_id == self.principal.user.pk else "tenancy_console:members")


class InvitationRevocationView(ConsoleView):
    """Taking a link back."""

    post_action = Action.MANAGE_MEMBERS
    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Revoke and return to the list."""
        invitation = self.find(Invitation.objects.for_organization(self.organization), pk=pk)
        member_services.revoke_invitation(invitation, by=self.principal)
        self.say(f"The invitation for {invitation.email} was taken back. Its link no longer works.")
        return self.go("tenancy_console:members")


def _with_article(role: Role) -> str:
    word = role.label.lower()
    return f"an {word}" if word[0] in "aeiou" else f"a {word}"
