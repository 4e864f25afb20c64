"""Rows for tests by model-bakery recipes. Each has what every test of it needs and nothing else."""

from model_bakery.recipe import Recipe, foreign_key, seq

from connectors.models import Connector, ConnectorProject
from sync.models import Pair, Synchronization, SynchronizationSide
from tenancy.models import Membership, Organization, Role, User

organization = Recipe(
    Organization,
    name=seq("Organization "),
    code=seq("ORG"),
    slug=seq("organization-"),
)
user = Recipe(User, email=seq("person", suffix="@example.com"), is_active=True)
membership = Recipe(Membership, organization=foreign_key(organization), user=foreign_key(user), role=Role.MEMBER)
connector = Recipe(
    Connector,
    organization=foreign_key(organization),
    name=seq("Connector "),
    system="jira",
    server="https://demo.atlassian.net",
    default_project="DEMO",
)
connector_project = Recipe(
    ConnectorProject,
    organization=foreign_key(organization),
    connector=foreign_key(connector),
    external_id=seq("1000"),
    key=seq("DEMO"),
    name=seq("Project "),
)
synchronization = Recipe(
    Synchronization,
    organization=foreign_key(organization),
    number=seq(0),
    summary=seq("Synchronization "),
)
synchronization_side = Recipe(
    SynchronizationSide,
    organization=foreign_key(organization),
    synchronization=foreign_key(synchronization),
    connector_project=foreign_key(connector_project),
    position=1,
    key=seq("DEMO-"),
    hook_slug=seq("hook-"),
)
pair = Recipe(
    Pair,
    organization=foreign_key(organization),
    synchronization=foreign_key(synchronization),
    first_key=seq(""),
    second_key=seq("DEMO-"),
)
