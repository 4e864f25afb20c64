"""API tokens: made for oneself and shown once; owners end everybody's."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.forms import CharField, ChoiceField, RadioSelect
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from tenancy import services
from tenancy.console.base import ConsoleView
from tenancy.console.forms import ConsoleForm
from tenancy.models import ApiToken
from tenancy.permissions import Action
from tenancy.queries import tokens_for

LIFETIMES = (("30", "30 days"), ("90", "90 days"), ("365", "1 year"), ("never", "Never"))


class TokenForm(ConsoleForm):
    """What the token is for, which header carries it, and how long it lives."""

    name = CharField(label="Name", max_length=100, help_text="What uses it, so that you know what stops with it.")
    kind = ChoiceField(
        label="Kind",
        choices=(
            (ApiToken.Kind.TOKEN.value, "Token: for most programs, sent as “Authorization: Token …”"),
            (ApiToken.Kind.APIKEY.value, "API key: for the integration interface, sent as “apikey: …”"),
        ),
        initial=ApiToken.Kind.TOKEN.value,
        widget=RadioSelect,
    )
    lifetime = ChoiceField(label="Expires after", choices=LIFETIMES, initial="90")


class TokensView(ConsoleView):
    """The list, with the form that makes one."""

    section = "tokens"
    action = Action.MANAGE_OWN_TOKENS
    post_action = Action.MANAGE_OWN_TOKENS

    def get(self, request: HttpRequest) -> HttpResponse:
        """Tokens the reader may end."""
        return self._list(TokenForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Make one; its text is on this page and nowhere else."""
        form = TokenForm(request.POST)
        if not form.is_valid():
            return self._list(form, status=422)
        days = form.cleaned_data["lifetime"]
        issued = services.issue_api_token(
            self.organization,
            self.principal.user,
            kind=ApiToken.Kind(form.cleaned_data["kind"]),
            name=form.cleaned_data["name"],
            expires_at=timezone.now() + timedelta(days=int(days)) if days != "never" else None,
        )
        response = self.page("console/organization/token_made.html", token=issued.row, secret=issued.secret)
        response.headers["Cache-Control"] = "no-store"
        return response

    def _list(self, form: TokenForm, *, status: int = 200) -> HttpResponse:
        return self.page(
            "console/organization/tokens.html",
            status=status,
            page=self.paged(tokens_for(self.principal)),
            form=form,
            now=timezone.now(),
        )


class TokenRevocationView(ConsoleView):
    """The end of a token."""

    post_action = Action.MANAGE_OWN_TOKENS
    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Revoke and return to the list."""
        token = self.find(tokens_for(self.principal), pk=pk)
        services.revoke_api_token(token, by=self.principal)
        self.say(f"The token {token.name or token.prefix} was revoked. Whatever uses it is refused from now on.")
        return self.go("tenancy_console:tokens")
