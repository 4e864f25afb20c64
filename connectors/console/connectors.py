"""Connectors: the list, one with its health and what uses it, testing it, deleting it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from connectors import opening, queries, services
from connectors.console.advice import after_failure
from connectors.console.asking import asked_choice, asked_text
from connectors.console.names import system_name
from connectors.domain.errors import DomainError
from connectors.domain.systems import SYSTEMS, find_system
from connectors.models import Connector, Health
from connectors.parameter_services import check_parameters
from connectors.usage import Use, count_uses, uses_of
from tenancy.console.base import ConsoleView
from tenancy.permissions import Action

SOON = timedelta(days=14)
"""How long before its end a credential is worth a warning."""
_SCANS_SHOWN = 5
NEVER_CONTACTED = "never"


@dataclass(frozen=True, slots=True)
class ConnectorRow:
    """A connector as the pages show it; nothing is decrypted for it."""

    connector: Connector
    uses: str = ""

    @property
    def system(self) -> str:
        return system_name(self.connector.system)

    @property
    def address(self) -> str:
        return opening.shown_address(self.connector)

    @property
    def project(self) -> str:
        owner = self.connector.owner
        return f"{owner}/{self.connector.default_project}" if owner else self.connector.default_project

    @property
    def badge(self) -> tuple[str, str]:
        """The colour's word and the text of the health badge."""
        if not self.connector.runnable:
            return "info", "Stored only"
        if self.connector.inaccessible:
            return "info", "Never contacted"
        health = Health(self.connector.health)
        return {Health.OK: "ok", Health.FAILING: "failing"}.get(health, "unknown"), str(health.label)

    @property
    def expiry(self) -> str:
        """`expired`, `expires_soon`, or nothing to say."""
        end = self.connector.credentials_expire_at
        if end is None or end > timezone.now() + SOON:
            return ""
        return "expires_soon" if end > timezone.now() else "expired"

    @property
    def is_failing(self) -> bool:
        return self.connector.health == Health.FAILING

    @property
    def is_testable(self) -> bool:
        return self.connector.runnable and not self.connector.inaccessible

    @property
    def is_untested(self) -> bool:
        """Whether a page that depends on it should test it by itself."""
        return self.is_testable and self.connector.health == Health.UNKNOWN

    @property
    def is_scannable(self) -> bool:
        return self.is_testable and find_system(self.connector.system).scannable

    @property
    def advice(self) -> str:
        return after_failure(self.connector.health_code)


class ConnectorList(ConsoleView):
    """All connectors of the organization, narrowed by text, system and health."""

    section = "connectors"

    def get(self, request: HttpRequest) -> HttpResponse:
        """A page of them, the newest first."""
        asked = {
            "q": asked_text(request, "q"),
            "system": asked_choice(request, "system", [each.id.value for each in SYSTEMS]),
            "health": asked_choice(request, "health", [*Health.values, NEVER_CONTACTED]),
        }
        page = self.paged(_narrowed(queries.connectors_of(self.organization), asked))
        used = count_uses(self.organization, [connector.pk for connector in page])
        return self.page(
            "console/connectors/list.html",
            page=page,
            rows=[ConnectorRow(connector, words_of(used[connector.pk])) for connector in page],
            asked=asked,
            systems=[(each.id.value, system_name(each.id)) for each in SYSTEMS],
            healths=[*Health.choices, (NEVER_CONTACTED, "Never contacted")],
            narrowed=any(asked.values()),
        )


class ConnectorPage(ConsoleView):
    """One connector: what it reaches, how it does, what uses it, what was scanned with it."""

    section = "connectors"

    def get(self, request: HttpRequest, connector: int) -> HttpResponse:
        """`?check=1` tests it once the page is there."""
        found = queries.find_connector(self.organization, connector)
        row = ConnectorRow(found)
        scans = queries.scans_of(self.organization).filter(connector=found).defer("report", "sealed_credentials")
        return self.page(
            "console/connectors/connector.html",
            row=row,
            connector=found,
            uses=linked(uses_of(self.organization, found.pk)),
            projects=found.projects.defer("metadata")[:50],
            scans=scans[:_SCANS_SHOWN],
            check_now=row.is_testable and "check" in request.GET,
        )


class TestConnector(ConsoleView):
    """Ask the platform whether it takes the stored credentials, and show its own words."""

    post_action = Action.SCAN
    __test__ = False  # for pytest: no test of ours

    def post(self, request: HttpRequest, connector: int) -> HttpResponse:
        """The health card anew; without htmx the page."""
        found = queries.find_connector(self.organization, connector)
        problem: DomainError | None = None
        try:
            check_parameters(by=self.principal, system=found.system, parameters=None, connector=found)
        except DomainError as error:
            problem = error
        if not self.asked_by_htmx:
            if problem is not None:
                self.say(f"{problem.message}. {after_failure(problem.code)}", kind="bad")
            return self.go("connectors_console:connector", connector=found.pk)
        found.refresh_from_db()
        return self.fragment(
            "console/connectors/_health.html",
            row=ConnectorRow(found),
            connector=found,
            problem=problem,
            problem_advice=after_failure(problem.code) if problem is not None else "",
        )


class DeleteConnector(ConsoleView):
    """Remove a connector, after saying what uses it."""

    section = "connectors"
    action = Action.MANAGE_CONNECTORS
    post_action = Action.MANAGE_CONNECTORS

    def get(self, request: HttpRequest, connector: int) -> HttpResponse:
        """The question."""
        return self._drawn(queries.find_connector(self.organization, connector))

    def post(self, request: HttpRequest, connector: int) -> HttpResponse:
        """Done, and back to the list; what a synchronization uses stays, and the page says why."""
        found = queries.find_connector(self.organization, connector)
        try:
            services.delete_connector(found, by=self.principal)
        except DomainError as error:
            return self._drawn(found, status=error.status, refusal=error)
        self.say(f"The connector {found.name} is deleted. Reports of its scans stay.")
        return self.go("connectors_console:connectors")

    def _drawn(self, connector: Connector, *, status: int = 200, refusal: DomainError | None = None) -> HttpResponse:
        uses = uses_of(self.organization, connector.pk)
        return self.page(
            "console/connectors/delete.html",
            status=status,
            connector=connector,
            refusal=refusal,
            uses=linked(uses),
            counted=words_of(count_uses(self.organization, [connector.pk])[connector.pk]),
            running=any(use.active and use.kind == "run" for use in uses),
        )


def words_of(kinds: dict[str, int]) -> str:
    """Counts of what uses a connector as text: "2 projects, 1 run"."""
    return ", ".join(f"{count:,} {kind}{'' if count == 1 else 's'}" for kind, count in kinds.items() if count)


def linked(uses: Sequence[Use]) -> list[dict[str, Any]]:
    """What uses a connector with the addresses of its pages, where they exist."""
    return [{"use": use, "url": _address(use)} for use in uses]


def _address(use: Use) -> str:
    try:
        return reverse(use.url_name, kwargs=dict(use.key))
    except NoReverseMatch:
        return ""


def _narrowed(rows: QuerySet[Connector], asked: dict[str, str]) -> QuerySet[Connector]:
    text = asked["q"]
    if text:
        rows = rows.filter(
            Q(name__icontains=text)
            | Q(server__icontains=text)
            | Q(default_project__icontains=text)
            | Q(owner__icontains=text)
        )
    if asked["system"]:
        rows = rows.filter(system=asked["system"])
    if asked["health"] == NEVER_CONTACTED:
        return rows.filter(inaccessible=True)
    return rows.filter(health=asked["health"], inaccessible=False) if asked["health"] else rows
