"""A project between both stand-ins, for the pages before a run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from connectors.credentials import seal_values
from connectors.models import Connector
from migrations_app.models import Project
from sandbox.ado.service import AdoService
from sandbox.build import build_ado, build_jira
from sandbox.github.build import build_github
from sandbox.jira.service import JiraService
from sandbox.jira.site import FieldSpec, SiteSpec
from sandbox.server import ServerHandle
from tenancy.models import Organization
from tests.migrations_app.builders import make_project

SITE = SiteSpec(
    fields=(
        FieldSpec("Ship class", "select", (("Coastal", ()), ("Island", ()), ("High speed", ()))),
        FieldSpec("Severity", "select", (("Blocker", ()), ("High", ()), ("Medium", ()))),
    )
)


@dataclass(frozen=True)
class Stage:
    """The stand-ins, and the project with a connector to each."""

    ado: AdoService
    jira: JiraService
    project: Project


def make_stage(organization: Organization, serve: Callable[[Any], ServerHandle]) -> Stage:
    """The sample project of the demo on the source's side."""
    ado, jira = build_ado(sample=True), build_jira(site=SITE)
    source = Connector(
        name="From", system="azure_devops", server=f"{serve(ado).url}/contoso", default_project="Saltwind Booking"
    )
    target = Connector(
        name="To", system="jira", server=serve(jira).url, account="sandbox@example.com", default_project="DEMO"
    )
    for connector, secret in ((source, "sandbox-pat"), (target, "sandbox-token")):
        connector.organization = organization
        connector.save()
        connector.sealed_credentials = seal_values(connector, {"secret": secret})
        connector.save()
    project = make_project(organization, name="Shop", source_connector=source, target_connector=target)
    return Stage(ado, jira, project)


def make_repository_project(
    organization: Organization, serve: Callable[[Any], ServerHandle], *, source: bool
) -> Project:
    """A repository as the source of a move to Jira, or as the target of one from Azure DevOps."""
    hub = serve(build_github(generate_issues=30)).url
    repository = Connector(
        name="Hub", system="github", server=hub, owner="contoso", default_project="generated" if source else "demo"
    )
    jira = Connector(
        name="To",
        system="jira",
        server=serve(build_jira()).url if source else "https://unused.example",
        account="sandbox@example.com",
        default_project="DEMO",
    )
    ado = Connector(
        name="From",
        system="azure_devops",
        server="unused" if source else f"{serve(build_ado(sample=True)).url}/contoso",
        default_project="Saltwind Booking",
    )
    for connector, secret in ((repository, "sandbox-token"), (jira, "sandbox-token"), (ado, "sandbox-pat")):
        connector.organization = organization
        connector.save()
        connector.sealed_credentials = seal_values(connector, {"secret": secret})
        connector.save()
    return make_project(
        organization,
        name="Repository",
        source_system="GITHUB" if source else "AZURE_DEVOPS",
        target_system="JIRA" if source else "GITHUB",
        source_connector=repository if source else ado,
        target_connector=jira if source else repository,
    )
