"""The list of webhooks; making, changing and deleting one."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from connectors.domain.errors import DomainError
from tenancy.console.base import ConsoleView
from tenancy.permissions import Action
from webhooks import queries, services
from webhooks.console.forms import WebhookEditForm, WebhookForm
from webhooks.models import Webhook


class WebhooksView(ConsoleView):
    """The list, each with how its newest delivery went."""

    section = "webhooks"

    def get(self, request: HttpRequest) -> HttpResponse:
        """All of the organization's; there are few."""
        found = queries.webhooks_with_newest_delivery(self.organization)
        return self.page("console/webhooks/webhooks.html", webhooks=found)


class WebhookEditing(ConsoleView):
    """Base of the pages that change webhooks."""

    section = "webhooks"
    action: ClassVar[Action] = Action.MANAGE_WEBHOOKS
    post_action = Action.MANAGE_WEBHOOKS

    def form_page(self, form: WebhookForm, *, webhook: Webhook | None = None, status: int = 200) -> HttpResponse:
        """The form, for a new one or for an existing one."""
        return self.page("console/webhooks/form.html", form=form, webhook=webhook, status=status)


class NewWebhookView(WebhookEditing):
    """Making one."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The empty form."""
        return self.form_page(WebhookForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Make it; its secret is on this page and nowhere else."""
        form = WebhookForm(request.POST)
        if not form.is_valid():
            return self.form_page(form, status=422)
        try:
            made = services.create_webhook(form.changes(), by=self.principal)
        except DomainError as error:
            form.refuse(error)
            return self.form_page(form, status=422)
        response = self.page("console/webhooks/made.html", webhook=made.row, secret=made.secret)
        response.headers["Cache-Control"] = "no-store"
        return response


class EditWebhookView(WebhookEditing):
    """Changing one."""

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """The form with what is stored, without the secret."""
        webhook = queries.find_webhook(self.organization, pk)
        stored = {"url": webhook.url, "name": webhook.name, "events": webhook.events, "active": webhook.active}
        return self.form_page(WebhookEditForm(initial=stored), webhook=webhook)

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Change it and show it."""
        webhook = queries.find_webhook(self.organization, pk)
        form = WebhookEditForm(request.POST)
        if not form.is_valid():
            return self.form_page(form, webhook=webhook, status=422)
        try:
            services.update_webhook(webhook, form.changes(), by=self.principal)
        except DomainError as error:
            form.refuse(error)
            return self.form_page(form, webhook=webhook, status=422)
        self.say("The webhook was saved. Events from now on go by the new settings.")
        return self.go("webhooks_console:webhook", pk=pk)


class DeleteWebhookView(ConsoleView):
    """Deleting one."""

    post_action = Action.MANAGE_WEBHOOKS
    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Delete it with the log of its deliveries."""
        webhook = queries.find_webhook(self.organization, pk)
        name = str(webhook)
        services.delete_webhook(webhook, by=self.principal)
        self.say(f"The webhook {name} was deleted.")
        return self.go("webhooks_console:webhooks")
