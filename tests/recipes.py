"""Rows for tests by model-bakery recipes. Each has what every test of it needs and nothing else."""

from model_bakery.recipe import Recipe, foreign_key, seq

from tenancy.models import Membership, Organization, Role, User

organization = Recipe(
    Organization,
    name=seq("Organization "),
    code=seq("ORG"),
    slug=seq("organization-"),  # type: ignore[no-untyped-call]
)
user = Recipe(User, email=seq("person", suffix="@example.com"), is_active=True)  # type: ignore[no-untyped-call]
membership = Recipe(Membership, organization=foreign_key(organization), user=foreign_key(user), role=Role.MEMBER)
